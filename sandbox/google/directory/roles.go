package directory

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const (
	scopeRole     = "admin.directory.rolemanagement"
	scopeRoleRead = scopeRole + " admin.directory.rolemanagement.readonly"
)

// Privileges that the endpoints ask for, in Google's names. What ends in _ALL holds what begins the same.
const (
	usersRead     = "USERS_RETRIEVE"
	usersWrite    = "USERS_UPDATE"
	groupsRead    = "GROUPS_RETRIEVE"
	groupsWrite   = "GROUPS_UPDATE"
	unitsRead     = "ORGANIZATION_UNITS_RETRIEVE"
	unitsWrite    = "ORGANIZATION_UNITS_UPDATE"
	securityWrite = "USER_SECURITY_ALL"
	licences      = "LICENSING"
	transfersOf   = "DATATRANSFER_ALL"
	// superOnly is what only super administrators may do: nobody else reads or changes who is an administrator.
	superOnly = "SUPER"
)

// role is a role of administrators.
type role struct {
	id, name   string
	system     bool
	super      bool
	privileges []string
}

// Ids of the roles that there are from the beginning.
const (
	superRole     = "1"
	userRole      = "2"
	helpDeskRole  = "3"
	groupsRole    = "4"
	directoryRole = "5"
)

func systemRoles() []*role {
	return []*role{
		{id: superRole, name: "_SEED_ADMIN_ROLE", system: true, super: true},
		{id: userRole, name: "_USER_MANAGEMENT_ADMIN_ROLE", system: true, privileges: []string{"USERS_ALL", unitsRead, securityWrite}},
		{id: helpDeskRole, name: "_HELP_DESK_ADMIN_ROLE", system: true, privileges: []string{usersRead, unitsRead}},
		{id: groupsRole, name: "_GROUPS_ADMIN_ROLE", system: true, privileges: []string{"GROUPS_ALL", usersRead}},
		{
			id: directoryRole, name: "Gatehouse", privileges: []string{
				"USERS_ALL", "GROUPS_ALL", unitsRead, securityWrite, licences, transfersOf,
			},
		},
	}
}

func (r *role) allows(privilege string) bool {
	if r.super {
		return true
	}
	kind, _, _ := strings.Cut(privilege, "_")
	return slices.ContainsFunc(r.privileges, func(p string) bool {
		all, whole := strings.CutSuffix(p, "_ALL")
		return p == privilege || whole && all == kind
	})
}

// assignment gives a role to a user.
type assignment struct{ id, role, to string }

// role finds a role by its id, nil if there is none.
func (d *Directory) role(id string) *role {
	i := slices.IndexFunc(d.roles, func(r *role) bool { return r.id == id })
	if i < 0 {
		return nil
	}
	return d.roles[i]
}

// adminOf says what kind of administrator somebody is.
func (d *Directory) adminOf(id string) (super, delegated bool) {
	for _, a := range d.assigned {
		if a.to == id {
			super, delegated = super || a.role == superRole, delegated || a.role != superRole
		}
	}
	return super, delegated && !super
}

// assign gives a role to somebody.
func (d *Directory) assign(role, to string) *assignment {
	a := &assignment{id: strconv.FormatInt(3_894_208_461_000+d.series.Next(), 10), role: role, to: to}
	d.assigned = append(d.assigned, a)
	return a
}

func (d *Directory) roleRoutes() []tenant.Route {
	const roles, given = base + "/customer/{customer}/roles", base + "/customer/{customer}/roleassignments"
	paging := wire.Common("maxResults", "pageToken")
	find := wire.Common("maxResults", "pageToken", "roleId", "userKey", "includeIndirectRoleAssignments")
	return []tenant.Route{
		{Method: "GET", Path: roles, Op: "google.directory.list_roles", Scope: scopeRoleRead, Query: paging, Handle: wire.Masked(d.allow(superOnly, d.listRoles), admin.Roles{})},
		{Method: "GET", Path: roles + "/{roleId}", Op: "google.directory.get_role", Scope: scopeRoleRead, Handle: wire.Masked(d.allow(superOnly, d.getRole), admin.Role{})},
		{Method: "GET", Path: given, Op: "google.directory.list_role_assignments", Scope: scopeRoleRead, Query: find, Handle: wire.Masked(d.allow(superOnly, d.listAssignments), admin.RoleAssignments{})},
		{Method: "POST", Path: given, Op: "google.directory.insert_role_assignment", Scope: scopeRole, Handle: wire.Masked(d.allow(superOnly, d.insertAssignment), admin.RoleAssignment{})},
		{Method: "GET", Path: given + "/{id}", Op: "google.directory.get_role_assignment", Scope: scopeRoleRead, Handle: wire.Masked(d.allow(superOnly, d.getAssignment), admin.RoleAssignment{})},
		{Method: "DELETE", Path: given + "/{id}", Op: "google.directory.delete_role_assignment", Scope: scopeRole, Handle: d.allow(superOnly, d.deleteAssignment)},
	}
}

func (r *role) view() map[string]any {
	var privileges []map[string]any
	for _, p := range r.privileges {
		privileges = append(privileges, map[string]any{"privilegeName": p, "serviceId": "00haapch16h1ysv"})
	}
	return map[string]any{
		"kind": "admin#directory#role", "etag": etag(r.id, 1), "roleId": r.id, "roleName": r.name, "isSystemRole": r.system,
		"isSuperAdminRole": r.super, "rolePrivileges": privileges,
	}
}

func (d *Directory) listRoles(c *tenant.Call) tenant.Reply {
	if !ours(c.Param("customer")) {
		return notFound("customer")
	}
	p, bad := paged(d, c, pages[*role]{list: "roles", usual: 100, most: 100, all: d.roles, key: func(r *role) string { return r.id }})
	if bad != nil {
		return *bad
	}
	var items []map[string]any
	for _, r := range p.items {
		items = append(items, r.view())
	}
	return p.reply(map[string]any{"kind": "admin#directory#roles", "etag": etag("roles", len(d.roles))}, "items", items)
}

func (d *Directory) getRole(c *tenant.Call) tenant.Reply {
	r := d.role(c.Param("roleId"))
	if r == nil || !ours(c.Param("customer")) {
		return notFound("roleId")
	}
	return tenant.JSON(http.StatusOK, r.view())
}

func (a *assignment) view() map[string]any {
	return map[string]any{
		"kind": "admin#directory#roleAssignment", "etag": etag(a.id, 1), "roleAssignmentId": a.id, "roleId": a.role, "assignedTo": a.to,
		"assigneeType": "user", "scopeType": "CUSTOMER",
	}
}

func (d *Directory) listAssignments(c *tenant.Call) tenant.Reply {
	q := c.Query()
	if !ours(c.Param("customer")) {
		return notFound("customer")
	}
	to := ""
	if key := q.Get("userKey"); key != "" {
		u := d.user(key)
		if u == nil {
			return notFound("userKey")
		}
		to = u.id
		c.Subject("user", to)
	}
	all := slices.DeleteFunc(slices.Clone(d.assigned), func(a *assignment) bool {
		return to != "" && a.to != to || q.Get("roleId") != "" && a.role != q.Get("roleId")
	})
	p, bad := paged(d, c, pages[*assignment]{list: "role_assignments", usual: 100, most: 200, all: all, key: func(a *assignment) string { return a.id }})
	if bad != nil {
		return *bad
	}
	var items []map[string]any
	for _, a := range p.items {
		items = append(items, a.view())
	}
	return p.reply(map[string]any{"kind": "admin#directory#roleAssignments", "etag": etag("assigned", len(all))}, "items", items)
}

func (d *Directory) insertAssignment(c *tenant.Call) tenant.Reply {
	var body admin.RoleAssignment
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	id := strconv.FormatInt(body.RoleId, 10)
	u := d.users[body.AssignedTo]
	switch {
	case !ours(c.Param("customer")):
		return notFound("customer")
	case d.role(id) == nil:
		return notFound("roleId")
	case u == nil:
		return notFound("assignedTo")
	case body.ScopeType != "CUSTOMER":
		return invalid("scopeType")
	case slices.ContainsFunc(d.assigned, func(a *assignment) bool { return a.role == id && a.to == u.id }):
		return duplicate()
	}
	a := d.assign(id, u.id)
	u.changed()
	c.Subject("user", u.id)
	c.Effect("role %s given", id)
	return tenant.JSON(http.StatusOK, a.view())
}

// askedAssignment is the assignment of the path.
func (d *Directory) askedAssignment(c *tenant.Call) (int, *tenant.Reply) {
	i := slices.IndexFunc(d.assigned, func(a *assignment) bool { return a.id == c.Param("id") })
	if i < 0 || !ours(c.Param("customer")) {
		r := notFound("roleAssignmentId")
		return -1, &r
	}
	return i, nil
}

func (d *Directory) getAssignment(c *tenant.Call) tenant.Reply {
	i, refused := d.askedAssignment(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, d.assigned[i].view())
}

func (d *Directory) deleteAssignment(c *tenant.Call) tenant.Reply {
	i, refused := d.askedAssignment(c)
	if refused != nil {
		return *refused
	}
	a := d.assigned[i]
	if self := d.user(c.ClientName()); self != nil && self.id == a.to {
		return forbidden()
	}
	d.assigned = slices.Delete(slices.Clone(d.assigned), i, i+1)
	if u := d.users[a.to]; u != nil {
		u.changed()
	}
	c.Subject("user", a.to)
	c.Effect("role %s taken", a.role)
	return tenant.Empty(http.StatusNoContent)
}
