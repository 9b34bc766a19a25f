package attention_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/agents"
)

// TestARequestWithoutARunGetsOne has Temporal away when requests are filed, and lose what it knew about one that waits.
func TestARequestWithoutARunGetsOne(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	for _, id := range []string{"filed", "waiting", "over"} {
		_, _, err := k.ledger.Agents().File(t.Context(), agents.Request{ID: id, Agent: "helpdesk", Tool: "assign_role", Arguments: "a", State: agents.Filed})
		require.NoError(t, err)
	}
	require.NoError(t, k.ledger.Agents().Moved(t.Context(), "waiting", "waiting", false, nil))
	require.NoError(t, k.ledger.Agents().Moved(t.Context(), "over", "denied", true, nil))
	k.looks()
	require.Empty(t, k.started, "whoever has filed it is about to start it")
	k.advance(2 * time.Minute)
	k.starting = errors.New("Temporal is away")
	require.Error(t, k.keeper.Round(t.Context()))
	k.starting = nil
	k.looks()
	require.Equal(t, []string{"filed", "filed"}, k.started)
	k.started = nil
	k.advance(time.Hour)
	k.looks()
	require.ElementsMatch(t, []string{"filed", "filed", "waiting"}, k.started)
}
