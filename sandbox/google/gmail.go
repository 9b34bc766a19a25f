package google

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/gmail/v1"

	"gatehouse/sandbox/tenant"
)

// mailID returns a new id. The lock must be held.
func (g *Google) mailID() string { return fmt.Sprintf("18f%013x", g.number()) }

func (g *Google) mailRoutes() []tenant.Route {
	const user = "/gmail/v1/users/{user}"
	list := common("maxResults", "pageToken", "q", "includeSpamTrash", "labelIds")
	up := common("uploadType")
	read := common("format", "metadataHeaders")
	routes := []tenant.Route{
		{Method: "GET", Path: user + "/profile", Op: "google.gmail.get_profile", Scope: mailRead + " gmail.compose gmail.metadata", Query: common(), Handle: masked(g.profile, gmail.Profile{})},
		{Method: "POST", Path: user + "/drafts", Op: "google.gmail.create_draft", Scope: mailDraft, Query: up, Handle: masked(g.createDraft, gmail.Draft{})},
		{Method: "GET", Path: user + "/drafts", Op: "google.gmail.list_drafts", Scope: draftRead, Query: list, Handle: masked(g.listDrafts, gmail.ListDraftsResponse{})},
		{Method: "POST", Path: user + "/drafts/send", Op: "google.gmail.send_draft", Scope: mailDraft, Query: up, Handle: masked(g.sendDraft, gmail.Message{})},
		{Method: "GET", Path: user + "/drafts/{id}", Op: "google.gmail.get_draft", Scope: draftRead, Query: common("format"), Handle: masked(g.getDraft, gmail.Draft{})},
		{Method: "PUT", Path: user + "/drafts/{id}", Op: "google.gmail.update_draft", Scope: mailDraft, Query: up, Handle: masked(g.updateDraft, gmail.Draft{})},
		{Method: "DELETE", Path: user + "/drafts/{id}", Op: "google.gmail.delete_draft", Scope: mailDraft, Query: common(), Handle: g.deleteDraft},
		{Method: "POST", Path: user + "/messages/send", Op: "google.gmail.send_message", Scope: mailSend, Query: up, Handle: masked(g.sendMessage, gmail.Message{})},
		{Method: "GET", Path: user + "/messages", Op: "google.gmail.list_messages", Scope: mailRead + " gmail.metadata", Query: list, Handle: masked(g.listMessages, gmail.ListMessagesResponse{})},
		{Method: "GET", Path: user + "/messages/{id}", Op: "google.gmail.get_message", Scope: mailRead + " gmail.metadata", Query: read, Handle: masked(g.getMessage, gmail.Message{})},
		{Method: "DELETE", Path: user + "/messages/{id}", Op: "google.gmail.delete_message", Scope: mailAll, Query: common(), Handle: g.deleteMessage},
		{Method: "POST", Path: user + "/messages/{id}/modify", Op: "google.gmail.modify_message", Scope: "gmail.modify", Query: common(), Handle: masked(g.modifyMessage, gmail.Message{})},
		{Method: "POST", Path: user + "/messages/{id}/trash", Op: "google.gmail.trash_message", Scope: "gmail.modify", Query: common(), Handle: masked(g.trash(true), gmail.Message{})},
		{Method: "POST", Path: user + "/messages/{id}/untrash", Op: "google.gmail.untrash_message", Scope: "gmail.modify", Query: common(), Handle: masked(g.trash(false), gmail.Message{})},
	}
	for _, r := range routes {
		if slices.Contains(r.Query, "uploadType") {
			r.Path = "/upload" + r.Path
			routes = append(routes, r)
		}
	}
	return append(routes, g.labelRoutes(user)...)
}

// mine refuses another mailbox than the caller's.
func mine(c *tenant.Call) *tenant.Reply {
	if u := c.Param("user"); u != "me" && !strings.EqualFold(u, c.ClientName()) {
		r := failure(http.StatusForbidden, "forbidden", "Delegation denied for "+c.ClientName())
		return &r
	}
	return nil
}

func (g *Google) profile(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	n := len(g.mailbox(c.ClientName()))
	return tenant.JSON(http.StatusOK, map[string]any{
		"emailAddress": c.ClientName(), "messagesTotal": n, "threadsTotal": n, "historyId": strconv.FormatInt(g.numbers, 10),
	})
}

// draftBody is a draft in a request.
type draftBody struct {
	ID      string  `json:"id"`
	Message message `json:"message"`
}

// drafted reads a draft of a request, and with it the letter, which is nil if the request has none.
func (g *Google) drafted(c *tenant.Call) (body draftBody, m *Mail, refused *tenant.Reply) {
	content, err := uploaded(c, &body)
	if err != nil {
		r := malformed(err)
		return body, nil, &r
	}
	if refused = mine(c); refused != nil || body.Message.Raw == "" && content == nil {
		return body, nil, refused
	}
	m, refused = g.read(c, body.Message, content)
	return body, m, refused
}

// draftedLetter reads a draft that has to have a letter.
func (g *Google) draftedLetter(c *tenant.Call) (*Mail, *tenant.Reply) {
	_, m, refused := g.drafted(c)
	if refused == nil && m == nil {
		return g.read(c, message{}, nil)
	}
	return m, refused
}

// keepDraft keeps a letter as a draft. The lock must be held.
func (g *Google) keepDraft(c *tenant.Call, id string, m *Mail) tenant.Reply {
	m.ID, m.At = g.mailID(), g.t.Now()
	if m.thread == "" {
		m.thread = m.ID
	}
	m.labels = map[string][]string{c.ClientName(): {"DRAFT"}}
	g.drafts[id] = m
	c.Subject("draft", id)
	return tenant.JSON(http.StatusOK, map[string]any{"id": id, "message": m.view("written", c.ClientName(), nil)})
}

func (g *Google) createDraft(c *tenant.Call) tenant.Reply {
	m, refused := g.draftedLetter(c)
	if refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	c.Effect("draft created")
	return g.keepDraft(c, "r"+strconv.FormatInt(7_000_000_000+g.number(), 10), m)
}

func (g *Google) updateDraft(c *tenant.Call) tenant.Reply {
	m, refused := g.draftedLetter(c)
	if refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	old, refused := g.draft(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	if m.thread == "" {
		m.thread = old.thread
	}
	c.Effect("draft replaced")
	return g.keepDraft(c, c.Param("id"), m)
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
	return tenant.JSON(http.StatusOK, map[string]any{"id": c.Param("id"), "message": m.view(c.Query().Get("format"), c.ClientName(), nil)})
}

func (g *Google) listDrafts(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	match := searchMail(c.Query().Get("q"), c.ClientName(), g.t.Now())
	var ids []string
	for id, m := range g.drafts {
		if m.owner == c.ClientName() && match(m) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) })
	page, next, bad := paged(c.Query(), "maxResults", 100, 500, ids)
	if bad != nil {
		return *bad
	}
	list := []map[string]any{}
	for _, id := range page {
		list = append(list, map[string]any{"id": id, "message": g.drafts[id].view("listed", "", nil)})
	}
	return mailPage("drafts", list, next, len(ids))
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

// sendDraft sends a draft, with another letter in it if the request has one. That ends the draft: the message that was sent has an
// id of its own. One that is refused stays.
func (g *Google) sendDraft(c *tenant.Call) tenant.Reply {
	body, m, refused := g.drafted(c)
	if refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if body.ID != "" {
		old, refused := g.draft(c, body.ID)
		if refused != nil {
			return *refused
		}
		if m == nil {
			m = old
		}
	}
	if m == nil {
		return failure(http.StatusBadRequest, "invalidArgument", "Missing draft id or message")
	}
	reply := g.sent(c, m)
	if reply.Status == http.StatusOK {
		delete(g.drafts, body.ID)
	}
	return reply
}

func (g *Google) sendMessage(c *tenant.Call) tenant.Reply {
	var body message
	content, err := uploaded(c, &body)
	if err != nil {
		return malformed(err)
	}
	if refused := mine(c); refused != nil {
		return *refused
	}
	m, refused := g.read(c, body, content)
	if refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sent(c, m)
}

// sent delivers a message, to all of its recipients or to none. The lock must be held.
func (g *Google) sent(c *tenant.Call, m *Mail) tenant.Reply {
	if len(m.To) == 0 {
		return failure(http.StatusBadRequest, "invalidArgument", "Recipient address required")
	}
	for _, to := range m.To {
		switch reason := g.settings.RefusedRecipients[strings.ToLower(to)]; reason {
		case "":
		case "invalidArgument":
			return failure(http.StatusBadRequest, reason, "Invalid To header")
		default:
			return failure(http.StatusForbidden, reason, "The domain administrators do not allow mail to this address.")
		}
	}
	delivered := *m
	delivered.ID, delivered.At = g.mailID(), g.t.Now()
	if delivered.thread == "" || delivered.thread == m.ID {
		delivered.thread = delivered.ID
	}
	delivered.labels = map[string][]string{m.owner: {"SENT"}}
	for _, to := range m.To {
		if _, domain, _ := strings.Cut(strings.ToLower(to), "@"); domain == Domain {
			to = strings.ToLower(to)
			delivered.labels[to] = append(delivered.labels[to], "INBOX", "UNREAD")
		}
	}
	g.mails = append(g.mails, &delivered)
	c.Subject("mail", delivered.ID)
	c.Effect("mail sent to %d", len(m.To))
	return tenant.JSON(http.StatusOK, delivered.view("written", c.ClientName(), nil))
}
