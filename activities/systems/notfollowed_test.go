package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy/policytest"
)

// owes has a system owe the suspension of somebody who must be out.
func (r *reading) owes(key, system, account string) {
	r.t.Helper()
	require.NoError(r.t, r.s.Owe(r.t.Context(), api.OweInput{
		SystemInput: api.SystemInput{Key: key, System: system, Account: account, Step: identity.SystemStep{Kind: identity.SystemSuspend}, Leaving: true},
		Since:       r.now(), Why: api.ErrUnavailable,
	}))
	require.Len(r.t, r.items("system_debt"), 1)
}

// TestADebtGoesWithItsAccount, and so does the item about it.
func TestADebtGoesWithItsAccount(t *testing.T) {
	t.Parallel()
	l := ldapLiar(t)
	r := newReading(t, l.name, l.system)
	r.enforce()
	require.Empty(t, r.sweep().Why)
	r.owes("workday-1", l.name, l.ids[0])
	require.NoError(t, r.l.Inventory().DropAccount(t.Context(), identity.Ref{System: l.name, ID: l.ids[0]}))
	require.Empty(t, r.sweep().Why)
	require.Empty(t, r.items("system_debt"), "nothing is owed")
	require.Empty(t, r.items("system_not_followed"))
}

// TestWhatIsOwedIsGivenUpWithTheLastSystem, of which no reading could tell. A system that is back is told of no more.
func TestWhatIsOwedIsGivenUpWithTheLastSystem(t *testing.T) {
	t.Parallel()
	l := ldapLiar(t)
	r := newReading(t, l.name, l.system)
	require.Empty(t, r.sweep().Why)
	r.owes("workday-1", l.name, l.ids[0])
	none := policytest.Parse(t, policytest.Everyone)
	require.NoError(t, r.s.Plan(t.Context(), none, &api.Assessment{Key: "workday-2"}, nil, true))
	require.Len(t, r.items("system_debt"), 1, "a dry look writes nothing down")
	for range 2 {
		require.NoError(t, r.s.Plan(t.Context(), none, &api.Assessment{Key: "workday-2"}, nil, false))
		require.Empty(t, r.items("system_debt"))
		owed, err := r.l.Systems().Debts(t.Context(), l.name)
		require.NoError(t, err)
		require.Empty(t, owed)
		items := r.items("system_not_followed")
		require.Len(t, items, 1)
		require.Contains(t, items[0].Text, "1 person of these must be out")
		require.NotContains(t, items[0].Text, "workday-1")
	}
	r.enforce()
	require.Empty(t, r.sweep().Why)
	require.Empty(t, r.items("system_not_followed"))
}
