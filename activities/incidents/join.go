package incidents

import (
	"cmp"
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/ledger/incidents"
	"gatehouse/policy/detect"
)

// join has cases that nobody was told of yet share an incident with another rule's case about the same subject and at least one
// same event: nobody is woken twice for one event. Two rules whose subjects differ are about two subjects, and have two incidents.
// It reports whether any case has another incident now.
func (e *Events) join(ctx context.Context, untold []incidents.Case) (joined bool, err error) {
	rules := e.Policy().Detection()
	for _, c := range untold {
		into, found, err := e.incidentFor(ctx, rules, c)
		if err == nil && found {
			joined, err = true, e.Ledger.Incidents().Join(ctx, c, into)
		}
		if err != nil {
			return joined, err
		}
	}
	return joined, nil
}

// incidentFor finds the case whose incident an untold case is to share.
func (e *Events) incidentFor(ctx context.Context, rules *detect.Rules, c incidents.Case) (into incidents.Case, found bool, err error) {
	if c.Joined() {
		// The case whose incident it shares may have turned out to be part of another one.
		into, found, err = e.Ledger.Incidents().Case(ctx, c.JoinedRule, c.Subject, c.JoinedNumber)
		if err != nil || !found || into.MergedInto == 0 {
			return into, false, err
		}
		return e.Ledger.Incidents().Case(ctx, into.Rule, into.Subject, into.MergedInto)
	}
	if c.Told > 0 || c.MergedInto != 0 {
		return into, false, nil
	}
	others, err := e.Ledger.Incidents().Sharing(ctx, c)
	others = slices.DeleteFunc(others, func(o incidents.Case) bool { return !goesOn(o) || !leads(rules, o, c) })
	if err != nil || len(others) == 0 {
		return into, false, err
	}
	return slices.MinFunc(others, func(a, b incidents.Case) int { return before(rules, a, b) }), true, nil
}

// goesOn reports that the incident of a case is open, or is opened again by what is known by now.
func goesOn(c incidents.Case) bool { return c.Open() || c.LastAt.After(c.StatusAt) }

// leads reports that the incident of one case can be about another one as well. One that people know of already has to do at least
// what the other's would: it has woken somebody, and asked for the same.
func leads(rules *detect.Rules, first, c incidents.Case) bool {
	if first.Told == 0 {
		return before(rules, first, c) < 0
	}
	of, known := rules.Rule(first.Rule)
	other, _ := rules.Rule(c.Rule)
	return known && pagerRank(of.Pager) >= pagerRank(other.Pager) &&
		!slices.ContainsFunc(other.Respond, func(r detect.Response) bool {
			return !slices.ContainsFunc(of.Respond, func(asked detect.Response) bool { return asked.Order == r.Order })
		})
}

// before orders cases by whose incident they share: one that people know of, the one that wakes more, and else by name.
func before(rules *detect.Rules, a, b incidents.Case) int {
	if toldOf := cmp.Compare(min(1, b.Told), min(1, a.Told)); toldOf != 0 {
		return toldOf
	}
	of, _ := rules.Rule(a.Rule)
	other, _ := rules.Rule(b.Rule)
	return cmp.Or(cmp.Compare(pagerRank(other.Pager), pagerRank(of.Pager)), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Number, b.Number))
}

// pagerRank is how much a severity of the pager wakes.
func pagerRank(severity string) int {
	return slices.Index([]string{detect.PagerNone, "info", "warning", "error", "critical"}, severity)
}

// addResponses adds the responses that a rule asks for and nobody has decided about.
func addResponses(state *api.CaseState, rule detect.Rule, answered []string) {
	for _, r := range rule.Respond {
		asked := slices.ContainsFunc(state.Respond, func(known api.Response) bool { return known.Order == string(r.Order) })
		if !asked && !slices.Contains(answered, string(r.Order)) {
			state.Respond = append(state.Respond, api.Response{
				Order: string(r.Order), Automatic: r.Approval == detect.ApprovalAutomatic, Minutes: r.Minutes,
			})
		}
	}
}

// addJoined adds what is known of the cases that a case's incident is about as well. None of them wakes more than it does.
func (e *Events) addJoined(state *api.CaseState, c incidents.Case, joined []incidents.Case) {
	for _, other := range joined {
		state.Revision += other.Revision
		if other.LastAt.After(state.Last) {
			state.Last = other.LastAt
		}
		if other.FirstAt.Before(state.First) {
			state.First = other.FirstAt
		}
		if slices.Contains(state.Also, other.Rule) {
			continue
		}
		state.Also = append(state.Also, other.Rule)
		if rule, found := e.Policy().Detection().Rule(other.Rule); found {
			addResponses(state, rule, c.Answered)
		}
	}
}

// latest returns the latest events of a case and of those that its incident is about as well, the oldest first, and counts all of them.
func (e *Events) latest(ctx context.Context, state *api.CaseState, c incidents.Case, joined []incidents.Case) ([]incidents.StoredEvent, error) {
	all, err := e.Ledger.Incidents().CaseEvents(ctx, c, latestEvents)
	if err != nil || len(joined) == 0 {
		return all, err
	}
	for _, other := range joined {
		more, err := e.Ledger.Incidents().CaseEvents(ctx, other, latestEvents)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	slices.SortFunc(all, func(a, b incidents.StoredEvent) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	all = slices.CompactFunc(all, func(a, b incidents.StoredEvent) bool { return a.ID == b.ID })
	state.Events, err = e.Ledger.Incidents().CountTogether(ctx, append([]incidents.Case{c}, joined...))
	return all[max(0, len(all)-latestEvents):], err
}
