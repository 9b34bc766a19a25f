package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
)

func testPolicies(t *testing.T, e engine) {
	c := newClock()
	l := open(t, e.url(t), ledger.Options{Clock: c.Now})
	ctx := t.Context()
	old := ledger.PolicyState{Program: "a/1", Hash: "0123456789ab", TakenAt: c.Now()}
	require.NoError(t, l.NotePolicy(ctx, old))
	c.advance(time.Hour)
	refusing := ledger.PolicyState{
		Program: "b/2", Hash: "0123456789ab", TakenAt: c.Now(), Refused: ledger.PolicyWeaker, RefusedHash: "ba9876543210",
		RefusedAt: c.Now(), Detail: "protection lost",
	}
	require.NoError(t, l.NotePolicy(ctx, refusing))
	refusing.SeenAt = c.Now()
	found, err := l.Policies(ctx, c.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.Equal(t, []ledger.PolicyState{refusing}, found)
	require.NoError(t, l.ForgetPolicies(ctx, c.Now()))
	found, err = l.Policies(ctx, time.Time{})
	require.NoError(t, err)
	require.Equal(t, []ledger.PolicyState{refusing}, found, "the process that has ended is forgotten")

	_, accepted, err := l.PolicyAccepted(ctx, "ba9876543210")
	require.NoError(t, err)
	require.False(t, accepted)
	word := ledger.PolicyAccept{Hash: "ba9876543210", By: "ann", Reason: "the account is gone"}
	require.NoError(t, l.AcceptPolicy(ctx, word))
	require.NoError(t, l.AcceptPolicy(ctx, ledger.PolicyAccept{Hash: word.Hash, By: "bob", Reason: "again"}))
	got, accepted, err := l.PolicyAccepted(ctx, "ba9876543210")
	require.NoError(t, err)
	require.True(t, accepted)
	word.At = c.Now()
	require.Equal(t, word, got, "the first word stays")
	require.Error(t, l.AcceptPolicy(ctx, ledger.PolicyAccept{Hash: "x", By: "ann"}), "nobody accepts without a reason")
}
