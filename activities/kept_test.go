package activities_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
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

// TestAValueThatIsTakenBackIsNotWrittenForEver: a directory sets its own title again whenever ours was written. The third write is the
// last one before HR or the directory has another one, and somebody is told.
func TestAValueThatIsTakenBackIsNotWrittenForEver(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21006")
	ref := identity.OneLoginRef(in.AccountID)
	takesBack := func(title string) {
		_, err := r.sandbox.EditAccount(t.Context(), in.AccountID, control.Fields{"title": title})
		require.NoError(t, err)
	}
	write := func(title string) (state api.AccountState) {
		require.NoError(t, r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: in, Profile: identity.Profile{Title: title}}).Get(&state))
		return state
	}
	plain := func() []identity.Kept {
		found, err := r.app.Ledger.Inventory().Kept(t.Context(), ref)
		require.NoError(t, err)
		return slices.DeleteFunc(found, func(k identity.Kept) bool { return k.Times > 0 })
	}
	for night := 1; night <= 3; night++ {
		takesBack("Clerk")
		state := write("Principal")
		require.Equal(t, night == 3, len(state.Notices) == 1, "night %d", night)
	}
	require.Equal(t, []identity.Kept{{Field: identity.FieldTitle, Wrote: "Principal", Holds: "Clerk", TakenBack: true}}, plain())

	takesBack("Clerk II")
	require.Len(t, write("Principal").Notices, 1, "the directory has another one: written once more")
	require.Equal(t, []identity.Kept{{Field: identity.FieldTitle, Wrote: "Principal", Holds: "Clerk II", TakenBack: true}}, plain())
	require.Empty(t, write("Head of engineering").Notices, "HR has another one")
	require.Empty(t, plain())
}

// TestAValueThatWasCutIsWrittenOnceItFits: OneLogin cut a title and takes it now. Nobody is told that it does not, and who changes it by
// hand once has it put right.
func TestAValueThatWasCutIsWrittenOnceItFits(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21006")
	write := func() (state api.AccountState) {
		require.NoError(t, r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: in, Profile: identity.Profile{Title: "Principal"}}).Get(&state))
		return state
	}
	require.NoError(t, r.sandbox.Cut(t.Context(), 4))
	require.Len(t, write().Notices, 1)
	require.NoError(t, r.sandbox.Cut(t.Context(), 0))
	require.Empty(t, write().Notices, "it is taken now")
	require.Equal(t, "Principal", r.account("workday-21006").Title)
	kept, err := r.app.Ledger.Inventory().Kept(t.Context(), identity.OneLoginRef(in.AccountID))
	require.NoError(t, err)
	for _, k := range kept {
		require.Positive(t, k.Times, "it is written again if somebody changes it")
	}
}
