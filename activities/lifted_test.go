package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestLiftedProtection: once two people have lifted it, a protected leaver is planned like any other and the client writes
// to the account, in this departure and no other; the word of the input alone opens nothing.
func TestLiftedProtection(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21002"
	r.assess(key)
	admin := r.account(key)
	protects := func() {
		_, err := r.sandbox.EditAccount(t.Context(), admin.ID, control.Fields{"status": 1, "roles": []string{"Super admin"}})
		require.NoError(t, err)
	}
	protects()
	r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today-1", "termination_date": "today-1"})
	a := r.assess(key)
	requireAttention(t, a, api.NoticeProtectedLeaver)
	require.Len(t, a.Doubts, 1)
	in := api.AccountInput{Key: key, AccountID: admin.ID, Lifted: true, LogOut: true}
	_, err := r.run(api.OneLoginEnsureSuspended, in)
	require.Equal(t, api.ErrRefused, application(t, err).Type(), "the ledger knows of no such word")

	word := api.SettleInput{
		Key: key, Episode: a.Episode, Ref: identity.OneLoginRef(admin.ID), Code: api.NoticeProtectedLeaver,
		Decision: api.Decision{Verb: api.VerbAllow, By: "bob"}, LiftedBy: []string{"ann", "bob"},
	}
	for range 2 {
		r.must(api.PersonSettle, word)
	}
	for range 2 {
		a = r.assess(key)
		require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
		require.True(t, a.Account.Lifted)
		require.Equal(t, api.ModeEnforce, a.Mode)
		r.must(api.OneLoginEnsureSuspended, in)
		roles := api.RolesInput{AccountInput: in, Held: a.Account.Roles}
		r.must(api.OneLoginEndAccess, roles)
		now := r.account(key)
		require.Equal(t, 2, now.Status)
		require.Empty(t, now.Roles)
		var back api.AccountState
		require.NoError(t, r.must(api.OneLoginReadBack, api.ReadBackInput{AccountInput: in}).Get(&back))
		require.Empty(t, back.Protected)
		protects() // It comes back in the same departure.
	}
	var back api.AccountState
	unlifted := api.AccountInput{Key: key, AccountID: admin.ID}
	require.NoError(t, r.must(api.OneLoginReadBack, api.ReadBackInput{AccountInput: unlifted}).Get(&back))
	require.NotEmpty(t, back.Protected)

	r.hr("workday", "change", "21002", control.Fields{"last_day": "", "termination_date": ""})
	require.NotEqual(t, identity.VerdictLeave, r.assess(key).Plan.Verdict)
	r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today-1", "termination_date": "today-1"})
	a = r.assess(key)
	require.NotEqual(t, word.Episode, a.Episode)
	requireAttention(t, a, api.NoticeProtectedLeaver)
	_, err = r.run(api.OneLoginEnsureSuspended, in)
	require.Equal(t, api.ErrRefused, application(t, err).Type(), "the word was about another departure")
}
