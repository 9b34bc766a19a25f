package google

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/gmail/v1"

	"gatehouse/sandbox/tenant"
)

// label is one that somebody made in a mailbox.
type label struct{ id, name, owner string }

// systemLabels are those of every mailbox.
var systemLabels = []string{"INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT"}

// mailbox is what somebody has got, sent and prepared, the latest first. The lock must be held.
func (g *Google) mailbox(user string) []*Mail {
	var out []*Mail
	for _, m := range g.mails {
		if m.labels[user] != nil {
			out = append(out, m)
		}
	}
	for _, m := range g.drafts {
		if m.labels[user] != nil {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *Mail) int { return strings.Compare(b.ID, a.ID) })
	return out
}

func (g *Google) listMessages(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	q := c.Query()
	g.mu.RLock()
	defer g.mu.RUnlock()
	if q.Get("q") != "" && !g.may(c, mailRead) {
		return failure(http.StatusForbidden, "forbidden", "Metadata scope does not support 'q' parameter")
	}
	match := searchMail(q.Get("q"), c.ClientName(), g.t.Now())
	if q.Get("includeSpamTrash") == "true" {
		match = searchMail(q.Get("q")+" in:anywhere", c.ClientName(), g.t.Now())
	}
	var found []*Mail
	for _, m := range g.mailbox(c.ClientName()) {
		lacks := slices.ContainsFunc(q["labelIds"], func(l string) bool { return !m.labelled(c.ClientName(), l) })
		if match(m) && !lacks {
			found = append(found, m)
		}
	}
	page, next, bad := paged(q, "maxResults", 100, 500, found)
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
func (g *Google) letter(c *tenant.Call) (*Mail, *tenant.Reply) {
	if refused := mine(c); refused != nil {
		return nil, refused
	}
	for _, m := range g.mailbox(c.ClientName()) {
		if m.ID == c.Param("id") {
			return m, nil
		}
	}
	r := notFound()
	return nil, &r
}

func (g *Google) getMessage(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	m, refused := g.letter(c)
	if refused != nil {
		return *refused
	}
	format := strings.ToLower(c.Query().Get("format"))
	if !slices.Contains([]string{"", "full", "metadata", "minimal", "raw"}, format) {
		return invalid("Invalid value at 'format'")
	}
	if (format == "full" || format == "raw") && !g.may(c, mailRead) {
		return failure(http.StatusForbidden, "forbidden", "Metadata scope doesn't allow format "+strings.ToUpper(format))
	}
	return tenant.JSON(http.StatusOK, m.view(format, c.ClientName(), c.Query()["metadataHeaders"]))
}

func (g *Google) deleteMessage(c *tenant.Call) tenant.Reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, refused := g.letter(c)
	if refused != nil {
		return *refused
	}
	delete(m.labels, c.ClientName()) // It stays where others have it.
	c.Subject("mail", m.ID)
	c.Effect("mail deleted")
	return tenant.Empty(http.StatusNoContent)
}

// relabel changes the labels of a message.
func (g *Google) relabel(c *tenant.Call, add, remove []string) tenant.Reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, refused := g.letter(c)
	if refused != nil {
		return *refused
	}
	for _, l := range slices.Concat(add, remove) {
		if !slices.Contains(systemLabels, l) && g.label(c, l) < 0 {
			return invalid("Invalid label: %s", l)
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

func (g *Google) modifyMessage(c *tenant.Call) tenant.Reply {
	var body struct {
		Add    []string `json:"addLabelIds"`
		Remove []string `json:"removeLabelIds"`
	}
	if err := c.JSON(&body); err != nil {
		return malformed(err)
	}
	if len(body.Add)+len(body.Remove) == 0 {
		return invalid("No label add or removes specified")
	}
	return g.relabel(c, body.Add, body.Remove)
}

func (g *Google) trash(in bool) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		if in {
			return g.relabel(c, []string{"TRASH"}, nil)
		}
		return g.relabel(c, nil, []string{"TRASH"})
	}
}

func (g *Google) labelRoutes(user string) []tenant.Route {
	const write = "gmail.labels gmail.modify"
	const read = write + " gmail.readonly gmail.metadata"
	one := user + "/labels/{id}"
	return []tenant.Route{
		{Method: "GET", Path: user + "/labels", Op: "google.gmail.list_labels", Scope: read, Query: common(), Handle: masked(g.listLabels, gmail.ListLabelsResponse{})},
		{Method: "POST", Path: user + "/labels", Op: "google.gmail.create_label", Scope: write, Query: common(), Handle: masked(g.createLabel, gmail.Label{})},
		{Method: "GET", Path: one, Op: "google.gmail.get_label", Scope: read, Query: common(), Handle: masked(g.getLabel, gmail.Label{})},
		{Method: "PATCH", Path: one, Op: "google.gmail.update_label", Scope: write, Query: common(), Handle: masked(g.updateLabel, gmail.Label{})},
		{Method: "PUT", Path: one, Op: "google.gmail.update_label", Scope: write, Query: common(), Handle: masked(g.updateLabel, gmail.Label{})},
		{Method: "DELETE", Path: one, Op: "google.gmail.delete_label", Scope: write, Query: common(), Handle: g.deleteLabel},
	}
}

// label is the index of a label of the caller's own, -1 for none. The lock must be held.
func (g *Google) label(c *tenant.Call, id string) int {
	return slices.IndexFunc(g.labels, func(l label) bool { return l.id == id && l.owner == c.ClientName() })
}

func (l label) view() map[string]any {
	return map[string]any{"id": l.id, "name": l.name, "type": "user", "messageListVisibility": "show", "labelListVisibility": "labelShow"}
}

func systemView(name string) map[string]any {
	return map[string]any{"id": name, "name": name, "type": "system"}
}

func (g *Google) listLabels(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	list := []map[string]any{}
	for _, name := range systemLabels {
		list = append(list, systemView(name))
	}
	for _, l := range g.labels {
		if l.owner == c.ClientName() {
			list = append(list, l.view())
		}
	}
	return tenant.JSON(http.StatusOK, map[string]any{"labels": list})
}

func (g *Google) createLabel(c *tenant.Call) tenant.Reply { return g.writeLabel(c, -1) }

func (g *Google) getLabel(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if slices.Contains(systemLabels, c.Param("id")) {
		return tenant.JSON(http.StatusOK, systemView(c.Param("id")))
	}
	i := g.label(c, c.Param("id"))
	if i < 0 {
		return notFound()
	}
	return tenant.JSON(http.StatusOK, g.labels[i].view())
}

func (g *Google) updateLabel(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	i := g.label(c, c.Param("id"))
	g.mu.RUnlock()
	if slices.Contains(systemLabels, c.Param("id")) {
		return invalid("Cannot update system labels")
	}
	if i < 0 {
		return notFound()
	}
	return g.writeLabel(c, i)
}

// writeLabel makes a label, or renames the one of an index.
func (g *Google) writeLabel(c *tenant.Call, i int) tenant.Reply {
	var body gmail.Label
	if err := c.JSON(&body); err != nil {
		return malformed(err)
	}
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	same := func(l label) bool { return l.owner == c.ClientName() && strings.EqualFold(l.name, body.Name) }
	if other := slices.IndexFunc(g.labels, same); body.Name == "" || slices.Contains(systemLabels, strings.ToUpper(body.Name)) {
		return invalid("Invalid label name")
	} else if other >= 0 && other != i {
		return failure(http.StatusConflict, "aborted", "Label name exists or conflicts")
	}
	if i < 0 || i >= len(g.labels) {
		i = len(g.labels)
		g.labels = append(g.labels, label{id: "Label_" + strconv.FormatInt(g.number(), 10), owner: c.ClientName()})
	}
	g.labels[i].name = body.Name
	c.Subject("label", g.labels[i].id)
	c.Effect("label written")
	return tenant.JSON(http.StatusOK, g.labels[i].view())
}

func (g *Google) deleteLabel(c *tenant.Call) tenant.Reply {
	if refused := mine(c); refused != nil {
		return *refused
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.label(c, c.Param("id"))
	if i < 0 {
		return notFound()
	}
	for _, m := range g.mailbox(c.ClientName()) {
		m.labels[c.ClientName()] = slices.DeleteFunc(m.labels[c.ClientName()], func(l string) bool { return l == g.labels[i].id })
	}
	g.labels = slices.Delete(g.labels, i, i+1)
	c.Subject("label", c.Param("id"))
	c.Effect("label deleted")
	return tenant.Empty(http.StatusNoContent)
}
