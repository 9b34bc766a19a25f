package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

func TestTerminationByBambooHRWebhook(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	account := s.Account("bamboohr-101")
	ok, reason, err := s.Sandbox.SignIn(t.Context(), account.Username)
	require.NoError(t, err)
	require.True(t, ok, reason)
	mark := s.Mark()
	s.HR("bamboohr-101", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	out := s.Outcome("bamboohr-101")
	require.Equal(t, "access ended", out.Result)
	require.NotEmpty(t, out.Ticket)
	requireShut(s, "bamboohr-101")

	effects := s.Effects(mark)
	require.Equal(t, "onelogin.update_user user:", effects[0][:len("onelogin.update_user user:")], "nothing comes before the suspension")
	require.True(t, strings.HasPrefix(effects[1], "onelogin.logout"), "sessions end before any ticket or message: %v", effects)
	evidence, err := s.App.Ledger.Journal().EvidenceOf(t.Context(), "bamboohr-101")
	require.NoError(t, err)
	require.Equal(t, "HR via bamboohr webhook", evidenceOf(evidence, "onelogin.suspend").Cause)
	require.Contains(t, string(evidenceOf(evidence, "onelogin.suspend").Before), "Contractors", "the evidence says what was held before")
	require.Equal(t, "confirmed", evidenceOf(evidence, "onelogin.read-back").Outcome)
}

func TestSameWebhookFiveTimesIsOneOffboarding(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	mark := s.Mark()
	s.HR("bamboohr-102", "terminate", control.Fields{"last_day": "today"})
	for range 5 {
		require.Equal(t, 202, s.BambooHRWebhook("102"))
	}
	require.Equal(t, "access ended", s.Outcome("bamboohr-102").Result)
	require.Equal(t, 202, s.BambooHRWebhook("102"))
	require.Equal(t, "nothing to do", s.Outcome("bamboohr-102").Result)
	require.Len(t, s.Effects(mark, "jira.create_issue"), 1)
	require.Len(t, filter(s.Effects(mark, "slack.chat.postMessage"), "C0SECURITY"), 1)
	requireShut(s, "bamboohr-102")
}

func TestTerminationDuringOnboarding(t *testing.T) {
	t.Parallel()
	for name, op := range map[string]string{
		"while roles are given":       "onelogin.add_roles",
		"while the account is made":   "onelogin.create_user",
		"while the invitation is out": "onelogin.send_invite_link",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{})
			require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
				System: "onelogin", Op: op, Style: "delay", DelayMS: 1500,
			}))
			mark := s.Mark()
			key := s.Hire("workday", engineer("Mary", "Golda", "today"))
			s.Hint(key, "onboard")
			s.Until("onboarding is at work", func() bool {
				state, ok := s.State(key)
				return ok && state.Template == api.TypeOnboarding && state.Stage == api.StageWorking
			})
			s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			s.Hint(key, "webhook")
			s.Until("the chain has come to rest", func() bool {
				runs := s.Runs(key)
				return len(runs) > 0 && strings.HasSuffix(runs[len(runs)-1], ":Completed")
			})
			p, found, err := s.Sandbox.ByExternalID(t.Context(), key)
			require.NoError(t, err)
			if found {
				require.NotEqual(t, 1, p.Status, "%v", s.Effects(mark))
				require.Empty(t, p.Roles)
			}
		})
	}
}

func TestUrgentOffboardStandsAboveHR(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := "workday-21010"
	require.NoError(t, s.App.Ledger.Orders().Put(t.Context(), identity.Order{
		ID: "urgent", Key: key, Kind: identity.OrderContain, By: "security", Reason: "stolen laptop",
	}))
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "workday", Style: "status", Status: 503, Times: -1}))
	s.Hint(key, "offboard")
	require.Equal(t, "access ended", s.Outcome(key).Result, "an order needs no HR")
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	requireShut(s, key)

	s.Sync("workday")
	s.Hint(key, "poll")
	s.Outcome(key)
	requireShut(s, key)

	_, err := s.App.Ledger.Orders().Release(t.Context(), "urgent", "security", "laptop found")
	require.NoError(t, err)
	s.Hint(key, "release")
	require.Equal(t, "can sign in", s.Outcome(key).Result, "HR decides again")
	require.Equal(t, 1, s.Account(key).Status)
}

func TestOrderByAccountFindsThePersonBehindIt(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	account := s.Account("workday-21011")
	key := "onelogin-" + itoa(account.ID)
	require.NoError(t, s.App.Ledger.Orders().Put(t.Context(), identity.Order{
		ID: "by-account", Key: key, Kind: identity.OrderContain, By: "security", Reason: "incident",
	}))
	s.Hint(key, "offboard")
	require.Equal(t, "belongs to workday-21011", s.Outcome(key).Result)
	require.Equal(t, "access ended", s.Outcome("workday-21011").Result)
	requireShut(s, "workday-21011")
}

func TestProtectedAccountIsNeverTouched(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	p, found, err := s.Sandbox.ByUsername(t.Context(), "breakglass-1")
	require.NoError(t, err)
	if !found {
		p, found, err = s.Sandbox.ByUsername(t.Context(), "breakglass-1@acme.example")
		require.NoError(t, err)
	}
	require.True(t, found)
	key := "onelogin-" + itoa(p.ID)
	require.NoError(t, s.App.Ledger.Orders().Put(t.Context(), identity.Order{
		ID: "mistake", Key: key, Kind: identity.OrderContain, By: "somebody", Reason: "mistake",
	}))
	mark := s.Mark()
	s.Hint(key, "offboard")
	state := s.AwaitStage(key, api.StageAttention)
	require.Equal(t, "protected", state.Attention[0].Code)
	require.Empty(t, filter(s.Effects(mark), "onelogin."))
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbAbort))
	// The account owns an API credential, which is a question of its own.
	s.Until("only the credential is asked about", func() bool {
		now, ok := s.State(key)
		return ok && len(now.Attention) == 1 && now.Attention[0].Code == "credential_owner"
	})
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbSkip))
	s.Outcome(key)
	require.Equal(t, 1, s.Of(p.ID).Status)
}

func TestPlannedDepartureWaitsAndFollowsTheDate(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := onboarded(s, engineer("Planned", "Leaver", "today"))
	mark := s.Mark()
	s.HR(key, "terminate", control.Fields{"last_day": "today+20"})
	s.Hint(key, "webhook")
	state := s.AwaitStage(key, api.StageWaiting)
	require.WithinDuration(t, time.Now().AddDate(0, 0, 20), state.Due, 48*time.Hour)
	require.Empty(t, s.Effects(mark), "nothing gives a planned leaver away")

	s.HR(key, "change", control.Fields{"last_day": "today", "termination_date": "today", "involuntary": true})
	s.Hint(key, "webhook")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	requireShut(s, key)
}

func TestAccessThatComesBackIsTakenAwayAgain(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(p string) string {
		return kit.Replace(t, p, "verify_after: [1s]", "verify_after: [3s]")
	}})
	s.Baseline()
	s.HR("bamboohr-103", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("103"))
	s.AwaitStage("bamboohr-103", api.StageWatching)
	account := s.Account("bamboohr-103")
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	require.Equal(t, "access ended", s.Outcome("bamboohr-103").Result)
	requireShut(s, "bamboohr-103")
	require.Contains(t, s.Messages("C0SECURITY"), "had come back")
}

func TestVendorOutageHoldsOnlyItsOwnStep(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "slack", Style: "status", Status: 503, Times: -1}))
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "jira", Style: "status", Status: 503, Times: -1}))
	s.HR("bamboohr-104", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("104"))
	s.Until("access has ended although nobody can be told", func() bool {
		p := s.Account("bamboohr-104")
		return p.Status == 2 && len(p.Roles) == 0 && len(p.Sessions) == 0
	})
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	require.Equal(t, "access ended", s.Outcome("bamboohr-104").Result)
}

// requireShut holds an account to giving no access at all.
func requireShut(s *kit.Stack, key string) {
	s.T.Helper()
	p := s.Account(key)
	require.Equal(s.T, 2, p.Status)
	require.Empty(s.T, p.Roles)
	require.Empty(s.T, p.Sessions)
	for _, f := range p.Factors {
		require.False(s.T, f.Verifiable && f.Active, "a factor that the API can remove is left")
	}
}
