package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/mfa"
	"gatehouse/test/kit"
)

// quick makes the grace period of one person a matter of seconds and excuses everybody else.
func quick(t *testing.T, key string) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, policy, "grace: 14d", "grace: 2s", "remind_every: 3d", "remind_every: 1s", "restrict_after: 7d", "restrict_after: 1s",
			`- account.username.startsWith("breakglass-")`, `- person.key != "`+key+`"`)
	}
}

// TestSecondFactorFromReminderToRestrictionAndBack plays a whole grace period: two scans, reminders, the manager, the
// restriction by the person's own run, and its end when they enrol.
func TestSecondFactorFromReminderToRestrictionAndBack(t *testing.T) {
	t.Parallel()
	const key = "workday-21010"
	s := kit.New(t, kit.Options{Policy: quick(t, key)})
	s.Baseline()
	s.Hint(key, "look")
	s.Outcome(key)
	account := s.WithoutFactors(key)
	first := s.ScanMFA()
	require.Equal(t, first.Scanned.Active, first.Scanned.Checked)
	s.Until("the account is in the group for those without a second factor", func() bool { return s.Account(key).Group == "MFA required" })
	s.Until("the grace period has moved on", func() bool { return s.Grace(account.ID).Stage == mfa.StageRestricted })
	told := s.Messages("")
	require.Contains(t, told, "Please enrol a second factor")
	require.Contains(t, told, "Somebody in your team has no second factor")

	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	second := s.ScanMFA()
	require.Equal(t, 1, second.Scanned.Events)
	require.Less(t, second.Scanned.Checked, first.Scanned.Checked, "a later scan reads only who changed")
	var out api.GraceOutcome
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.MFAGraceID(key), "").Get(t.Context(), &out))
	require.True(t, strings.HasPrefix(out.Result, "enrolled"), out.Result)
	s.Until("the account is back in its own group", func() bool { return s.Account(key).Group == account.Group })
	require.Contains(t, s.Messages(""), "Your second factor is enrolled")
	require.Equal(t, mfa.StageEnrolled, s.Grace(account.ID).Stage)
}

// TestAnExceptionReachesACourseThatWaits extends and excuses a grace period by update, as `starter mfa` does.
func TestAnExceptionReachesACourseThatWaits(t *testing.T) {
	t.Parallel()
	const key = "workday-21010"
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, `- account.username.startsWith("breakglass-")`, `- person.key != "`+key+`"`)
	}})
	s.Baseline()
	account := s.WithoutFactors(key)
	s.ScanMFA()
	s.Until("the first reminder is out", func() bool { return s.Grace(account.ID).Reminders == 1 })
	until := time.Now().Add(30 * 24 * time.Hour).Truncate(time.Second)
	require.ErrorContains(t, s.Except(key, api.VerbExtend, api.MFADecision{By: "tester", Reason: "test"}), "still to come")
	require.ErrorContains(t, s.Except(key, api.VerbExtend, api.MFADecision{By: "tester", Until: until}), "by")
	require.NoError(t, s.Except(key, api.VerbExtend, api.MFADecision{By: "tester", Reason: "test", Until: until}))
	s.Until("the extension is on record", func() bool { return s.Grace(account.ID).ExtendedUntil.Equal(until) })
	require.NoError(t, s.Except(key, api.VerbExempt, api.MFADecision{By: "tester", Reason: "test", Until: until}))
	s.Until("the grace period is exempt", func() bool { return s.Grace(account.ID).Stage == mfa.StageExempt })
	orders, err := s.App.Ledger.OrdersInForce(t.Context(), key)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	require.Zero(t, s.Grace(account.ID).Since)
}
