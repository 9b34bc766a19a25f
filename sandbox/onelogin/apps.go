package onelogin

import (
	"net/http"
	"slices"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// The page sizes of app lists. Source: developers.onelogin.com, 2/apps/list-apps and list-users.
const (
	appsPerPage = 100
	appsMost    = 1000
)

func (o *OneLogin) appRoutes() []tenant.Route {
	list := []string{"name", "connector_id", "auth_method", "fields", "limit", "page", "cursor"}
	paging := []string{"limit", "page", "cursor"}
	return []tenant.Route{
		{Method: "GET", Path: "/api/2/apps", Op: "onelogin.list_apps", Scope: access.ReadAll, Query: list, Handle: o.listApps},
		{Method: "GET", Path: "/api/2/apps/{id}", Op: "onelogin.get_app", Scope: access.ReadAll, Query: []string{}, Handle: o.getApp},
		{Method: "GET", Path: "/api/2/apps/{id}/users", Op: "onelogin.list_app_users", Scope: access.ReadAll, Query: paging, Handle: o.listAppUsers},
	}
}

// appView copies an app together with the roles that carry it. The lock must be held.
func (s *store) appView(id int64) App {
	a := *s.apps[id]
	a.RoleIDs = []int64{}
	for _, role := range s.roleIDs {
		if slices.Contains(s.roles[role].apps, id) {
			a.RoleIDs = append(a.RoleIDs, role)
		}
	}
	return a
}

func (o *OneLogin) listApps(c *tenant.Call) tenant.Reply {
	q := c.Query()
	fields, bad := wire.ReadFields(q.Get("fields"), App{})
	if bad != "" {
		return wire.V2Error(http.StatusBadRequest, "Unknown field: "+bad)
	}
	var out []App
	o.s.mu.RLock()
	for _, id := range o.s.appIDs {
		a := o.s.apps[id]
		if q.Has("name") && !wire.Wildcard(q.Get("name"), a.Name) ||
			q.Has("connector_id") && q.Get("connector_id") != itoa(a.Connector) ||
			q.Has("auth_method") && q.Get("auth_method") != itoa(int64(a.AuthMethod)) {
			continue
		}
		out = append(out, o.s.appView(id))
	}
	o.s.mu.RUnlock()
	if fields != nil {
		return wire.Paged(c, wire.OnlyFields(out, fields), appsPerPage, appsMost)
	}
	return wire.Paged(c, out, appsPerPage, appsMost)
}

func noApp() tenant.Reply {
	return wire.V2Error(http.StatusNotFound, "The resource with the given id could not be found")
}

func (o *OneLogin) getApp(c *tenant.Call) tenant.Reply {
	id, _ := wire.PathID(c, "id")
	c.Subject("app", id)
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	if o.s.apps[id] == nil {
		return noApp()
	}
	return tenant.JSON(http.StatusOK, o.s.appView(id))
}

func (o *OneLogin) listAppUsers(c *tenant.Call) tenant.Reply {
	id, _ := wire.PathID(c, "id")
	c.Subject("app", id)
	w, refused := wire.ReadWindow(c.Query(), appsPerPage, appsMost)
	if refused != nil {
		return *refused
	}
	type person struct {
		ID        int64   `json:"id"`
		Firstname *string `json:"firstname"`
		Lastname  *string `json:"lastname"`
		Username  *string `json:"username"`
		Email     string  `json:"email"`
	}
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	if o.s.apps[id] == nil {
		return noApp()
	}
	var ids []int64
	for _, role := range o.s.appView(id).RoleIDs {
		ids = append(ids, o.s.roles[role].members...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	from, to := w.Bounds(len(ids))
	out := make([]person, 0, to-from)
	for _, user := range ids[from:to] {
		u := o.s.users[user]
		out = append(out, person{u.ID, u.Firstname, u.Lastname, u.Username, u.Email})
	}
	return w.Reply(out, len(out), len(ids))
}

// userApp is an app as a user has it. Source: onelogin-python-sdk docs/GetUserApps200ResponseInner.md.
type userApp struct {
	ID                  int64   `json:"id"`
	Name                string  `json:"name"`
	IconURL             *string `json:"icon_url"`
	Extension           bool    `json:"extension"`
	LoginID             int64   `json:"login_id"`
	ProvisioningStatus  *string `json:"provisioning_status"`
	ProvisioningState   *string `json:"provisioning_state"`
	ProvisioningEnabled bool    `json:"provisioning_enabled"`
}

// listUserApps hides the apps that the portal does not show, unless ignore_visibility is true.
func (o *OneLogin) listUserApps(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	all := false
	switch c.Query().Get("ignore_visibility") {
	case "", "false":
	case "true":
		all = true
	default:
		return wire.V2Error(http.StatusBadRequest, "ignore_visibility must be true or false")
	}
	return tenant.JSON(http.StatusOK, o.s.appsOf(u, all))
}

func (s *store) appsOf(u *User, all bool) []userApp {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ids []int64
	for _, role := range u.RoleIDs {
		if r := s.roles[role]; r != nil {
			ids = append(ids, r.apps...)
		}
	}
	slices.Sort(ids)
	out := []userApp{}
	for _, id := range slices.Compact(ids) {
		if a := s.apps[id]; all || a.Visible {
			out = append(out, userApp{
				ID: id, Name: a.Name, LoginID: u.ID*1000 + id%1000,
				ProvisioningStatus: wire.Text("enabled"), ProvisioningState: wire.Text("provisioned"), ProvisioningEnabled: true,
			})
		}
	}
	return out
}
