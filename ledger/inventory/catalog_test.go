package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
)

func testCatalog(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	books := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now}).Inventory()
	const system = identity.SystemOneLogin
	_, _, at, err := books.RolesOfApp(ctx, system, "Wiki")
	require.NoError(t, err)
	require.True(t, at.IsZero(), "nothing is known before the first reading")

	named := func(pairs ...string) (out []inventory.Named) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, inventory.Named{ID: pairs[i], Name: pairs[i+1]})
		}
		return out
	}
	first := inventory.Catalog{
		Roles: named("1", "Mail", "2", "Office", "3", "Empty", "4", "Mail"), Groups: named("1", "Staff"), Apps: named("7", "Wiki", "8", "Chat", "9", "Twin", "10", "Twin"),
		RoleApps: []inventory.RoleApp{{Role: "1", App: "7"}, {Role: "2", App: "7"}, {Role: "2", App: "8"}, {Role: "2", App: "8"}},
	}
	read := c.Now()
	require.NoError(t, books.PutCatalog(ctx, system, read, first))
	app, roles, at, err := books.RolesOfApp(ctx, system, "Wiki")
	require.NoError(t, err)
	require.Equal(t, read, at)
	require.Equal(t, named("7", "Wiki")[0], app)
	require.Equal(t, []inventory.RoleWithApps{
		{Named: named("1", "Mail")[0], Apps: named("7", "Wiki")}, {Named: named("2", "Office")[0], Apps: named("8", "Chat", "7", "Wiki")},
	}, roles)
	_, roles, _, err = books.RolesOfApp(ctx, system, "8")
	require.NoError(t, err)
	require.Len(t, roles, 1)
	_, _, _, err = books.RolesOfApp(ctx, system, "Twin")
	require.ErrorIs(t, err, inventory.ErrAmbiguous)
	_, _, _, err = books.RolesOfApp(ctx, system, "Nothing")
	require.ErrorIs(t, err, engine.ErrNotFound)

	carried, _, err := books.AppsOfRoles(ctx, system, []string{"Mail", "Empty", "#2", "Old name", "2"})
	require.NoError(t, err)
	require.Len(t, carried, 3, "the name of today is not known of one, and a bare number is a name")
	require.Len(t, carried["Mail"], 2, "two roles of one name are both meant")
	require.Empty(t, carried["Empty"][0].Apps)
	require.Equal(t, named("8", "Chat", "7", "Wiki"), carried["#2"][0].Apps)

	// A reading that was asked for earlier is older, however late it arrives.
	require.NoError(t, books.PutCatalog(ctx, system, read.Add(-time.Second), inventory.Catalog{}))
	_, roles, _, err = books.RolesOfApp(ctx, system, "Wiki")
	require.NoError(t, err)
	require.Len(t, roles, 2)
	// One that says the same is as young as it is, and a role that was renamed keeps its apps.
	require.NoError(t, books.PutCatalog(ctx, system, read.Add(time.Hour), first))
	at, err = books.CatalogReadAt(ctx, system)
	require.NoError(t, err)
	require.Equal(t, read.Add(time.Hour), at)
	first.Roles[1].Name = "Desk"
	require.NoError(t, books.PutCatalog(ctx, system, read.Add(2*time.Hour), first))
	carried, _, err = books.AppsOfRoles(ctx, system, []string{"Office", "Desk"})
	require.NoError(t, err)
	require.Len(t, carried, 1)
	require.Len(t, carried["Desk"][0].Apps, 2)
}
