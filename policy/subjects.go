package policy

import (
	"time"

	"github.com/google/cel-go/cel"

	"gatehouse/identity"
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
func personSubject() subject {
	text := func(name string, get func(*identity.Person) string) field {
		return field{name: name, typ: cel.StringType, get: func(v any) any { return get(v.(personView).person) }}
	}
	return subject{
		name: "person", object: "gatehouse.Person", empty: personView{person: &identity.Person{}},
		fields: []field{
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
			{name: "standing", typ: cel.StringType, get: func(v any) any { return v.(personView).standing }},
			text("zone", func(p *identity.Person) string { return p.Zone }),
			text("manager_id", func(p *identity.Person) string { return p.Record.ManagerID }),
			text("work_email", func(p *identity.Person) string { return p.Record.WorkEmail }),
		},
	}
}

// accountSubject documents account, the variable of safety.protected. Access rules cannot see it: a rule that depends
// on what it sets would never settle.
func accountSubject() subject {
	get := func(name string, typ *cel.Type, get func(*identity.Account) any) field {
		return field{name: name, typ: typ, get: func(v any) any { return get(v.(*identity.Account)) }}
	}
	return subject{
		name: "account", object: "gatehouse.Account", empty: &identity.Account{},
		fields: []field{
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

// isSet answers CEL's has(): an empty text, list or time counts as absent.
func isSet(value any) bool {
	switch v := value.(type) {
	case string:
		return v != ""
	case int64:
		return v != 0
	case []string:
		return len(v) > 0
	case time.Time:
		return !v.IsZero()
	}
	return false
}
