package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
	"gatehouse/policy/system"
)

// SystemsInput is what the plan of the systems beside OneLogin depends on, beside the policy.
type SystemsInput struct {
	Person identity.Person
	// OneLogin is the person's account there, nil if there is none.
	OneLogin *identity.Account
	// Plan is what Plan says about them.
	Plan   identity.Plan
	Orders []identity.Order
	// Views are what is known of the person in each system.
	Views []identity.SystemView
}

// PlanSystems returns what has to be done about a person's accounts in the systems beside OneLogin, in the order of the file. It
// depends on nothing but its argument and the policy. A departure or a contain order is planned whatever else is unclear; else nothing
// is while a person has to decide first, or an order forbids changes.
func (p *Policy) PlanSystems(in SystemsInput) []identity.SystemPlan {
	if len(p.systems.All()) == 0 {
		return nil
	}
	return p.systems.Plan(p.caseOf(in))
}

// DecideSystems says what is decided about a person's accounts in the systems beside OneLogin, whether it can be carried out now or not.
func (p *Policy) DecideSystems(in SystemsInput) []system.Decision {
	if len(p.systems.All()) == 0 {
		return nil
	}
	return p.systems.Decide(p.caseOf(in))
}

func (p *Policy) caseOf(in SystemsInput) system.Case {
	person := in.Person
	person.Systems = in.Views
	pl := &planner{Policy: p, person: person, account: in.OneLogin}
	pl.take(in.Orders)
	c := system.Case{
		Person: person, OneLogin: in.OneLogin, Plan: in.Plan, Views: in.Views, Values: viewOf(&person),
		Blocked: in.Plan.Verdict == identity.VerdictAttention || slices.ContainsFunc(in.Plan.Notices, func(n identity.Notice) bool { return n.Blocking }),
		Frozen:  pl.ordered(identity.OrderFreeze) != nil, Paused: pl.ordered(identity.OrderSuspend) != nil, Held: pl.ordered(identity.OrderHold) != nil,
		Usernames: in.Plan.Desired.Profile.Usernames, Domain: p.Domain(), Note: p.note, UndoWithin: p.leaver.UndoWithin,
		Doubtful: pl.doubtfulElsewhere,
		Protected: func(a identity.Account) string {
			a.Lifted = in.OneLogin != nil && in.OneLogin.Lifted
			return p.Protected(a)
		},
	}
	if ids := p.ExternalIDs(person.Key, person.Record); len(ids) > 0 {
		c.ExternalID = ids[0]
	}
	pl.departs(&c)
	if !c.Leaving {
		for _, r := range p.access(&person).granted {
			c.Rules = append(c.Rules, system.Granted{Grant: r.rule.grant, Priority: r.rule.priority, Open: r.open})
		}
		c.Stays = pl.stays(in.Plan)
	}
	return c
}

// departs says whether all access ends, and since when.
func (pl *planner) departs(c *system.Case) {
	contain := pl.ordered(identity.OrderContain)
	left, goesOn := pl.left(), !pl.person.LeftAt.IsZero()
	c.Doubted = goesOn && !Recordless(pl.person)
	c.Leaving = left || goesOn || contain != nil || pl.person.Standing == identity.StandingRescinded
	switch {
	case left:
		c.Left = pl.person.LeaveAt
	case goesOn:
		c.Left = pl.person.LeftAt
	}
	if contain != nil && !contain.At.IsZero() && (c.Left.IsZero() || contain.At.Before(c.Left)) {
		c.Left = contain.At
	}
	switch {
	case c.Left.IsZero():
		c.Left = pl.person.AsOf
	case !goesOn:
		return
	}
	// A hire that was rescinded ends when Gatehouse first ended something of it. So does a departure that was opened again since.
	for _, v := range c.Views {
		for _, a := range v.Accounts {
			for _, at := range a.Done {
				if at.Before(c.Left) {
					c.Left = at
				}
			}
		}
	}
}

// stays are what rules give together with OneLogin roles that stay with somebody who moved.
func (pl *planner) stays(plan identity.Plan) []system.Stay {
	var out []system.Stay
	keep := func(roles []string, until time.Time) {
		for _, r := range pl.rules {
			if slices.ContainsFunc(r.roles, func(role string) bool { return slices.Contains(roles, role) }) {
				out = append(out, system.Stay{Grant: r.grant, Until: until})
			}
		}
	}
	for _, o := range slices.Concat(pl.orders, pl.ended) {
		if o.Kind == identity.OrderGrant && o.Rule == identity.RuleOverlap {
			keep(o.Roles, o.Until)
		}
	}
	for _, s := range plan.Steps {
		if s.Kind == identity.StepKeepRoles {
			keep(s.Names, s.Until)
		}
	}
	return out
}

// Systems are the systems of the policy, in the order of the file.
func (p *Policy) Systems() []system.System { return p.systems.All() }

// NormalForm is the form of a value by which an attribute of a system is compared, and what that form is called.
func (p *Policy) NormalForm(system, attribute, value string) (normal, form string) {
	return p.systems.Normal(system, attribute, value)
}

// Written are the attributes that a system's accounts get.
func (p *Policy) Written(system string) []string { return p.systems.Written(system) }

// CheckSystems compares the names in the policy with what each system has. The error is *Problems, one for each mention of a name that
// is unknown or that several objects share. Of a system or a kind of object of which nothing is known yet, nothing is checked.
func (p *Policy) CheckSystems(objects map[string][]system.Object) error {
	var list []yamlfile.Problem
	for _, u := range p.systems.Unknown(objects) {
		list = append(list, yamlfile.Problem{File: p.file, Line: u.Line, Col: u.Col, Text: u.Text})
	}
	return yamlfile.AsError(list)
}

// UnknownIn are the names in the policy about which CheckSystems complains in one system, in the order of the file.
func (p *Policy) UnknownIn(name string, objects []system.Object) []system.Unknown {
	found := p.systems.Unknown(map[string][]system.Object{name: objects})
	slices.SortStableFunc(found, func(a, b system.Unknown) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col) })
	return found
}

// CheckConfigured compares the systems of the policy with those that gatehouse.yaml has. The error is *Problems.
func (p *Policy) CheckConfigured(names []string) error {
	return yamlfile.AsError(p.systems.CheckConfigured(p.file, names))
}

// CheckAges compares how old what is known of a system may be with how often everything there is read. The error is *Problems.
func (p *Policy) CheckAges(every time.Duration) error {
	return yamlfile.AsError(p.systems.CheckAges(p.file, every))
}

// DeletesOnDeparture are the systems in which OneLogin deletes the account that a person has when they leave.
func (p *Policy) DeletesOnDeparture(views []identity.SystemView) (systems []string) {
	return p.systems.Deletes(views, system.System.Deletes)
}

// DeletesOnSuspension are the systems in which OneLogin deletes the account that a person has when it suspends them.
func (p *Policy) DeletesOnSuspension(views []identity.SystemView) (systems []string) {
	return p.systems.Deletes(views, system.System.DeletesSuspended)
}

// readSystems reads the sections about systems beside OneLogin.
func (p *Policy) readSystems(root yamlfile.Section) error {
	standards := map[string]Limit{}
	safety := limitsOf(root.Section("safety", append([]string{"window", "protected"}, limitKeys()...)...))
	for _, b := range safety.budgets() {
		standards[b.name] = b.limit
	}
	set, err := system.Read(root, system.Host{
		Person: writtenSubject(), Account: accountSubject(), Usernames: p.readSystemNames,
		Limits:   slices.DeleteFunc(limitKeys(), func(key string) bool { return key == "group" }),
		Standard: func(key string) system.Limit { return system.Limit(standards[key]) },
	})
	if err != nil {
		return err
	}
	p.systems = set
	p.roleRefs = append(p.roleRefs, set.Carrying()...)
	return nil
}

// writtenSubject is the person of whom attributes are made: also what no rule decides by.
func writtenSubject() condition.Subject {
	s := personSubject()
	text := func(name string, get func(identity.Record) string) {
		s.Fields = append(s.Fields, condition.Field{Name: name, Type: cel.StringType, Get: func(v any) any { return get(v.(personView).person.Record) }})
	}
	text("preferred_name", func(r identity.Record) string { return r.PreferredName })
	text("phone", func(r identity.Record) string { return r.WorkPhone })
	return s
}

// readSystemNames reads templates of usernames, each with a domain behind it where they are addresses.
func (p *Policy) readSystemNames(s yamlfile.Section, key string, domains bool) func(identity.Record) []string {
	type named struct {
		template template
		domain   string
	}
	var all []named
	for i, w := range s.WordOrWords(key) {
		path := yamlfile.Item(yamlfile.Join(s.Path, key), i)
		local, domain, found := strings.Cut(w.Text, "@")
		t, problem := parseTemplate(local, usernameFields(), usernameLetters)
		switch {
		case problem != "":
			s.Fail(w.Node, "%s: %s", path, problem)
		case found && !yamlfile.IsDomain(domain), domains && !found:
			s.Fail(w.Node, "%s: %s is called by an address: write a template and a domain, like {first}.{last}@example.com", path, strconv.Quote(w.Text))
		default:
			if found {
				domain = "@" + strings.ToLower(domain)
			}
			all = append(all, named{t, domain})
		}
	}
	return func(r identity.Record) []string {
		var out []string
		for _, n := range all {
			candidates, _ := usernamesBy([]template{n.template}, r, allUsernames)
			for _, c := range candidates {
				if name := c + n.domain; !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
		return out
	}
}

// fromSystems puts into a profile what other systems own. What is not known of it is left as it is in OneLogin.
func (pl *planner) fromSystems(out *identity.Profile) {
	for _, a := range pl.systems.ForOneLogin(system.Case{
		Person: pl.person, OneLogin: pl.account, Views: pl.person.Systems, Values: viewOf(&pl.person), Note: pl.note,
	}) {
		field := identity.AttributeField(a.Attribute)
		out.Set(field, a.Value)
		if a.Clear {
			out.Clear = append(out.Clear, field)
		}
	}
}
