package onelogin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// legacyReadRoutes are the parts of API v1 that only read and that v2 has a successor for.
func (o *OneLogin) legacyReadRoutes() []tenant.Route {
	none := []string{}
	users := wire.V1Params(append([]string{"since", "until", "id", "role_id", "directory_id", "manager_ad_id", "custom_attributes.*"}, legacyTexts...)...)
	return []tenant.Route{
		{Method: "GET", Path: "/api/1/users", Op: "onelogin.list_users_v1", Scope: readUsers, Query: users, Handle: o.listUsersV1},
		{Method: "GET", Path: "/api/1/users/{id}", Op: "onelogin.get_user_v1", Scope: readUsers, Query: none, Handle: o.getUserV1},
		{Method: "GET", Path: "/api/1/users/{id}/apps", Op: "onelogin.list_user_apps_v1", Scope: readUsers, Query: none, Handle: o.listUserAppsV1},
		{Method: "GET", Path: "/api/1/roles", Op: "onelogin.list_roles_v1", Scope: readUsers, Query: wire.V1Params("id", "name"), Handle: o.listRolesV1},
		{Method: "GET", Path: "/api/1/roles/{id}", Op: "onelogin.get_role_v1", Scope: readUsers, Query: none, Handle: o.getRoleV1},
	}
}

// legacyTexts are the text filters of the v1 list of users. Source: developers.onelogin.com, 1/users/get-users.
var legacyTexts = []string{"email", "external_id", "firstname", "lastname", "samaccountname", "username", "userprincipalname"}

// legacyUser is a user as v1 shows it: the roles under a singular name and null where there are none, and what v2 has no more.
// Source: graph-onelogin fixtures; tests of onelogin-python-sdk 2.
type legacyUser struct {
	*User
	RoleIDs    *struct{} `json:"role_ids,omitempty"`
	RoleID     []int64   `json:"role_id"`
	OpenIDName string    `json:"openid_name"`
	LocaleCode *string   `json:"locale_code"`
	Notes      *string   `json:"notes"`
}

func (u *User) legacy() legacyUser {
	v := legacyUser{User: u}
	if len(u.RoleIDs) > 0 {
		v.RoleID = u.RoleIDs
	}
	v.OpenIDName, _, _ = strings.Cut(text(u.Username), "@")
	return v
}

func (o *OneLogin) listUsersV1(c *tenant.Call) tenant.Reply {
	keeps, complaint := legacyConditions(c)
	if complaint != "" {
		return *wire.BadRequest(complaint)
	}
	var found []legacyUser
	for _, u := range o.s.snapshot(nil) {
		if !slices.ContainsFunc(keeps, func(k keep) bool { return !k(u) }) {
			found = append(found, u.legacy())
		}
	}
	return wire.V1Whole(c, found, func(v legacyUser) int64 { return v.ID })
}

// legacyConditions reads the filters of the v1 list; since and until are about created_at and exclusive.
func legacyConditions(c *tenant.Call) (keeps []keep, complaint string) {
	for name, values := range c.Query() {
		value := values[0]
		switch {
		case slices.Contains(wire.V1Params(), name):
		case name == "since" || name == "until":
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return nil, name + " must be a time such as 2006-01-02T15:04:05.000Z"
			}
			keeps = append(keeps, func(u *User) bool {
				return u.CreatedAt != nil && (name == "since" && u.CreatedAt.After(at) || name == "until" && u.CreatedAt.Before(at))
			})
		case slices.Contains(legacyTexts, name) || strings.HasPrefix(name, "custom_attributes."):
			keeps = append(keeps, textCondition(name, value))
		default:
			id, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, name + " must be an integer"
			}
			keeps = append(keeps, func(u *User) bool {
				return name == "id" && u.ID == id || name == "role_id" && u.hasRole(id) ||
					nullableID(u, name) != nil && number(*nullableID(u, name)) == id
			})
		}
	}
	return keeps, ""
}

func (o *OneLogin) getUserV1(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	return wire.V1OK([]legacyUser{u.legacy()})
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
		if q.Has("id") && q.Get("id") != itoa(r.ID) || q.Has("name") && !wildcard(q.Get("name"), r.Name) {
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
