package incidents

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/reading"
	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/policy"
	"gatehouse/policy/detect"
)

// judged is an event as it is stored, with what rules that compare habits need to know of it.
type judged struct {
	incidents.StoredEvent
	sighting *detect.Sighting
	// matches are in the order of those that are stored.
	matches []detect.Match
	// kept says that it is stored even if no rule counts it.
	kept bool
}

// sites says at which locations of HR records habits may be kept.
func (e *Events) sites(p *policy.Policy) ledger.Sites {
	s := ledger.Sites{Offset: reading.ColumnLocation * reading.TraitSize, Length: reading.TraitSize}
	if !p.Detection().CompareHabits() {
		return s
	}
	for _, name := range p.Detection().Settings().Habits.Locations {
		s.Traits = append(s.Traits, e.Ledger.Digest(name)[:reading.TraitSize])
	}
	slices.Sort(s.Traits)
	s.Traits = slices.Compact(s.Traits)
	return s
}

// compare compares a batch with the habits of its accounts, teaches these, and returns what is to be stored. What is usual, and what is
// of somebody of whom no habit is kept, counts for none of these rules. Habits are written before the events are stored: both may happen
// again after a crash, and come to the same.
func (e *Events) compare(ctx context.Context, p *policy.Policy, batch []judged, now time.Time) ([]incidents.StoredEvent, error) {
	out := make([]incidents.StoredEvent, 0, len(batch))
	if !p.Detection().CompareHabits() {
		for _, j := range batch {
			out = append(out, j.StoredEvent)
		}
		return out, nil
	}
	// In the order in which they happened: a later one may rest on what an earlier one has taught.
	slices.SortStableFunc(batch, func(a, b judged) int { return a.At.Compare(b.At) })
	var accounts []string
	for _, j := range batch {
		if j.sighting != nil {
			accounts = append(accounts, strconv.FormatInt(j.sighting.Account, 10))
		}
	}
	slices.Sort(accounts)
	habits, before, err := e.habitsOf(ctx, p, slices.Compact(accounts))
	if err != nil {
		return nil, err
	}
	settings := p.Detection().Settings()
	for _, j := range batch {
		var unusual []detect.Spot
		// Of a clock that is ahead nothing is learned: it would keep a habit for longer than it may be kept.
		if j.sighting != nil && !j.At.After(now.Add(settings.Overlap)) {
			if h, allowed := habits[strconv.FormatInt(j.sighting.Account, 10)]; allowed {
				unusual = p.Detection().Weigh(h, *j.sighting, j.matches, e.Paging)
			}
		}
		stored := j.StoredEvent
		stored.Matches = nil
		for i, m := range j.matches {
			if m.Spot == (detect.Spot{}) || slices.Contains(unusual, m.Spot) {
				stored.Matches = append(stored.Matches, j.Matches[i])
			}
		}
		if j.kept || len(stored.Matches) > 0 {
			out = append(out, stored)
		}
	}
	return out, e.Ledger.Incidents().PutHabits(ctx, learned(before, habits), settings.Habits.Keep)
}

// habitsOf reads the habits of those accounts of which some may be kept, twice: one is for the caller to change.
func (e *Events) habitsOf(ctx context.Context, p *policy.Policy, accounts []string) (habits, before map[string]detect.Habit, err error) {
	found, err := e.Ledger.Habits(ctx, accounts, e.sites(p))
	habits, before = map[string]detect.Habit{}, map[string]detect.Habit{}
	for account, seen := range found {
		habits[account], before[account] = detect.Habit{}, detect.Habit{}
		for _, s := range seen {
			spot := detect.Spot{By: s.Kind, Name: s.Place}
			habits[account][spot] = detect.Seen{First: s.First, Last: s.Last}
			before[account][spot] = habits[account][spot]
		}
	}
	return habits, before, err
}

// learned is what of habits is to be written.
func learned(before, after map[string]detect.Habit) []incidents.Seen {
	var out []incidents.Seen
	for account, h := range after {
		for spot, seen := range h {
			if was, known := before[account][spot]; !known || was != seen {
				out = append(out, incidents.Seen{Account: account, Kind: spot.By, Place: spot.Name, First: seen.First, Last: seen.Last})
			}
		}
	}
	return out
}

// spotted is a place as a match of a rule that compares habits is stored with it.
type spotted struct {
	By   string `json:"by"`
	Name string `json:"name"`
}

// accept has the places of a case be usual from now on, because people have closed its incident and nobody wanted anything done. The
// same goes for the cases that share the incident.
func (e *Events) accept(ctx context.Context, in api.NoteCase) error {
	p := e.Policy()
	c, err := e.known(ctx, in.CaseRef)
	if err != nil || !p.Detection().CompareHabits() || accountOf(c.Subject) == 0 {
		return err
	}
	if given, err := e.responded(ctx, c); err != nil || given {
		return err
	}
	spots, err := e.spotsOf(ctx, p, c)
	if err != nil || len(spots) == 0 {
		return err
	}
	account, settings := strconv.FormatInt(accountOf(c.Subject), 10), p.Detection().Settings().Habits
	habits, _, err := e.habitsOf(ctx, p, []string{account})
	if err != nil || habits[account] == nil {
		return err
	}
	at := in.At
	if at.IsZero() {
		at = e.Clock()
	}
	from := settings.Accepted(at)
	var seen []incidents.Seen
	for _, spot := range spots {
		seen = append(seen, incidents.Seen{Account: account, Kind: spot.By, Place: spot.Name, First: from.First, Last: from.Last})
	}
	return e.Ledger.Incidents().PutHabits(ctx, seen, settings.Keep)
}

// spotsOf are the unusual places of a case and of those that share its incident.
func (e *Events) spotsOf(ctx context.Context, p *policy.Policy, c incidents.Case) ([]detect.Spot, error) {
	joined, err := e.Ledger.Incidents().JoinedTo(ctx, c)
	if err != nil {
		return nil, err
	}
	var spots []detect.Spot
	for _, of := range append(joined, c) {
		if rule, found := p.Detection().Rule(of.Rule); !found || rule.Unusual == nil {
			continue
		}
		places, err := e.Ledger.Incidents().CasePlaces(ctx, of)
		if err != nil {
			return nil, err
		}
		for _, place := range places {
			var s spotted
			if err := json.Unmarshal(place, &s); err != nil {
				return nil, fmt.Errorf("read a place of case %s: %w", of.DedupKey, err)
			}
			spots = append(spots, detect.Spot(s))
		}
	}
	return spots, nil
}

// responded reports that something was done to the account because of a case.
func (e *Events) responded(ctx context.Context, c incidents.Case) (bool, error) {
	for _, kind := range c.Answered {
		_, given, err := e.Ledger.Orders().ByID(ctx, c.DedupKey+"-"+kind)
		if err != nil || given {
			return given, err
		}
	}
	return false, nil
}

// closes reports that a word about a case says that its incident is over: it was resolved, or the last of the responses was decided
// about where nobody was woken who could resolve it.
func (e *Events) closes(in incidents.Case, status, answered string) bool {
	if status != "" {
		return status == incidents.CaseResolved
	}
	rule, found := e.Policy().Detection().Rule(in.Rule)
	if answered == "" || !found || e.Paging && rule.Pager != detect.PagerNone {
		return false
	}
	return !slices.ContainsFunc(rule.Respond, func(r detect.Response) bool {
		return string(r.Order) != answered && !slices.Contains(in.Answered, string(r.Order))
	})
}

// tidied is the policy under which habits were cleared away last.
type tidied struct {
	mu    sync.Mutex
	under string
}

// tidyHabits deletes what may not be kept any more: at once under a policy that is new to this process, so that a location that was
// switched off is forgotten at the next reading, and else where asked for. Where none is kept it does nothing.
func (e *Events) tidyHabits(ctx context.Context, p *policy.Policy, now time.Time, due bool) error {
	e.tidied.mu.Lock()
	defer e.tidied.mu.Unlock()
	if e.tidied.under == p.Hash() && (!due || !p.Detection().CompareHabits()) {
		return nil
	}
	if _, err := e.Ledger.PruneHabits(ctx, now.Add(-p.Detection().Settings().Habits.Keep), e.sites(p)); err != nil {
		return err
	}
	e.tidied.under = p.Hash()
	return nil
}
