package onelogin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

func (o *OneLogin) userRoutes() []tenant.Route {
	write := []string{"mappings", "validate_policy"}
	none := []string{}
	const one = "/api/2/users/{id}"
	return []tenant.Route{
		{Method: "GET", Path: "/api/2/users", Op: "onelogin.list_users", Scope: access.ReadUsers, Query: profile.Filters, Handle: o.listUsers},
		{Method: "POST", Path: "/api/2/users", Op: "onelogin.create_user", Scope: access.ManageUsers, Query: write, Handle: o.createUser},
		{Method: "GET", Path: one, Op: "onelogin.get_user", Scope: access.ReadUsers, Query: none, Handle: o.getUser},
		{Method: "PUT", Path: one, Op: "onelogin.update_user", Scope: access.ManageUsers, Query: write, Handle: o.updateUser},
		{Method: "DELETE", Path: one, Op: "onelogin.delete_user", Scope: access.ManageUsers, Query: none, Handle: o.deleteUser},
		{Method: "POST", Path: one + "/unlock", Op: "onelogin.unlock_user", Scope: access.ManageUsers, Query: none, Handle: o.unlockUser},
		{
			Method: "GET", Path: one + "/apps", Op: "onelogin.list_user_apps", Scope: access.ReadUsers,
			Query: []string{"ignore_visibility"}, Handle: o.listUserApps,
		},
	}
}

// noUser is the 404 of every endpoint that names a user.
func noUser(c *tenant.Call) tenant.Reply {
	return wire.Fail(c, http.StatusNotFound, "The resource with the given id could not be found")
}

// target finds the user in the path.
func (o *OneLogin) target(c *tenant.Call) (*User, *tenant.Reply) {
	id, ok := wire.PathID(c, "id")
	if !ok {
		r := wire.Fail(c, http.StatusBadRequest, "The user id must be a number")
		return nil, &r
	}
	c.Subject("user", id)
	u := o.s.user(id)
	if u == nil {
		r := noUser(c)
		return nil, &r
	}
	return u, nil
}

func (o *OneLogin) getUser(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, u)
}

// mode is how a write treats mappings.
type mode struct {
	mappings string
	policy   bool
}

func readMode(c *tenant.Call) (mode, *tenant.Reply) {
	q := c.Query()
	m := mode{mappings: "async", policy: true}
	if q.Has("mappings") {
		m.mappings = q.Get("mappings")
	}
	if !slices.Contains([]string{"async", "sync", "disabled"}, m.mappings) {
		r := wire.Fail(c, http.StatusBadRequest, "mappings must be async, sync or disabled")
		return m, &r
	}
	switch q.Get("validate_policy") {
	case "", "true":
	case "false":
		m.policy = false
	default:
		r := wire.Fail(c, http.StatusBadRequest, "validate_policy must be true or false")
		return m, &r
	}
	return m, nil
}

func (o *OneLogin) createUser(c *tenant.Call) tenant.Reply {
	m, refused := readMode(c)
	if refused != nil {
		return *refused
	}
	body := map[string]json.RawMessage{}
	if err := json.Unmarshal(c.Body, &body); err != nil {
		return wire.Fail(c, http.StatusBadRequest, "The request body is not a JSON object")
	}
	now := moment(o.t.Now())
	u := &User{Profile: profile.Profile{
		State: stateApproved, Status: statusPasswordPending, RoleIDs: []int64{},
		CreatedAt: now, UpdatedAt: now,
	}}
	o.s.mu.Lock()
	u.CustomAttributes = o.s.emptyAttributes()
	roles, problem := o.s.edit(c, u, body, m.policy)
	if problem == nil && u.Email == "" && u.Username == nil {
		r := wire.Fail(c, http.StatusUnprocessableEntity, "username or email must be set")
		problem = &r
	}
	if problem != nil {
		o.s.mu.Unlock()
		return *problem
	}
	if _, given := body["status"]; !given && u.password != passwordNone {
		u.Status = statusActive
	}
	if u.Status == statusActive {
		u.ActivatedAt = now
	}
	u.kind, u.owner = kindPerson, o.whose(wire.TextOf(u.ExternalID), u.Email)
	u.ID = o.s.nextUser
	o.s.nextUser++
	c.Subject("user", u.ID)
	c.Effect("created with status %d", u.Status)
	o.s.put(u)
	o.record(c, events.Event{Type: events.CreatedByAPI, User: u.seen()})
	u = o.changeRoles(c, u, roles, nil)
	before := u
	if m.mappings != "disabled" {
		u = o.mapUser(c, u)
	}
	o.s.mu.Unlock()

	o.created(u.ID, u.Email, wire.TextOf(u.Firstname), wire.TextOf(u.Lastname), u.Status != statusSuspended)
	if m.mappings == "async" {
		// The mappings run after the reply is made: roles they give are not in it.
		u = before
	}
	return tenant.JSON(http.StatusCreated, u)
}

func (o *OneLogin) updateUser(c *tenant.Call) tenant.Reply {
	m, refused := readMode(c)
	if refused != nil {
		return *refused
	}
	if _, refused := o.target(c); refused != nil {
		return *refused
	}
	id, _ := wire.PathID(c, "id")
	body := map[string]json.RawMessage{}
	if err := json.Unmarshal(c.Body, &body); err != nil {
		return wire.Fail(c, http.StatusBadRequest, "The request body is not a JSON object")
	}
	u, problem := o.applyUpdate(c, id, body, m)
	if problem != nil {
		return *problem
	}
	return tenant.JSON(http.StatusOK, u)
}

// applyUpdate commits an update and returns the user as the reply shows it.
func (o *OneLogin) applyUpdate(c *tenant.Call, id int64, body map[string]json.RawMessage, m mode) (*User, *tenant.Reply) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	old := o.s.users[id]
	if old == nil {
		r := noUser(c)
		return nil, &r
	}
	u := old.clone()
	roles, problem := o.s.edit(c, u, body, m.policy)
	if problem != nil {
		return nil, problem
	}
	if effect := o.s.difference(old, u); effect != "" {
		c.Effect("%s", effect)
		u.UpdatedAt = moment(o.t.Now())
		if u.Status == statusActive && old.Status != statusActive {
			u.ActivatedAt = u.UpdatedAt
		}
		if u.Status != statusLocked {
			u.LockedUntil = nil
		}
		o.s.put(u)
		o.recordUpdate(c, old, u)
	}
	if roles != nil {
		u = o.changeRoles(c, u, roles, missing(u.RoleIDs, roles))
	}
	shown := u
	if m.mappings != "disabled" {
		u = o.mapUser(c, u)
	}
	if m.mappings == "async" {
		// The mappings run after the reply is made: what they change is not in it.
		return shown, nil
	}
	return u, nil
}

// missing returns the ids of have that are not in want.
func missing(have, want []int64) []int64 {
	var out []int64
	for _, id := range have {
		if !slices.Contains(want, id) {
			out = append(out, id)
		}
	}
	return out
}

// recordUpdate writes the events of an update over the API. The lock must be held.
func (o *OneLogin) recordUpdate(c *tenant.Call, old, u *User) {
	o.record(c, events.Event{Type: events.UpdatedByAPI, User: u.seen()})
	if old.Status != u.Status {
		switch u.Status {
		case statusSuspended:
			o.record(c, events.Event{Type: events.SuspendedByAPI, User: u.seen()})
		case statusLocked:
			o.record(c, events.Event{Type: events.LockedByAPI, User: u.seen()})
		}
	}
	if old.PasswordChangedAt != u.PasswordChangedAt {
		o.record(c, events.Event{Type: events.PasswordSetByAPI, User: u.seen()})
	}
}

func (o *OneLogin) deleteUser(c *tenant.Call) tenant.Reply {
	if _, refused := o.target(c); refused != nil {
		return *refused
	}
	id, _ := wire.PathID(c, "id")
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	u := o.s.users[id]
	if u == nil {
		return noUser(c)
	}
	o.s.remove(id)
	c.Effect("deleted")
	o.record(c, events.Event{Type: events.DeletedByAPI, User: u.seen()})
	return tenant.Empty(http.StatusNoContent)
}

// unlockUser has shapes of its own. Source: developers.onelogin.com, 2/users/unlock-user.
func (o *OneLogin) unlockUser(c *tenant.Call) tenant.Reply {
	if _, refused := o.target(c); refused != nil {
		return *refused
	}
	id, _ := wire.PathID(c, "id")
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	old := o.s.users[id]
	if old == nil {
		return noUser(c)
	}
	if old.Status != statusLocked {
		return tenant.JSON(http.StatusBadRequest, map[string]string{"message": "User cannot be unlocked"})
	}
	u := old.clone()
	u.Status, u.LockedUntil, u.InvalidLoginAttempts = statusActive, nil, 0
	u.UpdatedAt = moment(o.t.Now())
	o.s.put(u)
	c.Effect("%s", o.s.difference(old, u))
	o.record(c, events.Event{Type: events.Unlocked, User: u.seen()})
	return tenant.JSON(http.StatusOK, map[string]string{"messsage": "User unlocked"})
}

// changeRoles adds and removes roles and says so in the journal and the events. The lock must be held; u must be the
// stored user, and the stored user after the change is returned.
func (o *OneLogin) changeRoles(c *tenant.Call, u *User, add, remove []int64) *User {
	next := u.clone()
	var changes []string
	for _, role := range remove {
		if o.s.takeRole(next, role) {
			changes = append(changes, "-"+o.s.roleName(role))
			o.record(c, events.Event{Type: events.RoleRemovedByAPI, User: u.seen(), Role: role})
		}
	}
	for _, role := range add {
		if o.s.giveRole(next, role, grant{byID: o.clients.Owner(), byName: c.ClientName()}) {
			changes = append(changes, "+"+o.s.roleName(role))
			o.record(c, events.Event{Type: events.RoleAddedByAPI, User: u.seen(), Role: role})
		}
	}
	if len(changes) == 0 {
		return u
	}
	c.Effect("%s", "roles "+strings.Join(changes, ", "))
	next.UpdatedAt = moment(o.t.Now())
	o.s.put(next)
	return next
}
