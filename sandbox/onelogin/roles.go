package onelogin

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// The page sizes of role lists. Source: developers.onelogin.com, 2/roles/list-roles.
const (
	rolesPerPage = 50
	rolesMost    = 650
)

func (o *OneLogin) roleRoutes() []tenant.Route {
	const one = "/api/2/roles/{id}"
	list := []string{"name", "app_id", "app_name", "fields", "limit", "page", "cursor"}
	people := []string{"name", "include_unassigned", "limit", "page", "cursor"}
	apps := []string{"assigned", "limit", "page", "cursor"}
	none := []string{}
	users, admins := roleSide{kind: "users"}, roleSide{kind: "admins"}
	return []tenant.Route{
		{Method: "GET", Path: "/api/2/roles", Op: "onelogin.list_roles", Scope: access.ReadUsers, Query: list, Handle: o.listRoles},
		{Method: "POST", Path: "/api/2/roles", Op: "onelogin.create_role", Scope: access.ManageAll, Query: none, Handle: o.createRole},
		{Method: "GET", Path: one, Op: "onelogin.get_role", Scope: access.ReadUsers, Query: none, Handle: o.getRole},
		{Method: "PUT", Path: one, Op: "onelogin.update_role", Scope: access.ManageAll, Query: none, Handle: o.updateRole},
		{Method: "DELETE", Path: one, Op: "onelogin.delete_role", Scope: access.ManageAll, Query: none, Handle: o.deleteRole},
		{Method: "GET", Path: one + "/users", Op: "onelogin.list_role_users", Scope: access.ReadUsers, Query: people, Handle: o.listSide(users)},
		{Method: "POST", Path: one + "/users", Op: "onelogin.add_role_users", Scope: access.ManageAll, Query: none, Handle: o.addUsers},
		{Method: "DELETE", Path: one + "/users", Op: "onelogin.remove_role_users", Scope: access.ManageAll, Query: none, Handle: o.removeUsers},
		{Method: "GET", Path: one + "/admins", Op: "onelogin.list_role_admins", Scope: access.ReadUsers, Query: people, Handle: o.listSide(admins)},
		{Method: "POST", Path: one + "/admins", Op: "onelogin.add_role_admins", Scope: access.ManageAll, Query: none, Handle: o.setAdmins(true)},
		{Method: "DELETE", Path: one + "/admins", Op: "onelogin.remove_role_admins", Scope: access.ManageAll, Query: none, Handle: o.setAdmins(false)},
		{Method: "GET", Path: one + "/apps", Op: "onelogin.list_role_apps", Scope: access.ReadUsers, Query: apps, Handle: o.listRoleApps},
		{Method: "PUT", Path: one + "/apps", Op: "onelogin.set_role_apps", Scope: access.ManageAll, Query: none, Handle: o.setRoleApps},
	}
}

// roleMembersMost is the largest page of a role's people. Source: requests of the official SDKs with limit=100.
const roleMembersMost = 100

// roleSide is one of the two lists of people of a role.
type roleSide struct{ kind string }

func (d roleSide) of(r *Role) []int64 {
	if d.kind == "admins" {
		return r.admins
	}
	return r.members
}

// withRole finds the role in the path and runs f under the read lock.
func (o *OneLogin) withRole(c *tenant.Call, f func(r *Role)) *tenant.Reply {
	return o.findRole(c, o.s.mu.RLocker(), func(r *Role) *tenant.Reply { f(r); return nil })
}

// changeRole finds the role in the path and answers with f under the write lock.
func (o *OneLogin) changeRole(c *tenant.Call, f func(r *Role) tenant.Reply) tenant.Reply {
	return *o.findRole(c, &o.s.mu, func(r *Role) *tenant.Reply { reply := f(r); return &reply })
}

func (o *OneLogin) findRole(c *tenant.Call, lock sync.Locker, f func(r *Role) *tenant.Reply) *tenant.Reply {
	id, ok := wire.PathID(c, "id")
	if !ok {
		r := wire.V2Error(http.StatusBadRequest, "The role id must be a number")
		return &r
	}
	c.Subject("role", id)
	lock.Lock()
	defer lock.Unlock()
	r := o.s.roles[id]
	if r == nil {
		reply := wire.V2Error(http.StatusNotFound, "The resource with the given id could not be found")
		return &reply
	}
	return f(r)
}

func (o *OneLogin) listRoles(c *tenant.Call) tenant.Reply {
	q := c.Query()
	extra := []string{"apps"}
	if q.Has("fields") {
		extra = strings.Split(q.Get("fields"), ",")
		for _, name := range extra {
			if !slices.Contains([]string{"apps", "users", "admins"}, name) {
				return wire.V2Error(http.StatusBadRequest, "Unknown field: "+name)
			}
		}
	}
	var out []map[string]any
	o.s.mu.RLock()
	for _, id := range o.s.roleIDs {
		r := o.s.roles[id]
		if q.Has("name") && !wire.Wildcard(q.Get("name"), r.Name) || !o.s.roleHasApp(r, q.Get("app_id"), q.Get("app_name")) {
			continue
		}
		item := map[string]any{"id": r.ID, "name": r.Name}
		for _, name := range extra {
			item[name] = append([]int64{}, map[string][]int64{"apps": r.apps, "users": r.members, "admins": r.admins}[name]...)
		}
		out = append(out, item)
	}
	o.s.mu.RUnlock()
	return wire.Paged(c, out, rolesPerPage, rolesMost)
}

func (s *store) roleHasApp(r *Role, id, name string) bool {
	if id == "" && name == "" {
		return true
	}
	return slices.ContainsFunc(r.apps, func(app int64) bool {
		return (id == "" || itoa(app) == id) && (name == "" || wire.Wildcard(name, s.apps[app].Name))
	})
}

// getRole shows id and name only: membership is read at the sub-resources. Source: terraform-provider-onelogin.
func (o *OneLogin) getRole(c *tenant.Call) tenant.Reply {
	var body map[string]any
	if refused := o.withRole(c, func(r *Role) { body = map[string]any{"id": r.ID, "name": r.Name} }); refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, body)
}

func (o *OneLogin) createRole(c *tenant.Call) tenant.Reply {
	body, refused := wire.ReadBody[newRole](c)
	if refused != nil {
		return *refused
	}
	if body.Name == "" {
		return wire.V2Error(http.StatusUnprocessableEntity, "name must be set")
	}
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	if o.s.roleNames[body.Name] != 0 {
		return wire.V2Error(http.StatusUnprocessableEntity, "Name has already been taken")
	}
	if refused := o.s.checkRole(body); refused != nil {
		return *refused
	}
	id := o.s.addRole(body.Name, nil)
	c.Subject("role", id)
	c.Effect("created")
	o.fillRole(c, id, body)
	return tenant.JSON(http.StatusCreated, map[string]int64{"id": id})
}

func (o *OneLogin) deleteRole(c *tenant.Call) tenant.Reply {
	return o.changeRole(c, func(r *Role) tenant.Reply {
		for _, user := range slices.Clone(r.members) {
			u := o.s.users[user].clone()
			o.s.takeRole(u, r.ID)
			o.s.put(u)
		}
		delete(o.s.roles, r.ID)
		delete(o.s.roleNames, r.Name)
		o.s.roleIDs, _ = removeID(o.s.roleIDs, r.ID)
		c.Effect("deleted")
		return tenant.Empty(http.StatusNoContent)
	})
}

// rolePerson is a member as the sub-resource shows it. Source: onelogin-python-sdk docs/RolesApi.md.
type rolePerson struct {
	ID       int64      `json:"id"`
	Name     string     `json:"name"`
	Username *string    `json:"username"`
	AddedBy  *roleActor `json:"added_by"`
	AddedAt  *string    `json:"added_at"`
	Assigned bool       `json:"assigned"`
}

type roleActor struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (o *OneLogin) listSide(side roleSide) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		q := c.Query()
		w, refused := wire.ReadWindow(q, rolesPerPage, roleMembersMost)
		if refused != nil {
			return *refused
		}
		unassigned, err := strconv.ParseBool(cmp.Or(q.Get("include_unassigned"), "false"))
		if err != nil {
			return wire.V2Error(http.StatusBadRequest, "include_unassigned must be true or false")
		}
		var out []rolePerson
		total := 0
		refused = o.withRole(c, func(r *Role) {
			ids := side.of(r)
			if unassigned {
				ids = o.s.ids
			}
			if name := q.Get("name"); name != "" {
				ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !o.s.users[id].called(name) })
			}
			total = len(ids)
			from, to := w.Bounds(total)
			for _, id := range ids[from:to] {
				out = append(out, o.s.person(r, id, slices.Contains(side.of(r), id)))
			}
		})
		if refused != nil {
			return *refused
		}
		return w.Reply(append([]rolePerson{}, out...), len(out), total)
	}
}

// called reports whether a search for a name finds the user: by first name, last name, username or address.
func (u *User) called(name string) bool {
	for _, have := range []string{wire.TextOf(u.Firstname), wire.TextOf(u.Lastname), u.name(), wire.TextOf(u.Username), u.Email} {
		if wire.Wildcard(name, have) || wire.Wildcard("*"+name+"*", have) {
			return true
		}
	}
	return false
}

// person shows a user beside a role; nobody has added one who is not in it.
func (s *store) person(r *Role, id int64, assigned bool) rolePerson {
	u := s.users[id]
	p := rolePerson{ID: id, Name: u.name(), Username: u.Username, Assigned: assigned}
	if assigned {
		g := r.grants[id]
		p.AddedBy, p.AddedAt = &roleActor{ID: g.byID, Name: g.byName}, wire.Text(g.at.Format(time.RFC3339))
	}
	return p
}

// idArray reads a raw JSON array of ids; the object form of old SDKs is refused in OneLogin's own words.
// Source: onelogin-python-sdk CHANGELOG 4.0.1.
func idArray(c *tenant.Call) ([]int64, *tenant.Reply) {
	var list wire.IDList
	if err := json.Unmarshal(c.Body, &list); err != nil || list == nil {
		r := wire.V2Error(http.StatusBadRequest, "Expected array in request")
		return nil, &r
	}
	return list, nil
}

// everyUser checks that all ids are users. The lock must be held.
func (s *store) everyUser(ids []int64) *tenant.Reply {
	for _, id := range ids {
		if s.users[id] == nil {
			r := wire.V2Error(http.StatusUnprocessableEntity, "User with id "+itoa(id)+" does not exist")
			return &r
		}
	}
	return nil
}

func idObjects(ids []int64) []map[string]int64 {
	out := make([]map[string]int64, 0, len(ids))
	for _, id := range ids {
		out = append(out, map[string]int64{"id": id})
	}
	return out
}

func (o *OneLogin) addUsers(c *tenant.Call) tenant.Reply    { return o.setUsers(c, true) }
func (o *OneLogin) removeUsers(c *tenant.Call) tenant.Reply { return o.setUsers(c, false) }

// setUsers adds people to a role or removes them. Someone who is there, or is not, already is no error.
func (o *OneLogin) setUsers(c *tenant.Call, add bool) tenant.Reply {
	ids, refused := idArray(c)
	if refused != nil {
		return *refused
	}
	return o.changeRole(c, func(r *Role) tenant.Reply {
		if add {
			if refused := o.s.everyUser(ids); refused != nil {
				return *refused
			}
		}
		for _, id := range ids {
			u := o.s.users[id]
			if u == nil {
				continue
			}
			if add {
				o.changeRoles(c, u, []int64{r.ID}, nil)
			} else {
				o.changeRoles(c, u, nil, []int64{r.ID})
			}
			if len(ids) == 1 {
				c.Subject("user", id)
			}
		}
		return sideChanged(ids, add)
	})
}

// sideChanged is the answer to a change of who is in a role.
func sideChanged(ids []int64, add bool) tenant.Reply {
	if add {
		return tenant.JSON(http.StatusOK, idObjects(ids))
	}
	return tenant.Empty(http.StatusNoContent)
}

func (o *OneLogin) setAdmins(add bool) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		ids, refused := idArray(c)
		if refused != nil {
			return *refused
		}
		return o.changeRole(c, func(r *Role) tenant.Reply {
			if refused := o.s.everyUser(ids); refused != nil {
				return *refused
			}
			for _, id := range ids {
				var changed bool
				if add {
					r.admins, changed = insertID(r.admins, id)
					if _, member := r.grants[id]; !member {
						r.grants[id] = grant{at: o.s.now(), byID: o.clients.Owner(), byName: c.ClientName()}
					}
				} else {
					r.admins, changed = removeID(r.admins, id)
				}
				if changed {
					c.Effect("admins changed")
				}
			}
			return sideChanged(ids, add)
		})
	}
}

func (o *OneLogin) listRoleApps(c *tenant.Call) tenant.Reply {
	type item struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	var out []item
	refused := o.withRole(c, func(r *Role) {
		for _, id := range r.apps {
			out = append(out, item{ID: id, Name: o.s.apps[id].Name})
		}
	})
	if refused != nil {
		return *refused
	}
	return wire.Paged(c, out, rolesPerPage, rolesMost)
}

// setRoleApps replaces all of a role's apps.
func (o *OneLogin) setRoleApps(c *tenant.Call) tenant.Reply {
	ids, refused := idArray(c)
	if refused != nil {
		return *refused
	}
	slices.Sort(ids)
	return o.changeRole(c, func(r *Role) tenant.Reply {
		for _, id := range ids {
			if o.s.apps[id] == nil {
				return wire.V2Error(http.StatusUnprocessableEntity, "App with id "+itoa(id)+" does not exist")
			}
		}
		if !slices.Equal(r.apps, ids) {
			r.apps = slices.Compact(ids)
			c.Effect("apps changed")
		}
		return tenant.JSON(http.StatusOK, idObjects(ids))
	})
}

// addRole makes a role. The lock must be held.
func (s *store) addRole(name string, apps []int64) int64 {
	id := s.nextRole
	s.nextRole++
	slices.Sort(apps)
	s.roles[id] = &Role{ID: id, Name: name, apps: apps, grants: map[int64]grant{}}
	s.roleIDs = append(s.roleIDs, id)
	s.roleNames[name] = id
	return id
}
