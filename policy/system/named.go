package system

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// holding are the fields of an account that say what it holds, by the names of that.
var holding = map[string]identity.SystemObjectKind{
	"groups": identity.ObjectGroup, "roles": identity.ObjectRole, "licences": identity.ObjectLicence,
}

// MentionNamed returns the groups, roles and licences by whose names an expression asks what an account holds, and remembers them for Unknown:
// one that the system does not have would never match. It refuses a list that is worked out: in which system it has a name cannot be told.
// rule is whose condition it is, "" if it is none.
func (s *Set) MentionNamed(r *yamlfile.Reader, rule string, compared []condition.Comparison) (named []identity.SystemObject) {
	for _, c := range compared {
		if len(c.Path) != 3 || c.Path[0] != Accounts {
			continue
		}
		kind, holds := holding[c.Path[2]]
		switch {
		case !holds:
		case c.Worked:
			r.FailAt(c.Line, c.Col, "%q is compared with what is made of %s, where it cannot be looked up: compare it with each list by itself, as in %[1]q in %s || ...",
				c.Text, strings.Join(c.Path, "."), strings.Join(c.Path, "."))
		default:
			o := identity.SystemObject{System: c.Path[1], Kind: kind, Name: c.Text}
			named = append(named, o)
			s.mentions = append(s.mentions, mention{SystemObject: o, at: yamlfile.Word{Text: c.Text, Line: c.Line, Col: c.Col}, rule: rule, compared: true})
		}
	}
	return named
}

// Decisive are the objects of systems, beside those that conditions of rules name, by whose names something is decided: what rules manage,
// what is privileged, what leavers keep, and what attributes are made of.
func (s *Set) Decisive() []identity.SystemObject {
	all := maps.Clone(s.managed)
	maps.DeleteFunc(all, func(o identity.SystemObject, _ bool) bool { return o.Kind == identity.ObjectLicence }) // No move takes one.
	for _, sys := range s.systems {
		for _, name := range sys.Privileged {
			for _, kind := range sys.traits.privileged() {
				all[identity.SystemObject{System: sys.Name, Kind: kind, Name: name}] = true
			}
		}
		for _, name := range sys.Leaver.KeepGroups {
			all[identity.SystemObject{System: sys.Name, Kind: identity.ObjectGroup, Name: name}] = true
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
