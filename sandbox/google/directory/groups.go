package directory

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const (
	scopeGroup     = "admin.directory.group"
	scopeGroupRead = scopeGroup + " admin.directory.group.readonly"
)

// group is a group of the company.
type group struct {
	id, email, name, description string
	aliases                      []string
	created                      time.Time
	version                      int
	members                      []member
}

// member is a user, a group or an address elsewhere, by its id.
type member struct{ id, address, kind, role string }

func (g *group) changed()     { g.version++ }
func (g *group) etag() string { return etag(g.id, g.version) }

// at is the index of a member, -1 if it is none.
func (g *group) at(id string) int {
	return slices.IndexFunc(g.members, func(m member) bool { return m.id == id })
}

// drop takes a member out.
func (g *group) drop(id string) bool {
	i := g.at(id)
	if i < 0 {
		return false
	}
	g.members = slices.Delete(slices.Clone(g.members), i, i+1)
	g.changed()
	return true
}

func (g *group) view() map[string]any {
	v := map[string]any{
		"kind": "admin#directory#group", "id": g.id, "etag": g.etag(), "email": g.email, "name": g.name, "description": g.description,
		"directMembersCount": strconv.Itoa(len(g.members)), "adminCreated": true,
	}
	if len(g.aliases) > 0 {
		v["aliases"] = slices.Clone(g.aliases)
	}
	return v
}

func (d *Directory) groupRoutes() []tenant.Route {
	const groups, one = base + "/groups", base + "/groups/{groupKey}"
	masked := func(h tenant.Handler) tenant.Handler { return wire.Masked(h, admin.Group{}) }
	find := wire.Common("customer", "domain", "maxResults", "orderBy", "pageToken", "query", "sortOrder", "userKey")
	return []tenant.Route{
		{Method: "GET", Path: groups, Op: "google.directory.list_groups", Scope: scopeGroupRead, Query: find, Handle: wire.Masked(d.allow(groupsRead, d.listGroups), admin.Groups{})},
		{Method: "POST", Path: groups, Op: "google.directory.insert_group", Scope: scopeGroup, Handle: masked(d.allow(groupsWrite, d.insertGroup))},
		{Method: "GET", Path: one, Op: "google.directory.get_group", Scope: scopeGroupRead, Handle: masked(d.allow(groupsRead, d.getGroup))},
		{Method: "PUT", Path: one, Op: "google.directory.update_group", Scope: scopeGroup, Handle: masked(d.allow(groupsWrite, d.updateGroup))},
		{Method: "PATCH", Path: one, Op: "google.directory.patch_group", Scope: scopeGroup, Handle: masked(d.allow(groupsWrite, d.updateGroup))},
		{Method: "DELETE", Path: one, Op: "google.directory.delete_group", Scope: scopeGroup, Handle: d.allow(groupsWrite, d.deleteGroup)},
	}
}

// group finds a group by its id, its address or an alias.
func (d *Directory) group(key string) *group {
	if g := d.groups[key]; g != nil {
		return g
	}
	return d.groups[d.addresses[strings.ToLower(key)]]
}

// askedGroup is the group of the path.
func (d *Directory) askedGroup(c *tenant.Call) (*group, *tenant.Reply) {
	g := d.group(c.Param("groupKey"))
	if g == nil {
		r := notFound("groupKey")
		return nil, &r
	}
	c.Subject("group", g.id)
	if c.Request.Method == http.MethodGet || !strings.Contains(c.Path, "/members") {
		return g, stale(c, g.etag())
	}
	return g, nil
}

func (d *Directory) listGroups(c *tenant.Call) tenant.Reply {
	q := c.Query()
	keep := func(*group) bool { return true }
	if key := q.Get("userKey"); key != "" {
		if q.Get("customer") != "" {
			return wire.Failure(http.StatusBadRequest, "badRequest", "Bad Request")
		}
		u := d.user(key)
		if u == nil {
			return notFound("userKey")
		}
		c.Subject("user", u.id)
		keep = func(g *group) bool { return g.at(u.id) >= 0 }
	} else if refused := d.company(c); refused != nil {
		return *refused
	}
	match, ok := groupQuery(q.Get("query"))
	if !ok || !slices.Contains([]string{"", "email"}, q.Get("orderBy")) {
		return invalid("query")
	}
	from := d.groups
	if d.frozen.groups != nil {
		from = d.frozen.groups
	}
	var all []*group
	for _, g := range from {
		if keep(g) && match(g) && !d.t.Now().Before(g.created.Add(lag(d.settings.ListLagMS))) {
			all = append(all, g)
		}
	}
	p, bad := paged(d, c, pages[*group]{
		list: "groups", usual: 200, most: 200, all: all, key: func(g *group) string { return g.email },
		descending: q.Get("sortOrder") == "DESCENDING",
	})
	if bad != nil {
		return *bad
	}
	var list []map[string]any
	for _, g := range p.items {
		list = append(list, g.view())
	}
	return p.reply(map[string]any{"kind": "admin#directory#groups", "etag": etag("groups", len(all))}, "groups", list)
}

// groupQuery compiles one condition on the address or the name of a group, which is what is served of queries.
func groupQuery(query string) (match func(*group) bool, ok bool) {
	if query == "" {
		return func(*group) bool { return true }, true
	}
	c, rest, ok := nextClause(query)
	if !ok || strings.TrimSpace(rest) != "" || c.field != "email" && c.field != "name" {
		return nil, false
	}
	want := strings.ToLower(c.value)
	return func(g *group) bool {
		have := strings.ToLower(map[string]string{"email": g.email, "name": g.name}[c.field])
		prefix, open := strings.CutSuffix(want, "*")
		return have == want || !c.exact && open && strings.HasPrefix(have, prefix)
	}, true
}

func (d *Directory) getGroup(c *tenant.Call) tenant.Reply {
	g, refused := d.askedGroup(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, g.view()).With("ETag", g.etag())
}

func (d *Directory) insertGroup(c *tenant.Call) tenant.Reply {
	var body admin.Group
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	if refused := d.place(body.Email, ""); refused != nil {
		return *refused
	}
	g := d.addGroup(strings.ToLower(body.Email), body.Name, body.Description)
	g.created = d.t.Now()
	c.Subject("group", g.id)
	c.Effect("group created")
	return tenant.JSON(http.StatusOK, g.view())
}

// addGroup makes a group.
func (d *Directory) addGroup(email, name, description string) *group {
	g := &group{id: "02xcytpi" + strconv.FormatInt(d.series.Next(), 36), email: email, name: name, description: description}
	if g.name == "" {
		g.name, _, _ = strings.Cut(email, "@")
	}
	d.groups[g.id], d.addresses[email] = g, g.id
	return g
}

func (d *Directory) updateGroup(c *tenant.Call) tenant.Reply {
	var body admin.Group
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	g, refused := d.askedGroup(c)
	if refused != nil {
		return *refused
	}
	if body.Email != "" {
		if refused := d.place(body.Email, g.id); refused != nil {
			return *refused
		}
		delete(d.addresses, g.email)
		g.email = strings.ToLower(body.Email)
		d.addresses[g.email] = g.id
	}
	if body.Name != "" {
		g.name = body.Name
	}
	if body.Description != "" {
		g.description = body.Description
	}
	g.changed()
	c.Effect("group changed")
	return tenant.JSON(http.StatusOK, g.view())
}

func (d *Directory) deleteGroup(c *tenant.Call) tenant.Reply {
	g, refused := d.askedGroup(c)
	if refused != nil {
		return *refused
	}
	for _, a := range append([]string{g.email}, g.aliases...) {
		delete(d.addresses, a)
	}
	delete(d.groups, g.id)
	for _, other := range d.groups {
		other.drop(g.id)
	}
	c.Effect("group deleted")
	return tenant.Empty(http.StatusNoContent)
}
