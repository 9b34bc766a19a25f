package sponsored_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/sponsored"
	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){"records": testRecords, "requests": testRequests, "at once": testAtOnce})
}

func record(id string) sponsored.Record {
	return sponsored.Record{
		ID: id, Starts: "2026-03-02", Ends: "2026-06-30", Sponsor: "workday-1", Heir: "workday-2",
		Detail: sponsored.Detail{FirstName: "Carla", LastName: "Rossi", PersonalEmail: "c@auditors.example", Reason: "the audit", By: "grace"},
	}
}

func testRecords(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "one", "one")}).Sponsored()
	for _, wrong := range []sponsored.Record{{}, {ID: "s1"}, {ID: "s 1", Sponsor: "workday-1", Ends: "2026-06-30"}, {ID: "s1", Sponsor: "workday-1"}} {
		require.Error(t, s.Put(ctx, wrong))
	}
	require.NoError(t, s.Put(ctx, record("s2")))
	c.Advance(time.Minute)
	require.NoError(t, s.Put(ctx, record("s1")))
	got, found, err := s.Record(ctx, "s2")
	require.NoError(t, err)
	require.True(t, found)
	want := record("s2")
	want.MadeAt = got.MadeAt
	require.Equal(t, want, got)
	require.Equal(t, "sponsored-s2", got.Key())

	c.Advance(time.Minute)
	got.Ends, got.OrphanedAt, got.HeirAt = "2026-09-30", c.Now().UTC(), c.Now().UTC()
	require.NoError(t, s.Put(ctx, got))
	now, _, err := s.Record(ctx, "s2")
	require.NoError(t, err)
	require.Equal(t, got, now, "when it was made stays")

	// What was found out about a sponsor who is not the sponsor any more counts for nothing.
	found1 := now
	now.Sponsor, now.OrphanedAt = "workday-3", time.Time{}
	require.NoError(t, s.Put(ctx, now))
	found1.Heir = "workday-9"
	require.NoError(t, s.NoteSponsor(ctx, found1))
	after, _, err := s.Record(ctx, "s2")
	require.NoError(t, err)
	require.Equal(t, now, after)
	now.Heir = "workday-4"
	require.NoError(t, s.NoteSponsor(ctx, now))
	after, _, err = s.Record(ctx, "s2")
	require.NoError(t, err)
	require.Equal(t, "workday-4", after.Heir)

	all, err := s.All(ctx)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "s2", all[0].ID, "in the order in which they were made")
	_, found, err = s.Record(ctx, "s3")
	require.NoError(t, err)
	require.False(t, found)
}

func testRequests(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "one", "one")}).Sponsored()
	one := sponsored.Request{Request: "r1", Arguments: "a", ID: "s1", Verb: "add", By: "grace", Reason: "the audit", Proof: []byte(`{"key":"k"}`)}
	fresh, err := s.Keep(ctx, one)
	require.NoError(t, err)
	require.True(t, fresh)
	other := one
	other.Arguments, other.By = "b", "eve"
	fresh, err = s.Keep(ctx, other)
	require.NoError(t, err)
	require.False(t, fresh)
	got, found, err := s.Request(ctx, "r1")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "a", got.Arguments, "what was kept first stays")
	require.Equal(t, "grace", got.By)
	require.JSONEq(t, `{"key":"k"}`, string(got.Proof))
	_, err = s.Keep(ctx, sponsored.Request{Request: "r2", Arguments: "a", ID: "s1", Verb: "end", By: "grace"})
	require.NoError(t, err)
	all, err := s.RequestsOf(ctx, "s1")
	require.NoError(t, err)
	require.Len(t, all, 2)
	_, found, err = s.Request(ctx, "r3")
	require.NoError(t, err)
	require.False(t, found)
}

// testAtOnce: of several who look whether somebody is there and add them if not, one adds them.
func testAtOnce(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "one", "one")})
	const askers = 6
	failed := make(chan error, askers)
	for i := range askers {
		go func() {
			failed <- l.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
				if err := l.Sponsored().Lock(ctx); err != nil {
					return err
				}
				all, err := l.Sponsored().All(ctx)
				if err != nil || len(all) > 0 {
					return err
				}
				return l.Sponsored().Put(ctx, record(fmt.Sprintf("s%d", i)))
			})
		}()
	}
	for range askers {
		require.NoError(t, <-failed)
	}
	all, err := l.Sponsored().All(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

// TestLastDay: the earliest of what ends it, and who answers for them until then.
func TestLastDay(t *testing.T) {
	t.Parallel()
	gone := time.Date(2026, 3, 3, 23, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change  func(*sponsored.Record)
		last    identity.Date
		answers string
	}{
		"as it was said":           {func(*sponsored.Record) {}, "2026-06-30", "workday-1"},
		"ended":                    {func(r *sponsored.Record) { r.Ended = "2026-04-01" }, "2026-04-01", "workday-1"},
		"nobody has confirmed":     {func(r *sponsored.Record) { r.OrphanedAt = gone }, "2026-03-17", "workday-2"},
		"nobody inherits":          {func(r *sponsored.Record) { r.OrphanedAt, r.Heir = gone, "" }, "2026-03-17", ""},
		"it ends before that":      {func(r *sponsored.Record) { r.OrphanedAt, r.Ends = gone, "2026-03-10" }, "2026-03-10", "workday-2"},
		"ended, and not confirmed": {func(r *sponsored.Record) { r.OrphanedAt, r.Ended = gone, "2026-03-09" }, "2026-03-09", "workday-2"},
	} {
		r := record("s1")
		c.change(&r)
		require.Equal(t, c.last, r.LastDay(), name)
		require.Equal(t, c.answers, r.AnswersFor(), name)
		require.Equal(t, r.Ended != "", r.Over(gone), name)
		require.True(t, r.Over(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)), name)
	}
}
