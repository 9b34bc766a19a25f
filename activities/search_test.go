package activities_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// foreignID is an external id as a directory writes it.
const foreignID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

// TestEverySpellingIsFound: of an account that is older than Gatehouse, one thing is the leaver's, in the way in which people
// and directories write it. It is found with and without an inventory, and nobody is suspended for it.
func TestEverySpellingIsFound(t *testing.T) {
	t.Parallel()
	strange := control.Fields{"firstname": "X", "lastname": "Y", "email": "xy@x.example", "username": "xy"}
	for name, f := range map[string]control.Fields{
		"principal name":               {"userprincipalname": "leon.moreau@acme.example"},
		"principal name with a tag":    {"userprincipalname": "Leon.Moreau+old@acme.example"},
		"account name":                 {"samaccountname": "leon.moreau"},
		"account name with its domain": {"samaccountname": `ACME\Leon.Moreau`},
		"address with a tag":           {"email": "leon.moreau+vpn@acme.example"},
		"username with a tag":          {"username": "leon.moreau+vpn@acme.example"},
		"number as an address":         {"firstname": "", "lastname": "", "email": "21009@acme.example"},
		"number with a letter":         {"firstname": "Leon", "lastname": "Moreau", "username": "u21009"},
		"number with zeros":            {"firstname": "Leon", "lastname": "Moreau", "samaccountname": "0021009"},
		"one field for the name":       {"firstname": "", "lastname": "Moreau, Leon"},
		"accents":                      {"firstname": "Léon", "lastname": "Moréau"},
		"in the other order":           {"firstname": "Moreau", "lastname": "Leon"},
		"a second last name":           {"firstname": "Leon", "lastname": "Diaz Moreau"},
		"a second first name":          {"firstname": "Leon Paul", "lastname": "Moreau"},
		"another last name":            {"firstname": "Leon", "lastname": "Deschanel", "username": "leon.moreau@legacy.example"},
		"nothing but the username":     {"firstname": "", "lastname": "", "email": "", "username": "Leon.Moreau"},
		"nothing but the name":         {"firstname": "Leon", "lastname": "Moreau"},
	} {
		for _, swept := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", with an inventory", false: ""}[swept], func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{policy: []string{"keep_roles: []", "keep_roles: [], doubt: suspend"}})
				fields := control.Fields{"external_id": foreignID}
				for _, all := range []control.Fields{strange, f} {
					for field, value := range all {
						fields[field] = value
					}
				}
				account, err := r.sandbox.AgeAccount(t.Context(), r.account("workday-21009").ID, fields)
				require.NoError(t, err)
				if swept {
					require.True(t, r.sweep("first").Complete)
				}
				r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today", "involuntary": true})
				a := r.assess("workday-21009")
				require.Len(t, a.Doubts, 1, "searched by %v", a.Searched)
				require.Equal(t, account.ID, a.Doubts[0].Account.ID)
				onlyName := slices.Contains([]string{
					"one field for the name", "accents", "in the other order", "a second last name", "a second first name", "nothing but the name",
				}, name)
				require.Equal(t, onlyName, a.Doubts[0].Code == api.NoticeLeaverNamesake, "%v", a.Doubts[0].Reasons)
				require.NotEqual(t, onlyName, a.Doubts[0].Suspend, "what has only a name is not touched")
				require.False(t, a.Doubts[0].Digest, "it is the only trace of any account, and does not wait")
			})
		}
	}
}

// TestNameBesideAnAccountWaitsForTheDigest: the leaver's own account is known, and another has nothing but their name. A privileged one
// does not wait.
func TestNameBesideAnAccountWaitsForTheDigest(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		roles  []string
		digest bool
	}{"an ordinary account": {nil, true}, "a privileged one": {[]string{"AWS Admin"}, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			own := r.account("workday-21009")
			more := control.Fields{"username": "x77", "email": "x77@old.example", "external_id": foreignID, "firstname": own.FirstName, "lastname": own.LastName}
			if tt.roles != nil {
				more["roles"] = tt.roles
			}
			other, err := r.sandbox.CopyAccount(t.Context(), own.ID, more)
			require.NoError(t, err)
			r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today", "involuntary": true})
			a := r.assess("workday-21009")
			var found api.Found
			require.NoError(t, r.must(api.PersonSearch, api.SearchInput{
				Key: a.Key, Episode: a.Episode, Except: []identity.Ref{identity.OneLoginRef(own.ID)},
			}).Get(&found))
			require.Len(t, found.Doubts, 1)
			require.Equal(t, other.ID, found.Doubts[0].Account.ID)
			require.Equal(t, api.NoticeLeaverNamesake, found.Doubts[0].Code)
			require.Equal(t, tt.digest, found.Doubts[0].Digest)
		})
	}
}

// TestNoAccountIsProven: of somebody without any account every account was compared, in the inventory or in OneLogin.
func TestNoAccountIsProven(t *testing.T) {
	t.Parallel()
	for _, swept := range []bool{true, false} {
		r := newRig(t, rigOptions{})
		require.NoError(t, r.vendors.OneLogin.DeleteUser(t.Context(), r.account("workday-21009").ID))
		by := "every account of OneLogin"
		if swept {
			by = "every account of the inventory"
			require.True(t, r.sweep("first").Complete)
		}
		r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today", "involuntary": true})
		a := r.assess("workday-21009")
		require.Equal(t, identity.VerdictNone, a.Plan.Verdict)
		require.Empty(t, a.Doubts)
		require.Contains(t, a.Searched, by)
	}
}

// TestNoAccountIsNotProven: too many accounts to read them one by one, and no inventory.
func TestNoAccountIsNotProven(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 3200})
	require.NoError(t, r.vendors.OneLogin.DeleteUser(t.Context(), r.account("workday-21009").ID))
	r.hr("workday", "change", "21009", control.Fields{"last_name": "Unheard-Of"})
	r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today", "involuntary": true})
	requireAttention(t, r.assess("workday-21009"), api.NoticeNotCompared)
	require.True(t, r.sweep("first").Complete)
	require.Equal(t, identity.VerdictNone, r.assess("workday-21009").Plan.Verdict)
}

// TestAnEmployedPersonExplainsItBetter: an account has a leaver's full name and no more, and everything of somebody of the
// same name who works here.
func TestAnEmployedPersonExplainsItBetter(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	other := r.account("workday-21015")
	r.hr("workday", "change", "21015", control.Fields{"first_name": "Leon", "last_name": "Moreau"})
	_, err := r.sandbox.AgeAccount(t.Context(), other.ID, control.Fields{
		"external_id": foreignID, "firstname": "Leon", "lastname": "Moreau", "email": "", "username": "maya.fischer",
	})
	require.NoError(t, err)
	require.NoError(t, r.vendors.OneLogin.DeleteUser(t.Context(), r.account("workday-21009").ID))
	require.NotNil(t, r.assess("workday-21015"))
	r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today", "involuntary": true})
	a := r.assess("workday-21009")
	require.Empty(t, a.Doubts)
	require.Equal(t, identity.VerdictNone, a.Plan.Verdict)
}

// TestManyNamesakesAreOneQuestion: "none of them" is kept about each of the accounts that were shown.
func TestManyNamesakesAreOneQuestion(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	require.NoError(t, r.vendors.OneLogin.DeleteUser(t.Context(), r.account("workday-21009").ID))
	for _, local := range []string{"a", "b", "c", "d", "e"} {
		newUser(r, onelogin.NewUser{Username: "x" + local, Email: "x" + local + "@x.example", FirstName: "Leon", LastName: "Moreau", ExternalID: foreignID})
	}
	r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today", "involuntary": true})
	a := r.assess("workday-21009")
	require.Len(t, a.Doubts, 1)
	d := a.Doubts[0]
	require.Len(t, d.Also, 4)
	for range 2 {
		r.must(api.PersonSettle, api.SettleInput{
			Key: a.Key, Episode: a.Episode, Ref: d.Ref(), Code: d.Code, Evidence: d.Evidence, Also: d.Also, Decision: api.Decision{Verb: "separate", By: "ops"},
		})
	}
	a = r.assess("workday-21009")
	require.Empty(t, a.Doubts)
	require.Equal(t, identity.VerdictNone, a.Plan.Verdict)
}
