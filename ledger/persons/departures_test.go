package persons_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// overdue checks who is due and not out.
func overdue(t *testing.T, l *ledger.Ledger, now time.Time, grace time.Duration, want ...persons.Departure) {
	t.Helper()
	got, err := l.People().OverdueDepartures(context.Background(), now, grace)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(want, got))
}

// leftAt checks since when a departure of HR's that was carried out has somebody out, however they are read.
func leftAt(t *testing.T, l *ledger.Ledger, want time.Time) {
	t.Helper()
	require.Equal(t, want, storetest.Dossier(t, l, "workday-1").Person.LeftAt)
	some, err := l.People().Some(context.Background(), []string{"workday-1"})
	require.NoError(t, err)
	require.Equal(t, want, some.People["workday-1"].LeftAt)
}

func testDepartures(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	_, err := l.People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)

	ahead := persons.Departure{Key: "workday-1", Source: "workday", DueAt: c.Now().Add(8 * time.Hour)}
	require.NoError(t, l.People().NoteDeparture(ctx, ahead))
	row := persons.Departure{Key: "workday-1", Episode: 2, Source: "workday", KnownAt: c.Now(), DueAt: ahead.DueAt}
	require.Empty(t, cmp.Diff([]persons.Departure{row}, storetest.Dossier(t, l, "workday-1").Departures))
	overdue(t, l, c.Now(), 0)

	c.Advance(time.Hour)
	ahead.DueAt = c.Now().Add(time.Hour)
	ahead.Episode = 2
	require.NoError(t, l.People().NoteDeparture(ctx, ahead), "HR has moved the date")
	row.DueAt = ahead.DueAt
	require.Empty(t, cmp.Diff([]persons.Departure{row}, storetest.Dossier(t, l, "workday-1").Departures))

	c.Advance(time.Hour)
	overdue(t, l, c.Now(), 0, row)
	overdue(t, l, c.Now(), time.Minute)
	c.Advance(time.Minute)
	overdue(t, l, c.Now(), time.Minute, row)
	open, err := l.People().OpenDepartures(ctx, c.Now())
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]persons.Departure{row}, open))

	ahead.DueAt = c.Now()
	require.NoError(t, l.People().NoteDeparture(ctx, ahead), "due at once, again: the clock goes on")
	overdue(t, l, c.Now(), time.Minute, row)

	// The departure opens the episode that was foreseen.
	leftAt(t, l, time.Time{})
	left, err := l.People().SetEmployed(ctx, "workday-1", false)
	require.NoError(t, err)
	require.Equal(t, 2, left.Episode)
	require.Equal(t, 2, left.Departing())
	require.NoError(t, l.People().MarkDepartureContained(ctx, "workday-1", 1, c.Now()))
	overdue(t, l, c.Now(), 0, row)
	leftAt(t, l, time.Time{})
	require.NoError(t, l.People().MarkDepartureContained(ctx, "workday-1", 2, c.Now()))
	overdue(t, l, c.Now(), 0)
	require.NoError(t, l.People().NoteDeparture(ctx, ahead), "a repetition")
	overdue(t, l, c.Now(), 0)
	require.Empty(t, storetest.Dossier(t, l, "workday-1").Departures)
	leftAt(t, l, row.DueAt)

	// A first day that is near begins nothing. Years later they are back, and then HR says that they stay.
	require.NoError(t, l.People().NoteOut(ctx, "workday-1", row.DueAt))
	_, err = l.People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)
	leftAt(t, l, row.DueAt)
	require.NoError(t, l.People().NoteOut(ctx, "workday-1", time.Time{}))
	require.ErrorIs(t, l.People().NoteOut(ctx, "workday-7", row.DueAt), engine.ErrNotFound)
	leftAt(t, l, time.Time{})
	require.NoError(t, l.People().NoteDepartures(ctx, []persons.Departure{
		{Key: "workday-1", Source: "workday", DueAt: c.Now()}, {Key: "workday-9", Source: "workday", DueAt: c.Now().Add(-time.Hour)},
	}))
	unseen := persons.Departure{Key: "workday-9", Episode: 1, Source: "workday", KnownAt: c.Now(), DueAt: c.Now().Add(-time.Hour)}
	again := persons.Departure{Key: "workday-1", Episode: 4, Source: "workday", KnownAt: c.Now(), DueAt: c.Now()}
	overdue(t, l, c.Now(), 0, unseen, again)
	require.NoError(t, l.People().ForgetDeparture(ctx, "workday-1", 4))
	overdue(t, l, c.Now(), 0, unseen)

	require.Error(t, l.People().NoteDeparture(ctx, persons.Departure{Key: "workday-1"}))
}

func testOrderedDepartures(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	_, err := l.People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)
	order := func(id string, kind identity.OrderKind, until time.Duration) {
		t.Helper()
		o := identity.Order{ID: id, Key: "workday-1", Kind: kind, By: "sec", At: c.Now()}
		if until > 0 {
			o.Until = c.Now().Add(until)
		}
		for range 2 {
			require.NoError(t, l.Orders().Put(ctx, o))
		}
	}
	given := c.Now()
	order("c1", identity.OrderContain, 0)
	order("s1", identity.OrderSuspend, time.Hour)
	order("f1", identity.OrderFreeze, 0)
	contain := persons.Departure{Key: "workday-1", Episode: 2, Order: "c1", KnownAt: given, DueAt: given}
	suspend := persons.Departure{Key: "workday-1", Episode: 1, Order: "s1", KnownAt: given, DueAt: given}
	overdue(t, l, c.Now(), 0, suspend, contain)
	require.Empty(t, cmp.Diff([]persons.Departure{suspend, contain}, storetest.Dossier(t, l, "workday-1").Departures))

	require.NoError(t, l.People().ForgetDeparture(ctx, "workday-1", 2), "HR has no say in orders")
	require.NoError(t, l.People().MarkOrderContained(ctx, "s1", c.Now()))
	overdue(t, l, c.Now(), 0, contain)
	c.Advance(time.Minute)
	_, err = l.Orders().Release(ctx, "c1", "sec", "found")
	require.NoError(t, err)
	overdue(t, l, c.Now(), 0)
	order("c1", identity.OrderContain, 0)
	overdue(t, l, c.Now(), 0)

	order("s2", identity.OrderSuspend, time.Hour)
	c.Advance(2 * time.Hour)
	overdue(t, l, c.Now(), 0)

	// One order turns out to be about somebody else, whose containment closes it.
	order("c2", identity.OrderContain, 0)
	moved := persons.Departure{Key: "workday-2", Episode: 2, Order: "c2", KnownAt: c.Now(), DueAt: c.Now()}
	require.NoError(t, l.Orders().Move(ctx, "workday-1", "workday-2"))
	overdue(t, l, c.Now(), 0, moved)
	require.NoError(t, l.People().MarkDepartureContained(ctx, "workday-2", 1, c.Now()))
	overdue(t, l, c.Now(), 0)

	// Contained people need no row for a second order; closing it is the assessment's work.
	_, err = l.People().SetEmployed(ctx, "workday-1", false)
	require.NoError(t, err)
	order("c3", identity.OrderContain, 0)
	overdue(t, l, c.Now(), 0, persons.Departure{Key: "workday-1", Episode: 2, Order: "c3", KnownAt: c.Now(), DueAt: c.Now()})
	ahead := persons.Departure{Key: "workday-1", Source: "workday", DueAt: c.Now().Add(time.Hour)}
	require.NoError(t, l.People().NoteDeparture(ctx, ahead))
	require.NoError(t, l.People().MarkDepartureContained(ctx, "workday-1", 2, c.Now()))
	overdue(t, l, c.Now(), 0)
	c.Advance(2 * time.Hour)
	leftAt(t, l, time.Time{})
}

func testJoinedDepartures(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	storetest.Admit(t, l, "bamboohr", "5", persons.Digests{})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	require.NoError(t, l.People().NoteDeparture(ctx, persons.Departure{Key: "bamboohr-5", Episode: 3, Source: "bamboohr", DueAt: c.Now()}))
	require.NoError(t, l.People().Join(ctx, "bamboohr", "5", "workday-1", "ops"))
	row := persons.Departure{Key: "workday-1", Episode: 3, Source: "bamboohr", KnownAt: c.Now(), DueAt: c.Now()}
	overdue(t, l, c.Now(), 0, row)
	require.NoError(t, l.People().MarkDeparturesAnnounced(ctx, []persons.Departure{row}, c.Now()))
	row.AnnouncedAt = c.Now()
	overdue(t, l, c.Now(), 0, row)
	require.NoError(t, l.People().MarkDepartureContained(ctx, "workday-1", 1, c.Now()))
	overdue(t, l, c.Now(), 0)

	require.NoError(t, l.People().NoteDeparture(ctx, persons.Departure{Key: "bamboohr-5", Episode: 4, Source: "bamboohr", DueAt: c.Now()}))
	require.NoError(t, l.People().ForgetDeparture(ctx, "workday-1", 1))
	overdue(t, l, c.Now(), 0)
}

func testAnnouncedDepartures(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	hr := persons.Departure{Key: "workday-1", Episode: 2, Source: "workday", KnownAt: c.Now(), DueAt: c.Now()}
	require.NoError(t, l.People().NoteDeparture(ctx, hr))
	require.NoError(t, l.Orders().Put(ctx, identity.Order{ID: "c1", Key: "workday-1", Kind: identity.OrderContain, By: "sec"}))
	order := persons.Departure{Key: "workday-1", Episode: 1, Order: "c1", KnownAt: c.Now(), DueAt: c.Now()}
	overdue(t, l, c.Now(), 0, order, hr)
	c.Advance(time.Minute)
	require.NoError(t, l.People().MarkDeparturesAnnounced(ctx, []persons.Departure{order}, c.Now()))
	order.AnnouncedAt = c.Now()
	overdue(t, l, c.Now(), 0, order, hr)
	require.NoError(t, l.People().MarkDeparturesAnnounced(ctx, []persons.Departure{order, hr}, c.Now()))
	hr.AnnouncedAt = c.Now()
	overdue(t, l, c.Now(), 0, order, hr)

	// A last day that moves ahead again has yet to be announced.
	require.NoError(t, l.People().NoteDeparture(ctx, persons.Departure{Key: "workday-1", Episode: 2, Source: "workday", DueAt: c.Now().Add(time.Hour)}))
	overdue(t, l, c.Now(), 0, order)
	c.Advance(time.Hour)
	hr.AnnouncedAt, hr.DueAt = time.Time{}, c.Now()
	overdue(t, l, c.Now(), 0, order, hr)
}

func testDepartureRules(t *testing.T, e storetest.Engine) {
	ctx, url := context.Background(), e.URL(t)
	l := storetest.Open(t, url, ledger.Options{})
	got, err := l.People().DepartureRules(ctx)
	require.NoError(t, err)
	require.Equal(t, persons.DepartureRules{ContainWithin: 15 * time.Minute}, got)
	for _, want := range []persons.DepartureRules{
		{Observe: true, ContainWithin: 5 * time.Second}, {Observe: true, ContainWithin: 5 * time.Second}, {ContainWithin: time.Hour},
	} {
		require.NoError(t, l.People().SetDepartureRules(ctx, want))
		got, err = storetest.Open(t, url, ledger.Options{}).People().DepartureRules(ctx)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
