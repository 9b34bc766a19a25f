package onelogin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
)

// Hand is what an administrator does to one account in the portal, or has done to it long ago.
type Hand struct {
	// Action is edit, create, copy (a second account beside another), delete or recreate (the same account under a new id).
	Action string `json:"action"`
	// ID or Username says which account; create needs neither.
	ID       int64  `json:"id"`
	Username string `json:"username"`
	// Fields are those of the API, and group, roles (names), last_login, created_at, owner and kind.
	Fields map[string]json.RawMessage `json:"fields"`
	// Quiet writes no event: it has been so since before anybody watched.
	Quiet bool `json:"quiet"`
}

// Kinds of account, as the sandbox knows them. No API shows them.
const (
	kindPerson  = "person"
	kindService = "service"
	kindShared  = "shared"
)

// ByHand carries out what an administrator does. The account is returned as it is now, or as it was for delete.
func (o *OneLogin) ByHand(h Hand) (UserState, error) {
	var u *User
	var err error
	switch h.Action {
	case "edit":
		u, err = o.editByHand(h)
	case "create", "copy":
		u, err = o.createByHand(h)
	case "delete":
		u, err = o.deleteByHand(h)
	case "recreate":
		u, err = o.recreateByHand(h)
	default:
		return UserState{}, fmt.Errorf("onelogin: action is %q; it can be edit, create, copy, delete or recreate", h.Action)
	}
	if err != nil {
		return UserState{}, err
	}
	return o.s.describe(u, o.s.names()), nil
}

// handed finds the account that is meant. The lock must be held.
func (o *OneLogin) handed(h Hand) (*User, error) {
	id := h.ID
	if id == 0 {
		id = o.s.byUsername[strings.ToLower(h.Username)]
	}
	if u := o.s.users[id]; u != nil {
		return u, nil
	}
	return nil, errors.New("onelogin: no user has this id or username")
}

func (o *OneLogin) editByHand(h Hand) (*User, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	old, err := o.handed(h)
	if err != nil {
		return nil, err
	}
	u := old.clone()
	roles, err := o.s.setByHand(u, h.Fields)
	if err != nil {
		return nil, err
	}
	if u.UpdatedAt == old.UpdatedAt {
		u.UpdatedAt = moment(o.t.Now())
	}
	o.s.put(u)
	if !h.Quiet {
		o.events.Add(events.Event{Type: editedByHand(old, u), User: u.seen()})
	}
	return o.rolesByHand(u, roles, h.Quiet), nil
}

// editedByHand is the event of an edit in the portal.
func editedByHand(old, u *User) int {
	if old.Status == u.Status {
		return events.UpdatedByHand
	}
	switch u.Status {
	case statusSuspended:
		return events.SuspendedByHand
	case statusLocked:
		return events.LockedByHand
	case statusActive:
		if old.Status == statusSuspended {
			return events.Reactivated
		}
		return events.ActivatedByHand
	}
	return events.UpdatedByHand
}

// rolesByHand gives a user the named roles and no others; nil leaves them alone. The lock must be held.
func (o *OneLogin) rolesByHand(u *User, roles []int64, quiet bool) *User {
	if roles == nil {
		return u
	}
	next := u.clone()
	note := func(kind int, role int64) {
		if !quiet {
			o.note(events.Event{Type: kind, User: next.seen(), Role: role})
		}
	}
	for _, role := range missing(u.RoleIDs, roles) {
		if o.s.takeRole(next, role) {
			note(events.RoleRemovedByHand, role)
		}
	}
	for _, role := range roles {
		if o.s.giveRole(next, role, grant{byID: o.clients.Owner(), byName: "Administrator"}) {
			note(events.RoleAddedByHand, role)
		}
	}
	o.s.put(next)
	return next
}

func (o *OneLogin) createByHand(h Hand) (*User, error) {
	o.s.mu.Lock()
	u, err := o.draft(h)
	if err == nil {
		u, err = o.createDraft(u, h)
	}
	o.s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	o.created(u.ID, u.Email, wire.TextOf(u.Firstname), wire.TextOf(u.Lastname), u.Status != statusSuspended)
	return u, nil
}

// draft is a new account, or what a second account has in common with the first. The lock must be held.
func (o *OneLogin) draft(h Hand) (*User, error) {
	now := moment(o.t.Now())
	u := &User{kind: kindPerson, Profile: profile.Profile{
		State: stateApproved, Status: statusActive, RoleIDs: []int64{}, CustomAttributes: o.s.emptyAttributes(),
		CreatedAt: now, UpdatedAt: now, ActivatedAt: now, LastLogin: now, InvitationSentAt: now,
	}}
	u.setPassword(passwordOwn, o.s)
	if h.Action == "create" {
		return u, nil
	}
	first, err := o.handed(h)
	if err != nil {
		return nil, err
	}
	u.Username, u.Email = wire.Text("adm-"+wire.TextOf(first.Username)), first.Email
	u.Firstname, u.Lastname, u.Title = first.Firstname, first.Lastname, first.Title
	u.Department, u.Company, u.GroupID, u.owner = first.Department, first.Company, first.GroupID, first.owner
	return u, nil
}

// createDraft stores a new account with the fields that were given. The lock must be held.
func (o *OneLogin) createDraft(u *User, h Hand) (*User, error) {
	roles, err := o.s.setByHand(u, h.Fields)
	if err != nil {
		return nil, err
	}
	if u.Email == "" && u.Username == nil {
		return nil, errors.New("onelogin: an account needs a username or an email")
	}
	if _, given := h.Fields["owner"]; !given && u.owner == "" && u.kind == kindPerson {
		u.owner = o.whose(wire.TextOf(u.ExternalID), u.Email)
	}
	u.ID = o.s.nextUser
	o.s.nextUser++
	o.s.put(u)
	if !h.Quiet {
		o.events.Add(events.Event{Type: events.CreatedByHand, User: u.seen()})
	}
	return o.rolesByHand(u, roles, h.Quiet), nil
}

func (o *OneLogin) deleteByHand(h Hand) (*User, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	u, err := o.handed(h)
	if err != nil {
		return nil, err
	}
	o.s.remove(u.ID)
	if !h.Quiet {
		o.events.Add(events.Event{Type: events.DeletedByHand, User: u.seen()})
	}
	return u, nil
}

// recreateByHand deletes an account and makes it anew: everything is as before but the id.
func (o *OneLogin) recreateByHand(h Hand) (*User, error) {
	old, err := o.deleteByHand(h)
	if err != nil {
		return nil, err
	}
	o.s.mu.Lock()
	u := old.clone()
	now := moment(o.t.Now())
	u.RoleIDs, u.CreatedAt, u.UpdatedAt, u.ActivatedAt = []int64{}, now, now, now
	u, err = o.createDraft(u, h)
	if err == nil {
		if _, given := h.Fields["roles"]; !given {
			u = o.rolesByHand(u, old.RoleIDs, h.Quiet)
		}
	}
	o.s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	o.created(u.ID, u.Email, wire.TextOf(u.Firstname), wire.TextOf(u.Lastname), u.Status != statusSuspended)
	return u, nil
}

// setByHand applies fields to a user copy; roles is nil unless they are among them. The lock must be held.
func (s *store) setByHand(u *User, fields map[string]json.RawMessage) (roles []int64, err error) {
	rest := maps.Clone(fields)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		known := true
		switch name {
		case "roles":
			roles, err = s.rolesNamed(fields[name])
		case "group":
			err = s.groupNamed(u, fields[name])
		case "owner":
			err = json.Unmarshal(fields[name], &u.owner)
		case "kind":
			err = json.Unmarshal(fields[name], &u.kind)
			if err == nil && !slices.Contains([]string{kindPerson, kindService, kindShared}, u.kind) {
				err = fmt.Errorf("%q is not person, service or shared", u.kind)
			}
		case "last_login":
			u.LastLogin, err = readMoment(fields[name])
		case "created_at":
			u.CreatedAt, err = readMoment(fields[name])
		case "updated_at":
			u.UpdatedAt, err = readMoment(fields[name])
		default:
			known = false
		}
		if err != nil {
			return nil, fmt.Errorf("onelogin: field %s: %w", name, err)
		}
		if known {
			delete(rest, name)
		}
	}
	return roles, s.writeFields(u, rest)
}

// readMoment reads a time, nil for null. Times are shared between users and never changed in place.
func readMoment(raw json.RawMessage) (*time.Time, error) {
	var at *time.Time
	if err := json.Unmarshal(raw, &at); err != nil || at == nil {
		return nil, err
	}
	return moment(*at), nil
}

// writeFields sets fields that the API can write and refuses all others. The lock must be held.
func (s *store) writeFields(u *User, fields map[string]json.RawMessage) error {
	for name := range fields {
		if profile.Text(&u.Profile, name) == nil && profile.ID(&u.Profile, name) == nil && !slices.Contains([]string{"email", "status", "state", "custom_attributes"}, name) {
			return fmt.Errorf("onelogin: %q is no field of an account that can be set", name)
		}
	}
	if _, p := s.editFields(u, fields, false); p != nil {
		return errors.New("onelogin: " + p.Message)
	}
	return nil
}

func (s *store) rolesNamed(raw json.RawMessage) ([]int64, error) {
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	ids := []int64{}
	for _, name := range list {
		id := s.roleNames[name]
		if id == 0 {
			return nil, fmt.Errorf("there is no role %q", name)
		}
		ids, _ = insertID(ids, id)
	}
	return ids, nil
}

func (s *store) groupNamed(u *User, raw json.RawMessage) error {
	var name string
	if err := json.Unmarshal(raw, &name); err != nil {
		return err
	}
	u.GroupID = nil
	if name == "" {
		return nil
	}
	groups := s.groupList()
	i := slices.IndexFunc(groups, func(g Group) bool { return strings.EqualFold(g.Name, name) })
	if i < 0 {
		return fmt.Errorf("there is no group %q", name)
	}
	u.GroupID = &groups[i].ID
	return nil
}
