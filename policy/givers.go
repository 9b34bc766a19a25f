package policy

import (
	"slices"

	"gatehouse/identity"
	"gatehouse/policy/system"
)

// Givers are the access rules that give something of a system beside OneLogin to whomever they match, in the order of the file.
func (p *Policy) Givers(system string, kind identity.SystemObjectKind, name string) (rules []string) {
	for _, r := range p.rules {
		if r.grant.Gives(system, kind, name) {
			rules = append(rules, r.name)
		}
	}
	return rules
}

// Follow are the systems whose accounts rules read that give some of these roles: what changes there gives and takes them.
func (p *Policy) Follow(roles []string) (found []system.System) {
	for _, sys := range p.Systems() {
		if slices.ContainsFunc(p.rules, func(r rule) bool {
			return slices.Contains(r.reads, sys.Name) && slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(r.roles, role) })
		}) {
			found = append(found, sys)
		}
	}
	return found
}
