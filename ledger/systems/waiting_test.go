package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
)

// testWaiting: what a departure waits with is owed in its episode and the next one.
func testWaiting(t *testing.T, e storetest.Engine) {
	ctx, r := t.Context(), newRig(t, e)
	r.observe(row("1"))
	r.link("1", "workday-1")
	steps := []identity.SystemStepKind{identity.SystemEndSessions, identity.SystemResetPassword}
	require.NoError(t, r.Systems().NoteWaiting(ctx, ref("1"), steps, "workday-1", 1))
	require.Equal(t, steps, r.view("workday-1").Owed)
	require.Equal(t, steps, r.first("workday-1", 1).Waiting)
	require.Equal(t, steps, r.first("workday-1", 2).Waiting)
	require.Empty(t, r.first("workday-1", 3).Waiting, "a later departure")
	require.NoError(t, r.Systems().NoteWaiting(ctx, ref("1"), nil, "workday-1", 2))
	require.Empty(t, r.view("workday-1").Owed)
}
