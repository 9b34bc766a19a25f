package policy

import (
	"regexp"
	"slices"

	"github.com/google/cel-go/cel"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
	"gatehouse/policy/system"
)

// granted is a rule that matches somebody, or is undecided about them.
type granted struct {
	rule rule
	open bool
}

// ruleView is what conditions of access rules see. It is a CEL activation.
type ruleView struct {
	person   personView
	accounts any
}

// ResolveName returns the value of a variable.
func (v ruleView) ResolveName(name string) (any, bool) {
	switch name {
	case "person":
		return v.person, true
	case system.Accounts:
		return v.accounts, true
	}
	return nil, false
}

// Parent returns nil: there is no outer scope.
func (v ruleView) Parent() cel.Activation { return nil }

// ruleCompiler compiles conditions of access rules. Without systems they are about the person alone.
func (p *Policy) ruleCompiler() (*condition.Compiler, error) {
	if len(p.systems.All()) == 0 {
		return condition.New(personSubject())
	}
	accounts, part := p.systems.Subject()
	return condition.NewScoped(condition.Scope{
		Name: "person or accounts", Parts: []condition.Subject{part},
		Empty: ruleView{person: personSubject().Empty.(personView), accounts: system.Value(nil)},
	}, personSubject(), accounts)
}

// accountField finds the systems that a condition reads, and what of an account there. What stands in quotes counts too.
var accountField = regexp.MustCompile(`\baccounts\.([a-z_]+)(?:\.([a-z_]+))?`)

// reads reports a condition that reads a system which the policy does not have, or what its accounts never have.
func (p *Policy) reads(r *yamlfile.Reader, path string, w yamlfile.Word) bool {
	var names []string
	for _, sys := range p.systems.All() {
		names = append(names, sys.Name)
	}
	known := true
	for _, m := range accountField.FindAllStringSubmatch(w.Text, -1) {
		switch sys, there := p.systems.Named(m[1]); {
		case !there:
			r.Fail(w.Node, "%s reads accounts.%s, and the policy has no system %q%s: add it to systems", path, m[1], m[1], yamlfile.DidYouMean(m[1], names))
			known = false
		case sys.Lacks(m[2]):
			r.Fail(w.Node, "%s reads accounts.%s.%s, and no account there has %s: remove it, it is always empty", path, m[1], m[2], m[2])
			known = false
		}
	}
	return known
}

// checkReading refuses rules that read other systems and give what is privileged, whoever may write there: and rules that read what they
// give.
func (p *Policy) checkReading(r *yamlfile.Reader) {
	for _, rule := range p.rules {
		if len(rule.reads) == 0 {
			continue
		}
		for _, role := range rule.roles {
			if p.privileged[role] {
				r.Fail(rule.at, "rule %q reads accounts.%s and gives the privileged role %q: whoever may edit accounts there could give it to themselves. "+
					"Depend on HR, or give the role by an order", rule.name, rule.reads[0], role)
			}
		}
		if what := p.systems.PrivilegedIn(rule.grant); what != "" {
			r.Fail(rule.at, "rule %q reads accounts.%s and gives the privileged %s: whoever may edit accounts there could give it to themselves. "+
				"Depend on HR, or give it by hand", rule.name, rule.reads[0], what)
		}
	}
	p.systems.CheckLoops(r)
}

// undecided reports that a rule reads a system of which nothing is known at the time, or names there what nobody can tell the members of.
func (p *Policy) undecided(r rule, person *identity.Person) bool {
	return system.Unclear(person.Systems, r.compares) || slices.ContainsFunc(r.reads, func(name string) bool { return !p.systems.Knows(*person, name) })
}

// Compared are the objects of other systems by whose names something is decided, each once.
func (p *Policy) Compared() []identity.SystemObject { return p.compared }

// leaveOpen notes what undecided rules give, which is neither given nor taken.
func (a *access) leaveOpen(matched, undecided []rule) {
	highest := lowestPriority
	for _, r := range matched {
		if r.group != "" {
			highest = max(highest, r.priority)
		}
	}
	for _, r := range undecided {
		a.specific = a.specific || !r.always()
		a.openGroup = a.openGroup || r.group != "" && r.group != a.group && r.priority >= highest
		for _, role := range r.roles {
			if !slices.Contains(a.roles, role) {
				a.open = append(a.open, role)
			}
		}
	}
}

// openFor puts what undecided rules would give into what an account should have, as far as it has it already.
func (pl *planner) openFor(a access) (group string, roles []string) {
	if pl.account == nil {
		return a.group, a.roles
	}
	group, roles = a.group, a.roles
	if a.openGroup {
		group = ""
	}
	for _, role := range a.open {
		if slices.Contains(pl.account.Roles, role) && !slices.Contains(roles, role) {
			roles = append(slices.Clone(roles), role)
		}
	}
	slices.Sort(roles)
	return group, roles
}
