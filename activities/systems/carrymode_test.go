package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy/policytest"
)

// What was planned while a policy was in force that wrote there is not written any more, unless a named person has ordered it.
func TestASystemThatIsObservedByNowIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.policy = policytest.Parse(t, policytest.Everyone+"\nsystems: {google: {mode: observe, provisioned_by: gatehouse, leaver: {sign_in: lock}}}\n")
	in := api.SystemInput{Key: ada, Episode: 1, System: google, Account: w.user, Leaving: true, Step: identity.SystemStep{Kind: identity.SystemSuspend}}
	_, err := w.s.Carry(t.Context(), in)
	require.ErrorContains(t, err, "the policy in force changes nothing in google")
	require.False(t, suspendedIn(w))
	order := identity.Order{ID: "c1", Key: ada, Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: w.now()}
	require.NoError(t, w.l.Orders().Put(t.Context(), order))
	_, err = w.s.Carry(t.Context(), in)
	require.NoError(t, err)
	require.True(t, suspendedIn(w))
}

func suspendedIn(w *works) bool {
	for _, u := range w.directory().Users {
		if u.ID == w.user {
			return u.Suspended
		}
	}
	return false
}
