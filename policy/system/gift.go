package system

import (
	"slices"

	"gatehouse/identity"
)

// Granted is what a rule gives, for one person.
type Granted struct {
	Grant    Grant
	Priority int
	// Open says that the rule is undecided: what it gives is neither given nor taken.
	Open bool
}

// gift is what all rules give one person in one system.
type gift struct {
	// account says that a rule gives one.
	account bool
	// container and profile are those of the rule with the highest priority. placeOpen and profileOpen say that they are not decided, and
	// rivals that rules disagree.
	container, profile     string
	placeOpen, profileOpen bool
	rivals                 bool
	names                  map[identity.SystemObjectKind][]string
	open                   map[identity.SystemObjectKind][]string
}

// giftIn puts together what rules give in a system.
func giftIn(system string, rules []Granted) gift {
	out := gift{names: map[identity.SystemObjectKind][]string{}, open: map[identity.SystemObjectKind][]string{}}
	for _, r := range rules {
		g, there := r.Grant[system]
		switch {
		case !there:
			continue
		case !r.Open:
			out.account = out.account || g.account
		}
		for kind, names := range g.names() {
			if r.Open {
				out.open[kind] = append(out.open[kind], names...)
				continue
			}
			out.names[kind] = append(out.names[kind], names...)
		}
	}
	for kind, names := range out.names {
		slices.Sort(names)
		out.names[kind] = slices.Compact(names)
	}
	var clash bool
	out.container, out.placeOpen, out.rivals = highest(system, rules, func(g grant) string { return g.container })
	out.profile, out.profileOpen, clash = highest(system, rules, func(g grant) string { return g.profile })
	out.rivals = out.rivals || clash
	return out
}

// highest returns what the rule with the highest priority says. open is true where an undecided rule or rivals may say otherwise.
func highest(system string, rules []Granted, of func(grant) string) (best string, open, rivals bool) {
	priority, maybe := 0, false
	for _, r := range rules {
		text := of(r.Grant[system])
		if text == "" || r.Open {
			continue
		}
		switch {
		case best == "" || r.Priority > priority:
			best, priority, rivals = text, r.Priority, false
		case r.Priority == priority && text != best:
			rivals = true
		}
	}
	for _, r := range rules {
		if text := of(r.Grant[system]); r.Open && text != "" && text != best && (best == "" || r.Priority >= priority) {
			maybe = true
		}
	}
	return best, maybe || rivals, rivals
}
