package mfa_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/storetest"
)

const day = 24 * time.Hour

// list has a scan see accounts that can sign in, each the person workday-<account>.
func list(t *testing.T, l *ledger.Ledger, scan mfa.Scan, accounts ...int64) {
	t.Helper()
	var listed []mfa.Listed
	for _, id := range accounts {
		listed = append(listed, mfa.Listed{AccountID: id, Key: keyOf(id), Username: "user@acme.example", Active: true})
	}
	require.NoError(t, l.MFA().List(context.Background(), scan, listed))
}

func keyOf(id int64) string {
	return map[int64]string{1: "workday-1", 2: "workday-2", 3: "workday-3"}[id]
}

func begin(t *testing.T, l *ledger.Ledger, id string) mfa.Scan {
	t.Helper()
	scan, err := l.MFA().BeginScan(context.Background(), id, false)
	require.NoError(t, err)
	return scan
}

// reads settles one reading and returns the state after it.
func reads(t *testing.T, l *ledger.Ledger, id int64, some bool) mfa.State {
	t.Helper()
	after, err := l.MFA().Settle(context.Background(), []mfa.Reading{{AccountID: id, Some: some, Source: "scan"}}, false)
	require.NoError(t, err)
	require.Len(t, after, 1)
	return after[0]
}

func due(t *testing.T, l *ledger.Ledger, scan string) []int64 {
	t.Helper()
	states, err := l.MFA().Due(context.Background(), scan, 100)
	require.NoError(t, err)
	var ids []int64
	for _, s := range states {
		ids = append(ids, s.AccountID)
	}
	return ids
}

func testGraceClock(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	list(t, l, begin(t, l, "s1"), 1)
	began := c.Now()
	first := reads(t, l, 1, false)
	require.Equal(t, 1, first.Clock)
	require.Equal(t, began, first.Since)
	require.Equal(t, mfa.StageGrace, first.Stage)
	require.Equal(t, "user@acme.example", first.Username)
	require.Equal(t, 2, first.Row)

	c.Advance(7 * day)
	again := reads(t, l, 1, false)
	require.Equal(t, 1, again.Clock, "a second scan must not restart the clock")
	require.Equal(t, began, again.Since)
	require.Equal(t, c.Now(), again.CheckedAt)

	enrolled := reads(t, l, 1, true)
	require.Zero(t, enrolled.Since, "enrolment ends the clock")
	require.NoError(t, l.MFA().Move(ctx, mfa.Move{AccountID: 1, Clock: 1, Stage: mfa.StageEnrolled}))

	c.Advance(day)
	lost := reads(t, l, 1, false)
	require.Equal(t, 2, lost.Clock, "a factor that is lost starts another clock")
	require.Equal(t, c.Now(), lost.Since)
	require.Equal(t, 2, lost.Row, "the row stays")

	watched, err := l.MFA().Settle(ctx, []mfa.Reading{{AccountID: 9, Source: "scan"}}, false)
	require.NoError(t, err)
	require.Empty(t, watched, "an account that was never listed is nobody's")

	// A clock that ran while nobody was told does not count once people are.
	list(t, l, begin(t, l, "s1"), 2)
	quiet, err := l.MFA().Settle(ctx, []mfa.Reading{{AccountID: 2, Source: "scan"}}, true)
	require.NoError(t, err)
	require.True(t, quiet[0].Observed)
	c.Advance(30 * day)
	told := reads(t, l, 2, false)
	require.Equal(t, c.Now(), told.Since)
	require.False(t, told.Observed)

	gone, err := l.MFA().Settle(ctx, []mfa.Reading{{AccountID: 2, Gone: true, Source: "check"}}, false)
	require.NoError(t, err)
	require.False(t, gone[0].Active)
	require.Zero(t, gone[0].Since)
}

func testGraceExceptions(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	list(t, l, begin(t, l, "s1"), 1, 2)
	require.ErrorIs(t, l.MFA().Extend(ctx, 1, c.Now().Add(day)), mfa.ErrNoClock)
	reads(t, l, 1, false)
	until := c.Now().Add(30 * day)
	for range 2 {
		require.NoError(t, l.MFA().Extend(ctx, 1, until))
	}
	s := reads(t, l, 1, false)
	require.Equal(t, until, s.ExtendedUntil)
	require.Equal(t, 1, s.Clock)

	require.NoError(t, l.MFA().Exempt(ctx, 1, until))
	s = reads(t, l, 1, false)
	require.Equal(t, until, s.ExemptUntil)
	require.Zero(t, s.Since, "no clock runs while somebody is exempt")
	c.Advance(31 * day)
	s = reads(t, l, 1, false)
	require.Equal(t, 2, s.Clock, "the clock starts fresh when the exemption has lapsed")
	require.Equal(t, c.Now(), s.Since)
	require.Zero(t, s.ExtendedUntil)

	require.NoError(t, l.MFA().Exempt(ctx, 2, c.Now().Add(day)))
	s, found, err := l.MFA().State(ctx, 2)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 3, s.Row, "an exemption is worth a row")
	require.NoError(t, l.MFA().Exempt(ctx, 99, until), "an account that is not listed has nothing to be excused from")
}

func testGraceMoves(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	list(t, l, begin(t, l, "s1"), 1)
	reads(t, l, 1, false)
	deadline := c.Now().Add(21 * day)
	move := mfa.Move{AccountID: 1, Clock: 1, Stage: mfa.StageEscalated, Reminders: 5, Deadline: deadline}
	for range 2 {
		require.NoError(t, l.MFA().Move(ctx, move))
	}
	s, _, err := l.MFA().State(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, mfa.StageEscalated, s.Stage)
	require.Equal(t, 5, s.Reminders)
	require.Equal(t, deadline, s.Deadline)
	move.Clock, move.Stage = 7, mfa.StageRestricted
	require.NoError(t, l.MFA().Move(ctx, move))
	s, _, err = l.MFA().State(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, mfa.StageEscalated, s.Stage, "a move of another clock is not this one's")

	open, err := l.MFA().OpenAmong(ctx, []int64{1, 2, 99})
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, deadline, open[0].Deadline)

	require.NoError(t, l.MFA().Resume(ctx, 1, 1), "no clock stands still")
	since := s.Since
	move.Clock, move.Stage = 1, mfa.StageLeave
	require.NoError(t, l.MFA().Move(ctx, move))
	c.Advance(3 * day)
	for range 2 {
		require.NoError(t, l.MFA().Resume(ctx, 1, 1))
	}
	s, _, err = l.MFA().State(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, mfa.StageGrace, s.Stage)
	require.Equal(t, since.Add(3*day), s.Since)

	require.NoError(t, l.MFA().SetRisk(ctx, 1, 80))
	states, err := l.MFA().StatesOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Len(t, states, 1)
	require.Equal(t, 80, states[0].Risk)
}

func testMFAScan(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	first := begin(t, l, "s1")
	require.Zero(t, first.Since, "the first scan reads everybody")
	list(t, l, first, 1, 2, 3)
	require.NoError(t, l.MFA().Stage(ctx, first, 0, 90*day, day))
	require.Equal(t, []int64{1, 2, 3}, due(t, l, "s1"))
	reads(t, l, 1, false)
	require.Equal(t, []int64{2, 3}, due(t, l, "s1"), "what was read before a crash is not read again")
	resumed := begin(t, l, "s1")
	require.Equal(t, first.StartedAt, resumed.StartedAt)
	require.False(t, resumed.StagedAt.IsZero())
	// A listing that is repeated after a crash brings nobody back.
	list(t, l, resumed, 1)
	require.Equal(t, []int64{2, 3}, due(t, l, "s1"))
	reads(t, l, 2, true)
	reads(t, l, 3, true)
	require.NoError(t, l.MFA().Progress(ctx, "s1", 3))
	done, err := l.MFA().FinishScan(ctx, "s1")
	require.NoError(t, err)
	require.Equal(t, 3, done.Checked)

	c.Advance(7 * day)
	second := begin(t, l, "s2")
	require.Equal(t, first.StartedAt, second.Since)
	list(t, l, second, 2)
	require.NoError(t, l.MFA().Touch(ctx, "s2", []int64{3, 99}))
	require.NoError(t, l.MFA().Stage(ctx, second, 1, 90*day, day))
	require.Equal(t, []int64{1, 3}, due(t, l, "s2"), "the one without a factor, and the one whom an event names")
	for _, id := range []int64{1, 3} {
		reads(t, l, id, id == 3)
	}
	_, err = l.MFA().FinishScan(ctx, "s2")
	require.NoError(t, err)

	c.Advance(90 * day)
	third := begin(t, l, "s3")
	require.NoError(t, l.MFA().Stage(ctx, third, 0, 90*day, day))
	require.Equal(t, []int64{1, 2, 3}, due(t, l, "s3"), "every reading has grown old")
	everybody, err := l.MFA().BeginScan(ctx, "s4", true)
	require.NoError(t, err)
	require.Zero(t, everybody.Since)

	counts, err := l.MFA().Count(ctx)
	require.NoError(t, err)
	require.Equal(t, mfa.Counts{Active: 3, Some: 2, None: 1}, counts)
}

// testAbortedMFAScan: whom a scan was about to look at when it was aborted is not forgotten.
func testAbortedMFAScan(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	first := begin(t, l, "s1")
	list(t, l, first, 1, 2)
	require.NoError(t, l.MFA().Stage(ctx, first, 0, 90*day, day))
	for _, id := range []int64{1, 2} {
		reads(t, l, id, true)
	}
	_, err := l.MFA().FinishScan(ctx, "s1")
	require.NoError(t, err)
	c.Advance(day)
	begin(t, l, "aborted")
	require.NoError(t, l.MFA().Touch(ctx, "aborted", []int64{2}))
	c.Advance(day)
	require.NoError(t, l.MFA().Stage(ctx, begin(t, l, "s2"), 0, 90*day, day))
	require.Equal(t, []int64{2}, due(t, l, "s2"))
	require.Empty(t, due(t, l, "aborted"))
}

func testTrackingRows(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	scan := begin(t, l, "s1")
	ids := make([]int64, 40)
	var listed []mfa.Listed
	for i := range ids {
		ids[i] = int64(i + 1)
		listed = append(listed, mfa.Listed{AccountID: ids[i], Key: "workday-x", Active: true})
	}
	require.NoError(t, l.MFA().List(ctx, scan, listed))
	require.NoError(t, storetest.AtOnce(8, func(i int) error {
		var readings []mfa.Reading
		for _, id := range ids[i*5 : i*5+5] {
			readings = append(readings, mfa.Reading{AccountID: id, Source: "scan"})
		}
		_, err := l.MFA().Settle(ctx, readings, false)
		return err
	}))
	rows, err := l.MFA().Tracked(ctx, 0, 100)
	require.NoError(t, err)
	require.Len(t, rows, 40)
	for i, s := range rows {
		require.Equal(t, i+2, s.Row, "rows follow the header without a gap")
	}
	page, err := l.MFA().Tracked(ctx, rows[29].Row, 5)
	require.NoError(t, err)
	require.Equal(t, rows[30].AccountID, page[0].AccountID)
	require.Len(t, page, 5)
	running, err := l.MFA().Open(ctx, 38, 10)
	require.NoError(t, err)
	require.Len(t, running, 2)
}
