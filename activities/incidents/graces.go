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
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/mfa"
	"gatehouse/policy"
)

// scoredEvents are the ids of sign-ins and of refused ones. The vendor documents a score of events and not which have one: a score
// on an event of another type counts at the next look of a grace period.
var scoredEvents = []int{5, 6}

// factorEvents are the ids of events after which somebody may have a factor, whatever mfa.enrolment_events names: one added over the
// API, and one used for the first time, which counts from then on.
var factorEvents = []int{540, 1400}

// scoreReader is the name of the cursor over sign-ins.
const scoreReader = "sign-in-scores"

const (
	// scoreGap is the shortest time between two readings of sign-ins: the webhook of a busy tenant asks for more.
	scoreGap = 10 * time.Second
	// scoreOverlap is the stretch that a reading covers once more. What becomes visible later counts at the next look.
	scoreOverlap = 30 * time.Second
	// scoreReach is how old a sign-in may be that a reading still goes back to, after an outage.
	scoreReach = time.Hour
	// scorePages bounds a reading. The next one goes on from there.
	scorePages = 200
)

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

// scores hears of sign-ins, where a condition asks for their risk. They are most of all events and a security rule seldom needs one that
// succeeded: so they have a cursor of their own, which does not go back as far, and no more of the quota than sweeps have. It returns
// how far it has come; the zero value if nothing was to be read.
func (e *Events) scores(ctx context.Context, p *policy.Policy, h *heard) (incidents.EventCursor, error) {
	if !p.MFAUsesRisk() {
		return incidents.EventCursor{}, nil
	}
	now := e.Clock()
	cursor, err := e.Ledger.Incidents().EventCursor(ctx, scoreReader)
	if err != nil || now.Sub(cursor.PolledAt) < scoreGap {
		return incidents.EventCursor{}, err
	}
	read := incidents.EventCursor{Newest: cursor.Newest, PolledAt: now}
	if read.Newest.IsZero() {
		read.Newest = now
	}
	if oldest := now.Add(-scoreReach); read.Newest.Before(oldest) {
		read.Newest = oldest
	}
	filter, next := onelogin.EventFilter{Since: read.Newest.Add(-scoreOverlap), Types: scoredEvents}, ""
	for range scorePages {
		step.Beat(ctx, collection{}) // All other events are stored: an attempt that follows begins anew.
		page, err := e.Client.For(onelogin.Sweep).EventsPage(ctx, filter, next)
		if err != nil {
			return incidents.EventCursor{}, err
		}
		for _, event := range page.Events {
			h.add(event)
			if event.At.After(read.Newest) && !event.At.After(now) {
				read.Newest = event.At
			}
		}
		if next = page.Next; next == "" {
			break
		}
	}
	return read, nil
}

// leaveGap is how often a sign-in of somebody who is on leave has their grace period look: one event is read several times.
const leaveGap = 10 * time.Minute

// wake has the grace periods look at once whose accounts have other factors since they were read, or a higher risk than they were
// judged by. Who is not reached is left to the next reading, which covers the same events once more, and to the scan.
func (e *Events) wake(ctx context.Context, p *policy.Policy, h *heard) {
	read, unread := e.scores(ctx, p, h)
	err := e.poke(ctx, p, h)
	if err == nil && !read.PolledAt.IsZero() {
		err = e.Ledger.Incidents().PutEventCursor(ctx, scoreReader, read)
	}
	if err := errors.Join(unread, err); err != nil {
		step.Log(ctx).Warn("grace periods that events tell of were not woken: the next reading does so", "error", err)
	}
}

func (e *Events) poke(ctx context.Context, p *policy.Policy, h *heard) error {
	accounts := slices.Collect(maps.Keys(h.factors))
	if p.MFAUsesRisk() {
		accounts = slices.AppendSeq(accounts, maps.Keys(h.risk))
	}
	if len(accounts) == 0 {
		return nil
	}
	open, err := e.Ledger.MFA().OpenAmong(ctx, slices.Compact(slices.Sorted(slices.Values(accounts))))
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(8)
	for _, s := range open {
		signal := ""
		switch at, changed := h.factors[s.AccountID]; {
		case changed && s.CheckedAt.Before(at.Add(clocksApart)):
			signal = api.SignalEnrolled
		case p.MFAUsesRisk() && h.risk[s.AccountID] > s.Risk:
			signal = api.SignalPoke
		case p.MFAUsesRisk() && s.Stage == mfa.StageLeave && h.risk[s.AccountID] > 0 && e.Clock().Sub(s.CheckedAt) > leaveGap:
			signal = api.SignalPoke // Whoever signs in may be back from leave.
		default:
			continue
		}
		group.Go(func() error { return e.Launch.Grace(ctx, s.Key, s.AccountID, signal) })
	}
	return group.Wait()
}
