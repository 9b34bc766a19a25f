package inventory_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

func refs(accounts []inventory.Account) []string {
	out := make([]string, len(accounts))
	for i, a := range accounts {
		out[i] = a.Ref.ID + " " + a.Person + " " + string(a.State) + " " + string(a.Use)
	}
	return out
}

func link(ref identity.Ref, person string, use identity.AccountUse) inventory.LinkAccount {
	return inventory.LinkAccount{Ref: ref, Person: person, Use: use, By: "external_id"}
}

func testAccountLinks(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "workday", "2", persons.Digests{})

	linked := c.Now()
	for range 2 {
		require.NoError(t, l.Inventory().LinkAccount(ctx, link(storetest.User(42), "workday-1", "")))
		require.NoError(t, l.Inventory().LinkAccount(ctx, link(storetest.User(7), "workday-1", identity.UseAdmin)))
		require.NoError(t, l.Inventory().LinkAccount(ctx, link(identity.Ref{System: "ldap", ID: "cn=ada"}, "workday-1", "")))
		c.Advance(time.Hour)
	}
	d := storetest.Dossier(t, l, "workday-1")
	require.EqualValues(t, 42, d.Person.AccountID, "the first one without a word on its use is the primary one")
	require.Equal(t, []string{"42 workday-1 linked primary", "cn=ada workday-1 linked ", "7 workday-1 linked admin"}, refs(d.Accounts))
	require.Equal(t, linked, d.Accounts[0].MatchedAt, "a repetition changes nothing")
	require.Equal(t, identity.KindPerson, d.Accounts[2].Kind)
	of, err := l.Inventory().AccountsOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(d.Accounts, of, cmpopts.IgnoreUnexported(inventory.Account{})))

	var taken inventory.ErrAccountTaken
	require.ErrorAs(t, l.Inventory().LinkAccount(ctx, link(storetest.User(7), "workday-2", "")), &taken)
	require.Equal(t, "workday-1", taken.Key)
	require.ErrorAs(t, l.Inventory().SetAccount(ctx, "workday-2", 7, false), &taken, "a second account is somebody's too")
	require.ErrorAs(t, l.Inventory().LinkAccount(ctx, link(storetest.User(42), "workday-2", "")), &taken)
	require.Zero(t, storetest.Dossier(t, l, "workday-2").Person.AccountID)

	require.NoError(t, l.Inventory().MarkSuspended(ctx, storetest.User(7), "workday-1", true, "o1"))
	require.NoError(t, l.Inventory().MarkLocked(ctx, storetest.User(7), "o2"))
	require.NoError(t, l.Inventory().MarkContained(ctx, storetest.User(7), "workday-1", c.Now()))
	a := storetest.Account(t, l, storetest.User(7))
	require.True(t, a.SuspendedByUs)
	require.Equal(t, "o1", a.SuspendedFor)
	require.Equal(t, "o2", a.LockedFor)
	require.Equal(t, c.Now(), a.ContainedAt)
	require.False(t, storetest.Dossier(t, l, "workday-1").Person.SuspendedByUs, "a mark is about one account")

	require.NoError(t, l.Inventory().UnlinkAccount(ctx, storetest.User(7), "it@example.com"))
	a = storetest.Account(t, l, storetest.User(7))
	require.Equal(t, identity.AccountUnowned, a.State)
	require.Empty(t, a.Person)
	require.Equal(t, "it@example.com", a.DecidedBy)
	require.True(t, a.SuspendedByUs, "an account keeps its marks")
	require.Equal(t, "o2", a.LockedFor)
	require.NoError(t, l.Inventory().LinkAccount(ctx, link(storetest.User(7), "workday-2", "")))
	require.True(t, storetest.Dossier(t, l, "workday-2").Person.SuspendedByUs, "whoever it belongs to")
	require.Zero(t, storetest.Dossier(t, l, "workday-2").Person.ContainedAt, "but this person was not contained")
	require.NoError(t, l.Inventory().UnlinkAccount(ctx, storetest.User(42), "it@example.com"))
	require.Zero(t, storetest.Dossier(t, l, "workday-1").Person.AccountID)
	require.ErrorIs(t, l.Inventory().UnlinkAccount(ctx, storetest.User(99), "it@example.com"), ledger.ErrNotFound)

	// A mark about an account that the ledger does not have yet puts it on record.
	require.NoError(t, l.Inventory().MarkSuspended(ctx, storetest.User(60), "workday-1", true, ""))
	require.Contains(t, refs(storetest.Dossier(t, l, "workday-1").Accounts), "60 workday-1 linked ")
	require.NoError(t, l.Inventory().MarkLocked(ctx, storetest.User(61), "o3"))
	require.Equal(t, identity.AccountUnowned, storetest.Account(t, l, storetest.User(61)).State)
	require.Error(t, l.Inventory().MarkLocked(ctx, identity.Ref{System: "onelogin"}, "o3"))
}

// testAccountsOfJoined: who is joined to somebody brings all accounts along, and takes them home again.
func testAccountsOfJoined(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: storetest.NewClock().Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "bamboohr", "7", persons.Digests{})
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 10, true))
	require.NoError(t, l.Inventory().SetAccount(ctx, "bamboohr-7", 70, false))
	require.NoError(t, l.Inventory().LinkAccount(ctx, link(storetest.User(71), "bamboohr-7", identity.UseAdmin)))
	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "workday-1", "it"))

	d := storetest.Dossier(t, l, "workday-1")
	require.EqualValues(t, 10, d.Person.AccountID)
	require.Equal(t, []string{"10 workday-1 linked primary", "70 workday-1 linked secondary", "71 workday-1 linked admin"}, refs(d.Accounts),
		"every account of every linked record, and one of them is primary")
	of, err := l.Inventory().AccountsOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Equal(t, refs(d.Accounts), refs(of))
	require.Equal(t, "workday-1", storetest.Account(t, l, storetest.User(71)).Person)
	require.NoError(t, l.Inventory().MarkContained(ctx, storetest.User(71), "workday-1", storetest.NewClock().Now()))
	require.NotZero(t, storetest.Dossier(t, l, "workday-1").Accounts[2].ContainedAt)
	require.NoError(t, l.Inventory().LinkAccount(ctx, link(storetest.User(71), "workday-1", identity.UseAdmin)), "it is theirs already")
	require.NoError(t, l.Inventory().LinkAccount(ctx, link(storetest.User(71), "bamboohr-7", identity.UseAdmin)))

	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "bamboohr-7", "it"))
	require.Equal(t, []string{"10 workday-1 linked primary"}, refs(storetest.Dossier(t, l, "workday-1").Accounts))
	require.Equal(t, []string{"70 bamboohr-7 linked primary", "71 bamboohr-7 linked admin"}, refs(storetest.Dossier(t, l, "bamboohr-7").Accounts))
	require.Zero(t, storetest.Dossier(t, l, "bamboohr-7").Accounts[1].ContainedAt, "it was contained as somebody else's")
}

func testAccountDecisions(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "bamboohr", "7", persons.Digests{})
	_, refused, err := l.Inventory().Refused(ctx, storetest.User(5), "workday-1")
	require.NoError(t, err)
	require.False(t, refused)
	require.NoError(t, l.Inventory().RefuseAccount(ctx, storetest.User(5), "bamboohr-7", "e1", "it"))
	require.NoError(t, l.Inventory().RefuseAccount(ctx, storetest.User(5), "bamboohr-7", "e2", "it"))
	evidence, refused, err := l.Inventory().Refused(ctx, storetest.User(5), "bamboohr-7")
	require.NoError(t, err)
	require.True(t, refused)
	require.Equal(t, "e2", evidence, "the latest word counts")
	require.Equal(t, identity.AccountRefused, storetest.Account(t, l, storetest.User(5)).State)
	_, refused, err = l.Inventory().Refused(ctx, storetest.User(5), "workday-1")
	require.NoError(t, err)
	require.False(t, refused, "a refusal is about one person")
	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "workday-1", "it"))
	_, refused, err = l.Inventory().Refused(ctx, storetest.User(5), "workday-1")
	require.NoError(t, err)
	require.True(t, refused, "and follows them")
	require.NoError(t, l.Inventory().LinkAccount(ctx, link(storetest.User(6), "workday-1", "")))
	require.NoError(t, l.Inventory().RefuseAccount(ctx, storetest.User(6), "workday-1", "e", "it"))
	require.Equal(t, identity.AccountLinked, storetest.Account(t, l, storetest.User(6)).State, "a link ends by unlinking")

	require.NoError(t, l.Inventory().DeclareAccount(ctx, inventory.Declaration{
		Ref: storetest.User(5), Kind: identity.KindService, Owner: "workday-1", Purpose: "backup", Ends: c.Now(), By: "it",
	}))
	require.NoError(t, l.Inventory().DeclareAccount(ctx, inventory.Declaration{Ref: storetest.User(5), Purpose: "restore", By: "ops"}))
	a := storetest.Account(t, l, storetest.User(5))
	require.Equal(t, identity.KindService, a.Kind)
	require.Equal(t, []any{"workday-1", "restore", "ops", c.Now()}, []any{a.Owner, a.Purpose, a.DecidedBy, a.Ends})
	require.NoError(t, l.Inventory().SetAccount(ctx, "onelogin-5", 5, false))
	require.Equal(t, identity.KindService, storetest.Account(t, l, storetest.User(5)).Kind, "what was declared stays")
	require.Error(t, l.Inventory().DeclareAccount(ctx, inventory.Declaration{Ref: storetest.User(5), Use: identity.UsePrimary}))
	require.NoError(t, l.Inventory().SetAccount(ctx, "onelogin-50", 50, false))
	require.Equal(t, identity.KindUnknown, storetest.Account(t, l, storetest.User(50)).Kind, "an account nobody is behind may be anything")
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-9", 50, false))
	require.Equal(t, identity.KindPerson, storetest.Account(t, l, storetest.User(50)).Kind)
	require.NoError(t, l.Inventory().DeclareAccount(ctx, inventory.Declaration{Ref: storetest.User(80), Kind: identity.KindShared, By: "it"}))
	require.Equal(t, identity.AccountUnowned, storetest.Account(t, l, storetest.User(80)).State)

	listed, err := l.Inventory().List(ctx, inventory.Filter{Kind: identity.KindPerson}, inventory.Page{})
	require.NoError(t, err)
	require.Equal(t, []string{"50 workday-9 linked primary", "6 workday-1 linked primary"}, refs(listed))
	listed, err = l.Inventory().List(ctx, inventory.Filter{}, inventory.Page{Limit: 2, After: storetest.User(5)})
	require.NoError(t, err)
	require.Equal(t, []string{"50 workday-9 linked primary", "6 workday-1 linked primary"}, refs(listed))
	listed, err = l.Inventory().List(ctx, inventory.Filter{State: identity.AccountLinked, Person: "workday-1", Text: "6"}, inventory.Page{})
	require.NoError(t, err)
	require.Len(t, listed, 1)
}

// testAccountsMigrated: what was flagged per person is found at the account that it was done to.
func testAccountsMigrated(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	url := e.URL(t)
	if e.Name == "sqlite" {
		require.NoError(t, os.MkdirAll(filepath.Dir(url), 0o700))
	}
	db := e.Raw(t, url)
	e.MigrateTo(t, db, 10)
	at := c.Now().UnixMicro()
	_, err := db.ExecContext(ctx, `INSERT INTO people (person_key, episode, employed, account_id, account_created, suspended_by_us,
		suspended_for, locked_for, contained_at, first_seen, forward) VALUES
		('workday-1', 2, 0, 42, 1, 1, 'o1', '', $1, 1, ''), ('workday-2', 1, 1, 0, 0, 1, '', '', 0, 1, ''),
		('onelogin-50', 1, 0, 50, 0, 1, '', 'o2', $1, 1, ''), ('bamboohr-7', 1, 0, 70, 0, 1, '', '', 0, 1, 'workday-1'),
		('bamboohr-8', 1, 0, 80, 1, 0, '', '', 0, 1, 'workday-3'), ('workday-3', 1, 1, 80, 1, 1, '', '', 0, 1, '')`, at)
	require.NoError(t, err)
	before, err := ledger.Open(ctx, url, ledger.Options{Clock: c.Now})
	require.NoError(t, err)

	d := storetest.Dossier(t, before, "workday-1")
	require.Empty(t, cmp.Diff(persons.Person{
		Key: "workday-1", Episode: 2, AccountID: 42, AccountCreated: true, SuspendedByUs: true, SuspendedFor: "o1",
		ContainedAt: c.Now(), FirstSeen: time.UnixMicro(1).UTC(),
	}, d.Person))
	require.Equal(t, []string{"42 workday-1 linked primary", "70 workday-1 linked secondary"}, refs(d.Accounts))
	require.True(t, d.Accounts[0].CreatedByUs)
	require.True(t, d.Accounts[1].SuspendedByUs)
	pseudo := storetest.Account(t, before, storetest.User(50))
	require.Equal(t, []any{identity.KindUnknown, "o2", c.Now()}, []any{pseudo.Kind, pseudo.LockedFor, pseudo.ContainedAt})
	require.True(t, storetest.Dossier(t, before, "workday-3").Person.SuspendedByUs, "the holder's marks are the account's")
	require.False(t, storetest.Dossier(t, before, "workday-2").Person.SuspendedByUs)

	// And back, for whoever has to go back.
	require.NoError(t, before.Close())
	e.MigrateTo(t, db, 10)
	var marks string
	require.NoError(t, db.QueryRowContext(ctx, `SELECT suspended_by_us || suspended_for || locked_for || contained_at
		FROM people WHERE person_key = 'onelogin-50'`).Scan(&marks))
	require.Equal(t, "1o2"+strconv.FormatInt(at, 10), marks)
}
