package activities_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
)

func (r *rig) matchAll() api.MatchedAccounts {
	r.t.Helper()
	var out api.MatchedAccounts
	require.NoError(r.t, r.must(api.AccountsMatch, api.Nothing{}).Get(&out))
	return out
}

// TestMatchingPutsWhatIsCertainOnRecord goes by the human that the sandbox knows behind each account.
func TestMatchingPutsWhatIsCertainOnRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	people := r.people()
	owners := map[string]string{}
	for _, p := range people {
		owners[p.ExternalID] = p.Owner
	}
	edit := func(i int, fields control.Fields) control.Person {
		t.Helper()
		p, err := r.sandbox.AgeAccount(t.Context(), people[i].ID, fields)
		require.NoError(t, err)
		return p
	}
	foreign := edit(1, control.Fields{"external_id": "S-1-5-21-1-2-3-1104"})
	married := edit(2, control.Fields{"external_id": "", "lastname": "Married"})
	bare := edit(3, control.Fields{"external_id": people[3].ExternalID[len("workday-"):]})
	second, err := r.sandbox.CopyAccount(t.Context(), people[4].ID, nil)
	require.NoError(t, err)
	for _, source := range []string{"workday", "bamboohr"} {
		r.must(api.SyncCollect, api.SyncInput{Source: source, Batch: "b"})
	}
	r.sweep("s1")
	matched := r.matchAll()
	require.Equal(t, matched, func() api.MatchedAccounts { again := r.matchAll(); again.Linked = matched.Linked; return again }(),
		"a repetition finds the same")
	state := func(id int64) string {
		t.Helper()
		a, found := r.entry(id)
		require.True(t, found)
		return fmt.Sprintf("%s %s (%s)", a.State, a.Person, a.MatchedBy)
	}
	require.Equal(t, fmt.Sprintf("candidate %s (the work e-mail address is theirs; the name is theirs; the external id is one that no HR record explains; "+
		"the account holds a privileged role or is protected)", people[1].ExternalID), state(foreign.ID))
	require.Equal(t, fmt.Sprintf("candidate %s (the work e-mail address is theirs; the account has no external id; the name differs from the HR record's)",
		people[2].ExternalID), state(married.ID))
	require.Equal(t, fmt.Sprintf("linked %s (the external id is their employee id; the work e-mail address is theirs; the name is theirs)",
		people[3].ExternalID), state(bare.ID))
	require.Equal(t, fmt.Sprintf("linked %s (the work e-mail address is theirs; the name is theirs; the username is theirs with an "+
		"administrator's prefix or suffix)", people[4].ExternalID), state(second.ID))
	admin, _ := r.entry(second.ID)
	require.Equal(t, identity.UseAdmin, admin.Use)

	accounts, err := r.sandbox.Accounts(t.Context())
	require.NoError(t, err)
	linked := int64(0)
	for _, a := range accounts {
		got, _ := r.entry(a.ID)
		if got.State != identity.AccountLinked {
			continue
		}
		linked++
		require.Equal(t, a.Owner, owners[got.Person], "account %d", a.ID)
		d, _, err := r.app.Ledger.Dossier(t.Context(), got.Person)
		require.NoError(t, err)
		require.True(t, d.Person.AccountID == a.ID || a.ID == second.ID, "%d is the primary account", d.Person.AccountID)
	}
	require.Equal(t, linked, matched.Linked)
	require.Greater(t, linked, int64(40))
	require.EqualValues(t, 2, matched.Candidates)
}

// TestMatchingKeepsWhatPeopleSaid: a dispute is raised and ends, a refusal holds until the evidence changes, and what a person
// linked or declared stays.
func TestMatchingKeepsWhatPeopleSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	people := r.people()
	l := r.app.Ledger
	for _, source := range []string{"workday", "bamboohr"} {
		r.must(api.SyncCollect, api.SyncInput{Source: source, Batch: "b"})
	}
	for _, i := range []int{3, 4} {
		_, err := r.sandbox.AgeAccount(t.Context(), people[i].ID, control.Fields{"external_id": fmt.Sprint("S-1-5-21-", i)})
		require.NoError(t, err)
	}
	r.sweep("s0")
	r.matchAll()
	state := func(id int64) identity.AccountLinkState {
		t.Helper()
		a, _ := r.entry(id)
		return a.State
	}
	swept := 0
	again := func() {
		t.Helper()
		swept++
		r.clock.Advance(7 * time.Hour)
		require.Equal(t, "full", r.sweep(fmt.Sprint("s", swept)).Kind)
		r.matchAll()
	}
	key := people[1].ExternalID
	a, _ := r.entry(people[1].ID)
	require.Equal(t, key, a.Person)

	// An account on record that comes to carry somebody else's id is disputed, and stays theirs to be contained.
	_, err := r.sandbox.EditAccount(t.Context(), people[1].ID, control.Fields{"external_id": people[2].ExternalID})
	require.NoError(t, err)
	again()
	require.Equal(t, identity.AccountDisputed, state(people[1].ID))
	of, err := l.Inventory().AccountsOf(t.Context(), key)
	require.NoError(t, err)
	require.Len(t, of, 1)
	require.Equal(t, identity.AccountLinked, state(people[2].ID), "and the other's own account stays the other's")
	_, err = r.sandbox.EditAccount(t.Context(), people[1].ID, control.Fields{"external_id": key})
	require.NoError(t, err)
	again()
	require.Equal(t, identity.AccountLinked, state(people[1].ID))

	// What a person refused is not a candidate again until it looks different.
	refused := identity.OneLoginRef(people[3].ID)
	a, _ = r.entry(people[3].ID)
	require.Equal(t, identity.AccountCandidate, a.State)
	require.NoError(t, l.Inventory().RefuseAccount(t.Context(), refused, a.Person, r.vendors.Activities.Person.EvidenceOf(a.Document), "it"))
	again()
	require.Equal(t, identity.AccountRefused, state(people[3].ID))
	_, err = r.sandbox.EditAccount(t.Context(), people[3].ID, control.Fields{"external_id": "S-1-5-21-other"})
	require.NoError(t, err)
	again()
	require.Equal(t, identity.AccountCandidate, state(people[3].ID))

	// What is declared to be no person's is compared with nobody, and an account with orders of its own waits for its person.
	require.NoError(t, l.Inventory().DeclareAccount(t.Context(), inventory.Declaration{Ref: refused, Kind: identity.KindShared, By: "it"}))
	require.NoError(t, l.Inventory().UnlinkAccount(t.Context(), identity.OneLoginRef(people[5].ID), "it"))
	require.NoError(t, l.Inventory().SetAccount(t.Context(), fmt.Sprint("onelogin-", people[5].ID), people[5].ID, false))
	require.NoError(t, l.Inventory().UnlinkAccount(t.Context(), identity.OneLoginRef(people[4].ID), "it"))
	require.NoError(t, l.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: identity.OneLoginRef(people[4].ID), Person: people[6].ExternalID, Use: identity.UseSecondary, By: "a person's word", DecidedBy: "it",
	}))
	again()
	a, _ = r.entry(people[3].ID)
	require.Equal(t, identity.AccountUnowned, a.State, "what is shared is nobody's candidate")
	a, _ = r.entry(people[5].ID)
	require.Equal(t, fmt.Sprint("onelogin-", people[5].ID), a.Person)
	a, _ = r.entry(people[4].ID)
	require.Equal(t, people[6].ExternalID, a.Person)
}
