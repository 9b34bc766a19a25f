package mailbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/gmail/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// newID returns a new id. The lock must be held.
func (b *Mailboxes) newID() string { return fmt.Sprintf("18f%013x", b.series.Next()) }

// Routes are those of Gmail.
func (b *Mailboxes) Routes() []tenant.Route {
	const user = "/gmail/v1/users/{user}"
	list := wire.Common("maxResults", "pageToken", "q", "includeSpamTrash", "labelIds")
	up := wire.Common("uploadType")
	read := wire.Common("format", "metadataHeaders")
	routes := []tenant.Route{
		{Method: "GET", Path: user + "/profile", Op: "google.gmail.get_profile", Scope: scopeRead + " gmail.compose gmail.metadata", Query: wire.Common(), Handle: wire.Masked(b.profile, gmail.Profile{})},
		{Method: "POST", Path: user + "/drafts", Op: "google.gmail.create_draft", Scope: scopeDraft, Query: up, Handle: wire.Masked(b.createDraft, gmail.Draft{})},
		{Method: "GET", Path: user + "/drafts", Op: "google.gmail.list_drafts", Scope: scopeDraftRead, Query: list, Handle: wire.Masked(b.listDrafts, gmail.ListDraftsResponse{})},
		{Method: "POST", Path: user + "/drafts/send", Op: "google.gmail.send_draft", Scope: scopeDraft, Query: up, Handle: wire.Masked(b.sendDraft, gmail.Message{})},
		{Method: "GET", Path: user + "/drafts/{id}", Op: "google.gmail.get_draft", Scope: scopeDraftRead, Query: wire.Common("format"), Handle: wire.Masked(b.getDraft, gmail.Draft{})},
		{Method: "PUT", Path: user + "/drafts/{id}", Op: "google.gmail.update_draft", Scope: scopeDraft, Query: up, Handle: wire.Masked(b.updateDraft, gmail.Draft{})},
		{Method: "DELETE", Path: user + "/drafts/{id}", Op: "google.gmail.delete_draft", Scope: scopeDraft, Query: wire.Common(), Handle: b.deleteDraft},
		{Method: "POST", Path: user + "/messages/send", Op: "google.gmail.send_message", Scope: scopeSend, Query: up, Handle: wire.Masked(b.sendMessage, gmail.Message{})},
		{Method: "GET", Path: user + "/messages", Op: "google.gmail.list_messages", Scope: scopeRead + " gmail.metadata", Query: list, Handle: wire.Masked(b.listMessages, gmail.ListMessagesResponse{})},
		{Method: "GET", Path: user + "/messages/{id}", Op: "google.gmail.get_message", Scope: scopeRead + " gmail.metadata", Query: read, Handle: wire.Masked(b.getMessage, gmail.Message{})},
		{Method: "DELETE", Path: user + "/messages/{id}", Op: "google.gmail.delete_message", Scope: Everything, Query: wire.Common(), Handle: b.deleteMessage},
		{Method: "POST", Path: user + "/messages/{id}/modify", Op: "google.gmail.modify_message", Scope: "gmail.modify", Query: wire.Common(), Handle: wire.Masked(b.modifyMessage, gmail.Message{})},
		{Method: "POST", Path: user + "/messages/{id}/trash", Op: "google.gmail.trash_message", Scope: "gmail.modify", Query: wire.Common(), Handle: wire.Masked(b.trash(true), gmail.Message{})},
		{Method: "POST", Path: user + "/messages/{id}/untrash", Op: "google.gmail.untrash_message", Scope: "gmail.modify", Query: wire.Common(), Handle: wire.Masked(b.trash(false), gmail.Message{})},
	}
	for _, r := range routes {
		if slices.Contains(r.Query, "uploadType") {
			r.Path = "/upload" + r.Path
			routes = append(routes, r)
		}
	}
	return slices.Concat(routes, b.labelRoutes(user), b.settingRoutes(user))
}

// mine refuses another mailbox than the caller's.
func mine(c *tenant.Call) *tenant.Reply {
	if u := c.Param("user"); u != "me" && !strings.EqualFold(u, c.ClientName()) {
		r := wire.Failure(http.StatusForbidden, "forbidden", "Delegation denied for "+c.ClientName())
		return &r
	}
	return nil
}

func (b *Mailboxes) profile(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	n := len(b.mailbox(c.ClientName()))
	return tenant.JSON(http.StatusOK, map[string]any{
		"emailAddress": c.ClientName(), "messagesTotal": n, "threadsTotal": n, "historyId": strconv.FormatInt(b.series.Last(), 10),
	})
}

// draftBody is a draft in a request.
type draftBody struct {
	ID      string  `json:"id"`
	Message message `json:"message"`
}

// drafted reads a draft of a request, and with it the letter, which is nil if the request has none.
func (b *Mailboxes) drafted(c *tenant.Call) (body draftBody, m *Mail, refused *tenant.Reply) {
	content, err := wire.Uploaded(c, &body)
	if err != nil {
		r := wire.Malformed(err)
		return body, nil, &r
	}
	if refused = mine(c); refused != nil || body.Message.Raw == "" && content == nil {
		return body, nil, refused
	}
	m, refused = b.read(c, body.Message, content)
	return body, m, refused
}

// draftedLetter reads a draft that has to have a letter.
func (b *Mailboxes) draftedLetter(c *tenant.Call) (*Mail, *tenant.Reply) {
	_, m, refused := b.drafted(c)
	if refused == nil && m == nil {
		return b.read(c, message{}, nil)
	}
	return m, refused
}

// keepDraft keeps a letter as a draft. The lock must be held.
func (b *Mailboxes) keepDraft(c *tenant.Call, id string, m *Mail) tenant.Reply {
	m.ID, m.At = b.newID(), b.t.Now()
	if m.thread == "" {
		m.thread = m.ID
	}
	m.labels = map[string][]string{c.ClientName(): {"DRAFT"}}
	b.drafts[id] = m
	c.Subject("draft", id)
	return tenant.JSON(http.StatusOK, map[string]any{"id": id, "message": m.view("written", c.ClientName(), nil)})
}

func (b *Mailboxes) createDraft(c *tenant.Call) tenant.Reply {
	m, refused := b.draftedLetter(c)
	if refused != nil {
		return *refused
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c.Effect("draft created")
	return b.keepDraft(c, "r"+strconv.FormatInt(7_000_000_000+b.series.Next(), 10), m)
}

func (b *Mailboxes) updateDraft(c *tenant.Call) tenant.Reply {
	m, refused := b.draftedLetter(c)
	if refused != nil {
		return *refused
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old, refused := b.draft(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	if m.thread == "" {
		m.thread = old.thread
	}
	c.Effect("draft replaced")
	return b.keepDraft(c, c.Param("id"), m)
}

// draft returns a draft of the caller's. The lock must be held.
func (b *Mailboxes) draft(c *tenant.Call, id string) (*Mail, *tenant.Reply) {
	refused := mine(c)
	m := b.drafts[id]
	if refused == nil && (m == nil || m.owner != c.ClientName()) {
		r := wire.NotFound()
		refused = &r
	}
	return m, refused
}

func (b *Mailboxes) getDraft(c *tenant.Call) tenant.Reply {
	b.mu.RLock()
	defer b.mu.RUnlock()
	m, refused := b.draft(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, map[string]any{"id": c.Param("id"), "message": m.view(c.Query().Get("format"), c.ClientName(), nil)})
}

func (b *Mailboxes) listDrafts(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	match := searchMail(c.Query().Get("q"), c.ClientName(), b.t.Now())
	var ids []string
	for id, m := range b.drafts {
		if m.owner == c.ClientName() && match(m) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) })
	page, next, bad := wire.Paged(c.Query(), "maxResults", 100, 500, ids)
	if bad != nil {
		return *bad
	}
	list := []map[string]any{}
	for _, id := range page {
		list = append(list, map[string]any{"id": id, "message": b.drafts[id].view("listed", "", nil)})
	}
	return mailPage("drafts", list, next, len(ids))
}

func (b *Mailboxes) deleteDraft(c *tenant.Call) tenant.Reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, refused := b.draft(c, c.Param("id")); refused != nil {
		return *refused
	}
	delete(b.drafts, c.Param("id"))
	c.Subject("draft", c.Param("id"))
	c.Effect("draft deleted")
	return tenant.Empty(http.StatusNoContent)
}

// sendDraft sends a draft, with another letter in it if the request has one. That ends the draft: the message that was sent has an
// id of its own. One that is refused stays.
func (b *Mailboxes) sendDraft(c *tenant.Call) tenant.Reply {
	body, m, refused := b.drafted(c)
	if refused != nil {
		return *refused
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if body.ID != "" {
		old, refused := b.draft(c, body.ID)
		if refused != nil {
			return *refused
		}
		if m == nil {
			m = old
		}
	}
	if m == nil {
		return wire.Failure(http.StatusBadRequest, "invalidArgument", "Missing draft id or message")
	}
	reply := b.sent(c, m)
	if reply.Status == http.StatusOK {
		delete(b.drafts, body.ID)
	}
	return reply
}

func (b *Mailboxes) sendMessage(c *tenant.Call) tenant.Reply {
	var body message
	content, err := wire.Uploaded(c, &body)
	if err != nil {
		return wire.Malformed(err)
	}
	if refused := mine(c); refused != nil {
		return *refused
	}
	m, refused := b.read(c, body, content)
	if refused != nil {
		return *refused
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent(c, m)
}

// sent delivers a message, to all of its recipients or to none. The lock must be held.
func (b *Mailboxes) sent(c *tenant.Call, m *Mail) tenant.Reply {
	if len(m.To) == 0 {
		return wire.Failure(http.StatusBadRequest, "invalidArgument", "Recipient address required")
	}
	for _, to := range m.To {
		switch reason := b.refused[strings.ToLower(to)]; reason {
		case "":
		case "invalidArgument":
			return wire.Failure(http.StatusBadRequest, reason, "Invalid To header")
		default:
			return wire.Failure(http.StatusForbidden, reason, "The domain administrators do not allow mail to this address.")
		}
	}
	delivered := *m
	delivered.ID, delivered.At = b.newID(), b.t.Now()
	if delivered.thread == "" || delivered.thread == m.ID {
		delivered.thread = delivered.ID
	}
	delivered.labels = map[string][]string{m.owner: {"SENT"}}
	for _, to := range m.To {
		if _, domain, _ := strings.Cut(strings.ToLower(to), "@"); domain == b.domain {
			to = strings.ToLower(to)
			delivered.labels[to] = append(delivered.labels[to], "INBOX", "UNREAD")
		}
	}
	b.mails = append(b.mails, &delivered)
	c.Subject("mail", delivered.ID)
	c.Effect("mail sent to %d", len(m.To))
	return tenant.JSON(http.StatusOK, delivered.view("written", c.ClientName(), nil))
}
