package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
)

func testMembers(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	books, seven := l.Inventory(), int64(7)
	inGroup := func(id, group int64) inventory.Account {
		a := seen(id, identity.AccountActive, "")
		a.Document.GroupID = group
		return a
	}
	_, err := books.Observe(ctx, c.Now(), []inventory.Account{inGroup(1, seven), inGroup(2, seven), inGroup(3, 0), inGroup(4, 8)})
	require.NoError(t, err)
	require.NoError(t, books.LinkAccount(ctx, inventory.LinkAccount{Ref: storetest.User(9), Person: "workday-9"}))
	ids, unknown, err := books.MembersOfGroup(ctx, "onelogin", seven)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"1", "2"}, ids)
	require.Equal(t, 1, unknown, "one account was never read")
	_, err = books.Observe(ctx, c.Now(), []inventory.Account{inGroup(2, 0)})
	require.NoError(t, err)
	ids, _, err = books.MembersOfGroup(ctx, "onelogin", seven)
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, ids)

	_, found, err := books.RoleReadOf(ctx, "onelogin", "3")
	require.NoError(t, err)
	require.False(t, found)
	for _, r := range []inventory.RoleRead{{ID: "3", Name: "Admins", At: c.Now()}, {ID: "3", Name: "Older", At: c.Now().Add(-time.Hour)}} {
		require.NoError(t, books.NoteRoleRead(ctx, "onelogin", r))
	}
	r, found, err := books.RoleReadOf(ctx, "onelogin", "3")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, inventory.RoleRead{ID: "3", Name: "Admins", At: c.Now()}, r, "what was asked for earlier is older")

	storetest.Admit(t, l, "workday", "1", storetest.Digests(l, "", "", "Ada"))
	require.NoError(t, books.LinkAccount(ctx, inventory.LinkAccount{Ref: storetest.User(1), Person: "workday-1"}))
	require.NoError(t, books.LinkAccount(ctx, inventory.LinkAccount{Ref: storetest.User(2), Person: "workday-1", Use: identity.UseAdmin}))
	all, err := books.AccountsOfPeople(ctx, []string{"workday-1", "workday-9", "workday-77"})
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Len(t, all["workday-1"], 2)
	require.Equal(t, identity.UsePrimary, all["workday-1"][0].Use)
	require.Equal(t, "u1", all["workday-1"][0].Document.Username)
}
