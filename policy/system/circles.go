package system

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/internal/yamlfile"
)

// field is something that accounts of a system say.
type field struct{ system, name string }

// ruleFields is a rule by the fields that its condition reads, and those that it changes by what it gives.
type ruleFields struct {
	rule         string
	at           ast.Node
	reads, gives []field
}

// fieldsOf are the fields of accounts among the paths of an expression.
func fieldsOf(paths [][]string) (all []field) {
	for _, p := range paths {
		if len(p) == 3 && p[0] == Accounts {
			all = append(all, field{p[1], p[2]})
		}
	}
	return all
}

// written is an attribute as it is written into a system, and what it is made of.
type written struct {
	// path is where the file says what it is made of.
	path string
	at   ast.Node
	to   field
	from []field
}

// writes are all attributes by where they are written. OneLogin writes on what it is told. What only new accounts get leads nowhere.
func (s *Set) writes() (all []written) {
	for _, a := range s.attributes {
		for _, sys := range s.systems {
			of, there := a.in(sys)
			if sys.ProvisionedBy == ByOneLogin {
				of, there = a, a.toOneLogin() && a.owner != sys.Name
			}
			if !there || of.when == whenCreateOnly {
				continue
			}
			others := func(f field) bool { return f.system != a.owner } // That is refused by itself.
			w := written{
				path: "attributes." + a.name, at: a.at.Node, to: field{sys.Name, a.name}, from: slices.DeleteFunc(fieldsOf(of.from.Paths), others),
			}
			if of.from.Text != a.from.Text {
				w.path, w.at = "systems."+sys.Name+"."+w.path, of.at.Node
			}
			all = append(all, w)
		}
	}
	return all
}

// depends reports that a field comes to depend on one of others, over however many fields, by what attributes are made of and what rules
// give. via is an attribute on the way, "" if there is none.
func depends(of field, on []field, attributes []written, rules []ruleFields, seen map[field]bool) (via string, found bool) {
	if seen[of] {
		return "", false
	}
	seen[of] = true
	lead := func(from []field) bool {
		for _, f := range from {
			if slices.Contains(on, f) {
				return true
			}
			if by, leads := depends(f, on, attributes, rules, seen); leads {
				via = by
				return true
			}
		}
		return false
	}
	for _, w := range attributes {
		if w.to == of && lead(w.from) {
			return w.path, true
		}
	}
	for _, r := range rules {
		if slices.Contains(r.gives, of) && lead(r.reads) {
			return via, true
		}
	}
	return "", false
}

// checkCircles refuses attributes that are made of each other: one that is made of what another one writes.
func (s *Set) checkCircles(r *yamlfile.Reader) {
	all, told := s.writes(), map[string]bool{}
	for _, w := range all {
		if _, circle := depends(w.to, []field{w.to}, all, nil, map[field]bool{}); !circle || told[w.path] {
			continue
		}
		told[w.path] = true
		r.Fail(w.at, "%s is made of what is written because of it: such a circle would never settle. Make it of HR's record, or of what nobody writes", w.path)
	}
}

// CheckLoops refuses rules that depend on what they give, over however many systems: they would never settle, and what somebody gets by
// them they would keep for ever.
func (s *Set) CheckLoops(r *yamlfile.Reader) {
	told := map[string]bool{}
	for _, d := range s.reads {
		if d.reads == d.gives {
			told[d.rule] = true
			r.Fail(d.at, "rule %q reads accounts.%s and gives %s: a rule that depends on what it sets would never settle. Depend on HR, or on another system",
				d.rule, d.reads, d.given())
		} else if via := s.leadsTo(d.gives, d.reads, nil); via != "" {
			told[d.rule] = true
			r.Fail(d.at, "rule %q reads accounts.%s and gives %s, and rule %q leads back: rules that depend on each other would never settle. Take one of them out of the circle",
				d.rule, d.reads, d.given(), via)
		}
	}
	all := s.writes()
	for _, rule := range s.rules {
		for _, read := range rule.reads {
			path, circle := depends(read, rule.gives, all, s.rules, map[field]bool{})
			if !circle || path == "" || told[rule.rule] {
				continue
			}
			told[rule.rule] = true
			r.Fail(rule.at, "rule %q reads accounts.%s.%s, which %s makes of what the rule gives: such a circle would never settle. "+
				"Depend on HR, or make the attribute of what no rule gives", rule.rule, read.system, read.name, path)
		}
	}
}

// leadsTo returns the rule by which what changes in a system comes to change another one, "" if none does.
func (s *Set) leadsTo(from, to string, seen []string) string {
	for _, d := range s.reads {
		if d.reads != from || d.gives == from || slices.Contains(seen, d.gives) {
			continue
		}
		if d.gives == to || s.leadsTo(d.gives, to, append(seen, from)) != "" {
			return d.rule
		}
	}
	return ""
}
