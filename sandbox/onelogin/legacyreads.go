package onelogin

import (
	"net/http"
	"slices"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// legacyReadRoutes are the parts of API v1 that only read and that v2 has a successor for.
func (o *OneLogin) legacyReadRoutes() []tenant.Route {
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: "/api/1/users", Op: "onelogin.list_users_v1", Scope: access.ReadUsers, Query: profile.LegacyFilters(), Handle: o.listUsersV1},
		{Method: "GET", Path: "/api/1/users/{id}", Op: "onelogin.get_user_v1", Scope: access.ReadUsers, Query: none, Handle: o.getUserV1},
		{Method: "GET", Path: "/api/1/users/{id}/apps", Op: "onelogin.list_user_apps_v1", Scope: access.ReadUsers, Query: none, Handle: o.listUserAppsV1},
		{Method: "GET", Path: "/api/1/roles", Op: "onelogin.list_roles_v1", Scope: access.ReadUsers, Query: wire.V1Params("id", "name"), Handle: o.listRolesV1},
		{Method: "GET", Path: "/api/1/roles/{id}", Op: "onelogin.get_role_v1", Scope: access.ReadUsers, Query: none, Handle: o.getRoleV1},
	}
}

func (o *OneLogin) listUsersV1(c *tenant.Call) tenant.Reply {
	keeps, complaint := profile.LegacyConditions(c)
	if complaint != "" {
		return *wire.BadRequest(complaint)
	}
	var found []profile.Legacy
	for _, u := range o.s.snapshot(nil) {
		if !slices.ContainsFunc(keeps, func(meets profile.Condition) bool { return !meets(&u.Profile) }) {
			found = append(found, u.Legacy())
		}
	}
	return wire.V1Whole(c, found, func(v profile.Legacy) int64 { return v.ID })
}

func (o *OneLogin) getUserV1(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	return wire.V1OK([]profile.Legacy{u.Legacy()})
}

// listUserAppsV1 leaves out what the portal does not show. Nothing is an array within the data array.
// Source: developers.onelogin.com, 1/users/get-apps-for-user.
func (o *OneLogin) listUserAppsV1(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	type app struct {
		ID          int64   `json:"id"`
		Name        string  `json:"name"`
		Icon        *string `json:"icon"`
		Provisioned *string `json:"provisioned"`
		Extension   bool    `json:"extension"`
		LoginID     int64   `json:"login_id"`
		Personal    bool    `json:"personal"`
	}
	var out []app
	for _, a := range o.s.appsOf(u, false) {
		out = append(out, app{ID: a.ID, Name: a.Name, Icon: a.IconURL, Provisioned: a.ProvisioningState, Extension: a.Extension, LoginID: a.LoginID})
	}
	if len(out) == 0 {
		return wire.V1OK([][]app{{}})
	}
	return wire.V1OK(out)
}

// legacyRole is a role as v1 shows it.
type legacyRole struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (o *OneLogin) listRolesV1(c *tenant.Call) tenant.Reply {
	q := c.Query()
	var out []legacyRole
	o.s.mu.RLock()
	for _, id := range o.s.roleIDs {
		r := o.s.roles[id]
		if q.Has("id") && q.Get("id") != itoa(r.ID) || q.Has("name") && !wire.Wildcard(q.Get("name"), r.Name) {
			continue
		}
		out = append(out, legacyRole{r.ID, r.Name})
	}
	o.s.mu.RUnlock()
	return wire.V1Whole(c, out, func(r legacyRole) int64 { return r.ID })
}

func (o *OneLogin) getRoleV1(c *tenant.Call) tenant.Reply {
	id, _ := wire.PathID(c, "id")
	c.Subject("role", c.Param("id"))
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	r := o.s.roles[id]
	if r == nil {
		return wire.V1Error(http.StatusNotFound, "Role not found")
	}
	return wire.V1OK([]legacyRole{{r.ID, r.Name}})
}
