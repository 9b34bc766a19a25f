package inventory_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

func seen(id int64, status identity.AccountStatus, email string) inventory.Account {
	return inventory.Account{
		Ref: storetest.User(id), DirectoryID: 7, TrustedIDP: 8, Document: identity.Account{
			ID: id, Username: "u" + strconv.FormatInt(id, 10), Email: email, FirstName: "Ada", LastName: "Müller",
			ExternalID: "S-1-5-" + strconv.FormatInt(id, 10), Status: status,
		},
	}
}

func testObserve(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, DigestKey: []byte("pepper"), Seal: storetest.Ring(t, "a", "a")})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 1, true))
	require.NoError(t, l.Inventory().MarkSuspended(ctx, storetest.User(1), "workday-1", true, ""))
	page := []inventory.Account{seen(1, identity.AccountActive, "Ada@Example.com"), seen(2, identity.AccountActive, "")}
	first := c.Now()
	n, err := l.Inventory().Observe(ctx, first, page)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	a := storetest.Account(t, l, storetest.User(1))
	require.Equal(t, page[0].Document, a.Document)
	require.Equal(t, []any{"workday-1", identity.AccountLinked, true, int64(7), int64(8), first},
		[]any{a.Person, a.State, a.SuspendedByUs, a.DirectoryID, a.TrustedIDP, a.ObservedAt}, "what we know of it stays")
	require.Equal(t, identity.AccountUnowned, storetest.Account(t, l, storetest.User(2)).State)

	c.Advance(time.Minute)
	n, err = l.Inventory().Observe(ctx, c.Now(), page)
	require.NoError(t, err)
	require.Zero(t, n, "only what has changed is written")
	changed := []inventory.Account{seen(1, identity.AccountSuspended, "Ada@Example.com")}
	n, err = l.Inventory().Observe(ctx, first.Add(-time.Second), changed)
	require.NoError(t, err)
	require.Zero(t, n, "what was asked for earlier is older, however late it arrives")
	n, err = l.Inventory().Observe(ctx, c.Now(), changed)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, identity.AccountSuspended, storetest.Account(t, l, storetest.User(1)).Status)

	// What Gatehouse wrote itself is newer than a page that was asked for before.
	require.NoError(t, l.Inventory().NoteAccount(ctx, c.Now().Add(time.Second), seen(2, identity.AccountSuspended, "")))
	n, err = l.Inventory().Observe(ctx, c.Now(), page[1:])
	require.NoError(t, err)
	require.Zero(t, n)
	c.Advance(time.Hour)
	_, err = l.Inventory().Observe(ctx, c.Now(), page[:1])
	require.NoError(t, err)
	require.NoError(t, l.Inventory().MarkContained(ctx, storetest.User(1), "workday-1", c.Now().Add(time.Second)))
	require.Equal(t, identity.AccountSuspended, storetest.Account(t, l, storetest.User(1)).Document.Status, "a containment tells the status")
	n, err = l.Inventory().Observe(ctx, c.Now(), page[:1])
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = l.Inventory().Observe(ctx, c.Now().Add(time.Minute), page[:1])
	require.NoError(t, err)
	require.Equal(t, 1, n, "somebody has opened it again")

	find := func(by inventory.Traces) []string {
		t.Helper()
		found, err := l.Inventory().Find(ctx, by)
		require.NoError(t, err)
		var ids []string
		for _, a := range found {
			require.NotEmpty(t, a.Document.Username)
			ids = append(ids, a.Ref.ID)
		}
		return ids
	}
	require.Equal(t, []string{"1"}, find(inventory.Traces{Emails: []string{l.Inventory().AddressDigest(" ada@example.COM ")}}))
	require.Equal(t, []string{"1", "2"}, find(inventory.Traces{Names: []string{l.Inventory().NameDigest("ADA", "Mueller")}}))
	require.Equal(t, []string{"2"}, find(inventory.Traces{ExternalIDs: []string{l.Inventory().ExternalIDDigest("S-1-5-2 ")}}))
	require.Equal(t, []string{"1", "2"}, find(inventory.Traces{
		Usernames: []string{l.Inventory().AddressDigest("U2"), ""}, ExternalIDs: []string{l.Inventory().ExternalIDDigest("S-1-5-1")},
	}))
	require.Empty(t, find(inventory.Traces{Emails: []string{""}}), "an empty trace is none")
	listed, err := l.Inventory().List(ctx, inventory.Filter{Text: "u2"}, inventory.Page{})
	require.NoError(t, err)
	require.Len(t, listed, 1)

	_, err = l.Inventory().Observe(ctx, c.Now(), make([]inventory.Account, 101))
	require.Error(t, err)
	require.NoError(t, l.Inventory().DropAccount(ctx, storetest.User(1)))
	_, found, err := l.Inventory().Account(ctx, storetest.User(1))
	require.NoError(t, err)
	require.False(t, found)
	require.EqualValues(t, 1, storetest.Dossier(t, l, "workday-1").Person.AccountID, "who it belonged to is not forgotten")
}

func testAccountSweeps(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 1000, false))
	page := func(from, to int64) (page []inventory.Account, ids []string) {
		for id := from; id <= to; id++ {
			page = append(page, seen(id, identity.AccountActive, fmt.Sprintf("%d@example.com", id)))
			ids = append(ids, strconv.FormatInt(id, 10))
		}
		return page, ids
	}
	sweep := func(id string, pages ...[2]int64) inventory.Sweep {
		t.Helper()
		s, err := l.Inventory().BeginSweep(ctx, inventory.Sweep{System: "onelogin", ID: id, Kind: inventory.SweepFull})
		require.NoError(t, err)
		for i, p := range pages {
			rows, ids := page(p[0], p[1])
			_, err := l.Inventory().Observe(ctx, c.Now(), rows)
			require.NoError(t, err)
			s.Seen, s.Total, s.Place = s.Seen+int64(len(ids)), 90, "cursor"
			for range 2 {
				require.NoError(t, l.Inventory().SweepPage(ctx, s, int64(i), ids), "a page may be noted twice")
			}
		}
		return s
	}
	s := sweep("s1", [2]int64{1, 60}, [2]int64{61, 120})
	again, err := l.Inventory().BeginSweep(ctx, inventory.Sweep{System: "onelogin", ID: "s1", Kind: inventory.SweepFull})
	require.NoError(t, err)
	require.Equal(t, s, again, "a sweep goes on where it was")
	unseen, err := l.Inventory().Unseen(ctx, s)
	require.NoError(t, err)
	require.Equal(t, []identity.Ref{storetest.User(1000)}, unseen)
	s.Complete = true
	require.NoError(t, l.Inventory().FinishSweep(ctx, s))
	require.NoError(t, l.Inventory().FinishSweep(ctx, s))
	require.ErrorIs(t, l.Inventory().SweepPage(ctx, s, 3, nil), ledger.ErrNotFound, "what is finished is finished")
	n, err := l.Inventory().Count(ctx, "onelogin")
	require.NoError(t, err)
	require.EqualValues(t, 120, n)

	c.Advance(time.Hour)
	s = sweep("s2", [2]int64{3, 100})
	_, err = l.Inventory().Observe(ctx, c.Now().Add(time.Second), []inventory.Account{seen(2, identity.AccountLocked, "")})
	require.NoError(t, err)
	unseen, err = l.Inventory().Unseen(ctx, s)
	require.NoError(t, err)
	require.Len(t, unseen, 22, "1, 101 to 120 and 1000; 2 was written meanwhile")
	twice, err := l.Inventory().MissAccounts(ctx, s, unseen)
	require.NoError(t, err)
	require.Empty(t, twice)
	twice, err = l.Inventory().MissAccounts(ctx, s, unseen)
	require.NoError(t, err)
	require.Empty(t, twice, "the same sweep twice is one sweep")
	require.Equal(t, s.StartedAt, storetest.Account(t, l, storetest.User(101)).MissingSince)
	require.NoError(t, l.Inventory().FinishSweep(ctx, s))
	last, found, err := l.Inventory().LastSweep(ctx, "onelogin", inventory.SweepFull, true)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "s1", last.ID, "the second was not complete")

	c.Advance(time.Hour)
	s = sweep("s3", [2]int64{1, 100})
	require.Zero(t, storetest.Account(t, l, storetest.User(1)).MissingSince, "it is back")
	unseen, err = l.Inventory().Unseen(ctx, s)
	require.NoError(t, err)
	twice, err = l.Inventory().MissAccounts(ctx, s, unseen)
	require.NoError(t, err)
	require.Len(t, twice, 21)
	require.Equal(t, storetest.User(101), twice[0])
}

func testAccountRoles(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	given := c.Now().Add(-time.Hour)
	_, err := l.Inventory().Observe(ctx, c.Now(), []inventory.Account{seen(1, identity.AccountActive, ""), seen(2, identity.AccountActive, "")})
	require.NoError(t, err)
	members := func(ids ...string) inventory.RoleMembers {
		m := inventory.RoleMembers{System: "onelogin", Role: "Admins", RequestedAt: c.Now()}
		for _, id := range ids {
			m.Members = append(m.Members, inventory.RoleMember{ID: id, AddedBy: "9", AddedAt: given})
		}
		return m
	}
	for _, want := range []int{2, 0} {
		n, err := l.Inventory().ObserveRole(ctx, members("1", "2"))
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	require.Equal(t, []inventory.Role{{Name: "Admins", AddedBy: "9", AddedAt: given, SeenAt: c.Now()}}, storetest.Account(t, l, storetest.User(1)).Roles)
	c.Advance(time.Hour)
	begun := c.Now()
	c.Advance(time.Minute)
	_, err = l.Inventory().ObserveRole(ctx, members("3"))
	require.NoError(t, err)
	n, err := l.Inventory().KeepRoleMembers(ctx, "onelogin", "Admins", begun, map[string]bool{"2": true})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Empty(t, storetest.Account(t, l, storetest.User(1)).Roles)
	require.Len(t, storetest.Account(t, l, storetest.User(2)).Roles, 1)
	n, err = l.Inventory().ObserveRole(ctx, members())
	require.NoError(t, err)
	require.Zero(t, n)
}

func testMappings(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "a", "a")})
	read, at, err := l.Inventory().Mappings(ctx, "onelogin")
	require.NoError(t, err)
	require.Empty(t, read)
	require.Zero(t, at)
	two := []identity.Mapping{
		{ID: "9", Name: "Staff", Match: "all", Actions: []identity.MappingAction{{Action: "set_status", Values: []string{"1"}}}},
		{ID: "3", Name: "Title", Conditions: []identity.MappingCondition{{Source: "title", Operator: "=", Value: "x"}}},
	}
	for _, want := range [][]identity.Mapping{two, two[:1]} {
		require.NoError(t, l.Inventory().PutMappings(ctx, "onelogin", c.Now(), want))
		read, at, err = l.Inventory().Mappings(ctx, "onelogin")
		require.NoError(t, err)
		require.Equal(t, want, read)
		require.Equal(t, c.Now(), at)
	}
	require.True(t, two[0].GivesAccess())
	require.False(t, two[1].GivesAccess())
}
