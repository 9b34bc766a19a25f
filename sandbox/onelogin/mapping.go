package onelogin

import (
	"slices"
	"strings"

	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/mapping"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// mapUser runs the mappings for one user, on behalf of a call or, for nil, of the next run of all mappings. The lock
// must be held; u must be the stored user, and the stored user after the run is returned.
func (o *OneLogin) mapUser(c *tenant.Call, u *User) *User {
	next := u.clone()
	changes := o.mapRoles(next)
	changes = append(changes, o.mapByHand(next)...)
	if len(changes) == 0 {
		return u
	}
	if c != nil {
		c.Effect("%s", "mapping "+strings.Join(changes, ", "))
	}
	next.UpdatedAt = moment(o.t.Now())
	o.s.put(next)
	return next
}

// mapRoles gives a user copy the roles of its department and takes those of others. The lock must be held.
func (o *OneLogin) mapRoles(next *User) (changes []string) {
	department := wire.TextOf(next.Department)
	// Accounts without an external id are outside the conditions of the departments' mappings.
	if !slices.Contains(mapping.Departments(), department) || next.ExternalID == nil {
		return nil
	}
	want := mapping.Birthright(department)
	for i, other := range mapping.Departments() {
		for _, name := range mapping.Birthright(other) {
			role, mapping := o.s.roleNames[name], firstMappingID+int64(i)
			switch {
			case slices.Contains(want, name):
				if o.s.giveRole(next, role, grant{byName: "Mapping"}) {
					changes = append(changes, "+"+name)
					o.note(events.Event{Type: events.RoleMapped, User: next.seen(), Role: role, Mapping: mapping})
				}
			case o.s.takeRole(next, role):
				changes = append(changes, "-"+name)
				o.note(events.Event{Type: events.RoleUnmapped, User: next.seen(), Role: role, Mapping: mapping})
			}
		}
	}
	return changes
}

// RunMappings runs the mappings for every user, as an administrator's "reapply all mappings" and every night do, and
// returns how many users changed. What was taken away by hand or over the API comes back, to a suspended user too.
func (o *OneLogin) RunMappings() int {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	changed := 0
	for _, id := range slices.Clone(o.s.ids) {
		if u := o.s.users[id]; o.mapUser(nil, u) != u {
			changed++
		}
	}
	o.note(events.Event{Type: events.MappingsApplied})
	return changed
}
