package onelogin

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// legacyRoutes are the parts of API v1 that v2 has no successor for.
func (o *OneLogin) legacyRoutes() []tenant.Route {
	const one = "/api/1/users/{id}"
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: one + "/roles", Op: "onelogin.get_user_roles", Scope: access.ReadUsers, Query: none, Handle: o.userRoles},
		{Method: "PUT", Path: one + "/add_roles", Op: "onelogin.add_roles", Scope: access.ManageUsers, Query: none, Handle: o.addRoles},
		{Method: "PUT", Path: one + "/remove_roles", Op: "onelogin.remove_roles", Scope: access.ManageUsers, Query: none, Handle: o.removeRoles},
		{Method: "PUT", Path: one + "/set_state", Op: "onelogin.set_state", Scope: access.ManageAll, Query: none, Handle: o.setState},
		{Method: "PUT", Path: one + "/lock_user", Op: "onelogin.lock_user", Scope: access.ManageAll, Query: none, Handle: o.lockUser},
		{Method: "PUT", Path: one + "/logout", Op: "onelogin.logout", Scope: access.ManageUsers, Query: none, Handle: o.logout},
		{
			Method: "PUT", Path: "/api/1/users/set_password_clear_text/{id}", Op: "onelogin.set_password",
			Scope: access.ManageAll, Query: none, Handle: o.setPassword,
		},
		{
			Method: "PUT", Path: "/api/1/users/set_password_using_salt/{id}", Op: "onelogin.set_password_salted",
			Scope: access.ManageAll, Query: none, Handle: o.setPasswordSalted,
		},
		{
			Method: "POST", Path: "/api/1/invites/get_invite_link", Op: "onelogin.get_invite_link",
			Scope: access.ManageUsers, Query: none, Handle: o.getInviteLink,
		},
		{
			Method: "POST", Path: "/api/1/invites/send_invite_link", Op: "onelogin.send_invite_link",
			Scope: access.ManageUsers, Query: none, Handle: o.sendInviteLink,
		},
	}
}

// userRoles answers role ids in an array within the data array. Source: developers.onelogin.com, 1/users/get-roles-for-user.
func (o *OneLogin) userRoles(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	return wire.V1OK([][]int64{append([]int64{}, u.RoleIDs...)})
}

func (o *OneLogin) addRoles(c *tenant.Call) tenant.Reply    { return o.alterRoles(c, true) }
func (o *OneLogin) removeRoles(c *tenant.Call) tenant.Reply { return o.alterRoles(c, false) }

func (o *OneLogin) alterRoles(c *tenant.Call, add bool) tenant.Reply {
	if _, refused := o.target(c); refused != nil {
		return *refused
	}
	var body struct {
		IDs wire.IDList `json:"role_id_array"`
	}
	if err := c.JSON(&body); err != nil || len(body.IDs) == 0 {
		return wire.V1Error(http.StatusBadRequest, map[string]string{
			"description": "role_id_array must be an array of integers", "attribute": "role_id_array",
		})
	}
	id, _ := wire.PathID(c, "id")
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	u := o.s.users[id]
	if u == nil {
		return noUser(c)
	}
	for _, role := range body.IDs {
		if o.s.roles[role] == nil {
			return wire.V1Error(http.StatusBadRequest, "Role with id "+itoa(role)+" does not exist")
		}
	}
	if add {
		o.changeRoles(c, u, body.IDs, nil)
	} else {
		o.changeRoles(c, u, nil, body.IDs)
	}
	return wire.V1OK(nil)
}

// alter changes one user in place of its API's handler: f edits a copy and may refuse.
func (o *OneLogin) alter(c *tenant.Call, f func(u *User) *tenant.Reply, kinds ...int) tenant.Reply {
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
	u := old.clone()
	if refused := f(u); refused != nil {
		return *refused
	}
	c.Effect("%s", o.s.difference(old, u))
	u.UpdatedAt = moment(o.t.Now())
	o.s.put(u)
	for _, kind := range kinds {
		o.record(c, events.Event{Type: kind, User: u.seen()})
	}
	return wire.V1OK(nil)
}

// setState refuses the state the user already has. Source: developers.onelogin.com, 1/users/set-state.
func (o *OneLogin) setState(c *tenant.Call) tenant.Reply {
	var body struct {
		State *int `json:"state"`
	}
	if err := c.JSON(&body); err != nil || body.State == nil || *body.State < 0 || *body.State > 3 {
		return *wire.BadRequest(map[string]string{"description": "state must be 0, 1, 2 or 3", "attribute": "state"})
	}
	return o.alter(c, func(u *User) *tenant.Reply {
		if u.State == *body.State {
			return wire.BadRequest("user is already in this state")
		}
		u.State = *body.State
		return nil
	}, events.UpdatedByAPI)
}

// lockUser takes minutes; 0 means until somebody unlocks. Source: developers.onelogin.com, 1/users/lock-user-account.
func (o *OneLogin) lockUser(c *tenant.Call) tenant.Reply {
	var body struct {
		Minutes *int `json:"locked_until"`
	}
	if err := c.JSON(&body); err != nil || body.Minutes == nil || *body.Minutes < 0 {
		return *wire.BadRequest(map[string]string{"description": "locked_until must be a number of minutes", "attribute": "locked_until"})
	}
	return o.alter(c, func(u *User) *tenant.Reply {
		u.Status, u.LockedUntil = statusLocked, nil
		if *body.Minutes > 0 {
			u.LockedUntil = moment(o.t.Now().Add(time.Duration(*body.Minutes) * time.Minute))
		}
		return nil
	}, events.LockedByAPI)
}

// logout ends the portal sessions. Sessions inside apps go on; the sandbox has none of those.
func (o *OneLogin) logout(c *tenant.Call) tenant.Reply {
	return o.alter(c, func(u *User) *tenant.Reply {
		if n := len(u.sessions); n > 0 {
			c.Effect("sessions %d -> 0", n)
		}
		u.sessions = nil
		return nil
	}, events.LoggedOutByAPI)
}

func (o *OneLogin) setPassword(c *tenant.Call) tenant.Reply {
	var body struct {
		Password       string `json:"password"`
		Confirmation   string `json:"password_confirmation"`
		ValidatePolicy bool   `json:"validate_policy"`
	}
	if err := c.JSON(&body); err != nil || body.Password == "" {
		return *wire.BadRequest(map[string]string{"description": "password must be set", "attribute": "password"})
	}
	if body.Password != body.Confirmation {
		return *wire.BadRequest(map[string]string{
			"description": "password_confirmation does not match password", "attribute": "password_confirmation",
		})
	}
	if body.ValidatePolicy && len(body.Password) < minPassword {
		return *wire.BadRequest(map[string]string{"description": "Password is too short", "attribute": "password"})
	}
	return o.alterPassword(c, events.PasswordSetByAPI)
}

// alterPassword gives the user a password that an administrator knows.
func (o *OneLogin) alterPassword(c *tenant.Call, event int) tenant.Reply {
	return o.alter(c, func(u *User) *tenant.Reply {
		u.setPassword(passwordSet, o.s)
		if u.Status == statusPasswordPending {
			u.Status = statusActive
		}
		return nil
	}, event)
}

// setPasswordSalted takes the hash of a password, which no policy can be held against.
// Source: developers.onelogin.com, 1/users/set-password-using-sha-256.
func (o *OneLogin) setPasswordSalted(c *tenant.Call) tenant.Reply {
	var body struct {
		Password     string `json:"password"`
		Confirmation string `json:"password_confirmation"`
		Algorithm    string `json:"password_algorithm"`
		Salt         string `json:"password_salt"`
	}
	refuse := func(attribute, description string) tenant.Reply {
		return *wire.BadRequest(map[string]string{"description": description, "attribute": attribute})
	}
	if err := c.JSON(&body); err != nil {
		return refuse("password", "password must be set")
	}
	digest, err := hex.DecodeString(body.Password)
	switch {
	case err != nil || len(digest) != sha256.Size:
		return refuse("password", "password must be encoded with SHA-256")
	case body.Password != body.Confirmation:
		return refuse("password_confirmation", "password_confirmation does not match password")
	case body.Algorithm != "salt+sha256":
		return refuse("password_algorithm", "password_algorithm must be salt+sha256")
	case len(body.Salt) > mostSalt:
		return refuse("password_salt", "password_salt is too long")
	}
	return o.alterPassword(c, events.SaltedSetByAPI)
}

// mostSalt is the length of the longest salt.
const mostSalt = 40

// invitee finds the user of an invitation. The address is compared as it is, case and all.
func (o *OneLogin) invitee(c *tenant.Call, email string) (*User, *tenant.Reply) {
	for _, id := range o.s.lookup(o.s.byEmail, strings.ToLower(email)) {
		if u := o.s.user(id); u != nil && u.Email == email {
			c.Subject("user", u.ID)
			return u, nil
		}
	}
	r := wire.V1Error(http.StatusNotFound, map[string]string{"description": "User not found", "attribute": "email"})
	return nil, &r
}

func inviteLink(u *User) string {
	return "https://" + wire.Subdomain + ".onelogin.com/onboard?user=" + itoa(u.ID)
}

// getInviteLink makes a link and sends nothing.
func (o *OneLogin) getInviteLink(c *tenant.Call) tenant.Reply {
	var body struct {
		Email string `json:"email"`
	}
	if err := c.JSON(&body); err != nil || body.Email == "" {
		return *wire.BadRequest(map[string]string{"description": "email must be set", "attribute": "email"})
	}
	u, refused := o.invitee(c, body.Email)
	if refused != nil {
		return *refused
	}
	return wire.V1OK([]string{inviteLink(u)})
}

func (o *OneLogin) sendInviteLink(c *tenant.Call) tenant.Reply {
	var body struct {
		Email         string  `json:"email"`
		PersonalEmail *string `json:"personal_email"`
	}
	if err := c.JSON(&body); err != nil || body.Email == "" {
		return *wire.BadRequest(map[string]string{"description": "email must be set", "attribute": "email"})
	}
	u, refused := o.invitee(c, body.Email)
	if refused != nil {
		return *refused
	}
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	u = o.s.users[u.ID]
	if u == nil {
		return noUser(c)
	}
	u = u.clone()
	u.invitations++
	u.InvitationSentAt = moment(o.t.Now())
	o.s.put(u)
	c.Effect("invitation %d sent", u.invitations)
	o.record(c, events.Event{Type: events.Invited, User: u.seen()})
	return wire.V1OK(nil)
}
