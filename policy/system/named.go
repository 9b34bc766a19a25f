package system

import (
	"cmp"
	"maps"
	"slices"

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

// Decisive are the objects of systems, beside those that conditions of rules name, by whose names something is decided: what rules manage,
// what is privileged, and what attributes are made of.
func (s *Set) Decisive() []identity.SystemObject {
	all := maps.Clone(s.managed)
	maps.DeleteFunc(all, func(o identity.SystemObject, _ bool) bool { return o.Kind == identity.ObjectLicence }) // No move takes one.
	for _, sys := range s.systems {
		for _, name := range sys.Privileged {
			for _, kind := range sys.traits.privileged() {
				all[identity.SystemObject{System: sys.Name, Kind: kind, Name: name}] = true
			}
		}
		for _, a := range sys.overrides {
			for _, o := range a.compares {
				all[o] = true
			}
		}
	}
	for _, a := range s.attributes {
		for _, o := range a.compares {
			all[o] = true
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b identity.SystemObject) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
}
