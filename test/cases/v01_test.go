package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// noSuchType is a rule with an event name that was never one of OneLogin's.
const noSuchType = `    - name: factor-taken-away
      types: [USER_REMOVED_OTP]
      respond: [{order: suspend, approval: automatic}]
`

// TestCase_V01_AnEventNameThatDoesNotExist: a rule is added to policy.yaml while a worker watches, and one of its names is wrong. The
// file is taken up, an item names the rule, and the rule beside it suspends whoever it is about.
func TestCase_V01_AnEventNameThatDoesNotExist(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return roomy(t)(policy) + automatic }})
	s.Baseline()
	before := s.Vendors.Policy.Current().Hash()
	s.WritePolicy(func(policy string) string { return roomy(t)(policy) + automatic + noSuchType })
	s.Until("the policy is taken up", func() bool { return s.Vendors.Policy.Current().Hash() != before })

	failing := called(s, "riley.orphan@acme.example")
	intact := untouched(s, failing)
	_, _, err := s.Sandbox.Events(t.Context(), control.Event{Type: 6, Usernames: []string{failing.Username}, Times: 5})
	require.NoError(t, err)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("the other rule is at work", func() bool { return s.Of(failing.ID).Status == 2 })
	d := s.Desk(nil)
	s.Until("the rule is an item", func() bool {
		out := d.MustRun("attention", "list")
		return strings.Contains(out, "factor-taken-away") && !strings.Contains(out, "failed-logins")
	})
	intact()

	s.WritePolicy(func(policy string) string {
		return roomy(t)(policy) + automatic + kit.Replace(t, noSuchType, "USER_REMOVED_OTP]", "USER_REMOVED_OTP_DEVICE]")
	})
	s.Until("the item goes away by itself", func() bool {
		require.Equal(t, 202, s.OneLoginWebhook())
		return !strings.Contains(d.MustRun("attention", "list"), "factor-taken-away")
	})
}
