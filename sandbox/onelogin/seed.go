package onelogin

import (
	"slices"

	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
)

// Account is a user to seed.
type Account struct {
	Username, Email, First, Last string
	Title, Department, Company   string
	ExternalID                   string
	Group                        string
	Roles                        []string
	// Owner is the human whose account it is, Kind what it is for: person if empty.
	Owner, Kind string
	// Manager is the id of the manager's user, 0 if there is none.
	Manager int64
	Status  int
	// Password says that the user has a password of their own.
	Password bool
	// Factors are the types of the factors enrolled and in use.
	Factors []string
	// Unused are the types of factors registered and never used.
	Unused []string
}

// AddGroup seeds a group.
func (o *OneLogin) AddGroup(name string) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	o.s.addGroup(name)
}

// AddRole seeds a role together with the apps it carries; a name with a leading "-" is an app the portal does not show.
func (o *OneLogin) AddRole(name string, apps ...string) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	var ids []int64
	for _, app := range apps {
		ids = append(ids, o.s.addApp(app))
	}
	o.s.addRole(name, ids)
}

// addApp returns the id of an app by name, and makes it if there is none. The lock must be held.
func (s *store) addApp(name string) int64 {
	visible := true
	if name[0] == '-' {
		visible, name = false, name[1:]
	}
	for _, id := range s.appIDs {
		if s.apps[id].Name == name {
			return id
		}
	}
	id, now := s.nextApp, moment(s.now())
	s.nextApp++
	s.apps[id] = &App{ID: id, CreatedAt: now, UpdatedAt: now, Name: name, Connector: firstConnectorID + id, AuthMethod: 2, Visible: visible}
	s.appIDs = append(s.appIDs, id)
	return id
}

// AddUser seeds a user and returns its id. No event is written.
func (o *OneLogin) AddUser(a Account) int64 {
	now := moment(o.t.Now())
	o.s.mu.Lock()
	groups := o.s.groupList()
	u := &User{Profile: profile.Profile{
		ID: o.s.nextUser, Username: wire.Text(a.Username), Email: a.Email, Firstname: wire.Text(a.First), Lastname: wire.Text(a.Last),
		Title: wire.Text(a.Title), Department: wire.Text(a.Department), Company: wire.Text(a.Company), ExternalID: wire.Text(a.ExternalID),
		Status: a.Status, State: stateApproved, RoleIDs: []int64{}, CustomAttributes: o.s.emptyAttributes(),
		CreatedAt: now, UpdatedAt: now, ActivatedAt: now,
	}}
	o.s.nextUser++
	if u.owner, u.kind = a.Owner, a.Kind; u.kind == "" {
		u.kind = kindPerson
	}
	if a.Manager != 0 {
		u.ManagerUserID = &a.Manager
	}
	if i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == a.Group }); i >= 0 {
		u.GroupID = &groups[i].ID
	}
	if a.Password {
		u.setPassword(passwordOwn, o.s)
		u.LastLogin, u.InvitationSentAt = now, now
	}
	for _, kind := range a.Factors {
		u.factors = append(u.factors, o.s.newFactor(kind, true, len(u.factors) == 0))
	}
	for _, kind := range a.Unused {
		u.factors = append(u.factors, o.s.newFactor(kind, false, len(u.factors) == 0))
	}
	o.s.put(u)
	for _, name := range a.Roles {
		o.s.giveRole(u, o.s.roleNames[name], grant{byID: o.clients.Owner(), byName: "Seed"})
	}
	o.s.mu.Unlock()
	o.created(u.ID, a.Email, a.First, a.Last, a.Status != statusSuspended)
	return u.ID
}

// SetOwner names the administrator who made the API credentials: once that user is deleted, tokens cannot be had.
func (o *OneLogin) SetOwner(user int64) { o.clients.SetOwner(user) }
