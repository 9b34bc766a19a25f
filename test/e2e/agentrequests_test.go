package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

const agentsOfTheHelpdesk = `
agents:
  - name: helpdesk
    owner: owner@acme.example
    purpose: helps people who cannot sign in
    state: active
    mode: enforce
    until: 2099-01-31
    see: [name, roles, status]
    limits: {calls_per_minute: 600, writes_per_day: 100}
    rules:
      - {name: nobody protected, tools: [any], when: target.protected, verdict: deny}
      - {name: look, tools: [look_up_user, list_user_roles, request_status], verdict: allow}
      - {name: roles are asked about, tools: [assign_role], verdict: ask}
      - {name: sessions, tools: [revoke_sessions], verdict: allow}
      - {name: shut, tools: [disable_user], verdict: ask}
`

func withHelpdesk(policy string) string { return policy + agentsOfTheHelpdesk }

// TestAnAgentAsksForARole has an agent ask for a role, and sees that nothing happens at OneLogin before a person has allowed it.
func TestAnAgentAsksForARole(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: withHelpdesk})
	s.Owns("owner@acme.example")
	key := employee(s)
	a := s.Agent(s.AgentServer(), "helpdesk")
	before := s.Mark()
	ask := map[string]any{"user": key, "role": "Zendesk", "request_id": "req-1", "reason": "their manager asked for it"}
	dry := a.Call("assign_role", ask)
	require.False(t, dry.Refused, dry.Text)
	require.Equal(t, "dry_run", dry.Field("state"))
	require.NotEmpty(t, dry.Field("asks"))
	ask["execute"], ask["plan_hash"] = true, dry.Field("plan_hash")
	filed := a.Call("assign_role", ask)
	require.False(t, filed.Refused, filed.Text)
	id := requestOf(t, s)
	s.Until("people are asked", func() bool { return s.Said("C0IT", "An agent asks") == 1 })
	require.Empty(t, s.Effects(before, "onelogin.add_roles"))
	again := a.Call("assign_role", ask)
	require.Equal(t, "waiting", again.Field("state"), again.Text)
	ask["role"] = "Another"
	require.Equal(t, "other_arguments", a.Call("assign_role", ask).Field("denied_by"))
	require.NoError(t, s.Decide(id, api.VerbAllow))
	status := a.Await("req-1")
	require.Equal(t, "done", status.Field("state"), status.Text)
	require.Contains(t, s.Account(key).Roles, "Zendesk")
}

func requestOf(t *testing.T, s *kit.Stack) string {
	t.Helper()
	var id string
	s.Until("a request is filed", func() bool {
		all, err := s.App.Ledger.Agents().Requests(t.Context(), "helpdesk", time.Now().AddDate(0, 0, -1), 1)
		require.NoError(t, err)
		if len(all) > 0 {
			id = all[0].ID
		}
		return id != ""
	})
	return id
}

// TestWhatARuleAllowsAndWhatAPersonRejects has one request carried out without a person, and one that a person rejects, which leaves
// the vendor untouched.
func TestWhatARuleAllowsAndWhatAPersonRejects(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: withHelpdesk})
	s.Owns("owner@acme.example")
	key := employee(s)
	a := s.Agent(s.AgentServer(), "helpdesk")
	before := s.Mark()
	out := a.Call("revoke_sessions", map[string]any{"user": key, "request_id": "out", "reason": "lost a laptop", "execute": true})
	require.False(t, out.Refused, out.Text)
	status := a.Await("out")
	require.Equal(t, "done", status.Field("state"), status.Text)
	require.Len(t, s.Effects(before, "onelogin.logout"), 1)
	shut := a.Call("disable_user", map[string]any{"user": key, "request_id": "shut", "reason": "a joke", "execute": true})
	require.False(t, shut.Refused, shut.Text)
	all, err := s.App.Ledger.Agents().Requests(t.Context(), "helpdesk", time.Time{}, 1)
	require.NoError(t, err)
	s.Until("people are asked", func() bool { return s.Said("C0IT", "An agent asks") == 1 })
	require.ErrorContains(t, decideAs(s, all[0].ID, api.VerbAllow, "owner@acme.example"), "nobody decides about themselves")
	require.NoError(t, decideAs(s, all[0].ID, api.VerbReject, "somebody@acme.example"))
	status = a.Await("shut")
	require.Equal(t, "rejected", status.Field("state"), status.Text)
	require.NotContains(t, status.Text, "somebody@acme.example")
	require.True(t, s.Account(key).CanSignIn)
	require.Empty(t, s.Effects(before, "onelogin.suspend", "onelogin.update_user"))
}

func decideAs(s *kit.Stack, run, verb, by string) error {
	return s.App.Launch.Decide(s.T.Context(), run, api.Decision{Verb: verb, By: by, Reason: "test"})
}

// TestAnAgentHasSomebodySponsored has a person whom HR does not have come on an agent's request and another person's word, and somebody
// whom HR has hurried; and it holds that the one who would answer for them cannot allow it.
func TestAnAgentHasSomebodySponsored(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{
		Config: func(c *config.Config) { c.Schedules.Sponsored = time.Hour },
		Policy: func(policy string) string {
			return policy + "\nsponsored: {longest: 180d}\n" + agentsOfTheHelpdesk + "      - {name: newcomers, tools: [provision_user], verdict: allow}\n"
		},
	})
	s.Baseline()
	require.True(t, s.Sync("sponsored").Report.Baseline)
	s.Owns("owner@acme.example")
	sponsor := s.Account("workday-21005")
	s.Hint("workday-21005", "webhook")
	s.Outcome("workday-21005")
	a := s.Agent(s.AgentServer(), "helpdesk")
	out := a.Call("provision_user", map[string]any{
		"first_name": "Carla", "last_name": "Rossi", "email": "carla.rossi@auditors.example", "department": "Finance", "title": "Auditor", "location": "Berlin",
		"sponsor": sponsor.Email, "until": day(30), "request_id": "auditor", "reason": "the audit", "execute": true,
	})
	require.False(t, out.Refused, out.Text)
	id := requestOf(t, s)
	require.NotEmpty(t, out.Field("asks"), "no rule alone brings somebody whom HR does not have")
	s.Until("people are asked", func() bool { return s.Said("C0IT", "Carla Rossi, carla.rossi@auditors.example") == 1 })
	require.ErrorContains(t, decideAs(s, id, api.VerbAllow, sponsor.Email), "nobody decides about themselves")
	require.NoError(t, decideAs(s, id, api.VerbAllow, "somebody@acme.example"))
	status := a.Await("auditor")
	require.Equal(t, "done", status.Field("state"), status.Text)
	account, found, err := s.Sandbox.ByUsername(t.Context(), "carla.rossi@acme.example")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, []string{"Everyone", "Finance", "NetSuite"}, account.Roles)

	key := s.Hire("workday", engineer("Ada", "Byron", "today"))
	s.Sync("workday")
	s.Outcome(key)
	hurried := a.Call("provision_user", map[string]any{"user": key, "request_id": "hurry", "reason": "starts today", "execute": true})
	require.False(t, hurried.Refused, hurried.Text)
	require.Equal(t, "done", a.Await("hurry").Field("state"))
}

// TestASecondAccountIsNoWayToStay has a request about somebody end the sessions of every account of theirs, and suspend each.
func TestASecondAccountIsNoWayToStay(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: withHelpdesk})
	s.Owns("owner@acme.example")
	key := employee(s)
	main := s.Account(key)
	other := s.Second(main, control.Fields{"username": "adm-" + main.Username, "email": main.Email})
	require.NoError(t, s.App.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: identity.OneLoginRef(other.ID), Person: key, Use: identity.UseSecondary, By: "test", DecidedBy: "test",
	}))
	a := s.Agent(s.AgentServer(), "helpdesk")
	out := a.Call("disable_user", map[string]any{"user": key, "request_id": "shut", "reason": "a stolen laptop", "execute": true})
	require.False(t, out.Refused, out.Text)
	id := requestOf(t, s)
	s.Until("people are asked", func() bool { return s.Said("C0IT", "An agent asks") == 1 })
	require.Equal(t, 1, s.Said("C0IT", "the further account"))
	require.NoError(t, decideAs(s, id, api.VerbAllow, "somebody@acme.example"))
	status := a.Await("shut")
	require.Equal(t, "done", status.Field("state"), status.Text)
	require.Equal(t, 2, s.Account(key).Status)
	require.Equal(t, 2, s.Of(other.ID).Status, status.Text)
	s.Until("the message shows what came of it", func() bool { return s.Said("C0IT", "Allowed by somebody@acme.example (unverified). done") == 1 })
}
