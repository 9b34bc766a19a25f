package system

import (
	"slices"

	"github.com/google/cel-go/cel"

	"gatehouse/identity"
	"gatehouse/policy/condition"
)

// Accounts is the name of the variable of which the accounts in other systems are fields.
const Accounts = "accounts"

// accountType is the type of a field of accounts.
const accountType = "gatehouse.SystemAccount"

// accountsOf is a value of accounts.
type accountsOf []identity.SystemView

// one is a value of a field of accounts, without an account if the person has none there.
type one struct{ account *identity.SystemAccount }

func (views accountsOf) in(system string) one {
	for i := range views {
		if views[i].System == system {
			return one{account: views[i].Primary()}
		}
	}
	return one{}
}

// Subject documents accounts, which has a field for each system of the policy, and the type of its fields.
func (s *Set) Subject() (accounts condition.Subject, part condition.Subject) {
	accounts = condition.Subject{Name: Accounts, Object: "gatehouse.Accounts", Empty: accountsOf(nil)}
	for _, sys := range s.systems {
		accounts.Fields = append(accounts.Fields, condition.Field{
			Name: sys.Name, Type: cel.ObjectType(accountType), Get: func(v any) any { return v.(accountsOf).in(sys.Name) },
			Set: func(v any) bool { return v.(accountsOf).in(sys.Name).account != nil },
		})
	}
	return accounts, condition.Subject{Name: "an account", Object: accountType, Fields: accountFields()}
}

// Value is the value of accounts for somebody.
func Value(views []identity.SystemView) any { return accountsOf(views) }

func accountFields() []condition.Field {
	of := func(name string, typ *cel.Type, none any, get func(*identity.SystemAccount) any) condition.Field {
		return condition.Field{Name: name, Type: typ, Get: func(v any) any {
			if a := v.(one).account; a != nil {
				return get(a)
			}
			return none
		}}
	}
	text := func(name string, get func(*identity.SystemAccount) string) condition.Field {
		return of(name, cel.StringType, "", func(a *identity.SystemAccount) any { return get(a) })
	}
	list := func(name string, get func(*identity.SystemAccount) []string) condition.Field {
		return of(name, cel.ListType(cel.StringType), []string{}, func(a *identity.SystemAccount) any { return slices.Concat([]string{}, get(a)) })
	}
	fields := []condition.Field{
		of("exists", cel.BoolType, false, func(*identity.SystemAccount) any { return true }),
		text("status", func(a *identity.SystemAccount) string { return a.Document.Status.String() }),
		text("username", func(a *identity.SystemAccount) string { return a.Document.Username }),
		text("container", func(a *identity.SystemAccount) string { return a.Container }),
	}
	for _, name := range []string{title, department, company, phone, mobile, location, email} {
		fields = append(fields, text(name, func(a *identity.SystemAccount) string { return valueOf(*a, name) }))
	}
	return append(fields,
		list("groups", func(a *identity.SystemAccount) []string { return a.Groups }),
		list("roles", func(a *identity.SystemAccount) []string { return a.Roles }),
		list("licences", func(a *identity.SystemAccount) []string { return a.Licences }),
	)
}

// Reads are the systems whose accounts an expression reads.
func Reads(paths [][]string) []string {
	var out []string
	for _, path := range paths {
		if len(path) > 1 && path[0] == Accounts && !slices.Contains(out, path[1]) {
			out = append(out, path[1])
		}
	}
	return out
}

// Unclear reports that one of some objects is not there, or not alone of its name, or has that of another one that was renamed: who is in it
// cannot be told by the name.
func Unclear(views []identity.SystemView, objects []identity.SystemObject) bool {
	return slices.ContainsFunc(objects, func(o identity.SystemObject) bool {
		v := ViewIn(views, o.System)
		return slices.Contains(v.Unclear, o) || slices.Contains(v.Renewed, o)
	})
}

// HidesPrivileged reports that a name in privileged is nothing's there: what is called otherwise may be what it means.
func (s System) HidesPrivileged(v identity.SystemView) bool {
	return slices.ContainsFunc(s.Privileged, func(name string) bool {
		return !slices.ContainsFunc(s.traits.privileged(), func(kind identity.SystemObjectKind) bool {
			return !slices.Contains(v.Unclear, identity.SystemObject{System: s.Name, Kind: kind, Name: name})
		})
	})
}

// Knows reports that what expressions read of somebody's account in a system is known at the time: it was read within its age limit,
// and it is certain which account is theirs.
func (s *Set) Knows(p identity.Person, system string) bool {
	sys, ok := s.Named(system)
	if !ok {
		return false
	}
	view := ViewIn(p.Systems, system)
	if !sys.Fresh(view, p.AsOf) {
		return false
	}
	a := view.Primary()
	return a == nil && len(view.Candidates) == 0 || a != nil && !a.Disputed
}

// ViewIn is what is known of somebody in one of some systems, nothing where the system is not among them.
func ViewIn(views []identity.SystemView, system string) identity.SystemView {
	for _, v := range views {
		if v.System == system {
			return v
		}
	}
	return identity.SystemView{System: system}
}
