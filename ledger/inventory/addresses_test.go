package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testAddresses: an account is found by each of its further addresses, for as long as it has it, whoever reads it.
func testAddresses(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, DigestKey: []byte("pepper"), Seal: storetest.Ring(t, "a", "a")})
	books := l.Inventory()
	shown := func(id string, aliases ...string) inventory.Account {
		return inventory.Account{Ref: identity.Ref{System: "google", ID: id}, Document: identity.Account{
			Email: id + "@acme.example", Username: id + "@acme.example", Aliases: aliases, Status: identity.AccountActive,
		}}
	}
	found := func(address string) (ids []string) {
		t.Helper()
		rows, err := books.Find(ctx, inventory.Traces{Further: []string{books.AddressDigest(address)}})
		require.NoError(t, err)
		for _, a := range rows {
			ids = append(ids, a.Ref.ID)
		}
		listed, err := books.List(ctx, inventory.Filter{System: "google", Text: address}, inventory.Page{})
		require.NoError(t, err)
		require.Len(t, listed, len(ids))
		return ids
	}
	observe := func(at time.Time, want int, accounts ...inventory.Account) {
		t.Helper()
		n, err := books.Observe(ctx, at, accounts)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	first := c.Now()
	observe(first, 3, shown("1", "old@acme.example", "older@acme.example"), shown("2", "old@acme.example"), shown("3"))
	require.Equal(t, []string{"1", "2"}, found("Old@acme.example"))
	require.Equal(t, []string{"1"}, found("older@acme.example"))
	require.Empty(t, found("nobody@acme.example"))
	require.Equal(t, []string{"old@acme.example", "older@acme.example"}, storetest.Account(t, l, identity.Ref{System: "google", ID: "1"}).Document.Aliases)

	c.Advance(time.Minute)
	observe(c.Now(), 0, shown("1", "old@acme.example", "older@acme.example"), shown("2", "old@acme.example"), shown("3"))
	require.NoError(t, books.NoteAccount(ctx, c.Now(), shown("1", "new@acme.example", "older@acme.example")))
	require.Equal(t, []string{"2"}, found("old@acme.example"))
	require.Equal(t, []string{"1"}, found("new@acme.example"))
	observe(first, 0, shown("1", "old@acme.example"))
	require.NoError(t, books.NoteAccount(ctx, first, shown("1", "old@acme.example")))
	require.Equal(t, []string{"2"}, found("old@acme.example"), "what was read later stays")
	_, err := books.Reread(ctx, c.Now(), []inventory.Account{shown("1"), shown("2", "old@acme.example")})
	require.NoError(t, err)
	require.Empty(t, found("older@acme.example"))
	require.NoError(t, books.DropAccount(ctx, identity.Ref{System: "google", ID: "2"}))
	require.Empty(t, found("old@acme.example"))
	observe(c.Now(), 1, shown("2"))
	require.Empty(t, found("old@acme.example"), "nothing is left of what was dropped")
}

// testNamesStayTheirs: what somebody's account was called, and its addresses, are theirs also once it was dropped. Those of an account that
// was nobody's are free.
func testNamesStayTheirs(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, DigestKey: []byte("pepper"), Seal: storetest.Ring(t, "a", "a")})
	leaver := storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "workday", "2", persons.Digests{})
	for id, doc := range map[string]identity.Account{
		"1": {Username: "uid", Email: "mail@acme.example", UserPrincipalName: "upn@acme.example", Aliases: []string{"before@acme.example"}},
		"2": {Username: "nobodys", Email: "nobodys@acme.example"},
	} {
		require.NoError(t, l.Inventory().NoteAccount(ctx, c.Now(), inventory.Account{Ref: identity.Ref{System: "google", ID: id}, Document: doc}))
	}
	require.NoError(t, l.Inventory().LinkAccount(ctx, link(identity.Ref{System: "google", ID: "1"}, leaver, "")))
	for _, id := range []string{"1", "2", "2"} {
		require.NoError(t, l.Inventory().DropAccount(ctx, identity.Ref{System: "google", ID: id}))
	}
	for name, want := range map[string]string{
		"uid": leaver, "Mail@acme.example": leaver, "upn@acme.example": leaver, "before@acme.example": leaver,
		"nobodys": "workday-2", "nobodys@acme.example": "workday-2",
	} {
		owner, err := l.People().ReserveUsername(ctx, name, "workday-2")
		require.NoError(t, err)
		require.Equal(t, want, owner, name)
	}
}

// testFindByFurtherAddress: an address that was handed over leads to its own person, and to whoever has it now only where there is none.
func testFindByFurtherAddress(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	leaver := storetest.Admit(t, l, "workday", "1", storetest.Digests(l, "leaver@acme.example", "", ""))
	manager := storetest.Admit(t, l, "workday", "2", storetest.Digests(l, "manager@acme.example", "", ""))
	ref := identity.Ref{System: "google", ID: "7"}
	require.NoError(t, l.Inventory().NoteAccount(ctx, c.Now(), inventory.Account{Ref: ref, Document: identity.Account{
		Email: "manager@acme.example", Aliases: []string{"leaver@acme.example", "sales@acme.example"},
	}}))
	require.NoError(t, l.Inventory().LinkAccount(ctx, link(ref, manager, "")))
	for address, want := range map[string]string{"leaver@acme.example": leaver, "sales@acme.example": manager, "manager@acme.example": manager} {
		known, err := l.FindByAddress(ctx, address)
		require.NoError(t, err)
		require.Len(t, known, 1, address)
		require.Equal(t, want, known[0].Key, address)
	}
}
