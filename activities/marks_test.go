package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// twoAccounts is somebody with a primary account and a further one, which orders name by its id.
func twoAccounts(t *testing.T) (r *rig, primary, further api.AccountInput) {
	t.Helper()
	r = newRig(t, rigOptions{})
	primary = known(r, "workday-21002")
	second := newUser(r, onelogin.NewUser{Username: "adm-second@acme.example", Email: "adm-second@acme.example", FirstName: "Second", LastName: "One"})
	require.NoError(t, r.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: identity.OneLoginRef(second.ID), Person: primary.Key, Use: identity.UseAdmin, By: "test", DecidedBy: "ops",
	}))
	return r, primary, api.AccountInput{Key: onelogin42(second.ID), AccountID: second.ID}
}

func (r *rig) statusOf(id int64) int {
	r.t.Helper()
	u, err := r.vendors.OneLogin.User(r.t.Context(), id)
	require.NoError(r.t, err)
	return u.Status
}

func (r *rig) setStatus(id int64, status int) {
	r.t.Helper()
	_, err := r.vendors.OneLogin.UpdateUser(r.t.Context(), id, onelogin.UserChange{Status: &status})
	require.NoError(r.t, err)
}

// marks are what the ledger says that Gatehouse did to an account.
func (r *rig) marks(id int64) []any {
	r.t.Helper()
	a, _ := r.entry(id)
	return []any{a.SuspendedByUs, a.SuspendedFor, a.LockedFor}
}

var unmarked = []any{false, "", ""}

// TestSuspendOrderAboutAFurtherAccount: the mark stands at the account that the order names, so that its end opens that
// account again, and no other.
func TestSuspendOrderAboutAFurtherAccount(t *testing.T) {
	t.Parallel()
	r, primary, further := twoAccounts(t)
	r.order(identity.Order{ID: "o1", Key: further.Key, Kind: identity.OrderSuspend})
	a := r.assess(further.Key)
	require.Equal(t, identity.VerdictSuspend, a.Plan.Verdict)
	require.Equal(t, further.AccountID, a.Account.ID)
	r.carryOut(a)
	require.Equal(t, 2, r.statusOf(further.AccountID))
	require.Equal(t, []any{true, "o1", ""}, r.marks(further.AccountID))
	require.Equal(t, unmarked, r.marks(primary.AccountID))
	require.Equal(t, identity.VerdictNone, r.assess(further.Key).Plan.Verdict)

	require.True(t, r.release("o1"))
	a = r.assess(further.Key)
	require.Equal(t, identity.VerdictLift, a.Plan.Verdict)
	r.carryOut(a)
	require.Equal(t, 1, r.statusOf(further.AccountID))
	require.Equal(t, unmarked, r.marks(further.AccountID))
}

// TestFurtherAccountStaysClosedWithItsOwner: the end of an order opens nothing for somebody who has left meanwhile.
func TestFurtherAccountStaysClosedWithItsOwner(t *testing.T) {
	t.Parallel()
	r, primary, further := twoAccounts(t)
	r.order(identity.Order{ID: "o1", Key: further.Key, Kind: identity.OrderSuspend})
	r.carryOut(r.assess(further.Key))
	require.True(t, r.release("o1"))
	require.Equal(t, identity.VerdictLift, r.assess(further.Key).Plan.Verdict)

	r.order(identity.Order{ID: "o2", Key: primary.Key, Kind: identity.OrderContain})
	_, err := r.run(api.OneLoginEnsureActive, further)
	require.Equal(t, api.ErrUnavailable, application(t, err).Type(), "an order ends all access of the owner")
	require.True(t, r.release("o2"))
	r.hr("workday", "terminate", "21002", nil)
	_, err = r.run(api.OneLoginEnsureActive, further)
	require.Equal(t, api.ErrUnavailable, application(t, err).Type(), "HR says that the owner has left")
	require.False(t, application(t, err).NonRetryable(), "their departure decides")
	require.Equal(t, 2, r.statusOf(further.AccountID))

	// The departure makes the suspension its own.
	require.Equal(t, identity.VerdictLeave, r.assess(primary.Key).Plan.Verdict)
	r.must(api.OneLoginEnsureSuspended, api.AccountInput{Key: primary.Key, AccountID: further.AccountID})
	require.Equal(t, identity.VerdictAttention, r.assess(further.Key).Plan.Verdict)
	_, err = r.run(api.OneLoginEnsureActive, further)
	require.Equal(t, api.ErrSuperseded, application(t, err).Type())
	require.Equal(t, 2, r.statusOf(further.AccountID))
}

// TestLockOrderAboutAFurtherAccount: Gatehouse knows its own lock again, at whichever account it is.
func TestLockOrderAboutAFurtherAccount(t *testing.T) {
	t.Parallel()
	r, primary, further := twoAccounts(t)
	r.order(identity.Order{ID: "o1", Key: further.Key, Kind: identity.OrderLock, Minutes: 30})
	require.Equal(t, identity.VerdictRespond, r.assess(further.Key).Plan.Verdict)
	r.must(api.OneLoginEnsureLocked, api.ResponseInput{AccountInput: further, Order: "o1", Minutes: 30})
	require.Equal(t, int(identity.AccountLocked), r.statusOf(further.AccountID))
	require.Equal(t, []any{false, "", "o1"}, r.marks(further.AccountID))
	require.Equal(t, unmarked, r.marks(primary.AccountID))
	require.True(t, r.release("o1"))
	a := r.assess(further.Key)
	require.NotEqual(t, identity.VerdictAttention, a.Plan.Verdict, "the lock is ours: %v", codes(a))

	r.setStatus(further.AccountID, 1)
	r.assess(further.Key)
	require.Equal(t, unmarked, r.marks(further.AccountID), "a lock that is over is nobody's")
}

// TestMarkFollowsTheAccountOfTheStep: between a plan and its step another account became the person's primary one.
func TestMarkFollowsTheAccountOfTheStep(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]func(r *rig, in api.AccountInput){
		"suspended": func(r *rig, in api.AccountInput) { r.must(api.OneLoginEnsureSuspended, in) },
		"locked": func(r *rig, in api.AccountInput) {
			r.must(api.OneLoginEnsureLocked, api.ResponseInput{AccountInput: in, Order: "o1", Minutes: 30})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, old, other := twoAccounts(t)
			require.NoError(t, r.app.Ledger.Inventory().UnlinkAccount(t.Context(), identity.OneLoginRef(other.AccountID), "ops"))
			require.NoError(t, r.app.Ledger.Inventory().SetAccount(t.Context(), old.Key, other.AccountID, false))
			step(r, old)
			require.NotEqual(t, unmarked, r.marks(old.AccountID))
			require.Equal(t, unmarked, r.marks(other.AccountID))
		})
	}
	t.Run("opened", func(t *testing.T) {
		t.Parallel()
		r, old, other := twoAccounts(t)
		r.must(api.OneLoginEnsureSuspended, old)
		require.NoError(t, r.app.Ledger.Inventory().UnlinkAccount(t.Context(), identity.OneLoginRef(other.AccountID), "ops"))
		require.NoError(t, r.app.Ledger.Inventory().SetAccount(t.Context(), old.Key, other.AccountID, false))
		r.must(api.OneLoginEnsureSuspended, api.AccountInput{Key: old.Key, AccountID: other.AccountID})
		r.must(api.OneLoginEnsureActive, old)
		require.Equal(t, unmarked, r.marks(old.AccountID))
		require.Equal(t, []any{true, "", ""}, r.marks(other.AccountID), "what was not opened stays ours to open")
	})
}

// TestSuspensionOfSomebodyElseIsTheAccounts: that Gatehouse closed one account gives it no right to open another.
func TestSuspensionOfSomebodyElseIsTheAccounts(t *testing.T) {
	t.Parallel()
	r, primary, further := twoAccounts(t)
	r.must(api.OneLoginEnsureSuspended, primary)
	r.setStatus(further.AccountID, 2)
	_, err := r.run(api.OneLoginEnsureActive, api.AccountInput{Key: primary.Key, AccountID: further.AccountID})
	require.Equal(t, api.ErrSuperseded, application(t, err).Type())
	require.Equal(t, 2, r.statusOf(further.AccountID))

	r.clock.Advance(time.Second)
	r.must(api.OneLoginEnsureActive, primary)
	require.Equal(t, 1, r.statusOf(primary.AccountID))
}
