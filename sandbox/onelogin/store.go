package onelogin

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/onelogin/mapping"
	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
)

// The first ids of each kind, far apart so that a mixed-up id is noticed.
const (
	firstUserID   = 100001
	firstRoleID   = 501
	firstGroupID  = 301
	firstAppID    = 7001
	firstDeviceID = 900001
	firstRunID    = 40001
	// The built-in mappings come first, those made by hand after them.
	firstMappingID = 60001
	firstByHandID  = 60501
	// The tenant's own connectors are those of its apps.
	firstConnectorID = 110000
	firstAttributeID = 87001
)

// store is the tenant's state. Users are immutable values; roles are guarded by the lock.
type store struct {
	mu sync.RWMutex

	// cut is to how many characters the tenant cuts the texts of a profile, 0 for none.
	cut   int
	users map[int64]*User
	// ids is every user id in ascending order.
	ids        []int64
	byUsername map[string]int64
	byEmail    map[string]map[int64]bool
	byExternal map[string]map[int64]bool
	byGroup    map[int64]map[int64]bool

	roles     map[int64]*Role
	roleIDs   []int64
	roleNames map[string]int64
	// groups is replaced and never changed.
	groups   atomic.Pointer[[]Group]
	mappings []mapping.Mapping
	// attributes are the definitions of custom attributes, replaced and never changed.
	attributes []profile.Attribute
	// directories are what a directory says of its accounts, by its id and the account's.
	directories map[int64]map[int64]Entry
	apps        map[int64]*App
	appIDs      []int64

	nextUser, nextRole, nextGroup, nextDevice, nextSession, nextRun, nextAttribute, nextApp int64

	now func() time.Time
}

func newStore(now func() time.Time) *store {
	return &store{
		users: map[int64]*User{}, byUsername: map[string]int64{}, byEmail: map[string]map[int64]bool{},
		byExternal: map[string]map[int64]bool{}, byGroup: map[int64]map[int64]bool{},
		directories: map[int64]map[int64]Entry{},
		roles:       map[int64]*Role{}, roleNames: map[string]int64{}, apps: map[int64]*App{},
		nextUser: firstUserID, nextRole: firstRoleID, nextGroup: firstGroupID, nextApp: firstAppID, nextDevice: firstDeviceID, nextSession: 1, nextRun: firstRunID,
		attributes: profile.UsualAttributes(firstAttributeID), nextAttribute: firstAttributeID + int64(len(profile.UsualAttributes(firstAttributeID))),
		now: now,
	}
}

// user returns a user, nil if there is none. The user must not be changed.
func (s *store) user(id int64) *User {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.users[id]
}

// snapshot returns the users with the given ids, or all of them for nil, in ascending order of id.
func (s *store) snapshot(ids []int64) []*User {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if ids == nil {
		ids = s.ids
	}
	out := make([]*User, 0, len(ids))
	for _, id := range ids {
		if u := s.users[id]; u != nil {
			out = append(out, u)
		}
	}
	return out
}

// lookup returns the ids found in an index, in ascending order.
func (s *store) lookup(index map[string]map[int64]bool, key string) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return ascending(index[key])
}

// members returns the ids of a group's users, in ascending order.
func (s *store) groupMembers(group int64) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return ascending(s.byGroup[group])
}

func ascending(set map[int64]bool) []int64 {
	out := make([]int64, 0, len(set))
	for id := range set {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// findUsername returns the user with a username, whatever its case.
func (s *store) findUsername(username string) *User {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.users[s.byUsername[strings.ToLower(username)]]
}

// put stores a user and brings every index up to date. The lock must be held.
func (s *store) put(u *User) {
	old := s.users[u.ID]
	if old == nil {
		s.ids, _ = insertID(s.ids, u.ID)
	} else {
		s.unindex(old, u)
	}
	s.users[u.ID] = u
	if name := strings.ToLower(wire.TextOf(u.Username)); name != "" {
		s.byUsername[name] = u.ID
	}
	if old == nil || old.Email != u.Email {
		index(s.byEmail, strings.ToLower(u.Email), u.ID)
	}
	if old == nil || wire.TextOf(old.ExternalID) != wire.TextOf(u.ExternalID) {
		index(s.byExternal, wire.TextOf(u.ExternalID), u.ID)
	}
	if g := wire.Number(u.GroupID); g != 0 && (old == nil || wire.Number(old.GroupID) != g) {
		if s.byGroup[g] == nil {
			s.byGroup[g] = map[int64]bool{}
		}
		s.byGroup[g][u.ID] = true
	}
}

func index(m map[string]map[int64]bool, key string, id int64) {
	if key == "" {
		return
	}
	if m[key] == nil {
		m[key] = map[int64]bool{}
	}
	m[key][id] = true
}

// unindex removes what the indexes say of old and would no longer say of its successor; a nil successor means that the
// user is going. The lock must be held.
func (s *store) unindex(old, next *User) {
	if next == nil || wire.TextOf(old.Username) != wire.TextOf(next.Username) {
		delete(s.byUsername, strings.ToLower(wire.TextOf(old.Username)))
	}
	if next == nil || old.Email != next.Email {
		delete(s.byEmail[strings.ToLower(old.Email)], old.ID)
	}
	if next == nil || wire.TextOf(old.ExternalID) != wire.TextOf(next.ExternalID) {
		delete(s.byExternal[wire.TextOf(old.ExternalID)], old.ID)
	}
	if next == nil || wire.Number(old.GroupID) != wire.Number(next.GroupID) {
		delete(s.byGroup[wire.Number(old.GroupID)], old.ID)
	}
}

// remove deletes a user for good. The lock must be held.
func (s *store) remove(id int64) {
	u := s.users[id]
	s.unindex(u, nil)
	for _, role := range u.RoleIDs {
		r := s.roles[role]
		r.members, _ = removeID(r.members, id)
		delete(r.grants, id)
	}
	for _, r := range s.roles {
		r.admins, _ = removeID(r.admins, id)
	}
	delete(s.users, id)
	s.ids, _ = removeID(s.ids, id)
}

// giveRole adds a role to a user copy that is about to be put. The lock must be held.
func (s *store) giveRole(u *User, role int64, by grant) bool {
	r := s.roles[role]
	if r == nil {
		return false
	}
	ids, added := insertID(u.RoleIDs, role)
	if !added {
		return false
	}
	u.RoleIDs = ids
	r.members, _ = insertID(r.members, u.ID)
	by.at = s.now()
	r.grants[u.ID] = by
	return true
}

// takeRole removes a role from a user copy that is about to be put. The lock must be held.
func (s *store) takeRole(u *User, role int64) bool {
	ids, removed := removeID(u.RoleIDs, role)
	if !removed {
		return false
	}
	u.RoleIDs = ids
	if r := s.roles[role]; r != nil {
		r.members, _ = removeID(r.members, u.ID)
		delete(r.grants, u.ID)
	}
	return true
}

// roleName names a role, "#<id>" if it is unknown. The lock must be held.
func (s *store) roleName(id int64) string {
	if r := s.roles[id]; r != nil {
		return r.Name
	}
	return "#" + itoa(id)
}

// groupName names a group, "" if it is unknown.
func (s *store) groupName(id int64) string {
	g, _, _ := s.findGroup(id)
	return g.Name
}
