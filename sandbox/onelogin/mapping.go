package onelogin

import (
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

// Birthright returns the names of the roles that the tenant's mappings give to a department, the role of everybody
// first. The mappings take the other departments' roles away.
func Birthright(department string) []string {
	byDepartment := map[string][]string{
		"Engineering": {"Engineering", "GitHub", "AWS Read Only"},
		"Sales":       {"Sales", "Salesforce"},
		"Marketing":   {"Marketing"},
		"Finance":     {"Finance", "NetSuite"},
		"People":      {"People"},
		"IT":          {"IT", "Jira"},
		"Support":     {"Support", "Zendesk"},
	}
	return append([]string{"Everyone"}, byDepartment[department]...)
}

// Departments are the departments that mappings know.
func Departments() []string {
	return []string{"Engineering", "Sales", "Marketing", "Finance", "People", "IT", "Support"}
}

// mapRoles runs the mappings for one user, on behalf of a call or, for nil, of the next run of all mappings. The lock
// must be held; u must be the stored user, and the stored user after the run is returned.
func (o *OneLogin) mapRoles(c *tenant.Call, u *User) *User {
	department := text(u.Department)
	if !slices.Contains(Departments(), department) {
		return u
	}
	want := Birthright(department)
	var changes []string
	next := u.clone()
	for _, other := range Departments() {
		for _, name := range Birthright(other) {
			role := o.s.roleNames[name]
			switch {
			case slices.Contains(want, name):
				if o.s.giveRole(next, role, grant{byName: "Mapping"}) {
					changes = append(changes, "+"+name)
					o.note(event{Type: evRoleMapped, User: u, Role: role})
				}
			case o.s.takeRole(next, role):
				changes = append(changes, "-"+name)
				o.note(event{Type: evRoleUnmapped, User: u, Role: role})
			}
		}
	}
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

// RunMappings runs the mappings for every user, as an administrator's "reapply all mappings" does, and returns how many
// users changed. A role that was taken away by hand or over the API comes back, of a suspended user too.
func (o *OneLogin) RunMappings() int {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	changed := 0
	for _, id := range slices.Clone(o.s.ids) {
		// Accounts that no person stands behind are outside the mappings' conditions.
		if u := o.s.users[id]; u.ExternalID != nil && o.mapRoles(nil, u) != u {
			changed++
		}
	}
	o.note(event{Type: evMappingsApplied})
	return changed
}
