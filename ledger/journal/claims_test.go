package journal_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/storetest"
)

func testClaims(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	first := c.Now()
	check := func(want journal.Claim) {
		t.Helper()
		got, err := l.Journal().Claim(ctx, "workday-1/2/ticket")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
	check(journal.Claim{State: journal.Fresh, ClaimedAt: first, Attempts: 1})
	c.Advance(time.Minute)
	check(journal.Claim{State: journal.Claimed, ClaimedAt: first, Attempts: 2})
	require.NoError(t, l.Journal().Done(ctx, "workday-1/2/ticket", []byte(`{"key":"IT-7"}`)))
	require.NoError(t, l.Journal().Done(ctx, "workday-1/2/ticket", []byte(`{"key":"IT-8"}`)))
	check(journal.Claim{State: journal.Done, Result: []byte(`{"key":"IT-7"}`), ClaimedAt: first, Attempts: 3})
	require.NoError(t, l.Journal().Forget(ctx, "workday-1/2/ticket"))
	check(journal.Claim{State: journal.Fresh, ClaimedAt: c.Now(), Attempts: 1})

	require.NoError(t, l.Journal().Done(ctx, "never claimed", nil))
	got, err := l.Journal().Claim(ctx, "never claimed")
	require.NoError(t, err)
	require.Equal(t, journal.Done, got.State)
	_, err = l.Journal().Claim(ctx, "")
	require.Error(t, err)
}

func testClaimsAtOnce(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	for _, name := range []string{"a", "b", "c"} {
		var fresh atomic.Int64
		require.NoError(t, storetest.AtOnce(16, func(int) error {
			c, err := l.Journal().Claim(ctx, name)
			if c.State == journal.Fresh {
				fresh.Add(1)
			}
			return err
		}))
		require.EqualValues(t, 1, fresh.Load())
	}
}

func testEvidence(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	require.NoError(t, l.Journal().Record(ctx, nil))
	suspend := journal.Evidence{
		Key: "workday-1/2/suspend", PersonKey: "workday-1", Episode: 2, Step: "suspend", Template: "Offboarding", RunID: "r1",
		Cause: "HR", Actor: "gatehouse", Outcome: "done", PolicyHash: "abc", Before: []byte(`{"status":1}`),
		After: []byte(`{"status":2}`), StartedAt: c.Now(), FinishedAt: c.Now().Add(time.Second),
	}
	roles := journal.Evidence{
		Key: "workday-1/2/roles", PersonKey: "workday-1", Episode: 2, Step: "roles", StartedAt: c.Now().Add(time.Minute),
	}
	other := journal.Evidence{Key: "workday-2/1/roles", PersonKey: "workday-2", Episode: 1, Step: "roles"}
	earlier := suspend
	earlier.Outcome, earlier.After = "failed", nil
	require.NoError(t, l.Journal().Record(ctx, []journal.Evidence{roles, earlier, other, suspend}), "one key twice in one call")
	require.NoError(t, l.Journal().Record(ctx, []journal.Evidence{suspend}))
	got, err := l.Journal().EvidenceOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]journal.Evidence{suspend, roles}, got))
	require.Error(t, l.Journal().Record(ctx, []journal.Evidence{{Key: "x"}}))
}
