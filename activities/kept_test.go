package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestAGroupForgetsNoKeptValue: OneLogin keeps another title than was written, and the account is then only moved to a group. What is
// known of the title stays, so that it is not written again because of that.
func TestAGroupForgetsNoKeptValue(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21006")
	ref := identity.OneLoginRef(in.AccountID)
	require.NoError(t, r.sandbox.Cut(t.Context(), 4))
	var state api.AccountState
	require.NoError(t, r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: in, Profile: identity.Profile{Title: "Principal"}}).Get(&state))
	require.Len(t, state.Notices, 1, "somebody is told")
	require.NotContains(t, state.Notices[0].Text, "Principal")
	kept := []identity.Kept{{Field: identity.FieldTitle, Wrote: "Principal", Holds: "Prin"}}
	read := func() []identity.Kept {
		found, err := r.app.Ledger.Inventory().Kept(t.Context(), ref)
		require.NoError(t, err)
		return found
	}
	require.Equal(t, kept, read())

	state = api.AccountState{}
	require.NoError(t, r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: in, Group: "Engineering"}).Get(&state))
	require.Empty(t, state.Notices)
	require.Equal(t, kept, read())
	require.Equal(t, "Prin", r.account("workday-21006").Title)
}
