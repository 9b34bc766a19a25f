package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/test/kit"
)

// TestAccountsAreSwept runs a sweep as its schedule would: the inventory then has every account that OneLogin has.
func TestAccountsAreSwept(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: api.AccountSweepID, TaskQueue: api.QueueSweep},
		api.TypeAccountSweep, api.AccountSweepRequest{Every: 6 * time.Hour, Each: time.Hour})
	require.NoError(t, err)
	var out api.AccountSweepOutcome
	require.NoError(t, run.Get(t.Context(), &out))
	require.True(t, out.Accounts.Complete, out.Result)
	require.True(t, out.Roles.Complete)
	accounts, err := s.Sandbox.Accounts(t.Context())
	require.NoError(t, err)
	for _, want := range accounts {
		got, found, err := s.App.Ledger.Inventory().Account(t.Context(), identity.OneLoginRef(want.ID))
		require.NoError(t, err)
		require.True(t, found, "account %d", want.ID)
		require.Equal(t, want.Username, got.Document.Username)
		require.Len(t, got.Roles, len(want.Roles))
	}
}
