package replay

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/mfa"
	"gatehouse/test/kit"
)

// withoutFactor is who has no second factor in the recorded courses.
const withoutFactor = "workday-21010"

// recordEnrolledMidway has somebody enrol after a reminder and an extension, in a course whose waits take days.
func recordEnrolledMidway(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: onlyFor(t, withoutFactor)})
	s.Baseline()
	account := s.WithoutFactors(withoutFactor)
	s.ScanMFA()
	write(s, secondFactorEnrolled, api.MFAComplianceID)
	s.Until("the first reminder is out", func() bool { return s.Grace(account.ID).Reminders == 1 })
	require.NoError(t, s.Except(withoutFactor, api.VerbExtend, api.MFADecision{
		By: "tester", Reason: "test", Until: time.Now().Add(30 * 24 * time.Hour),
	}))
	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	s.ScanMFA()
	require.True(t, strings.HasPrefix(course(s).Result, "enrolled"))
	write(s, secondFactorEnrolled, api.MFAGraceID(withoutFactor))
}

// recordRestricted has an account restricted after somebody's word, and opened again when its person enrols.
func recordRestricted(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: hurried(t)})
	s.Baseline()
	account := s.WithoutFactors(withoutFactor)
	s.ScanMFA()
	s.Until("somebody is asked", func() bool { return s.Decide(api.MFAGraceID(withoutFactor), api.VerbAllow) == nil })
	s.Until("the account is restricted", func() bool { return s.Grace(account.ID).Stage == mfa.StageRestricted })
	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	s.ScanMFA()
	require.True(t, strings.HasPrefix(course(s).Result, "enrolled"))
	write(s, secondFactorRestricted, api.MFAGraceID(withoutFactor))
}

// recordExtended has a restriction allowed after an extension, with a look in between.
func recordExtended(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: hurried(t)})
	s.Baseline()
	account := s.WithoutFactors(withoutFactor)
	s.ScanMFA()
	s.Until("the first reminder is out", func() bool { return s.Grace(account.ID).Reminders > 0 })
	require.NoError(t, s.Except(withoutFactor, api.VerbExtend, api.MFADecision{
		By: "tester", Reason: "test", Until: time.Now().Add(4 * time.Second),
	}))
	s.Until("somebody is asked", func() bool { return s.Decide(api.MFAGraceID(withoutFactor), api.VerbAllow) == nil })
	s.Until("the account is restricted", func() bool { return s.Grace(account.ID).Stage == mfa.StageRestricted })
	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	s.ScanMFA()
	require.True(t, strings.HasPrefix(course(s).Result, "enrolled"))
	write(s, secondFactorExtended, api.MFAGraceID(withoutFactor))
}

// hurried has one course run in seconds and ask before it restricts.
func hurried(t *testing.T) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, onlyFor(t, withoutFactor)(policy), "grace: 14d", "grace: 2s", "remind_every: 3d", "remind_every: 1s",
			"restrict_after: 7d", "restrict_after: 1s", "mfa: enforce", "mfa: approve")
	}
}

// onlyFor excuses everybody else, so that one course runs.
func onlyFor(t *testing.T, key string) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, policy, `- account.username.startsWith("breakglass-")`, `- person.key != "`+key+`"`)
	}
}

// course waits for the end of the recorded course.
func course(s *kit.Stack) api.GraceOutcome {
	s.T.Helper()
	var out api.GraceOutcome
	require.NoError(s.T, s.Temporal.GetWorkflow(s.T.Context(), api.MFAGraceID(withoutFactor), "").Get(s.T.Context(), &out))
	return out
}

// recordRiskAndEnrolment has a course moved by events alone: another deadline, the escalation, a restriction and its end.
func recordRiskAndEnrolment(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, onlyFor(t, withoutFactor)(policy), "    - name: high risk\n", veryHighRisk)
	}})
	s.Baseline()
	account := s.WithoutFactors(withoutFactor)
	s.ScanMFA()
	s.Until("the first reminder is out", func() bool { return s.Grace(account.ID).Reminders == 1 })
	signIn := func(score int) { require.NoError(t, s.Sandbox.RiskySignIn(t.Context(), account.Username, score)) }
	signIn(85)
	s.Until("the deadline is another one", func() bool {
		require.Equal(t, 202, s.OneLoginWebhook())
		state := s.Grace(account.ID)
		return state.Deadline.Equal(state.Since.Add(2 * 24 * time.Hour))
	})
	signIn(95)
	s.Until("the account is restricted", func() bool {
		require.Equal(t, 202, s.OneLoginWebhook())
		return s.Grace(account.ID).Stage == mfa.StageRestricted
	})
	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	require.Equal(t, 202, s.OneLoginWebhook())
	require.True(t, strings.HasPrefix(course(s).Result, "enrolled"))
	write(s, secondFactorEvents, api.MFAGraceID(withoutFactor))
}

// recordWeak has somebody with a factor that does not count enrol another such while restricted, and then one that counts.
func recordWeak(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, onlyFor(t, withoutFactor)(policy), "  grace: 14d", "  weak: [{factors: [OneLogin SMS, Security Questions]}]\n  grace: 2s",
			"remind_every: 3d", "remind_every: 1d", "restrict_after: 7d", "restrict_after: 1s")
	}})
	s.Baseline()
	account := s.WithoutFactors(withoutFactor)
	enrol := func(kind string) { require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, kind)) }
	enrol("OneLogin SMS")
	s.ScanMFA()
	s.Until("the account is restricted", func() bool { return s.Grace(account.ID).Stage == mfa.StageRestricted })
	enrol("Security Questions")
	s.Until("they are told why that lifts nothing", func() bool {
		require.Equal(t, 202, s.OneLoginWebhook())
		return strings.Contains(s.Told(account.Email), "stays restricted until you have enrolled one that counts")
	})
	enrol("OneLogin Protect")
	require.Equal(t, 202, s.OneLoginWebhook())
	require.True(t, strings.HasPrefix(course(s).Result, "enrolled"))
	write(s, secondFactorWeak, api.MFAGraceID(withoutFactor))
}

// veryHighRisk stands before the rule about a high one, and has a course run in seconds.
const veryHighRisk = `    - name: very high risk
      when: risk >= 90
      grace: 0s
      restrict_after: 1s
    - name: high risk
`
