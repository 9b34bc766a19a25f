package systems_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

// testHanded: mailboxes are in the hands of those whom departures have given them to or whose address they answer with, until that is taken
// back or the account is suspended.
func testHanded(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	handed := func() []systems.Handed {
		all, err := s.Handed(ctx, google)
		require.NoError(t, err)
		return all
	}
	closed := row("3", "g1")
	closed.Status, closed.Document.Status = identity.AccountSuspended, identity.AccountSuspended
	r.observe(row("1", "g1"), row("2", "g1"), closed, row("4", "g1"))
	note := func(id string, step identity.SystemStepKind, to string) {
		for range 2 {
			require.NoError(t, s.NoteEnded(ctx, ref(id), systems.Ended{Key: "workday-1", Episode: 2, Step: step, At: r.c.Now(), To: to}))
		}
	}
	note("1", identity.SystemAutoReply, "boss")
	note("1", identity.SystemDelegate, "boss")
	note("1", identity.SystemDelegate, "heir")
	note("2", identity.SystemAutoReply, "boss")
	note("2", identity.SystemMove, "/Leavers")
	note("3", identity.SystemDelegate, "boss")
	note("4", identity.SystemAutoReply, "")
	note("4", identity.SystemMove, "/Leavers")
	require.Equal(t, []systems.Handed{{ID: "1", Delegates: []string{"boss", "heir"}, Reply: "boss"}, {ID: "2", Reply: "boss"}}, handed())
	require.Equal(t, []string{"boss", "heir", "boss"}, handed()[0].Heirs())

	for range 2 {
		require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemDelegate, "boss"))
		require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemAutoReply, ""))
		require.NoError(t, s.TakeBack(ctx, ref("2"), identity.SystemAutoReply, ""))
	}
	require.Equal(t, []systems.Handed{{ID: "1", Delegates: []string{"heir"}}}, handed())
}
