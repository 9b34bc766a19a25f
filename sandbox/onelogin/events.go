package onelogin

import (
	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/tenant"
)

// Events is the tenant's log of events.
func (o *OneLogin) Events() *events.Log { return o.events }

// Close ends webhooks that are under way.
func (o *OneLogin) Close() { o.events.Close() }

// Inject writes events as a test wants them, and returns the ids of the first and the last.
func (o *OneLogin) Inject(list []events.Injection) (first, last int64, err error) {
	return o.events.Inject(list, func(username string) (*events.User, error) {
		if u := o.s.findUsername(username); u != nil {
			return u.seen(), nil
		}
		return nil, errNoUser
	})
}

// record writes an event that an API call caused. The store's lock must be held.
func (o *OneLogin) record(c *tenant.Call, e events.Event) {
	e.Client = c.ClientName()
	o.note(e)
}

// note writes an event. The store's lock must be held.
func (o *OneLogin) note(e events.Event) {
	if e.Role != 0 {
		e.RoleName = o.s.roleName(e.Role)
	}
	o.events.Add(e)
}

// seen is the user as events name them, nil for nobody.
func (u *User) seen() *events.User {
	if u == nil {
		return nil
	}
	return &events.User{ID: u.ID, Name: u.name()}
}

func (o *OneLogin) eventRoutes() []tenant.Route {
	return []tenant.Route{
		{Method: "GET", Path: "/api/1/events", Op: "onelogin.list_events", Scope: access.ReadUsers, Query: events.Filters(), Handle: o.events.List},
		{Method: "GET", Path: "/api/1/events/types", Op: "onelogin.list_event_types", Scope: access.ReadUsers, Query: []string{}, Handle: events.ListTypes},
		{Method: "GET", Path: "/api/1/events/{id}", Op: "onelogin.get_event", Scope: access.ReadUsers, Query: []string{}, Handle: o.events.Get},
	}
}
