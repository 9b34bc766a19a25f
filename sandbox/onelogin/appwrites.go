package onelogin

import (
	"net/http"
	"slices"
	"strconv"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// Connector is what an app is made from. Source: developers.onelogin.com, 2/connectors/list-connectors.
type Connector struct {
	ID                  int64   `json:"id"`
	Name                string  `json:"name"`
	AuthMethod          int     `json:"auth_method"`
	AllowsNewParameters bool    `json:"allows_new_parameters"`
	IconURL             *string `json:"icon_url"`
}

func (o *OneLogin) appWriteRoutes() []tenant.Route {
	const one = "/api/2/apps/{id}"
	none := []string{}
	connectors := append([]string{"name", "auth_method"}, wire.PagingParams...)
	return []tenant.Route{
		{Method: "POST", Path: "/api/2/apps", Op: "onelogin.create_app", Scope: access.ManageAll, Query: none, Handle: o.createApp},
		{Method: "PUT", Path: one, Op: "onelogin.update_app", Scope: access.ManageAll, Query: none, Handle: o.updateApp},
		{Method: "DELETE", Path: one, Op: "onelogin.delete_app", Scope: access.ManageAll, Query: none, Handle: o.deleteApp},
		// Manage All alone. Source: the same; baton-onelogin finds out by this call whether it has that scope.
		{Method: "GET", Path: "/api/2/connectors", Op: "onelogin.list_connectors", Scope: access.ManageAll, Query: connectors, Handle: o.listConnectors},
	}
}

// connectors are those of the tenant's apps and two that no app is made from. The lock must be held.
func (s *store) connectors() []Connector {
	out := []Connector{{ID: 50534, Name: "Amazon Web Services (AWS) Multi Role", AuthMethod: 2, AllowsNewParameters: true}, {ID: 108419, Name: "OpenId Connect (OIDC)", AuthMethod: 8}}
	for _, id := range s.appIDs {
		if a := s.apps[id]; !slices.ContainsFunc(out, func(c Connector) bool { return c.ID == a.Connector }) {
			out = append(out, Connector{ID: a.Connector, Name: a.Name, AuthMethod: a.AuthMethod})
		}
	}
	return out
}

// listConnectors finds a connector by a part of its name already.
func (o *OneLogin) listConnectors(c *tenant.Call) tenant.Reply {
	q := c.Query()
	if method := q.Get("auth_method"); method != "" {
		if n, err := strconv.Atoi(method); err != nil || !slices.Contains([]int{0, 1, 2, 3, 4, 6, 7, 8}, n) {
			return wire.V2Error(http.StatusUnprocessableEntity, `invalid value in "auth_method"`)
		}
	}
	var out []Connector
	o.s.mu.RLock()
	for _, k := range o.s.connectors() {
		if q.Has("name") && !wire.Wildcard("*"+q.Get("name")+"*", k.Name) || q.Get("auth_method") != "" && q.Get("auth_method") != strconv.Itoa(k.AuthMethod) {
			continue
		}
		out = append(out, k)
	}
	o.s.mu.RUnlock()
	return wire.Paged(c, out, appsPerPage, appsMost)
}

// appBody is what the sandbox keeps of an app that is written. Configuration, parameters, provisioning and sign-on are
// taken and forgotten: no access depends on them here.
type appBody struct {
	Name        *string      `json:"name"`
	Connector   *int64       `json:"connector_id"`
	Description *string      `json:"description"`
	Notes       *string      `json:"notes"`
	Visible     *bool        `json:"visible"`
	Roles       *wire.IDList `json:"role_ids"`
}

// write applies a body to an app copy. The lock must be held.
func (s *store) write(a *App, body appBody) *tenant.Reply {
	refuse := func(message string) *tenant.Reply {
		r := wire.V2Error(http.StatusUnprocessableEntity, message)
		return &r
	}
	if body.Connector != nil {
		list := s.connectors()
		i := slices.IndexFunc(list, func(k Connector) bool { return k.ID == *body.Connector })
		if i < 0 {
			return refuse(`invalid value in "connector_id"`)
		}
		a.Connector, a.AuthMethod = list[i].ID, list[i].AuthMethod
	}
	if body.Name != nil {
		a.Name = *body.Name
	}
	if a.Name == "" {
		return refuse("name must be set")
	}
	if body.Roles != nil {
		for _, id := range *body.Roles {
			if s.roles[id] == nil {
				return refuse("Role with id " + itoa(id) + " does not exist")
			}
		}
	}
	for _, p := range []struct{ from, into **string }{{&body.Description, &a.Description}, {&body.Notes, &a.Notes}} {
		if *p.from != nil {
			*p.into = *p.from
		}
	}
	if body.Visible != nil {
		a.Visible = *body.Visible
	}
	return nil
}

// carry makes exactly the named roles carry an app; nil leaves them alone. The lock must be held.
func (s *store) carry(app int64, roles *wire.IDList) {
	if roles == nil {
		return
	}
	for _, id := range s.roleIDs {
		r := s.roles[id]
		r.apps, _ = removeID(slices.Clone(r.apps), app)
		if slices.Contains(*roles, id) {
			r.apps, _ = insertID(r.apps, app)
		}
	}
}

// createApp needs a connector and a name. Source: developers.onelogin.com, 2/apps/create-app.
func (o *OneLogin) createApp(c *tenant.Call) tenant.Reply {
	body, refused := wire.ReadBody[appBody](c)
	if refused != nil {
		return *refused
	}
	if body.Connector == nil {
		return wire.V2Error(http.StatusUnprocessableEntity, `invalid value in "connector_id"`)
	}
	now := moment(o.t.Now())
	a := &App{Visible: true, CreatedAt: now, UpdatedAt: now}
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	if refused := o.s.write(a, body); refused != nil {
		return *refused
	}
	a.ID = o.s.nextApp
	o.s.nextApp++
	o.s.apps[a.ID] = a
	o.s.appIDs = append(o.s.appIDs, a.ID)
	o.s.carry(a.ID, body.Roles)
	c.Subject("app", a.ID)
	c.Effect("created")
	o.record(c, events.Event{Type: events.AppCreatedByAPI})
	return tenant.JSON(http.StatusCreated, o.s.appView(a.ID))
}

// changeApp finds the app in the path and answers with f under the write lock; f may put another in its place.
func (o *OneLogin) changeApp(c *tenant.Call, f func(a App) tenant.Reply) tenant.Reply {
	id, _ := wire.PathID(c, "id")
	c.Subject("app", c.Param("id"))
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	if o.s.apps[id] == nil {
		return noApp()
	}
	return f(*o.s.apps[id])
}

func (o *OneLogin) updateApp(c *tenant.Call) tenant.Reply {
	body, refused := wire.ReadBody[appBody](c)
	if refused != nil {
		return *refused
	}
	return o.changeApp(c, func(a App) tenant.Reply {
		if refused := o.s.write(&a, body); refused != nil {
			return *refused
		}
		a.UpdatedAt = moment(o.t.Now())
		o.s.apps[a.ID] = &a
		o.s.carry(a.ID, body.Roles)
		c.Effect("updated")
		o.record(c, events.Event{Type: events.AppUpdatedByAPI})
		return tenant.JSON(http.StatusOK, o.s.appView(a.ID))
	})
}

func (o *OneLogin) deleteApp(c *tenant.Call) tenant.Reply {
	return o.changeApp(c, func(a App) tenant.Reply {
		o.s.carry(a.ID, &wire.IDList{})
		delete(o.s.apps, a.ID)
		o.s.appIDs, _ = removeID(o.s.appIDs, a.ID)
		c.Effect("deleted")
		o.record(c, events.Event{Type: events.AppDeletedByAPI})
		return tenant.Empty(http.StatusNoContent)
	})
}
