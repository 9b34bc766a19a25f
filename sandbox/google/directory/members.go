package directory

import (
	"net/http"
	"slices"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const (
	scopeMember     = scopeGroup + " admin.directory.group.member"
	scopeMemberRead = scopeMember + " admin.directory.group.readonly admin.directory.group.member.readonly"
)

func (d *Directory) memberRoutes() []tenant.Route {
	const members, one = base + "/groups/{groupKey}/members", base + "/groups/{groupKey}/members/{memberKey}"
	masked := func(h tenant.Handler) tenant.Handler { return wire.Masked(h, admin.Member{}) }
	find := wire.Common("includeDerivedMembership", "maxResults", "pageToken", "roles")
	return []tenant.Route{
		{Method: "GET", Path: members, Op: "google.directory.list_members", Scope: scopeMemberRead, Query: find, Handle: wire.Masked(d.allow(groupsRead, d.listMembers), admin.Members{})},
		{Method: "POST", Path: members, Op: "google.directory.insert_member", Scope: scopeMember, Handle: masked(d.allow(groupsWrite, d.insertMember))},
		{Method: "GET", Path: one, Op: "google.directory.get_member", Scope: scopeMemberRead, Handle: masked(d.allow(groupsRead, d.getMember))},
		{Method: "PUT", Path: one, Op: "google.directory.update_member", Scope: scopeMember, Handle: masked(d.allow(groupsWrite, d.updateMember))},
		{Method: "PATCH", Path: one, Op: "google.directory.patch_member", Scope: scopeMember, Handle: masked(d.allow(groupsWrite, d.updateMember))},
		{Method: "DELETE", Path: one, Op: "google.directory.delete_member", Scope: scopeMember, Handle: d.allow(groupsWrite, d.deleteMember)},
		{Method: "GET", Path: base + "/groups/{groupKey}/hasMember/{memberKey}", Op: "google.directory.has_member", Scope: scopeMemberRead, Handle: wire.Masked(d.allow(groupsRead, d.hasMember), admin.MembersHasMember{})},
	}
}

func (d *Directory) memberView(m member) map[string]any {
	v := map[string]any{"kind": "admin#directory#member", "id": m.id, "role": m.role, "type": m.kind, "etag": etag(m.id, len(m.role))}
	switch u, g := d.users[m.id], d.groups[m.id]; {
	case u != nil:
		v["email"], v["status"] = u.primary, "ACTIVE"
		if !u.canSignIn() {
			v["status"] = "SUSPENDED"
		}
	case g != nil:
		v["email"], v["status"] = g.email, "ACTIVE"
	default:
		v["email"] = m.address
	}
	return v
}

// askedMember is the member that the path names.
func (d *Directory) askedMember(c *tenant.Call) (g *group, i int, refused *tenant.Reply) {
	if g, refused = d.askedGroup(c); refused != nil {
		return nil, -1, refused
	}
	if i = g.at(d.memberID(c.Param("memberKey"))); i < 0 {
		r := notFound("memberKey")
		return nil, -1, &r
	}
	return g, i, nil
}

// memberID is the id that a key stands for: of a user, a group, or the address itself.
func (d *Directory) memberID(key string) string {
	if id := d.addresses[strings.ToLower(key)]; id != "" {
		return id
	}
	return strings.ToLower(key)
}

func (d *Directory) listMembers(c *tenant.Call) tenant.Reply {
	g, refused := d.askedGroup(c)
	if refused != nil {
		return *refused
	}
	if still := d.frozen.member[g.id]; still != nil {
		g = still
	}
	roles := strings.FieldsFunc(strings.ToUpper(c.Query().Get("roles")), func(r rune) bool { return r == ',' })
	all := g.members
	if c.Query().Get("includeDerivedMembership") == "true" {
		all = d.derived(g, map[string]bool{g.id: true})
	}
	all = slices.DeleteFunc(slices.Clone(all), func(m member) bool { return len(roles) > 0 && !slices.Contains(roles, m.role) })
	p, bad := paged(d, c, pages[member]{list: "members", usual: 200, most: 200, all: all, key: func(m member) string { return m.id }})
	if bad != nil {
		return *bad
	}
	var list []map[string]any
	for _, m := range p.items {
		list = append(list, d.memberView(m))
	}
	return p.reply(map[string]any{"kind": "admin#directory#members", "etag": g.etag()}, "members", list)
}

// derived are the members of a group and of those within it, each once.
func (d *Directory) derived(g *group, seen map[string]bool) (all []member) {
	for _, m := range g.members {
		if seen[m.id] {
			continue
		}
		seen[m.id] = true
		all = append(all, m)
		if inner := d.groups[m.id]; inner != nil {
			all = append(all, d.derived(inner, seen)...)
		}
	}
	return all
}

var memberRoles = []string{"MEMBER", "MANAGER", "OWNER"}

func (d *Directory) insertMember(c *tenant.Call) tenant.Reply {
	var body admin.Member
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	g, refused := d.askedGroup(c)
	if refused != nil {
		return *refused
	}
	m := member{role: strings.ToUpper(body.Role), kind: "USER"}
	if m.role == "" {
		m.role = memberRoles[0]
	}
	key := body.Email
	if key == "" {
		key = body.Id
	}
	m.id = d.memberID(key)
	inner := d.groups[m.id]
	switch {
	case key == "" || !slices.Contains(memberRoles, m.role):
		return wire.Failure(http.StatusBadRequest, "required", "Missing required field: member")
	case inner != nil && (inner == g || slices.ContainsFunc(d.derived(inner, map[string]bool{}), func(x member) bool { return x.id == g.id })):
		return invalid("memberKey")
	case inner != nil:
		m.kind = "GROUP"
	case d.users[m.id] == nil && !d.elsewhere(key):
		return notFound("memberKey")
	case d.users[m.id] == nil:
		m.address = m.id
	}
	if g.at(m.id) >= 0 {
		return wire.Failure(http.StatusConflict, "duplicate", "Member already exists.")
	}
	g.members = append(slices.Clone(g.members), m)
	g.changed()
	c.Subject("member", m.id)
	c.Effect("member added to group %s", g.id)
	return tenant.JSON(http.StatusOK, d.memberView(m))
}

// elsewhere reports that a key is an address of another company.
func (d *Directory) elsewhere(key string) bool {
	_, domain, ok := strings.Cut(strings.ToLower(key), "@")
	return ok && domain != d.domain && addressForm.MatchString(key)
}

func (d *Directory) getMember(c *tenant.Call) tenant.Reply {
	g, i, refused := d.askedMember(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, d.memberView(g.members[i]))
}

func (d *Directory) updateMember(c *tenant.Call) tenant.Reply {
	var body admin.Member
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	g, i, refused := d.askedMember(c)
	if refused != nil {
		return *refused
	}
	if role := strings.ToUpper(body.Role); role != "" && role != g.members[i].role {
		if !slices.Contains(memberRoles, role) {
			return invalid("role")
		}
		g.members = slices.Clone(g.members)
		g.members[i].role = role
		g.changed()
		c.Effect("role of a member changed")
	}
	return tenant.JSON(http.StatusOK, d.memberView(g.members[i]))
}

func (d *Directory) deleteMember(c *tenant.Call) tenant.Reply {
	g, i, refused := d.askedMember(c)
	if refused != nil {
		return *refused
	}
	id := g.members[i].id
	g.drop(id)
	c.Subject("member", id)
	c.Effect("member removed from group %s", g.id)
	return tenant.Empty(http.StatusNoContent)
}

func (d *Directory) hasMember(c *tenant.Call) tenant.Reply {
	g, refused := d.askedGroup(c)
	if refused != nil {
		return *refused
	}
	id := d.memberID(c.Param("memberKey"))
	if d.users[id] == nil && d.groups[id] == nil {
		return wire.Failure(http.StatusBadRequest, "invalid", "Invalid Input: memberKey")
	}
	in := slices.ContainsFunc(d.derived(g, map[string]bool{g.id: true}), func(m member) bool { return m.id == id })
	return tenant.JSON(http.StatusOK, map[string]any{"isMember": in})
}
