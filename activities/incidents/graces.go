package incidents

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/policy"
)

// scoredEvents are the ids of sign-ins and of refused ones. The vendor documents a score of events and not which have one: a score
// on an event of another type counts at the next look of a grace period.
var scoredEvents = []int{5, 6}

// factorEvents are the ids of events after which somebody may have a factor, whatever mfa.enrolment_events names: one added over the
// API, and one used for the first time, which counts from then on.
var factorEvents = []int{540, 1400}

// clocksApart is how far OneLogin's clock and ours may differ before factors are taken to be read after an event.
const clocksApart = 10 * time.Second

// heard is what the events of a reading tell about second factors.
type heard struct {
	types []int
	// factors is when factors of an account last changed, risk the highest score of one.
	factors map[int64]time.Time
	risk    map[int64]int
}

// listen says which events tell about second factors. A name that OneLogin does not know is told by the scan.
func listen(p *policy.Policy, known []onelogin.EventType) *heard {
	h := &heard{types: slices.Clone(factorEvents), factors: map[int64]time.Time{}, risk: map[int64]int{}}
	for _, t := range known {
		if slices.ContainsFunc(p.MFA().Events, func(name string) bool { return strings.EqualFold(name, t.Name) }) {
			h.types = append(h.types, t.ID)
		}
	}
	return h
}

// wanted are the types to ask for: those with a score only where a condition asks for one, because they are most of all events.
func (h *heard) wanted(p *policy.Policy) []int {
	if !p.MFAUsesRisk() {
		return h.types
	}
	return slices.Concat(h.types, scoredEvents)
}

func (h *heard) add(e onelogin.Event) {
	if e.UserID == 0 {
		return
	}
	if slices.Contains(h.types, e.Type) && e.At.After(h.factors[e.UserID]) {
		h.factors[e.UserID] = e.At
	}
	if e.RiskScore > 0 {
		h.risk[e.UserID] = max(h.risk[e.UserID], e.RiskScore)
	}
}

// wake has the grace periods look at once whose accounts have other factors since they were read, or a higher risk than they were
// judged by. Who is not reached is left to the next reading, which covers the same events once more, and to the scan.
func (e *Events) wake(ctx context.Context, p *policy.Policy, h *heard) {
	accounts := slices.Collect(maps.Keys(h.factors))
	if p.MFAUsesRisk() {
		accounts = slices.AppendSeq(accounts, maps.Keys(h.risk))
	}
	if len(accounts) == 0 {
		return
	}
	open, err := e.Ledger.MFA().OpenAmong(ctx, slices.Compact(slices.Sorted(slices.Values(accounts))))
	var group errgroup.Group
	group.SetLimit(8)
	failed := make([]error, len(open))
	for i, s := range open {
		signal := ""
		switch at, changed := h.factors[s.AccountID]; {
		case changed && s.CheckedAt.Before(at.Add(clocksApart)):
			signal = api.SignalEnrolled
		case p.MFAUsesRisk() && h.risk[s.AccountID] > s.Risk:
			signal = api.SignalPoke
		default:
			continue
		}
		group.Go(func() error {
			failed[i] = e.Launch.Grace(ctx, s.Key, s.AccountID, signal)
			return nil
		})
	}
	if err := errors.Join(err, group.Wait(), errors.Join(failed...)); err != nil {
		step.Log(ctx).Warn("grace periods that events tell of were not woken: the next reading does so", "error", err)
	}
}
