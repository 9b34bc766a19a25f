package mailbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/gmail/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// label is one that somebody made in a mailbox.
type label struct{ id, name, owner string }

// systemLabels are those of every mailbox.
var systemLabels = []string{"INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT"}

// mailbox is what somebody has got, sent and prepared, the latest first. The lock must be held.
func (b *Mailboxes) mailbox(user string) []*Mail {
	var out []*Mail
	for _, m := range b.mails {
		if m.labels[user] != nil {
			out = append(out, m)
		}
	}
	for _, m := range b.drafts {
		if m.labels[user] != nil {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *Mail) int { return strings.Compare(b.ID, a.ID) })
	return out
}

func (b *Mailboxes) listMessages(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	q, mayRead := c.Query(), b.may(c, scopeRead)
	b.mu.RLock()
	defer b.mu.RUnlock()
	if q.Get("q") != "" && !mayRead {
		return wire.Failure(http.StatusForbidden, "forbidden", "Metadata scope does not support 'q' parameter")
	}
	match := searchMail(q.Get("q"), c.ClientName(), b.t.Now())
	if q.Get("includeSpamTrash") == "true" {
		match = searchMail(q.Get("q")+" in:anywhere", c.ClientName(), b.t.Now())
	}
	var found []*Mail
	for _, m := range b.mailbox(c.ClientName()) {
		lacks := slices.ContainsFunc(q["labelIds"], func(l string) bool { return !m.labelled(c.ClientName(), l) })
		if match(m) && !lacks {
			found = append(found, m)
		}
	}
	page, next, bad := wire.Paged(q, "maxResults", 100, 500, found)
	if bad != nil {
		return *bad
	}
	list := []map[string]any{}
	for _, m := range page {
		list = append(list, m.view("listed", "", nil))
	}
	return mailPage("messages", list, next, len(found))
}

// mailPage is a page of a list of so many in all. Gmail leaves out a list that is empty.
func mailPage(name string, page []map[string]any, next string, all int) tenant.Reply {
	out := map[string]any{"resultSizeEstimate": all}
	if len(page) > 0 {
		out[name] = page
	}
	if next != "" {
		out["nextPageToken"] = next
	}
	return tenant.JSON(http.StatusOK, out)
}

// letter finds a message in the caller's mailbox. The lock must be held.
func (b *Mailboxes) letter(c *tenant.Call) (*Mail, *tenant.Reply) {
	if refused := mine(c); refused != nil {
		return nil, refused
	}
	for _, m := range b.mailbox(c.ClientName()) {
		if m.ID == c.Param("id") {
			return m, nil
		}
	}
	r := wire.NotFound()
	return nil, &r
}

func (b *Mailboxes) getMessage(c *tenant.Call) tenant.Reply {
	mayRead := b.may(c, scopeRead)
	b.mu.RLock()
	defer b.mu.RUnlock()
	m, refused := b.letter(c)
	if refused != nil {
		return *refused
	}
	format := strings.ToLower(c.Query().Get("format"))
	if !slices.Contains([]string{"", "full", "metadata", "minimal", "raw"}, format) {
		return wire.Invalid("Invalid value at 'format'")
	}
	if (format == "full" || format == "raw") && !mayRead {
		return wire.Failure(http.StatusForbidden, "forbidden", "Metadata scope doesn't allow format "+strings.ToUpper(format))
	}
	return tenant.JSON(http.StatusOK, m.view(format, c.ClientName(), c.Query()["metadataHeaders"]))
}

func (b *Mailboxes) deleteMessage(c *tenant.Call) tenant.Reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, refused := b.letter(c)
	if refused != nil {
		return *refused
	}
	delete(m.labels, c.ClientName()) // It stays where others have it.
	c.Subject("mail", m.ID)
	c.Effect("mail deleted")
	return tenant.Empty(http.StatusNoContent)
}

// relabel changes the labels of a message.
func (b *Mailboxes) relabel(c *tenant.Call, add, remove []string) tenant.Reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, refused := b.letter(c)
	if refused != nil {
		return *refused
	}
	for _, l := range slices.Concat(add, remove) {
		if !slices.Contains(systemLabels, l) && b.label(c, l) < 0 {
			return wire.Invalid("Invalid label: %s", l)
		}
	}
	labels := []string{}
	for _, l := range m.labels[c.ClientName()] {
		if !slices.Contains(remove, l) && !slices.Contains(add, l) {
			labels = append(labels, l)
		}
	}
	m.labels[c.ClientName()] = append(labels, add...)
	c.Subject("mail", m.ID)
	c.Effect("labels changed")
	return tenant.JSON(http.StatusOK, m.view("written", c.ClientName(), nil))
}

func (b *Mailboxes) modifyMessage(c *tenant.Call) tenant.Reply {
	var body struct {
		Add    []string `json:"addLabelIds"`
		Remove []string `json:"removeLabelIds"`
	}
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	if len(body.Add)+len(body.Remove) == 0 {
		return wire.Invalid("No label add or removes specified")
	}
	return b.relabel(c, body.Add, body.Remove)
}

func (b *Mailboxes) trash(in bool) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		if in {
			return b.relabel(c, []string{"TRASH"}, nil)
		}
		return b.relabel(c, nil, []string{"TRASH"})
	}
}

func (b *Mailboxes) labelRoutes(user string) []tenant.Route {
	const write = "gmail.labels gmail.modify"
	const read = write + " gmail.readonly gmail.metadata"
	one := user + "/labels/{id}"
	return []tenant.Route{
		{Method: "GET", Path: user + "/labels", Op: "google.gmail.list_labels", Scope: read, Query: wire.Common(), Handle: wire.Masked(b.listLabels, gmail.ListLabelsResponse{})},
		{Method: "POST", Path: user + "/labels", Op: "google.gmail.create_label", Scope: write, Query: wire.Common(), Handle: wire.Masked(b.createLabel, gmail.Label{})},
		{Method: "GET", Path: one, Op: "google.gmail.get_label", Scope: read, Query: wire.Common(), Handle: wire.Masked(b.getLabel, gmail.Label{})},
		{Method: "PATCH", Path: one, Op: "google.gmail.update_label", Scope: write, Query: wire.Common(), Handle: wire.Masked(b.updateLabel, gmail.Label{})},
		{Method: "PUT", Path: one, Op: "google.gmail.update_label", Scope: write, Query: wire.Common(), Handle: wire.Masked(b.updateLabel, gmail.Label{})},
		{Method: "DELETE", Path: one, Op: "google.gmail.delete_label", Scope: write, Query: wire.Common(), Handle: b.deleteLabel},
	}
}

// label is the index of a label of the caller's own, -1 for none. The lock must be held.
func (b *Mailboxes) label(c *tenant.Call, id string) int {
	return slices.IndexFunc(b.labels, func(l label) bool { return l.id == id && l.owner == c.ClientName() })
}

func (l label) view() map[string]any {
	return map[string]any{"id": l.id, "name": l.name, "type": "user", "messageListVisibility": "show", "labelListVisibility": "labelShow"}
}

func systemView(name string) map[string]any {
	return map[string]any{"id": name, "name": name, "type": "system"}
}

func (b *Mailboxes) listLabels(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := []map[string]any{}
	for _, name := range systemLabels {
		list = append(list, systemView(name))
	}
	for _, l := range b.labels {
		if l.owner == c.ClientName() {
			list = append(list, l.view())
		}
	}
	return tenant.JSON(http.StatusOK, map[string]any{"labels": list})
}

func (b *Mailboxes) createLabel(c *tenant.Call) tenant.Reply { return b.writeLabel(c, -1) }

func (b *Mailboxes) getLabel(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if slices.Contains(systemLabels, c.Param("id")) {
		return tenant.JSON(http.StatusOK, systemView(c.Param("id")))
	}
	i := b.label(c, c.Param("id"))
	if i < 0 {
		return wire.NotFound()
	}
	return tenant.JSON(http.StatusOK, b.labels[i].view())
}

func (b *Mailboxes) updateLabel(c *tenant.Call) tenant.Reply {
	b.mu.RLock()
	i := b.label(c, c.Param("id"))
	b.mu.RUnlock()
	if slices.Contains(systemLabels, c.Param("id")) {
		return wire.Invalid("Cannot update system labels")
	}
	if i < 0 {
		return wire.NotFound()
	}
	return b.writeLabel(c, i)
}

// writeLabel makes a label, or renames the one of an index.
func (b *Mailboxes) writeLabel(c *tenant.Call, i int) tenant.Reply {
	var body gmail.Label
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	if refused := mine(c); refused != nil {
		return *refused
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	same := func(l label) bool { return l.owner == c.ClientName() && strings.EqualFold(l.name, body.Name) }
	if other := slices.IndexFunc(b.labels, same); body.Name == "" || slices.Contains(systemLabels, strings.ToUpper(body.Name)) {
		return wire.Invalid("Invalid label name")
	} else if other >= 0 && other != i {
		return wire.Failure(http.StatusConflict, "aborted", "Label name exists or conflicts")
	}
	if i < 0 || i >= len(b.labels) {
		i = len(b.labels)
		b.labels = append(b.labels, label{id: "Label_" + strconv.FormatInt(b.series.Next(), 10), owner: c.ClientName()})
	}
	b.labels[i].name = body.Name
	c.Subject("label", b.labels[i].id)
	c.Effect("label written")
	return tenant.JSON(http.StatusOK, b.labels[i].view())
}

func (b *Mailboxes) deleteLabel(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.label(c, c.Param("id"))
	if i < 0 {
		return wire.NotFound()
	}
	for _, m := range b.mailbox(c.ClientName()) {
		m.labels[c.ClientName()] = slices.DeleteFunc(m.labels[c.ClientName()], func(l string) bool { return l == b.labels[i].id })
	}
	b.labels = slices.Delete(b.labels, i, i+1)
	c.Subject("label", c.Param("id"))
	c.Effect("label deleted")
	return tenant.Empty(http.StatusNoContent)
}
