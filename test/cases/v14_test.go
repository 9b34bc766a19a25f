package cases

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// veryHighRisk stands before the rule of the example policy about a high one.
const veryHighRisk = `    - name: very high risk
      when: risk >= 90
      grace: 0s
      remind_every: 1d
      restrict_after: 1s
    - name: high risk
`

// trackedRow is an account's row of the tracking sheet: stage, since, deadline.
func trackedRow(s *kit.Stack, account control.Person) (stage, since, deadline string) {
	s.T.Helper()
	books, err := s.Sandbox.Spreadsheets(s.T.Context())
	require.NoError(s.T, err)
	for _, b := range books {
		if tab := b.Tab("MFA tracking"); tab != nil {
			for _, row := range tab.Values[1:] {
				if fmt.Sprint(row[2]) == account.Username {
					return fmt.Sprint(row[4]), fmt.Sprint(row[5]), fmt.Sprint(row[6])
				}
			}
		}
	}
	return "", "", ""
}

// plus is a moment of the sheet, and how long after it.
func plus(t testing.TB, since string, grace time.Duration) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", since)
	require.NoError(t, err)
	return at.Add(grace)
}

// TestCase_V14_RiskAndEnrolmentBetweenLooks: somebody without a second factor was reminded, and their next look is days away. Sign-ins
// are found riskier and riskier, the account is restricted, a factor is registered and not used, and then one is. Nobody scans.
func TestCase_V14_RiskAndEnrolmentBetweenLooks(t *testing.T) {
	t.Parallel()
	const key = "workday-21010"
	s := kit.New(t, kit.Options{Policy: oneCourse(t, key, "    - name: high risk\n", veryHighRisk)})
	s.Baseline()
	account := s.WithoutFactors(key)
	s.ScanMFA()
	deadlineIs := func(grace time.Duration) bool {
		_, since, deadline := trackedRow(s, account)
		return deadline != "" && deadline == plus(t, since, grace).Format("2006-01-02 15:04")
	}
	s.Until("they are reminded, and the sheet has the deadline", func() bool { return deadlineIs(14 * 24 * time.Hour) })
	signIn := func(score int) { require.NoError(t, s.Sandbox.RiskySignIn(t.Context(), account.Username, score)) }
	// read has events read again and again, as the schedule does.
	read := func(what string, done func() bool) {
		s.Until(what, func() bool {
			require.Equal(t, 202, s.OneLoginWebhook())
			return done()
		})
	}

	signIn(85)
	read("the sheet has the deadline of the risk", func() bool { return deadlineIs(2 * 24 * time.Hour) })
	_, since, _ := trackedRow(s, account)
	require.Contains(t, s.Desk(nil).MustRun("mfa", "status", "--person", key, "-o", "json"), plus(t, since, 2*24*time.Hour).Format("2006-01-02T15:04"))
	s.Until("they are told that there is less time", func() bool { return s.Said("", "less time than you were told") == 1 })

	signIn(20)
	signIn(95)
	read("the account is restricted", func() bool { return s.Of(account.ID).Group == "MFA required" })
	s.Until("the sheet says so, and has no deadline", func() bool {
		stage, _, deadline := trackedRow(s, account)
		return stage == "restricted" && deadline == ""
	})

	mark := s.Mark()
	require.NoError(t, s.Sandbox.EnrolUnused(t.Context(), account.Username, "OneLogin SMS"))
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("their factors are read", func() bool {
		calls, err := s.Sandbox.Journal(t.Context(), mark, false)
		require.NoError(t, err)
		return slices.ContainsFunc(calls, func(c control.Entry) bool {
			return c.System == "onelogin" && c.Path == fmt.Sprintf("/api/1/users/%d/otp_devices", account.ID)
		})
	})
	require.Equal(t, "MFA required", s.Of(account.ID).Group, "one that was never used is none")

	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("the restriction is lifted", func() bool { return s.Of(account.ID).Group == account.Group })
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.MFAGraceID(key), "").Get(t.Context(), nil))
	s.Until("the sheet says so", func() bool {
		stage, _, deadline := trackedRow(s, account)
		return stage == "enrolled" && deadline == ""
	})
	require.Contains(t, s.Told(account.Email), "the restriction of your account is being lifted")
}
