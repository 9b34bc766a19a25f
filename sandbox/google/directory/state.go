package directory

import (
	"cmp"
	"slices"
	"strings"
)

// UserState is everything about one user, for the sandbox's own endpoints.
type UserState struct {
	ID        string   `json:"id"`
	Email     string   `json:"email"`
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases"`
	Unit      string   `json:"unit"`
	Suspended bool     `json:"suspended"`
	Archived  bool     `json:"archived"`
	CanSignIn bool     `json:"can_sign_in"`
	// OwnPassword says that the person knows the password, Passwords how many were set by API.
	OwnPassword   bool           `json:"own_password"`
	Passwords     int            `json:"passwords"`
	RecoveryEmail string         `json:"recovery_email"`
	RecoveryPhone string         `json:"recovery_phone"`
	Sessions      int            `json:"sessions"`
	Apps          []string       `json:"apps"`
	AppPasswords  []string       `json:"app_passwords"`
	Codes         int            `json:"codes"`
	Roles         []string       `json:"roles"`
	Licences      []string       `json:"licences"`
	Groups        []string       `json:"groups"`
	GroupIDs      []string       `json:"group_ids"`
	ExternalID    string         `json:"external_id"`
	Fields        map[string]any `json:"fields"`
}

// GroupState is a group with the ids of its members.
type GroupState struct {
	ID      string   `json:"id"`
	Email   string   `json:"email"`
	Members []string `json:"members"`
}

// TransferState is a transfer.
type TransferState struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	To     string `json:"to"`
	Status string `json:"status"`
	Apps   int    `json:"apps"`
}

// State is the whole directory.
type State struct {
	Users     []UserState     `json:"users"`
	Groups    []GroupState    `json:"groups"`
	Units     []string        `json:"units"`
	Transfers []TransferState `json:"transfers"`
}

// State returns a copy of the whole directory, in the order of addresses.
func (d *Directory) State() State {
	d.mu.RLock()
	defer d.mu.RUnlock()
	st := State{Users: []UserState{}, Groups: []GroupState{}, Transfers: []TransferState{}}
	in := map[string][]*group{}
	for _, g := range d.groups {
		state := GroupState{ID: g.id, Email: g.email, Members: []string{}}
		for _, m := range g.members {
			state.Members = append(state.Members, m.id)
			in[m.id] = append(in[m.id], g)
		}
		st.Groups = append(st.Groups, state)
	}
	for _, u := range d.users {
		st.Users = append(st.Users, d.describe(u, in[u.id]))
	}
	for _, u := range d.units {
		st.Units = append(st.Units, u.path)
	}
	for _, t := range d.transfers {
		st.Transfers = append(st.Transfers, TransferState{t.id, t.from, t.to, d.status(t), len(t.apps)})
	}
	slices.SortFunc(st.Users, func(a, b UserState) int { return strings.Compare(a.Email, b.Email) })
	slices.SortFunc(st.Groups, func(a, b GroupState) int { return strings.Compare(a.Email, b.Email) })
	return st
}

// Few returns users that a text finds, at most so many and those that were changed most often first, and how many there are; nobody
// until somebody has asked the directory by API.
func (d *Directory) Few(query string, most int) (few []UserState, all int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	few = []UserState{}
	if len(d.windows) == 0 {
		return few, 0
	}
	var found []*user
	for _, u := range d.users {
		if strings.Contains(strings.ToLower(u.primary+" "+u.given+" "+u.family), query) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(a, b *user) int {
		return cmp.Or(cmp.Compare(b.version, a.version), strings.Compare(a.primary, b.primary))
	})
	for _, u := range found[:min(most, len(found))] {
		var in []*group
		for _, g := range d.groups {
			if g.at(u.id) >= 0 {
				in = append(in, g)
			}
		}
		few = append(few, d.describe(u, in))
	}
	return few, len(d.users)
}

func (d *Directory) describe(u *user, in []*group) UserState {
	st := UserState{
		ID: u.id, Email: u.primary, Name: strings.TrimSpace(u.given + " " + u.family), Aliases: append([]string{}, u.aliases...), Unit: u.unit,
		Suspended: u.suspended, Archived: u.archived, CanSignIn: u.canSignIn(), OwnPassword: u.own, Passwords: u.password,
		RecoveryEmail: u.recoveryEmail, RecoveryPhone: u.recoveryPhone, Sessions: u.sessions, Apps: []string{}, AppPasswords: []string{},
		Codes: len(u.codes), Roles: []string{}, Licences: append([]string{}, u.licences...), Groups: []string{}, GroupIDs: []string{}, Fields: u.all(),
	}
	for _, g := range u.tokens {
		st.Apps = append(st.Apps, g.name)
	}
	for _, a := range u.asps {
		st.AppPasswords = append(st.AppPasswords, a.name)
	}
	for _, a := range d.assigned {
		if a.to == u.id {
			st.Roles = append(st.Roles, d.role(a.role).name)
		}
	}
	slices.SortFunc(in, func(a, b *group) int { return strings.Compare(a.email, b.email) })
	for _, g := range in {
		st.Groups, st.GroupIDs = append(st.Groups, g.email), append(st.GroupIDs, g.id)
	}
	for _, item := range u.items("externalIds") {
		if text(item, "type") == "organization" {
			st.ExternalID = text(item, "value")
		}
	}
	return st
}

// Mailbox returns the primary address of a user by any address, "" for nobody. The mailbox is open for who may sign in and has a
// licence.
func (d *Directory) Mailbox(address string) (primary string, open bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	u := d.users[d.addresses[strings.ToLower(address)]]
	if u == nil {
		return "", false
	}
	return u.primary, u.canSignIn() && len(u.licences) > 0
}

// Named is the id and the primary address of a user who is named by either, empty if there is none.
func (d *Directory) Named(key string) (id, primary string) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if u := d.user(key); u != nil {
		return u.id, u.primary
	}
	return "", ""
}
