package onelogin

import (
	"slices"
	"strconv"

	"gatehouse/sandbox/onelogin/wire"
)

// UserState is everything about one user, for the sandbox's own endpoints.
type UserState struct {
	*User
	Group string `json:"group"`
	// Owner is the human whose account it is, and Kind what it is for. No vendor shows either.
	Owner string `json:"owner"`
	Kind  string `json:"kind"`
	// Roles are names in alphabetical order.
	Roles       []string  `json:"roles"`
	Factors     []Factor  `json:"factors"`
	Sessions    []Session `json:"sessions"`
	Password    string    `json:"password"`
	Invitations int       `json:"invitations"`
	// CanSignIn says whether a sign-in would work now, Obstacle why not.
	CanSignIn bool   `json:"can_sign_in"`
	Obstacle  string `json:"obstacle"`
}

// RoleState is a role with its members.
type RoleState struct {
	ID      int64   `json:"id"`
	Name    string  `json:"name"`
	Apps    []int64 `json:"apps"`
	Members int     `json:"members"`
}

// State is the whole tenant.
type State struct {
	Users  []UserState `json:"users"`
	Roles  []RoleState `json:"roles"`
	Groups []Group     `json:"groups"`
	Apps   []App       `json:"apps"`
	Quota  QuotaState  `json:"quota"`
}

// QuotaState is the hourly quota.
type QuotaState struct {
	Limit     int `json:"limit"`
	Remaining int `json:"remaining"`
	Reset     int `json:"reset_in_seconds"`
}

// State returns a copy of the whole tenant.
func (o *OneLogin) State() State {
	st := State{Users: o.Users(), Groups: o.s.groupList(), Quota: o.Quota()}
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	for _, id := range o.s.roleIDs {
		r := o.s.roles[id]
		st.Roles = append(st.Roles, RoleState{ID: id, Name: r.Name, Apps: slices.Clone(r.apps), Members: len(r.members)})
	}
	for _, id := range o.s.appIDs {
		st.Apps = append(st.Apps, o.s.appView(id))
	}
	return st
}

// Quota returns the hourly quota.
func (o *OneLogin) Quota() QuotaState {
	limit, remaining, reset := o.quota.State()
	return QuotaState{Limit: limit, Remaining: remaining, Reset: reset}
}

// Users returns every user by ascending id.
func (o *OneLogin) Users() []UserState {
	users := o.s.snapshot(nil)
	out := make([]UserState, 0, len(users))
	names := o.s.names()
	for _, u := range users {
		out = append(out, o.s.describe(u, names))
	}
	return out
}

// Find returns one user by id, username or external id; the first that is not empty decides. False means that there is
// no such user.
func (o *OneLogin) Find(id, username, externalID string) (UserState, bool) {
	var u *User
	switch {
	case id != "":
		n, err := strconv.ParseInt(id, 10, 64)
		if err == nil {
			u = o.s.user(n)
		}
	case username != "":
		u = o.s.findUsername(username)
	default:
		if ids := o.s.lookup(o.s.byExternal, externalID); len(ids) > 0 {
			u = o.s.user(ids[0])
		}
	}
	if u == nil {
		return UserState{}, false
	}
	return o.s.describe(u, o.s.names()), true
}

// names copies the names of all roles, so that many users can be described without the lock.
func (s *store) names() map[int64]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make(map[int64]string, len(s.roles))
	for id, r := range s.roles {
		out[id] = r.Name
	}
	return out
}

// describe adds names to a user.
func (s *store) describe(u *User, roles map[int64]string) UserState {
	st := UserState{
		User: u, Group: s.groupName(wire.Number(u.GroupID)), Owner: u.owner, Kind: u.kind, Roles: make([]string, 0, len(u.RoleIDs)),
		Factors: append([]Factor{}, u.factors...), Sessions: append([]Session{}, u.sessions...),
		Password: orNone(u.password), Invitations: u.invitations, Obstacle: u.obstacle(),
	}
	st.CanSignIn = st.Obstacle == ""
	for _, id := range u.RoleIDs {
		st.Roles = append(st.Roles, roles[id])
	}
	slices.Sort(st.Roles)
	return st
}
