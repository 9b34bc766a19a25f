package system

import (
	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// Named is a group, role or licence of a system by whose name an expression asks what an account holds.
type Named struct {
	System string
	Kind   identity.SystemObjectKind
	Name   string
	// Line and Col are where the name stands in the file.
	Line, Col int
}

// holding are the fields of an account that say what it holds, by the names of that.
var holding = map[string]identity.SystemObjectKind{
	"groups": identity.ObjectGroup, "roles": identity.ObjectRole, "licences": identity.ObjectLicence,
}

// NamedIn are the objects that an expression names, by what it compares.
func NamedIn(compared []condition.Comparison) []Named {
	var out []Named
	for _, c := range compared {
		if len(c.Path) != 3 || c.Path[0] != Accounts {
			continue
		}
		if kind, holds := holding[c.Path[2]]; holds {
			out = append(out, Named{System: c.Path[1], Kind: kind, Name: c.Text, Line: c.Line, Col: c.Col})
		}
	}
	return out
}

// MentionNamed remembers the objects that an expression names for Check: one that the system does not have would never match.
func (s *Set) MentionNamed(compared []condition.Comparison) {
	for _, n := range NamedIn(compared) {
		s.mention(n.System, n.Kind, yamlfile.Word{Text: n.Name, Line: n.Line, Col: n.Col})
	}
}
