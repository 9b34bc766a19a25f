package system

import (
	"slices"

	"gatehouse/identity"
)

// Gives reports that a rule gives something of a system, by its name. A profile is one of those.
func (g Grant) Gives(system string, kind identity.SystemObjectKind, name string) bool {
	of := g[system]
	if kind == identity.ObjectProfile {
		return of.profile == name
	}
	return slices.Contains(of.names()[kind], name)
}
