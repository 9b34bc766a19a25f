package hrsync

import (
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/step"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// admitAhead asks about the days on which more people are to leave than the budget allows, as soon as that is known. Who is
// asked about is held from then on, so that at their moment they wait for the answer and for nothing else.
func (h *Holds) admitAhead(ctx context.Context, in api.BatchInput) (held int, err error) {
	l, pol := h.Sync.Ledger, h.Sync.Policy()
	was, err := l.Budgets().Holds(ctx)
	if err != nil {
		return 0, err
	}
	was = slices.DeleteFunc(was, func(w budgets.Hold) bool { return w.Source != in.Source || !strings.HasPrefix(w.Kind, api.HoldAhead) })
	days := map[string][]string{}
	allowed := 0
	if pol.Modes().Offboarding != policy.ModeObserve {
		if days, allowed, err = h.crowdedDays(ctx, in.Source, was); err != nil {
			return 0, err
		}
	}
	for _, w := range was {
		if len(days[w.Kind]) == 0 {
			days[w.Kind] = nil
		}
	}
	for kind, keys := range days {
		batch := budgets.HeldBatch{Source: in.Source, Kind: kind, Budget: budgeting.OfSource(budgeting.Contain, in.Source), Keys: keys, Used: len(keys), Allowed: allowed}
		kept, err := l.Budgets().KeepHold(ctx, batch)
		if err != nil {
			return 0, err
		}
		if err := h.Sync.Launch.Hold(ctx, api.HoldRef{Source: in.Source, Kind: kind}, kept.Hash); err != nil {
			return 0, err
		}
		held += len(keys)
	}
	return held, nil
}

// crowdedDays are the budget's keys of those who leave within one window of each other, where they are more than the budget
// allows, by the kind of hold. Whom somebody has let through is not among them; who is held and whose moment has come is.
func (h *Holds) crowdedDays(ctx context.Context, source string, was []budgets.Hold) (days map[string][]string, allowed int, err error) {
	l, pol := h.Sync.Ledger, h.Sync.Policy()
	all, err := l.People().HRDepartures(ctx, source)
	if err != nil {
		return nil, 0, err
	}
	active, err := l.Roster().ActivePeople(ctx, source)
	if err != nil {
		return nil, 0, err
	}
	safety := pol.Safety()
	allowed = budgets.Limit{Count: safety.Contain.Count, Percent: safety.Contain.Percent, Of: active}.Allowed()
	waiting := map[string]bool{}
	for _, w := range was {
		keys, err := l.Budgets().HeldKeys(ctx, source, w.Kind)
		if err != nil {
			return nil, 0, err
		}
		for _, key := range keys {
			waiting[key] = true
		}
	}
	now := h.Sync.Clock()
	all = slices.DeleteFunc(all, func(d persons.Departure) bool { return !d.DueAt.After(now) && !waiting[departureKey(d)] })
	days = map[string][]string{}
	for len(all) > allowed {
		n := within(all, safety.Window)
		if n <= allowed {
			all = all[1:]
			continue
		}
		fresh, err := h.undecided(ctx, source, all[:n])
		if err != nil {
			return nil, 0, err
		}
		if len(fresh) > allowed {
			days[api.HoldAhead+all[0].DueAt.In(pol.Zone()).Format(time.DateOnly)] = fresh
		}
		all = all[n:]
	}
	return days, allowed, nil
}

// within counts the departures that are due within a window of the first.
func within(all []persons.Departure, window time.Duration) int {
	end := all[0].DueAt.Add(window)
	n := slices.IndexFunc(all, func(d persons.Departure) bool { return !d.DueAt.Before(end) })
	if n < 0 {
		return len(all)
	}
	return n
}

// undecided are the keys of departures that nobody has let through yet and that no other batch holds.
func (h *Holds) undecided(ctx context.Context, source string, all []persons.Departure) ([]string, error) {
	var keys []string
	for _, d := range all {
		keys = append(keys, departureKey(d))
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	granted, _, err := h.Sync.Ledger.Budgets().HeldAmong(ctx, budgeting.OfSource(budgeting.Contain, source), keys)
	through := step.SetOf(granted)
	return slices.DeleteFunc(keys, func(key string) bool { return through[key] }), err
}

// departureKey is what the budget counts a departure under. One that is dated ahead of somebody whom nobody has looked at yet
// is their second change: at the look that follows they still work here.
func departureKey(d persons.Departure) string {
	episode := d.Episode
	if episode == 1 && d.DueAt.After(d.KnownAt) {
		episode = 2
	}
	return budgeting.Key(budgeting.Contain, d.Key, episode, "")
}

// moments are when the first and the last of those who are held must be out.
func (h *Holds) moments(ctx context.Context, source string, held []budgets.Key) (earliest, latest time.Time, err error) {
	all, err := h.Sync.Ledger.People().HRDepartures(ctx, source)
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	in := map[string]bool{}
	for _, k := range held {
		in[k.Key] = true
	}
	for _, d := range all {
		if !in[departureKey(d)] {
			continue
		}
		if earliest.IsZero() {
			earliest = d.DueAt
		}
		latest = d.DueAt
	}
	return earliest, latest, nil
}
