package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/mfa"
	"gatehouse/test/kit"
)

// TestCase_V18_OnlyAWeakFactor: somebody's department may not use text messages. They enrol one all the same, are restricted in time,
// and enrol more of what does not count before they enrol what does; then that is taken away. A colleague elsewhere uses text messages
// and hears nothing.
func TestCase_V18_OnlyAWeakFactor(t *testing.T) {
	t.Parallel()
	const key = "workday-21010"
	s := kit.New(t, kit.Options{Policy: oneCourse(t, key, "  grace: 14d", `  weak:
    - {factors: [OneLogin SMS, Security Questions], when: person.key == "`+key+`"}
  grace: 3s`, "restrict_after: 7d", "restrict_after: 1s", "remind_every: 3d", "remind_every: 1d")})
	s.Baseline()
	account, colleague := s.WithoutFactors(key), s.WithoutFactors("workday-21011")
	for _, username := range []string{account.Username, colleague.Username} {
		require.NoError(t, s.Sandbox.Enrol(t.Context(), username, "OneLogin SMS"))
	}
	s.ScanMFA()
	require.Equal(t, mfa.FactorSome, s.Grace(colleague.ID).Factor)
	s.Until("the account is restricted", func() bool { return s.Of(account.ID).Group == "MFA required" })
	s.Until("they are told that they have a factor, and that it does not count", func() bool {
		return strings.Count(s.Told(account.Email), "OneLogin SMS does not count; every other kind does but Security Questions") > 0
	})

	require.Contains(t, s.Desk(nil).MustRun("mfa", "status", "--person", key), "uncounted OneLogin SMS; every kind counts but OneLogin SMS, Security Questions\n")

	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "Security Questions"))
	s.Until("they are told why that lifts nothing", func() bool {
		require.Equal(t, 202, s.OneLoginWebhook())
		return strings.Count(s.Told(account.Email), "Your account stays restricted until you have enrolled one that counts") == 1
	})
	require.Equal(t, "MFA required", s.Of(account.ID).Group)

	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	s.Until("the restriction is lifted", func() bool {
		require.Equal(t, 202, s.OneLoginWebhook())
		return s.Of(account.ID).Group == account.Group
	})
	s.Until("the grace period is over", func() bool { return s.Grace(account.ID).Stage == mfa.StageEnrolled })
	require.Equal(t, 1, strings.Count(s.Told(account.Email), "You have enrolled a factor that does not count"), "once")

	factors, err := s.Vendors.OneLogin.Factors(t.Context(), account.ID)
	require.NoError(t, err)
	for _, f := range factors {
		if f.Name == "OneLogin Protect" {
			require.NoError(t, s.Vendors.OneLogin.RemoveFactor(t.Context(), account.ID, f.ID))
		}
	}
	s.ScanMFA()
	s.Until("another grace period begins, and ends as the first", func() bool { return s.Of(account.ID).Group == "MFA required" })
	require.Equal(t, 2, s.Grace(account.ID).Clock)
	require.Equal(t, 0, strings.Count(s.Told(colleague.Email), "second factor"))
}
