package policies_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/storetest"
)

func testPolicies(t *testing.T, e storetest.Engine) {
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	ctx := t.Context()
	old := policies.PolicyState{Program: "a/1", Hash: "0123456789ab", TakenAt: c.Now()}
	require.NoError(t, l.Policies().NotePolicy(ctx, old))
	c.Advance(time.Hour)
	refusing := policies.PolicyState{
		Program: "b/2", Hash: "0123456789ab", TakenAt: c.Now(), Refused: policies.PolicyWeaker, RefusedHash: "ba9876543210",
		RefusedAt: c.Now(), Detail: "protection lost",
	}
	require.NoError(t, l.Policies().NotePolicy(ctx, refusing))
	refusing.SeenAt = c.Now()
	found, err := l.Policies().States(ctx, c.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.Equal(t, []policies.PolicyState{refusing}, found)
	require.NoError(t, l.Policies().ForgetPolicies(ctx, c.Now()))
	found, err = l.Policies().States(ctx, time.Time{})
	require.NoError(t, err)
	require.Equal(t, []policies.PolicyState{refusing}, found, "the process that has ended is forgotten")

	_, accepted, err := l.Policies().PolicyAccepted(ctx, "ba9876543210")
	require.NoError(t, err)
	require.False(t, accepted)
	word := policies.PolicyAccept{Hash: "ba9876543210", By: "ann", Reason: "the account is gone"}
	require.NoError(t, l.Policies().AcceptPolicy(ctx, word))
	require.NoError(t, l.Policies().AcceptPolicy(ctx, policies.PolicyAccept{Hash: word.Hash, By: "bob", Reason: "again"}))
	got, accepted, err := l.Policies().PolicyAccepted(ctx, "ba9876543210")
	require.NoError(t, err)
	require.True(t, accepted)
	word.At = c.Now()
	require.Equal(t, word, got, "the first word stays")
	require.Error(t, l.Policies().AcceptPolicy(ctx, policies.PolicyAccept{Hash: "x", By: "ann"}), "nobody accepts without a reason")
}
