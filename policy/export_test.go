package policy

import (
	"slices"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// What black-box tests have to see of a policy and nobody else asks for.

// Roles returns the names of all roles the policy mentions, in alphabetical order.
func (p *Policy) Roles() []string { return yamlfile.Distinct(p.roleRefs) }

// Groups returns the names of all groups the policy mentions, in alphabetical order.
func (p *Policy) Groups() []string { return yamlfile.Distinct(p.groupRefs) }

// Usernames returns all usernames a person could have, best first, without the domain.
func (p *Policy) Usernames(r identity.Record) []string {
	candidates, _ := p.usernames(r, allUsernames)
	return candidates
}

// Joiner returns when a new account comes to life.
func (p *Policy) Joiner() Joiner {
	j := p.joiner
	j.EarlyRoles = slices.Clone(j.EarlyRoles)
	return j
}

// Conflicts returns the separations of duties, in the order of the policy.
func (p *Policy) Conflicts() []Conflict {
	out := make([]Conflict, len(p.conflicts))
	for i, c := range p.conflicts {
		out[i] = Conflict{Name: c.Name, Roles: slices.Clone(c.Roles)}
	}
	return out
}
