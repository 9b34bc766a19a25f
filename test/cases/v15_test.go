package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// oneCourse excuses everybody but one person from a second factor, and changes the terms for that one.
func oneCourse(t testing.TB, key string, terms ...string) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, policy, append([]string{`- account.username.startsWith("breakglass-")`, `- person.key != "` + key + `"`}, terms...)...)
	}
}

// TestCase_V15_TheEscalationOfAReport: a grace period ends. The manager reads of the report's account and never of one of their own,
// while the report goes on reading of theirs; so does the manager's manager, where the manager has left.
func TestCase_V15_TheEscalationOfAReport(t *testing.T) {
	t.Parallel()
	const report = "workday-21010"
	for name, left := range map[string]bool{"the manager": false, "the manager's manager": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: oneCourse(t, report, "grace: 14d", "grace: 1s", "remind_every: 3d", "remind_every: 1s")})
			s.HR(report, "change", control.Fields{"manager_id": "21005"})
			s.HR("workday-21005", "change", control.Fields{"manager_id": "21003"})
			reader := s.Account("workday-21005").Email
			if left {
				s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
				reader = s.Account("workday-21003").Email
			}
			s.Baseline()
			account := s.WithoutFactors(report)
			s.ScanMFA()
			s.Until("whoever answers for them is told", func() bool { return s.Told(reader) != "" })
			told := s.Told(reader)
			require.Contains(t, told, "Their account will be restricted on ")
			require.Contains(t, told, "Please see to it that they enrol.")
			require.NotContains(t, told, "Your account")
			s.Until("the report reads of their own account", func() bool { return s.Said("", "Your account will be restricted on ") > 0 })
			require.Contains(t, s.Told(account.Email), "Your account will be restricted on ")
		})
	}
}
