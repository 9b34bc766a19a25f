package system

import (
	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// holding are the fields of an account that say what it holds, by the names of that.
var holding = map[string]identity.SystemObjectKind{
	"groups": identity.ObjectGroup, "roles": identity.ObjectRole, "licences": identity.ObjectLicence,
}

// MentionNamed returns the groups, roles and licences by whose names an expression asks what an account holds, and remembers them for Unknown:
// one that the system does not have would never match. rule is whose condition it is, "" if it is none.
func (s *Set) MentionNamed(rule string, compared []condition.Comparison) (named []identity.SystemObject) {
	for _, c := range compared {
		if len(c.Path) != 3 || c.Path[0] != Accounts {
			continue
		}
		if kind, holds := holding[c.Path[2]]; holds {
			o := identity.SystemObject{System: c.Path[1], Kind: kind, Name: c.Text}
			named = append(named, o)
			s.mentions = append(s.mentions, mention{SystemObject: o, at: yamlfile.Word{Text: c.Text, Line: c.Line, Col: c.Col}, rule: rule})
		}
	}
	return named
}
