package activities_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

func (r *rig) items(class string) []worklist.Item {
	r.t.Helper()
	items, err := r.app.Ledger.Worklist().Items(r.t.Context(), worklist.ItemFilter{Class: class})
	require.NoError(r.t, err)
	return items
}

// TestALeaverWithoutAnyAccountIsAnItem: once, of somebody who worked here; it closes when an account is found after all. Of whom
// HR had let go long before, and of whose account is suspended, nothing is said.
func TestALeaverWithoutAnyAccountIsAnItem(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	account, err := r.sandbox.AgeAccount(t.Context(), r.account("workday-21009").ID, control.Fields{
		"external_id": foreignID, "firstname": "Q", "lastname": "Twomey", "email": "q2@x.example", "username": "q2",
	})
	require.NoError(t, err)
	r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today", "involuntary": true})
	require.NoError(t, r.vendors.OneLogin.DeleteUser(t.Context(), r.account("workday-21015").ID))
	r.hr("workday", "terminate", "21015", control.Fields{"last_day": "today-90", "termination_date": "today-90"})
	shut, err := r.sandbox.AgeAccount(t.Context(), r.account("workday-21018").ID, control.Fields{"external_id": foreignID, "status": 2})
	require.NoError(t, err)
	require.Equal(t, 2, shut.Status)
	r.hr("workday", "terminate", "21018", control.Fields{"last_day": "today", "involuntary": true})
	for range 2 {
		for _, key := range []string{"workday-21009", "workday-21015", "workday-21018"} {
			require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict, key)
		}
	}
	items := r.items("leaver_without_account")
	require.Len(t, items, 1)
	require.Equal(t, "workday-21009", items[0].Object)
	require.Equal(t, items[0].RaisedAt, r.items("leaver_without_account")[0].RaisedAt)

	require.NoError(t, r.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: identity.OneLoginRef(account.ID), Person: "workday-21009", Use: identity.UsePrimary, By: "a person's word", DecidedBy: "it",
	}))
	a := r.assess("workday-21009")
	r.must(api.PersonSearch, api.SearchInput{Key: a.Key, Episode: a.Episode, Except: []identity.Ref{identity.OneLoginRef(account.ID)}})
	require.Empty(t, r.items("leaver_without_account"))
}

// TestOneReadingServesManyLeavers: where no sweep has filled the inventory, all accounts are read once for the leavers of a moment,
// and nothing is read for a leaver whose account is found and has to be closed.
func TestOneReadingServesManyLeavers(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	since := r.mark()
	for i := range 3 {
		key := fmt.Sprintf("workday-%d", 21009+i)
		id := key[len("workday-"):]
		second := newUser(r, onelogin.NewUser{Username: id + ".priv", Email: id + "@x.example", ExternalID: fmt.Sprintf("SAL-00%s", id)})
		r.hr("workday", "terminate", id, control.Fields{"last_day": "today", "involuntary": true})
		a := r.assess(key)
		require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
		require.Empty(t, a.Doubts, "a suspension waits for no search")
		var found api.Found
		require.NoError(t, r.must(api.PersonSearch, api.SearchInput{
			Key: key, Episode: a.Episode, Except: []identity.Ref{identity.OneLoginRef(a.Account.ID)},
		}).Get(&found))
		if i > 0 {
			require.Contains(t, found.By, "every account of OneLogin")
			continue // The account is younger than the reading: the next one shows it.
		}
		require.Len(t, found.Doubts, 1)
		require.Equal(t, second.ID, found.Doubts[0].Account.ID)
	}
	require.LessOrEqual(t, r.calls(since, "onelogin.list_users"), 1+3*10)
}
