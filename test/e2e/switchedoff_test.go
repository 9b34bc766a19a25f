package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/killswitch"
	"gatehouse/ledger/agents"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestASwitchStopsWhatAnAgentAskedForAndNothingElse: the switch is thrown while the step is being tried again and again. The step mixes
// what the agent asked for with what HR has changed: the run stops trying, and does the rest.
func TestASwitchStopsWhatAnAgentAskedForAndNothingElse(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", Op: "onelogin.add_roles", Style: "status", Status: 503, Times: -1}))
	mark := s.Mark()
	s.HR(key, "change", control.Fields{"department": "Sales", "title": "Account Executive"})
	give(s, identity.Order{
		ID: "agent-request/helpdesk/1/1", Key: key, Kind: identity.OrderGrant, Roles: []string{"Zendesk"}, Agent: "helpdesk", Tool: "assign_role",
		Request: "agent-request/helpdesk/1",
	})
	tried := func() bool {
		entries, err := s.Sandbox.Journal(t.Context(), mark, false)
		require.NoError(t, err)
		for _, e := range entries {
			if e.Op == "onelogin.add_roles" {
				return true
			}
		}
		return false
	}
	s.Until("the step is tried", tried)
	_, err := killswitch.Off(t.Context(), s.App.Ledger, agents.Switch{Scope: agents.OfAgent("helpdesk"), By: "dana", Reason: "a test"})
	require.NoError(t, err)
	off := time.Now()
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.Until("the rest is done", func() bool {
		roles := s.Account(key).Roles
		return slices.Contains(roles, "Salesforce") && !slices.Contains(roles, "GitHub")
	})
	require.NotContains(t, s.Account(key).Roles, "Zendesk")
	require.Less(t, time.Since(off), time.Minute)
	o, _, err := s.App.Ledger.Orders().ByID(t.Context(), "agent-request/helpdesk/1/1")
	require.NoError(t, err)
	require.Equal(t, "agent/helpdesk", o.Off)

	waited, err := killswitch.On(t.Context(), s.App.Ledger, agents.OfAgent("helpdesk"))
	require.NoError(t, err)
	require.Equal(t, []string{key}, waited)
	_, err = s.App.Launch.Send(t.Context(), key, api.Hint{Source: "operator", Cause: "agent on"})
	require.NoError(t, err)
	s.Until("what waited is done", func() bool { return slices.Contains(s.Account(key).Roles, "Zendesk") })
}
