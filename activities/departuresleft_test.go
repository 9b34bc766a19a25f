package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/persons"
	"gatehouse/sandbox/control"
)

// A row that stays open although nobody gets in wakes somebody for nothing.

// TestDepartureUnderAnotherKeyIsForgotten: HR ended the contract of somebody who works on under another record.
func TestDepartureUnderAnotherKeyIsForgotten(t *testing.T) {
	t.Parallel()
	for _, episode := range []int{1, 2, 5} {
		r := newRig(t, rigOptions{})
		const key = "workday-21003"
		r.assess(key)
		require.NoError(t, r.app.Ledger.People().NoteDeparture(t.Context(), persons.Departure{Key: "bamboohr-7", Episode: episode, Source: "bamboohr", DueAt: monday}))
		require.NoError(t, r.app.Ledger.People().Join(t.Context(), "bamboohr", "7", key, "it"))
		require.Len(t, r.due(inAWeek), 1)
		r.assess(key)
		require.Empty(t, r.due(inAWeek), "they stay")
	}
}

// TestDepartureUnderAnotherKeyIsClosed: the same, and nothing is left to do about them when they have left.
func TestDepartureUnderAnotherKeyIsClosed(t *testing.T) {
	t.Parallel()
	for _, episode := range []int{1, 2, 5} {
		r := newRig(t, rigOptions{})
		in := known(r, "workday-21003")
		require.NoError(t, r.app.Ledger.People().NoteDeparture(t.Context(), persons.Departure{Key: "bamboohr-7", Episode: episode, Source: "bamboohr", DueAt: monday}))
		require.NoError(t, r.app.Ledger.People().Join(t.Context(), "bamboohr", "7", in.Key, "it"))
		r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today", "involuntary": true})
		a := r.assess(in.Key)
		require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
		require.Len(t, r.due(inAWeek), 2, "the word about them is noted under their own key")
		r.must(api.OneLoginEnsureSuspended, in)
		r.must(api.OneLoginEndAccess, api.RolesInput{AccountInput: in, Held: a.Account.Roles})
		require.Equal(t, identity.VerdictNone, r.assess(in.Key).Plan.Verdict)
		require.Empty(t, r.due(inAWeek))
	}
}

// TestDepartureOfAnOrderThatMoved: an order was given about an account whose owner was found afterwards, and closed already.
func TestDepartureOfAnOrderThatMoved(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21003")
	r.must(api.OneLoginEnsureSuspended, in)
	r.must(api.OneLoginEndAccess, api.RolesInput{AccountInput: in, Held: r.account(in.Key).Roles})
	second := newUser(r, onelogin.NewUser{Username: "second@acme.example"})
	r.order(identity.Order{ID: "c1", Key: onelogin42(second.ID), Kind: identity.OrderContain})
	require.NoError(t, r.app.Ledger.Orders().Move(t.Context(), onelogin42(second.ID), in.Key))
	require.Len(t, r.due(inAWeek), 1)
	require.Equal(t, identity.VerdictNone, r.assess(in.Key).Plan.Verdict)
	require.Empty(t, r.due(inAWeek))
}

// TestDepartureOfASuspendOrderAboutAnUnopenedAccount: there is no sign-in to end yet.
func TestDepartureOfASuspendOrderAboutAnUnopenedAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := newAccount(r)
	var made api.AccountState
	require.NoError(t, r.must(api.OneLoginEnsureAccount, in).Get(&made))
	r.order(identity.Order{ID: "s1", Key: newcomer, Kind: identity.OrderSuspend})
	require.Len(t, r.due(inAWeek), 1)
	a := r.assess(newcomer)
	require.NotEqual(t, identity.VerdictSuspend, a.Plan.Verdict)
	require.Empty(t, r.due(inAWeek))
	_, err := r.run(api.OneLoginEnsureActive, api.AccountInput{Key: newcomer, AccountID: made.AccountID})
	require.Equal(t, api.ErrSuperseded, application(t, err).Type(), "it stays unopened")
}
