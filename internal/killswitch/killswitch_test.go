package killswitch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/killswitch"
	"gatehouse/ledger"
	"gatehouse/ledger/agents"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
)

// TestASwitchIsOnTheListForAsLongAsItIsOff, once, with the command that ends it and without what somebody wrote.
func TestASwitchIsOnTheListForAsLongAsItIsOff(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){"switch": func(t *testing.T, e storetest.Engine) {
		c := storetest.NewClock()
		l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
		listed := func() []worklist.Item {
			items, err := l.Worklist().Items(t.Context(), worklist.ItemFilter{})
			require.NoError(t, err)
			return items
		}
		for scope, next := range map[string]string{
			agents.All: "starter agents on --all", agents.OfAgent("helpdesk"): "starter agents on --agent helpdesk", agents.OfTool("whoami"): "starter agents on --tool whoami",
		} {
			fresh, err := killswitch.Off(t.Context(), l, agents.Switch{Scope: scope, By: "dana", Reason: "Jane Doe complained"})
			require.NoError(t, err)
			require.True(t, fresh)
			fresh, err = killswitch.Off(t.Context(), l, agents.Switch{Scope: scope, By: "gatehouse", Cause: "canary", Reason: "a call"})
			require.NoError(t, err)
			require.False(t, fresh)
			items := listed()
			require.Len(t, items, 1)
			require.Equal(t, next, items[0].Next)
			require.Equal(t, worklist.SeverityWarning, items[0].Severity)
			require.NotContains(t, items[0].Text, "Jane")
			waited, err := killswitch.On(t.Context(), l, scope)
			require.NoError(t, err)
			require.Empty(t, waited)
			require.Empty(t, listed())
			_, err = killswitch.On(t.Context(), l, scope)
			require.ErrorIs(t, err, ledger.ErrNotFound)
		}
		_, err := killswitch.Off(t.Context(), l, agents.Switch{Scope: agents.OfAgent("helpdesk"), By: "gatehouse", Cause: "canary", Reason: "call 1"})
		require.NoError(t, err)
		items := listed()
		require.Len(t, items, 1)
		require.Equal(t, worklist.SeverityCritical, items[0].Severity)
		require.Equal(t, "security", items[0].Owner)
		require.Contains(t, items[0].Text, "nobody has a reason to ask about")
		// Of two switches the orders wait for both.
		require.NoError(t, l.Orders().Put(t.Context(), identity.Order{
			ID: "o", Key: "workday-1", Kind: identity.OrderGrant, By: "dana", Roles: []string{"Zendesk"}, Agent: "helpdesk", Tool: "assign_role",
		}))
		_, err = killswitch.Off(t.Context(), l, agents.Switch{Scope: agents.All, By: "dana", Reason: "a test"})
		require.NoError(t, err)
		waited, err := killswitch.On(t.Context(), l, agents.OfAgent("helpdesk"))
		require.NoError(t, err)
		require.Empty(t, waited)
		waited, err = killswitch.On(t.Context(), l, agents.All)
		require.NoError(t, err)
		require.Equal(t, []string{"workday-1"}, waited)
	}})
}
