package census

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	"gatehouse/policy"
)

// Kinds of change as safety budgets count them.
const (
	KindContain    = "contain"
	KindReactivate = "reactivate"
	KindRemove     = "remove"
	KindPrivileged = "grant_privileged"
	KindGrant      = "grant"
	KindGroup      = "group"
	KindProfile    = "profile"
	KindJoin       = "join"
	KindDelete     = "delete"
)

// kinds lists them, the gravest first.
func kinds() []string {
	return []string{KindContain, KindDelete, KindReactivate, KindRemove, KindPrivileged, KindGrant, KindGroup, KindProfile, KindJoin}
}

// Limits are the budgets that a policy has, by kind of change.
func Limits(pol *policy.Policy) map[string]policy.Limit {
	s := pol.Safety()
	return map[string]policy.Limit{
		KindContain: s.Contain, KindReactivate: s.Reactivate, KindRemove: s.Remove, KindPrivileged: s.GrantPrivileged,
		KindGrant: s.Grant, KindGroup: s.Group, KindProfile: s.Profile, KindJoin: s.Join, KindDelete: s.Delete,
	}
}

// Kinds are the kinds of change that a plan makes.
func (p *Planned) Kinds(pol *policy.Policy) []string {
	var out []string
	add := func(when bool, kind string) {
		if when {
			out = append(out, kind)
		}
	}
	plan := p.Plan
	joins, changes := plan.Verdict == identity.VerdictJoin, plan.Verdict == identity.VerdictChange
	ends := plan.Verdict == identity.VerdictLeave || plan.Verdict == identity.VerdictSuspend
	open := p.Account != nil && p.Account.Status != identity.AccountSuspended
	add(ends && (plan.Has(identity.StepSuspend) && open || len(p.Further) > 0), KindContain)
	add(plan.Has(identity.StepDelete), KindDelete)
	add(joins && plan.Has(identity.StepActivate) && p.Account != nil && p.Account.SuspendedByUs, KindReactivate)
	add(changes && plan.Has(identity.StepRemoveRoles), KindRemove)
	added, gives := plan.Step(identity.StepAddRoles)
	add((joins || changes) && slices.ContainsFunc(pol.PrivilegedRoles(), func(role string) bool { return slices.Contains(added.Names, role) }), KindPrivileged)
	add(gives, KindGrant)
	add(changes && plan.Has(identity.StepSetGroup), KindGroup)
	add(plan.Has(identity.StepSetProfile) || plan.Has(identity.StepRename), KindProfile)
	add(joins && plan.Has(identity.StepCreate), KindJoin)
	return out
}

// names are the roles or the group that a kind of change is about.
func (p *Planned) names(kind string) string {
	step := map[string]identity.StepKind{
		KindRemove: identity.StepRemoveRoles, KindPrivileged: identity.StepAddRoles, KindGrant: identity.StepAddRoles, KindGroup: identity.StepSetGroup,
	}[kind]
	found, _ := p.Plan.Step(step)
	return strings.Join(slices.Sorted(slices.Values(found.Names)), "\x00")
}

// Summary counts what would be done.
type Summary struct {
	Policy   string         `json:"policy"`
	People   int            `json:"people"`
	Verdicts []VerdictCount `json:"verdicts"`
	// Departments, Rules and Steps count people.
	Departments []Count      `json:"departments"`
	Rules       []RuleCount  `json:"rules"`
	Steps       []Count      `json:"steps"`
	Roles       []RoleChange `json:"roles"`
	Notices     []Count      `json:"blocking_notices"`
	Budgets     []Budget     `json:"budgets"`
}

// VerdictCount counts the people with a verdict, and says how far its template may go.
type VerdictCount struct {
	Verdict identity.Verdict `json:"verdict"`
	People  int              `json:"people"`
	Mode    api.Mode         `json:"mode,omitempty"`
}

// Count counts people by a name, with how many of each verdict.
type Count struct {
	Name   string                   `json:"name"`
	People int                      `json:"people"`
	Of     map[identity.Verdict]int `json:"of,omitempty"`
}

// RuleCount says of a rule whom it fits and how many of them it changes.
type RuleCount struct {
	Rule    string `json:"rule"`
	People  int    `json:"people"`
	Changed int    `json:"changed"`
}

// RoleChange counts who would be given a role, and from whom it would be taken.
type RoleChange struct {
	Role       string `json:"role"`
	Given      int    `json:"given"`
	Taken      int    `json:"taken"`
	Privileged bool   `json:"privileged,omitempty"`
}

// Budget compares the people of one kind of change, in one HR source, with what the safety budget allows in its window.
type Budget struct {
	Kind   string `json:"kind"`
	Source string `json:"source"`
	People int    `json:"people"`
	// Allowed is 0 where the policy has no budget for this.
	Allowed int `json:"allowed,omitempty"`
	// Held says that they would be held until somebody decides.
	Held bool `json:"held,omitempty"`
}

// tally counts people by name and verdict.
type tally map[string]*Count

func (t tally) add(name string, v identity.Verdict) {
	c := t[name]
	if c == nil {
		c = &Count{Name: name, Of: map[identity.Verdict]int{}}
		t[name] = c
	}
	c.People++
	c.Of[v]++
}

func (t tally) sorted() []Count {
	var out []Count
	for _, c := range t {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(b.People-a.People, strings.Compare(a.Name, b.Name)) })
	return out
}

// NoDepartment stands for people of whom HR names none.
const NoDepartment = "(no department)"

// Counting counts what plans of one policy would do, one after the other.
type Counting struct {
	pol                         *policy.Policy
	people                      int
	verdicts                    map[identity.Verdict]*VerdictCount
	departments, steps, notices tally
	rules                       map[string]*RuleCount
	roles                       map[string]*RoleChange
	budgets                     map[[2]string]int
	active                      map[string]int
}

// NewCounting starts with nobody.
func NewCounting(pol *policy.Policy) *Counting {
	return &Counting{
		pol: pol, verdicts: map[identity.Verdict]*VerdictCount{}, departments: tally{}, steps: tally{}, notices: tally{},
		rules: map[string]*RuleCount{}, roles: map[string]*RoleChange{}, budgets: map[[2]string]int{}, active: map[string]int{},
	}
}

// Add counts a plan.
func (c *Counting) Add(p *Planned) {
	v := p.Plan.Verdict
	if c.verdicts[v] == nil {
		c.verdicts[v] = &VerdictCount{Verdict: v, Mode: p.Mode}
	}
	c.people++
	c.verdicts[v].People++
	if p.Belongs {
		c.active[p.Source()]++
	}
	p.countRules(c.rules)
	for _, n := range p.Plan.Notices {
		if n.Blocking {
			c.notices.add(n.Code, v)
		}
	}
	if quiet(p.Plan) {
		return
	}
	c.departments.add(cmp.Or(p.Person.Record.Department, NoDepartment), v)
	for _, step := range p.Plan.Steps {
		c.steps.add(string(step.Kind), v)
	}
	p.countRoles(c.roles, nil)
	for _, kind := range p.Kinds(c.pol) {
		c.budgets[[2]string{kind, p.Source()}]++
	}
}

// Summary is what was counted so far.
func (c *Counting) Summary() Summary {
	s := Summary{Policy: c.pol.Hash(), People: c.people}
	for _, v := range c.verdicts {
		s.Verdicts = append(s.Verdicts, *v)
	}
	slices.SortFunc(s.Verdicts, func(a, b VerdictCount) int {
		return cmp.Or(b.People-a.People, strings.Compare(string(a.Verdict), string(b.Verdict)))
	})
	for _, name := range slices.Sorted(maps.Keys(c.rules)) {
		s.Rules = append(s.Rules, *c.rules[name])
	}
	s.Roles = byName(c.pol, c.roles)
	s.Departments, s.Steps, s.Notices = c.departments.sorted(), c.steps.sorted(), c.notices.sorted()
	s.Budgets = against(c.pol, c.budgets, c.active)
	return s
}

// byName lists roles in alphabetical order.
func byName(pol *policy.Policy, roles map[string]*RoleChange) []RoleChange {
	var out []RoleChange
	for _, name := range slices.Sorted(maps.Keys(roles)) {
		roles[name].Privileged = slices.Contains(pol.PrivilegedRoles(), name)
		out = append(out, *roles[name])
	}
	return out
}

// against compares people by kind and source with the budgets of a policy.
func against(pol *policy.Policy, people map[[2]string]int, active map[string]int) []Budget {
	var out []Budget
	allowed := Limits(pol)
	for _, kind := range kinds() {
		for _, source := range slices.Sorted(maps.Keys(active)) {
			n := people[[2]string{kind, source}]
			if n == 0 {
				continue
			}
			b := Budget{Kind: kind, Source: source, People: n}
			if limit, has := allowed[kind]; has {
				b.Allowed = budgets.Limit{Count: limit.Count, Percent: limit.Percent, Of: active[source]}.Allowed()
				b.Held = n > b.Allowed
			}
			out = append(out, b)
		}
	}
	return out
}

func (p *Planned) countRules(rules map[string]*RuleCount) {
	for _, rule := range p.Plan.Desired.Rules {
		if rules[rule] == nil {
			rules[rule] = &RuleCount{Rule: rule}
		}
		rules[rule].People++
		if !quiet(p.Plan) && p.Plan.Verdict != identity.VerdictAttention {
			rules[rule].Changed++
		}
	}
}

// countRoles counts the roles of a plan that another plan does not have in the same step.
func (p *Planned) countRoles(roles map[string]*RoleChange, except *Planned) {
	of := func(role string) *RoleChange {
		if roles[role] == nil {
			roles[role] = &RoleChange{Role: role}
		}
		return roles[role]
	}
	for _, step := range p.Plan.Steps {
		var before identity.Step
		if except != nil {
			before, _ = except.Plan.Step(step.Kind)
		}
		for _, role := range step.Names {
			if slices.Contains(before.Names, role) {
				continue
			}
			if step.Kind == identity.StepAddRoles {
				of(role).Given++
			}
			if step.Kind == identity.StepRemoveRoles {
				of(role).Taken++
			}
		}
	}
}

// Difference is what another policy would do differently, for the same people at the same moment.
type Difference struct {
	Old Summary `json:"old"`
	New Summary `json:"new"`
	// Changed are the people whose plan differs; New of it is what the new policy would do beyond the old one.
	Changed []Change `json:"changed"`
	Moves   []Move   `json:"moves"`
	// Roles count what the new policy gives and takes beyond the old one.
	Roles []RoleChange `json:"roles"`
	// Budgets count the people of whom a kind of change is new.
	Budgets []Budget `json:"budgets"`
}

// Change is one person of whom the two policies plan differently.
type Change struct {
	Person string           `json:"person"`
	From   identity.Verdict `json:"from"`
	To     identity.Verdict `json:"to"`
	Steps  []string         `json:"steps,omitempty"`
	// Rules are those that fit by the new policy and not by the old one, or the other way round with a minus before them.
	Rules []string `json:"rules,omitempty"`
}

// Move counts people whose verdict changes in one way.
type Move struct {
	From   identity.Verdict `json:"from"`
	To     identity.Verdict `json:"to"`
	People int              `json:"people"`
}

// Compare compares what two policies would do with the same data, and hands over each plan of the second.
func Compare(before, after *Census, also func(*Planned)) Difference {
	d := Difference{}
	was, stop := iter.Pull(before.Plans())
	defer stop()
	old, now := NewCounting(before.Policy), NewCounting(after.Policy)
	moves, budgets, roles := map[Move]int{}, map[[2]string]int{}, map[string]*RoleChange{}
	for p := range after.Plans() {
		// Who the humans are does not depend on the policy.
		before, _ := was()
		old.Add(before)
		now.Add(p)
		also(p)
		if before.Hash() == p.Hash() && before.Plan.Verdict == p.Plan.Verdict {
			continue
		}
		c := Change{Person: p.Key, From: before.Plan.Verdict, To: p.Plan.Verdict, Rules: ruleChanges(before.Plan.Desired.Rules, p.Plan.Desired.Rules)}
		for _, step := range p.Plan.Steps {
			c.Steps = append(c.Steps, step.String())
		}
		d.Changed = append(d.Changed, c)
		moves[Move{From: c.From, To: c.To}]++
		p.countRoles(roles, before)
		had := before.Kinds(after.Policy)
		for _, kind := range p.Kinds(after.Policy) {
			if !slices.Contains(had, kind) || before.names(kind) != p.names(kind) {
				budgets[[2]string{kind, p.Source()}]++
			}
		}
	}
	for m, n := range moves {
		m.People = n
		d.Moves = append(d.Moves, m)
	}
	slices.SortFunc(d.Moves, func(a, b Move) int {
		return cmp.Or(b.People-a.People, strings.Compare(string(a.From), string(b.From)), strings.Compare(string(a.To), string(b.To)))
	})
	d.Old, d.New = old.Summary(), now.Summary()
	d.Budgets, d.Roles = against(after.Policy, budgets, now.active), byName(after.Policy, roles)
	return d
}

func ruleChanges(was, is []string) []string {
	var out []string
	for _, rule := range is {
		if !slices.Contains(was, rule) {
			out = append(out, rule)
		}
	}
	for _, rule := range was {
		if !slices.Contains(is, rule) {
			out = append(out, "-"+rule)
		}
	}
	return out
}
