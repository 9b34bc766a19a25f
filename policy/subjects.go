package policy

import (
	"github.com/google/cel-go/cel"

	"gatehouse/identity"
	"gatehouse/policy/condition"
)

// personView is what a condition sees of a person. Somebody who leaves in the future looks active: a rule over
// standing would otherwise give the planned leaver away.
type personView struct {
	person   *identity.Person
	standing string
}

func viewOf(p *identity.Person) personView {
	standing := p.Standing
	if standing == identity.StandingLeaving {
		standing = identity.StandingActive
	}
	return personView{person: p, standing: string(standing)}
}

// personSubject documents person, the variable of access rules.
func personSubject() condition.Subject {
	text := func(name string, get func(*identity.Person) string) condition.Field {
		return condition.Field{Name: name, Type: cel.StringType, Get: func(v any) any { return get(v.(personView).person) }}
	}
	return condition.Subject{
		Name: "person", Object: "gatehouse.Person", Empty: personView{person: &identity.Person{}},
		Fields: []condition.Field{
			text("key", func(p *identity.Person) string { return p.Key }),
			text("source", func(p *identity.Person) string { return p.Record.Source }),
			text("employee_id", func(p *identity.Person) string { return p.Record.EmployeeID }),
			text("first_name", func(p *identity.Person) string { return p.Record.FirstName }),
			text("last_name", func(p *identity.Person) string { return p.Record.LastName }),
			text("department", func(p *identity.Person) string { return p.Record.Department }),
			text("title", func(p *identity.Person) string { return p.Record.Title }),
			text("location", func(p *identity.Person) string { return p.Record.Location }),
			text("company", func(p *identity.Person) string { return p.Record.Company }),
			text("employment_type", func(p *identity.Person) string { return p.Record.EmploymentType }),
			{Name: "standing", Type: cel.StringType, Get: func(v any) any { return v.(personView).standing }},
			text("zone", func(p *identity.Person) string { return p.Zone }),
			text("manager_id", func(p *identity.Person) string { return p.Record.ManagerID }),
			text("work_email", func(p *identity.Person) string { return p.Record.WorkEmail }),
		},
	}
}

// accountSubject documents account, the variable of safety.protected. Access rules cannot see it: a rule that depends
// on what it sets would never settle.
func accountSubject() condition.Subject {
	get := func(name string, typ *cel.Type, get func(*identity.Account) any) condition.Field {
		return condition.Field{Name: name, Type: typ, Get: func(v any) any { return get(v.(*identity.Account)) }}
	}
	return condition.Subject{
		Name: "account", Object: "gatehouse.Account", Empty: &identity.Account{},
		Fields: []condition.Field{
			get("id", cel.IntType, func(a *identity.Account) any { return a.ID }),
			get("username", cel.StringType, func(a *identity.Account) any { return a.Username }),
			get("email", cel.StringType, func(a *identity.Account) any { return a.Email }),
			get("group", cel.StringType, func(a *identity.Account) any { return a.Group }),
			get("roles", cel.ListType(cel.StringType), func(a *identity.Account) any { return a.Roles }),
			get("status", cel.StringType, func(a *identity.Account) any { return a.Status.String() }),
			get("external_id", cel.StringType, func(a *identity.Account) any { return a.ExternalID }),
			get("last_login", cel.TimestampType, func(a *identity.Account) any { return a.LastLogin }),
		},
	}
}
