package reviews_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/reviews"
	"gatehouse/ledger/storetest"
)

// testReviewOrder reads a sheet of people with several accounts: these follow each other, the primary one first and under its
// manager, wherever a page ends and whatever is linked after the freeze.
func testReviewOrder(t *testing.T, e storetest.Engine) {
	ctx := t.Context()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	_, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	link := func(id int64, use identity.AccountUse) {
		require.NoError(t, l.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: identity.OneLoginRef(id), Person: "workday-1", Use: use, By: "test"}))
	}
	link(50, identity.UsePrimary)
	link(10, identity.UseSecondary)
	link(60, identity.UseAdmin)
	var rows reviews.Rows
	account := func(id, manager int64, key string) {
		rows.Users = append(rows.Users, reviewUser(id, manager, "u"))
		rows.Members = append(rows.Members, reviews.Member{UserID: id, RoleID: id})
		rows.Verdicts = append(rows.Verdicts, reviews.Verdict{UserID: id, Manager: manager, PersonKey: key})
	}
	account(10, 0, "workday-1")
	account(20, 0, "")
	account(30, 7, "workday-2")
	account(40, 3, "workday-3")
	account(50, 7, "workday-1")
	account(55, 7, "workday-4")
	account(60, 3, "workday-1")
	account(70, 0, "")
	require.NoError(t, l.Review().Stage(ctx, month, moveStep("", "1", true), rows))
	_, err = l.Review().Freeze(ctx, month, "abc", noTabs)
	require.NoError(t, err)
	want := []int64{20, 70, 40, 30, 50, 10, 60, 55}
	for _, page := range []int{1, 2, 3, 5, 100} {
		var got []int64
		for after := int64(0); ; after = got[len(got)-1] {
			accounts, err := l.Review().Accounts(ctx, month, after, page)
			require.NoError(t, err)
			for _, a := range accounts {
				got = append(got, a.ID)
				require.Equal(t, []reviews.Member{{UserID: a.ID, RoleID: a.ID}}, a.Members)
			}
			if len(accounts) == 0 {
				break
			}
		}
		require.Equal(t, want, got, "pages of %d", page)
		if page == 2 {
			require.NoError(t, l.Inventory().UnlinkAccount(ctx, identity.OneLoginRef(50), "test"))
		}
	}
	unjudged, err := l.Review().Unjudged(ctx, month, 20, 2)
	require.NoError(t, err)
	require.Equal(t, []int64{30, 40}, []int64{unjudged[0].ID, unjudged[1].ID})
}
