package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// give gives an order and hints the person.
func give(s *kit.Stack, o identity.Order) {
	s.T.Helper()
	o.By, o.Reason = "grace@acme.example", "recorded"
	_, err := s.Vendors.Activities.Orders.Give(s.T.Context(), api.GiveOrder{Order: o, Hint: api.Hint{Source: "operator", Cause: "order"}})
	require.NoError(s.T, err)
}

// put records orders that the next hint finds together.
func put(s *kit.Stack, orders ...identity.Order) {
	s.T.Helper()
	for _, o := range orders {
		o.By, o.Reason = "grace@acme.example", "recorded"
		require.NoError(s.T, s.App.Ledger.Orders().Put(s.T.Context(), o))
	}
}

// recordSuspension has one run suspend an account for an order and lift that when the order lapses.
func recordSuspension(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := s.Hire("workday", engineer("Grace", "Hopper", "today"))
	s.Hint(key, "onboard")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	give(s, identity.Order{ID: "o-suspend", Key: key, Kind: identity.OrderSuspend, Until: time.Now().Add(2 * time.Second)})
	s.AwaitStage(key, api.StageWaiting)
	require.Equal(t, 2, s.Account(key).Status)
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	require.Equal(t, 1, s.Account(key).Status)
	write(s, suspensionLapses, api.PersonID(key))
}

// recordResponses has one run carry out a response of each kind.
func recordResponses(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := s.Hire("workday", engineer("Grace", "Hopper", "today"))
	s.Hint(key, "onboard")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), s.Account(key).Username))
	put(s, identity.Order{ID: "o-out", Key: key, Kind: identity.OrderLogOut},
		identity.Order{ID: "o-reset", Key: key, Kind: identity.OrderResetPassword})
	give(s, identity.Order{ID: "o-lock", Key: key, Kind: identity.OrderLock, Minutes: 30})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	require.Equal(t, 3, s.Account(key).Status)
	write(s, responsesAtOnce, api.PersonID(key))
}

// recordSuspendDuringOnboarding has a suspend order stop a joiner's work while the account is being opened.
func recordSuspendDuringOnboarding(t *testing.T) {
	s := kit.New(t, kit.Options{})
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.update_user", Style: "delay", DelayMS: 2000, Times: 1,
	}))
	key := s.Hire("workday", engineer("Mary", "Golda", "today"))
	s.Hint(key, "onboard")
	s.Until("the account is being opened", func() bool {
		state, ok := s.State(key)
		return ok && state.Doing == "Opening the account"
	})
	give(s, identity.Order{ID: "o-suspend", Key: key, Kind: identity.OrderSuspend})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	require.Equal(t, 2, s.Account(key).Status, "the activation that landed late must not stand")
	require.Empty(t, s.Effects(0, "onelogin.send_invite_link"), "nobody is invited into a suspended account")
	write(s, suspendDuringOnboarding, api.PersonID(key))
}
