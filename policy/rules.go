package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
	"gatehouse/policy/system"
)

// rule is one entry of access.rules.
type rule struct {
	name     string
	at       ast.Node
	when     condition.Condition
	group    string
	roles    []string
	priority int
	// grant is what it gives in systems beside OneLogin, and reads are those whose accounts its condition reads.
	grant system.Grant
	reads []string
	// compares are the objects of systems that its condition names.
	compares []identity.SystemObject
	// keep is how long its roles stay with somebody who loses them; nil leaves that to mover.keep_old_access.
	keep *time.Duration
}

// always reports whether the rule matches everybody.
func (r rule) always() bool { return r.when.Text == "true" }

// lowestPriority and highestPriority bound the priority of a rule.
const (
	lowestPriority  = -1000
	highestPriority = 1000
)

func (p *Policy) readAccess(root yamlfile.Section) error {
	s := root.Section("access", "managed_roles", "privileged_roles", "rules", "conflicts", "drift")
	p.drift = DriftReport
	s.Choice("drift", &p.drift, DriftReport, DriftRemove)
	compiler, err := p.ruleCompiler()
	if err != nil {
		return err
	}
	s.MustHave("rules", "say at least what everyone gets")
	lines := map[string]int{}
	for i, node := range s.Items("rules", "rules") {
		p.readRule(s, compiler, i, node, lines)
	}
	privileged, managed := s.Words("privileged_roles"), s.Words("managed_roles")
	p.privileged = set(p.mentionRoles(privileged))
	p.managed = set(p.mentionRoles(managed))
	if !s.Has("managed_roles") {
		// Without a list, what the policy gives is what it takes away again.
		p.managed = set(p.granted())
	}
	p.joinCatalogue(s.Reader, managed, privileged)
	if s.Has("managed_roles") {
		p.checkManaged(s)
	}
	p.checkGroups(s.Reader)
	p.checkReading(s.Reader)
	p.readConflicts(s)
	p.checkConflicts(s.Reader)
	var named []identity.SystemObject
	for _, r := range p.rules {
		named = append(named, r.compares...)
	}
	for _, o := range append(named, p.systems.Decisive()...) {
		if !slices.Contains(p.compared, o) {
			p.compared = append(p.compared, o)
		}
	}
	return nil
}

func (p *Policy) readRule(s yamlfile.Section, compiler *condition.Compiler, i int, node ast.Node, lines map[string]int) {
	path := yamlfile.Item("access.rules", i)
	sub := s.Reader.Section(path, node, node, "name", "when", "group", "roles", "accounts", "groups", "priority", "keep_old_access")
	out := rule{at: node}
	if w, ok := sub.Required("name", "give the rule a name: plans and reviews quote it as the reason for access"); ok {
		out.name = w.Text
		if first, twice := lines[w.Text]; twice {
			s.Fail(w.Node, "%s.name: the rule on line %d is also called %q: give each its own name", path, first, w.Text)
		} else {
			lines[w.Text] = w.Line
		}
	}
	usable := false
	if w, ok := sub.Required("when", `say whom the rule is for: a CEL condition, or "true" for everyone`); ok {
		if usable = p.reads(s.Reader, yamlfile.Join(path, "when"), w); usable {
			out.when, usable = compiler.Compile(s.Reader, yamlfile.Join(path, "when"), w)
		}
		out.reads = system.Reads(out.when.Paths)
		out.compares = p.systems.MentionNamed(s.Reader, out.name, out.when.Compared)
	}
	if w, ok := sub.Text("group"); ok {
		out.group = w.Text
		p.groupRefs = append(p.groupRefs, w)
	}
	roles := sub.Words("roles")
	out.roles = p.mentionRoles(roles)
	sub.Integer("priority", lowestPriority, highestPriority, &out.priority)
	if sub.Has("keep_old_access") {
		out.keep = new(time.Duration)
		sub.Duration("keep_old_access", yamlfile.OrZero, out.keep)
	}
	out.grant = p.systems.ReadGrant(sub, out.name, out.when.Paths)
	p.systems.ReadRoles(roles, out.name, out.reads)
	if len(out.roles) == 0 && len(out.grant) > 0 && out.keep != nil && !sub.Has("roles") {
		s.Fail(sub.Value("keep_old_access"), "%s.keep_old_access would do nothing: groups of other systems stay as long as the roles of the same rule, and this one has none. "+
			"Remove it, or add roles", path)
	}
	if !sub.Has("group") && !sub.Has("roles") && !sub.Has("accounts") && !sub.Has("groups") && sub.Has("name") {
		s.Fail(node, "%s gives nothing: add a group or roles, or remove the rule", path)
	}
	if usable {
		p.rules = append(p.rules, out)
	}
}

// granted returns every role that a rule or joiner.early_roles gives.
func (p *Policy) granted() []string {
	out := slices.Clone(p.joiner.EarlyRoles)
	for _, r := range p.rules {
		out = append(out, r.roles...)
	}
	return out
}

// checkManaged refuses roles that are given but would never be taken away.
func (p *Policy) checkManaged(s yamlfile.Section) {
	reported := map[string]bool{}
	for _, role := range p.granted() {
		if listed, ok := p.roleLike(role); p.managed[role] || reported[role] || ok && listed.ManagedBy != ManagedByGatehouse {
			continue // The last of them is reported where the catalogue says so.
		}
		reported[role] = true
		s.Fail(s.Value("managed_roles"), "role %q is given by this policy but is not in access.managed_roles, "+
			"so that nobody would lose it when they move: add it", role)
	}
}

// checkGroups refuses rules that provably match the same person and set different groups at equal priority. Rules that
// only might do so are found when a person matches both: see groupOf.
func (p *Policy) checkGroups(r *yamlfile.Reader) {
	for i, a := range p.rules {
		for _, b := range p.rules[i+1:] {
			if a.group == "" || b.group == "" || a.group == b.group || a.priority != b.priority {
				continue
			}
			if a.always() || b.always() || a.when.Text == b.when.Text {
				line, _ := yamlfile.Where(a.at)
				r.Fail(b.at, "rules %q (line %d) and %q set different groups for the same person at priority %d: "+
					"an account has one group, so give one of them a higher priority", a.name, line, b.name, a.priority)
			}
		}
	}
}

// access is what the rules give to one person.
type access struct {
	group string
	roles []string
	rules []string
	// open are the roles of rules that are undecided, and openGroup says that one of them may set the group.
	open      []string
	openGroup bool
	// granted are the rules that match, or are undecided.
	granted []granted
	// specific says that a rule matched that is not for everyone.
	specific bool
	// doubts are blocking notices: a rule that failed, or rules that contradict each other.
	doubts []identity.Notice
}

// access evaluates the rules. A rule that fails gives nothing and leaves a doubt.
func (p *Policy) access(person *identity.Person) access {
	var out access
	var matched, undecided []rule
	view := ruleView{person: viewOf(person), accounts: system.Value(person.Systems)}
	for _, r := range p.rules {
		if p.undecided(r, person) {
			undecided = append(undecided, r)
			out.granted = append(out.granted, granted{rule: r, open: true})
			continue
		}
		yes, err := r.when.Holds(view)
		if err != nil {
			out.doubts = append(out.doubts, p.block(NoticeRuleFailed, fmt.Sprintf(
				"the condition of rule %q fails for this person, so that their access cannot be decided: correct it in the policy", r.name)))
		}
		if err != nil || !yes {
			continue
		}
		matched = append(matched, r)
		out.granted = append(out.granted, granted{rule: r})
		out.rules = append(out.rules, r.name)
		out.roles = append(out.roles, r.roles...)
		out.specific = out.specific || !r.always()
	}
	slices.Sort(out.roles)
	out.roles = slices.Compact(out.roles)
	group, rivals := groupOf(matched)
	out.group = group
	out.leaveOpen(matched, undecided)
	if len(rivals) > 0 {
		out.doubts = append(out.doubts, p.block(NoticeGroupConflict, fmt.Sprintf(
			"rules %s set different groups at the same priority: give one of them a higher priority in the policy", strings.Join(rivals, ", "))))
	}
	return out
}

// groupOf returns the group of the matching rule with the highest priority. If rules disagree at that priority, it
// returns their names and no group.
func groupOf(matched []rule) (group string, rivals []string) {
	var best []rule
	for _, r := range matched {
		switch {
		case r.group == "":
		case len(best) == 0 || r.priority > best[0].priority:
			best = []rule{r}
		case r.priority == best[0].priority:
			best = append(best, r)
		}
	}
	for _, r := range best {
		if r.group != best[0].group {
			for _, rival := range best {
				rivals = append(rivals, fmt.Sprintf("%q", rival.name))
			}
			return "", rivals
		}
		group = r.group
	}
	return group, nil
}

func set(names []string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[name] = true
	}
	return out
}
