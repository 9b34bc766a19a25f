package policy

import "gatehouse/identity"

// Givers are the access rules that give something of a system beside OneLogin to whomever they match, in the order of the file.
func (p *Policy) Givers(system string, kind identity.SystemObjectKind, name string) (rules []string) {
	for _, r := range p.rules {
		if r.grant.Gives(system, kind, name) {
			rules = append(rules, r.name)
		}
	}
	return rules
}
