package replay

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/agents"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// recordLeaverAgents has somebody leave who owns an agent: it is switched off beside the end of their access.
func recordLeaverAgents(t *testing.T) {
	const key = "bamboohr-101"
	email := kit.New(t, kit.Options{}).Account(key).Email
	s := kit.New(t, kit.Options{Policy: func(text string) string {
		return kit.Replace(t, text, "access:\n", "agents: [{name: helpdesk, owner: "+email+", purpose: a test, state: active, until: 2099-01-31, "+
			"rules: [{name: look, tools: [look_up_user], verdict: allow}]}]\naccess:\n")
	}})
	s.Baseline()
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	require.Equal(t, "access ended", s.Outcome(key).Result)
	off, err := s.App.Ledger.Agents().IsOff(t.Context(), agents.OfAgent("helpdesk"))
	require.NoError(t, err)
	require.True(t, off)
	require.False(t, s.Account(key).CanSignIn)
	write(s, leaverAgents, api.PersonID(key))
}
