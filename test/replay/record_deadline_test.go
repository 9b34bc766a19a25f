package replay

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

func inTwoSeconds(t *testing.T) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, policy, "contain_within: 15m", "contain_within: 2s", "contain: {count: 20, percent: 5}", "contain: {count: 1, percent: 5}")
	}
}

// recordUnassessed has OneLogin answer nothing when somebody leaves, until security was told that they are overdue.
func recordUnassessed(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: inTwoSeconds(t)})
	s.Baseline()
	const key = "bamboohr-101"
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", When: "before", Style: "status", Status: 503, Times: -1}))
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	s.Until("security has been told", func() bool { return strings.Contains(s.Messages("C0SECURITY"), key) })
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.Hint(key, "repaired")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	write(s, overdueUnassessed, api.PersonID(key))
}

// recordHeldOverdue has the safety budget hold somebody beyond their deadline, until a person lets them through.
func recordHeldOverdue(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: inTwoSeconds(t)})
	s.Baseline()
	const first, held = "bamboohr-101", "bamboohr-103"
	s.HR(first, "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	s.AwaitShut(s.Account(first).ID)
	s.HR(held, "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("103"))
	s.Until("security has been told", func() bool { return strings.Contains(s.Messages("C0SECURITY"), held) })
	require.NoError(t, s.Decide(api.PersonID(held), api.VerbAllow))
	require.Equal(t, "access ended", s.Outcome(held).Result)
	write(s, overdueHeld, api.PersonID(held))
}
