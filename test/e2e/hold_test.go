package e2e

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestHoldKeepsWhatALeaverHolds: a legal matter preserves roles and factors of somebody who leaves, and opens no door.
func TestHoldKeepsWhatALeaverHolds(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(p string) string { return p + "\ndeciders: {hold: [legal@acme.example]}\n" }})
	const key = "workday-21007"
	roles := s.Account(key).Roles
	require.NotEmpty(t, roles)
	hold := identity.Order{ID: "matter-1", Key: key, Kind: identity.OrderHold, By: "legal@acme.example", Reason: "matter 1"}
	give := func(o identity.Order) error {
		_, err := s.Vendors.Activities.Orders.Give(t.Context(), api.GiveOrder{Order: o, Hint: api.Hint{Source: "operator", Cause: "order"}})
		return err
	}
	stranger := hold
	stranger.By = "somebody@acme.example"
	require.ErrorContains(t, give(stranger), "deciders.hold")
	require.NoError(t, give(hold))
	s.Until("the hold changes nothing", func() bool { return s.Account(key).CanSignIn })

	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	s.Hint(key, "webhook")
	s.Until("suspended", func() bool { return s.Account(key).Status == 2 })
	require.Equal(t, "access ended", s.Outcome(key).Result)
	require.Equal(t, roles, s.Account(key).Roles)

	_, err := s.Vendors.Activities.Orders.Release(t.Context(), api.ReleaseOrder{ID: "matter-1", By: "somebody@acme.example", Reason: "x"})
	require.ErrorContains(t, err, "deciders.hold")
	_, err = s.Vendors.Activities.Orders.Release(t.Context(), api.ReleaseOrder{ID: "matter-1", By: "legal@acme.example", Reason: "settled"})
	require.NoError(t, err)
	s.Until("what was preserved is taken", func() bool { return len(s.Account(key).Roles) == 0 })
	require.Equal(t, 2, s.Account(key).Status)
}

// TestHoldReleasedTakesFactorsToo: of somebody who holds no role any more, too.
func TestHoldReleasedTakesFactorsToo(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(p string) string { return p + "\ndeciders: {hold: [legal@acme.example]}\n" }})
	const key = "workday-21007"
	orders := s.Vendors.Activities.Orders
	_, err := orders.Give(t.Context(), api.GiveOrder{
		Order: identity.Order{ID: "matter-1", Key: key, Kind: identity.OrderHold, By: "legal@acme.example", Reason: "matter 1"},
		Hint:  api.Hint{Source: "operator", Cause: "order"},
	})
	require.NoError(t, err)
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	s.Hint(key, "webhook")
	s.Until("suspended", func() bool { return s.Account(key).Status == 2 })
	require.Equal(t, "access ended", s.Outcome(key).Result)
	account, err := s.Sandbox.AgeAccount(t.Context(), s.Account(key).ID, control.Fields{"roles": []string{}})
	require.NoError(t, err)
	// One that OneLogin cannot check is listed by its older API only, and no API removes it.
	removable := func(f control.Factor) bool { return f.Verifiable }
	require.True(t, slices.ContainsFunc(account.Factors, removable), "the hold keeps them")

	_, err = orders.Release(t.Context(), api.ReleaseOrder{ID: "matter-1", Key: key, By: "legal@acme.example", Reason: "settled"})
	require.NoError(t, err)
	s.Until("the factors are gone", func() bool { return !slices.ContainsFunc(s.Of(account.ID).Factors, removable) })
	s.Outcome(key)
	mark := s.Mark()
	s.Hint(key, "webhook")
	s.Outcome(key)
	require.Empty(t, s.Effects(mark), "it is done once")
}
