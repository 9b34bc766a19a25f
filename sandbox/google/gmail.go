package google

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

// Mail is a letter, read by its parts.
type Mail struct {
	ID      string            `json:"id"`
	At      time.Time         `json:"at"`
	From    string            `json:"from"`
	To      []string          `json:"to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers"`

	owner string
	raw   []byte
}

// maxRaw is the largest message that Gmail takes, in bytes.
const maxRaw = 36_700_160

// mailID returns a new id. The lock must be held.
func (g *Google) mailID() string { return fmt.Sprintf("18f%013x", g.number()) }

func (g *Google) mailRoutes() []tenant.Route {
	const user = "/gmail/v1/users/{user}"
	list := common("maxResults", "pageToken", "q", "includeSpamTrash", "labelIds")
	return []tenant.Route{
		{Method: "POST", Path: user + "/drafts", Op: "google.gmail.create_draft", Scope: mailDraft, Query: common(), Handle: g.createDraft},
		{Method: "GET", Path: user + "/drafts", Op: "google.gmail.list_drafts", Scope: draftRead, Query: list, Handle: g.listDrafts},
		{Method: "POST", Path: user + "/drafts/send", Op: "google.gmail.send_draft", Scope: mailDraft, Query: common(), Handle: g.sendDraft},
		{Method: "GET", Path: user + "/drafts/{id}", Op: "google.gmail.get_draft", Scope: draftRead, Query: common("format"), Handle: g.getDraft},
		{Method: "DELETE", Path: user + "/drafts/{id}", Op: "google.gmail.delete_draft", Scope: mailDraft, Query: common(), Handle: g.deleteDraft},
		{Method: "POST", Path: user + "/messages/send", Op: "google.gmail.send_message", Scope: mailSend, Query: common(), Handle: g.sendMessage},
		{Method: "GET", Path: user + "/messages", Op: "google.gmail.list_messages", Scope: mailRead, Query: list, Handle: g.listMessages},
		{Method: "GET", Path: user + "/messages/{id}", Op: "google.gmail.get_message", Scope: mailRead, Query: common("format", "metadataHeaders"), Handle: g.getMessage},
	}
}

// mine refuses another mailbox than the caller's.
func mine(c *tenant.Call) *tenant.Reply {
	if u := c.Param("user"); u != "me" && !strings.EqualFold(u, c.ClientName()) {
		r := failure(http.StatusForbidden, "forbidden", "Delegation denied for "+c.ClientName())
		return &r
	}
	return nil
}

// message is a message in a request.
type message struct {
	ID       string   `json:"id"`
	Raw      string   `json:"raw"`
	ThreadID string   `json:"threadId"`
	LabelIDs []string `json:"labelIds"`
}

// read takes a message apart.
func (g *Google) read(c *tenant.Call, m message) (*Mail, *tenant.Reply) {
	bad := func(text string) (*Mail, *tenant.Reply) {
		r := failure(http.StatusBadRequest, "invalidArgument", text)
		return nil, &r
	}
	if m.Raw == "" {
		return bad("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
	}
	raw, err := base64.URLEncoding.DecodeString(m.Raw)
	if err != nil {
		if raw, err = base64.RawURLEncoding.DecodeString(m.Raw); err != nil {
			return bad("Invalid value for ByteString: raw")
		}
	}
	if len(raw) > maxRaw {
		return bad("Message too large")
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return bad("Invalid message")
	}
	out := &Mail{owner: c.ClientName(), raw: raw, Headers: map[string]string{}, From: c.ClientName()}
	to, err := parsed.Header.AddressList("To")
	if err != nil {
		return bad("Invalid To header")
	}
	for _, a := range to {
		out.To = append(out.To, a.Address)
	}
	words := new(mime.WordDecoder)
	for name := range parsed.Header {
		value, err := words.DecodeHeader(parsed.Header.Get(name))
		if err != nil {
			return bad("Invalid header " + name)
		}
		// Gmail gives messages an id of its own on this path.
		if name != "Message-Id" {
			out.Headers[name] = value
		}
	}
	out.Subject = out.Headers["Subject"]
	if err := out.parts(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body); err != nil {
		return bad("Invalid message body")
	}
	return out, nil
}

// parts reads the body, and the parts of a multipart one.
func (m *Mail) parts(contentType, encoding string, body io.Reader) error {
	if contentType == "" {
		contentType = "text/plain"
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.parts(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		m.Text = string(data)
	case "text/html":
		m.HTML = string(data)
	}
	return nil
}

// view is a message as Gmail shows it in a format.
func (m *Mail) view(format string) map[string]any {
	v := map[string]any{"id": m.ID, "threadId": m.ID}
	if format == "minimal" {
		return v
	}
	if format == "raw" {
		v["raw"] = base64.URLEncoding.EncodeToString(m.raw)
		return v
	}
	headers := []map[string]string{}
	for name, value := range m.Headers {
		// Gmail keeps the spelling of headers; net/mail does not.
		headers = append(headers, map[string]string{"name": name, "value": value})
	}
	headers = append(headers, map[string]string{"name": "Message-ID", "value": "<CA" + m.ID + "@mail.gmail.com>"})
	slices.SortFunc(headers, func(a, b map[string]string) int { return strings.Compare(a["name"], b["name"]) })
	v["payload"] = map[string]any{"headers": headers}
	return v
}

func (g *Google) createDraft(c *tenant.Call) tenant.Reply {
	var body struct {
		ID      string  `json:"id"`
		Message message `json:"message"`
	}
	if err := c.JSON(&body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	m, refused := g.read(c, body.Message)
	if refused != nil {
		return *refused
	}
	m.ID, m.At = g.mailID(), g.t.Now()
	id := "r" + strconv.FormatInt(7_000_000_000+g.number(), 10)
	g.drafts[id] = m
	c.Subject("draft", id)
	c.Effect("draft created")
	return tenant.JSON(http.StatusOK, map[string]any{"id": id, "message": m.view("minimal")})
}

// draft returns a draft of the caller's. The lock must be held.
func (g *Google) draft(c *tenant.Call, id string) (*Mail, *tenant.Reply) {
	refused := mine(c)
	m := g.drafts[id]
	if refused == nil && (m == nil || m.owner != c.ClientName()) {
		r := notFound()
		refused = &r
	}
	return m, refused
}

func (g *Google) getDraft(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	m, refused := g.draft(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, map[string]any{"id": c.Param("id"), "message": m.view(c.Query().Get("format"))})
}

func (g *Google) listDrafts(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	list := []map[string]any{}
	for id, m := range g.drafts {
		if m.owner == c.ClientName() {
			list = append(list, map[string]any{"id": id, "message": m.view("minimal")})
		}
	}
	slices.SortFunc(list, func(a, b map[string]any) int { return strings.Compare(b["id"].(string), a["id"].(string)) })
	return tenant.JSON(http.StatusOK, map[string]any{"drafts": list, "resultSizeEstimate": len(list)})
}

func (g *Google) deleteDraft(c *tenant.Call) tenant.Reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, refused := g.draft(c, c.Param("id")); refused != nil {
		return *refused
	}
	delete(g.drafts, c.Param("id"))
	c.Subject("draft", c.Param("id"))
	c.Effect("draft deleted")
	return tenant.Empty(http.StatusNoContent)
}

// sendDraft sends a draft, which ends it: the message that was sent has an id of its own.
func (g *Google) sendDraft(c *tenant.Call) tenant.Reply {
	var body struct {
		ID      string   `json:"id"`
		Message *message `json:"message"`
	}
	if err := c.JSON(&body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	m, refused := g.draft(c, body.ID)
	if refused != nil {
		return *refused
	}
	delete(g.drafts, body.ID)
	return g.sent(c, m)
}

func (g *Google) sendMessage(c *tenant.Call) tenant.Reply {
	var body message
	if err := c.JSON(&body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	m, refused := g.read(c, body)
	if refused != nil {
		return *refused
	}
	return g.sent(c, m)
}

// sent delivers a message. The lock must be held.
func (g *Google) sent(c *tenant.Call, m *Mail) tenant.Reply {
	delivered := *m
	delivered.ID, delivered.At = g.mailID(), g.t.Now()
	g.mails = append(g.mails, &delivered)
	c.Subject("mail", delivered.ID)
	c.Effect("mail sent to %d", len(m.To))
	v := delivered.view("minimal")
	v["labelIds"] = []string{"SENT"}
	return tenant.JSON(http.StatusOK, v)
}

func (g *Google) listMessages(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	list := []map[string]any{}
	for _, m := range slices.Backward(g.mails) {
		if m.owner == c.ClientName() {
			list = append(list, m.view("minimal"))
		}
	}
	return tenant.JSON(http.StatusOK, map[string]any{"messages": list, "resultSizeEstimate": len(list)})
}

func (g *Google) getMessage(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, m := range g.mails {
		if m.ID == c.Param("id") && m.owner == c.ClientName() {
			return tenant.JSON(http.StatusOK, m.view(c.Query().Get("format")))
		}
	}
	return notFound()
}
