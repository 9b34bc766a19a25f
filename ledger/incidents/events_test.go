package incidents_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/storetest"
)

// happened is an event of minute m that a rule counts.
func happened(id int64, m float64, subjects ...string) incidents.StoredEvent {
	e := incidents.StoredEvent{ID: id, Type: 6, At: storetest.NewClock().Now().Add(time.Duration(m * float64(time.Minute)))}
	for _, s := range subjects {
		e.Matches = append(e.Matches, incidents.EventMatch{Rule: "failures", Subject: s})
	}
	return e
}

func put(t *testing.T, l *ledger.Ledger, events ...incidents.StoredEvent) int {
	t.Helper()
	n, err := l.Incidents().PutEvents(context.Background(), events)
	require.NoError(t, err)
	return n
}

// minutes is a rule of one event: whatever is at most ten minutes apart is one case.
var minutes = incidents.Span{Window: 0, Quiet: 10 * time.Minute}

func byGaps(hits []incidents.Hit) ([]incidents.Case, error) {
	var out []incidents.Case
	for _, h := range hits {
		if n := len(out); n > 0 && h.At.Sub(out[n-1].LastAt) <= minutes.Quiet {
			out[n-1].LastEvent, out[n-1].LastAt = h.Event, h.At
			out[n-1].Events++
			continue
		}
		out = append(out, incidents.Case{FirstEvent: h.Event, FirstAt: h.At, LastEvent: h.Event, LastAt: h.At, Events: 1})
	}
	return out, nil
}

func evaluate(t *testing.T, l *ledger.Ledger, subject string) []incidents.Case {
	t.Helper()
	changed, err := l.Incidents().EvaluateSubject(context.Background(), "failures", subject, minutes, byGaps)
	require.NoError(t, err)
	return changed
}

func testEvents(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	var many []incidents.StoredEvent
	for i := range 450 {
		many = append(many, happened(int64(i+1), float64(i%3), "onelogin-1"))
	}
	require.Equal(t, 450, put(t, l, many...))
	require.Zero(t, put(t, l, many...), "an event counts once")
	require.Equal(t, 1, put(t, l, happened(450, 0, "onelogin-1"), happened(451, 0, "onelogin-1", "onelogin-2"), happened(451, 0, "onelogin-1", "onelogin-2")))
	_, err := l.Incidents().PutEvents(ctx, []incidents.StoredEvent{{ID: 1}})
	require.Error(t, err)

	touched, err := l.Incidents().TouchedSubjects(ctx, 10)
	require.NoError(t, err)
	require.Equal(t, []incidents.Touched{
		{Rule: "failures", Subject: "onelogin-1", From: many[0].At}, {Rule: "failures", Subject: "onelogin-2", From: many[0].At},
	}, touched)
	changed := evaluate(t, l, "onelogin-1")
	require.Len(t, changed, 1)
	require.Equal(t, 451, changed[0].Events)
	require.Empty(t, evaluate(t, l, "onelogin-1"), "nothing is new")
	touched, err = l.Incidents().TouchedSubjects(ctx, 10)
	require.NoError(t, err)
	require.Len(t, touched, 1)
	latest, err := l.Incidents().CaseEvents(ctx, changed[0], 2)
	require.NoError(t, err)
	require.Equal(t, []int64{447, 450}, []int64{latest[0].ID, latest[1].ID})
}

func testEventCursors(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	got, err := l.Incidents().EventCursor(ctx, "watch")
	require.NoError(t, err)
	require.Zero(t, got)
	at := storetest.NewClock().Now()
	want := incidents.EventCursor{Newest: at, PolledAt: at.Add(time.Hour)}
	require.NoError(t, l.Incidents().PutEventCursor(ctx, "watch", want))
	require.NoError(t, l.Incidents().PutEventCursor(ctx, "watch", incidents.EventCursor{Newest: at.Add(-time.Hour), RereadAt: at}))
	want.RereadAt = at
	got, err = l.Incidents().EventCursor(ctx, "watch")
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func testCases(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, DigestKey: []byte("pepper")})
	put(t, l, happened(5, 30, "s"), happened(6, 30, "s"))
	opened := evaluate(t, l, "s")
	require.Len(t, opened, 1)
	first := opened[0]
	require.Equal(t, 1, first.Number)
	require.Equal(t, incidents.CaseOpen, first.Status)
	require.Regexp(t, "^gh-[0-9a-f]{32}$", first.DedupKey)

	c.Advance(time.Minute)
	put(t, l, happened(4, 25, "s"), happened(7, 300, "s"))
	changed := evaluate(t, l, "s")
	require.Len(t, changed, 2)
	require.Equal(t, first.DedupKey, changed[0].DedupKey, "a late event moves the beginning, not the identity")
	require.Equal(t, int64(4), changed[0].FirstEvent)
	require.Equal(t, 3, changed[0].Events)
	require.Equal(t, 2, changed[0].Revision)
	require.Equal(t, 2, changed[1].Number)

	got, found, err := l.Incidents().CaseByDedup(ctx, first.DedupKey)
	require.NoError(t, err)
	require.True(t, found)
	changed[0].Answered = []string{}
	require.Empty(t, cmp.Diff(changed[0], got))
	_, found, err = l.Incidents().CaseByDedup(ctx, "gh-unknown")
	require.NoError(t, err)
	require.False(t, found)

	untold, err := l.Incidents().UntoldCases(ctx, 10)
	require.NoError(t, err)
	require.Len(t, untold, 2)
	require.NoError(t, l.Incidents().CaseTold(ctx, first), "told of an older revision")
	untold, err = l.Incidents().UntoldCases(ctx, 10)
	require.NoError(t, err)
	require.Len(t, untold, 2)
	require.NoError(t, l.Incidents().CaseTold(ctx, changed[0]))
	require.NoError(t, l.Incidents().CaseTold(ctx, first), "a late word changes nothing")
	untold, err = l.Incidents().UntoldCases(ctx, 10)
	require.NoError(t, err)
	require.Len(t, untold, 1)

	standing, err := l.Incidents().StandingCases(ctx)
	require.NoError(t, err)
	require.Len(t, standing, 1, "nobody was told of the other one")
	require.NoError(t, l.Incidents().CaseStatus(ctx, first, incidents.CaseResolved, c.Now()))
	standing, err = l.Incidents().StandingCases(ctx)
	require.NoError(t, err)
	require.Empty(t, standing)

	require.NoError(t, l.Incidents().CaseTicket(ctx, first, "SEC-1"))
	require.NoError(t, l.Incidents().CaseShown(ctx, first, 2))
	require.NoError(t, l.Incidents().CaseShown(ctx, first, 1))
	for _, response := range []string{"lock", "log_out", "lock"} {
		require.NoError(t, l.Incidents().CaseAnswered(ctx, first, response))
	}
	require.NoError(t, l.Incidents().CaseStatus(ctx, first, incidents.CaseAcknowledged, c.Now()))
	require.Error(t, l.Incidents().CaseStatus(ctx, first, incidents.CaseMerged, c.Now()))
	got, _, err = l.Incidents().Case(ctx, "failures", "s", 1)
	require.NoError(t, err)
	require.Equal(t, "SEC-1", got.Ticket)
	require.Equal(t, 2, got.Shown)
	require.Equal(t, []string{"lock", "log_out"}, got.Answered)
	require.Equal(t, incidents.CaseAcknowledged, got.Status)
	require.Equal(t, c.Now(), got.StatusAt)
	all, err := l.Incidents().Cases(ctx, 1)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func testCasesMerge(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	put(t, l, happened(1, 0, "s"), happened(2, 20, "s"), happened(3, 40, "s"))
	cases := evaluate(t, l, "s")
	require.Len(t, cases, 3)
	require.NoError(t, l.Incidents().CaseStatus(ctx, cases[0], incidents.CaseResolved, storetest.NewClock().Now()))
	put(t, l, happened(4, 10, "s"))
	changed := evaluate(t, l, "s")
	require.Len(t, changed, 2)
	require.Equal(t, 2, changed[0].Number, "the one that is open goes on")
	require.Equal(t, int64(1), changed[0].FirstEvent)
	require.Equal(t, 3, changed[0].Events)
	require.Equal(t, 1, changed[1].Number)
	require.Equal(t, incidents.CaseMerged, changed[1].Status)
	require.Equal(t, 2, changed[1].MergedInto)
	require.NoError(t, l.Incidents().CaseStatus(ctx, cases[0], incidents.CaseOpen, storetest.NewClock().Now()))
	got, _, err := l.Incidents().Case(ctx, "failures", "s", 1)
	require.NoError(t, err)
	require.Equal(t, incidents.CaseMerged, got.Status, "merged is the end")
	put(t, l, happened(5, 60, "s"))
	require.Equal(t, 4, evaluate(t, l, "s")[0].Number, "a number is given once")
}

// testCasesInAnyOrder holds that what is found depends on the events and not on when they arrived.
func testCasesInAnyOrder(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	random := rand.New(rand.NewPCG(1, 2))
	var events []incidents.StoredEvent
	minute := 0.0
	for i := range 300 {
		minute += random.Float64() * 12
		events = append(events, happened(int64(i+1), float64(int(minute)), "s"))
	}
	var hits []incidents.Hit
	for _, ev := range events {
		hits = append(hits, incidents.Hit{Event: ev.ID, At: ev.At})
	}
	want, err := byGaps(hits)
	require.NoError(t, err)
	random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for part := range slices.Chunk(events, 17) {
		put(t, l, part...)
		evaluate(t, l, "s")
	}
	all, err := l.Incidents().Cases(ctx, 0)
	require.NoError(t, err)
	var got []incidents.Case
	for _, c := range all {
		if c.MergedInto == 0 {
			got = append(got, incidents.Case{FirstEvent: c.FirstEvent, FirstAt: c.FirstAt, LastEvent: c.LastEvent, LastAt: c.LastAt, Events: c.Events})
		}
	}
	slices.SortFunc(got, func(a, b incidents.Case) int { return a.FirstAt.Compare(b.FirstAt) })
	require.Greater(t, len(got), 10)
	require.Empty(t, cmp.Diff(want, got))
}

func testCasesAtOnce(t *testing.T, e storetest.Engine) {
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	require.NoError(t, storetest.AtOnce(8, func(i int) error {
		if _, err := l.Incidents().PutEvents(context.Background(), []incidents.StoredEvent{happened(int64(i+1), 0, "s"), happened(9, 0, "s")}); err != nil {
			return err
		}
		_, err := l.Incidents().EvaluateSubject(context.Background(), "failures", "s", minutes, byGaps)
		return err
	}))
	all, err := l.Incidents().Cases(context.Background(), 0)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, 9, all[0].Events)
}

func testPruneEvents(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	put(t, l, happened(1, 0, "s"), happened(2, 60, "s"), happened(3, 65, "s"), happened(4, 72, "s"), happened(5, 61))
	cases := evaluate(t, l, "s")
	require.Len(t, cases, 2)
	n, err := l.Incidents().PruneEvents(ctx, storetest.NewClock().Now().Add(64*time.Minute))
	require.NoError(t, err)
	require.Equal(t, int64(2), n, "the beginning of a case that goes on stays")
	put(t, l, happened(6, 75, "s"))
	grown := evaluate(t, l, "s")
	require.Len(t, grown, 1)
	require.Equal(t, 4, grown[0].Events)
	require.Equal(t, int64(2), grown[0].FirstEvent)
}
