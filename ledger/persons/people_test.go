package persons_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

func testAdmit(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	_, found, err := l.People().Resolve(ctx, "workday", "1")
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = l.Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.False(t, found)

	seen := c.Now()
	p, err := l.People().Admit(ctx, "workday-1", "workday", "1", persons.Digests{})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(persons.Person{Key: "workday-1", FirstSeen: seen}, p))
	c.Advance(time.Hour)
	again, err := l.People().Admit(ctx, "workday-1", "workday", "1", persons.Digests{})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(p, again))

	got, found, err := l.People().Resolve(ctx, "workday", "1")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "workday-1", got)

	_, err = l.People().Admit(ctx, "bamboohr-9", "workday", "1", persons.Digests{})
	var elsewhere persons.ErrLinkedElsewhere
	require.ErrorAs(t, err, &elsewhere)
	require.Equal(t, "workday-1", elsewhere.Key)
	_, found, err = l.Dossier(ctx, "bamboohr-9")
	require.NoError(t, err)
	require.False(t, found, "a refused admission must leave nothing behind")

	require.Empty(t, cmp.Diff(ledger.Dossier{
		Person: p,
		Links:  []persons.Link{{Source: "workday", EmployeeID: "1", Key: "workday-1", FirstSeen: seen}},
	}, storetest.Dossier(t, l, "workday-1")))
}

// What AdmitNew leads to must be what a fresh read finds, or a first assessment would see another person than the next.
func testAdmitNew(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	_, err := l.People().Admit(ctx, "workday-1", "workday", "1", persons.Digests{})
	require.NoError(t, err)

	for _, met := range [][2]string{{"workday-1", "1"}, {"workday-1", "3"}, {"workday-2", "1"}} {
		_, fresh, err := l.People().AdmitNew(ctx, met[0], "workday", met[1])
		require.NoError(t, err)
		require.False(t, fresh, "%v is known", met)
	}
	_, found, err := l.Dossier(ctx, "workday-2")
	require.NoError(t, err)
	require.False(t, found, "a refused admission must leave nothing behind")
	_, found, err = l.People().Resolve(ctx, "workday", "3")
	require.NoError(t, err)
	require.False(t, found)

	c.Advance(time.Hour)
	before, found, err := l.Dossier(ctx, "workday-2")
	require.NoError(t, err)
	require.False(t, found)
	link, fresh, err := l.People().AdmitNew(ctx, "workday-2", "workday", "2")
	require.NoError(t, err)
	require.True(t, fresh)
	require.Empty(t, cmp.Diff(storetest.Dossier(t, l, "workday-2"), before.Admitted(link)))
	require.Equal(t, c.Now(), link.FirstSeen)
}

// AdmitAll must come to what Admit comes to, one by one.
func testAdmitAll(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, DigestKey: []byte("pepper")})
	storetest.Admit(t, l, "workday", "1", storetest.Digests(l, "one@acme.example", "", "one"))
	storetest.Admit(t, l, "workday", "2", persons.Digests{})
	storetest.Admit(t, l, "bamboohr", "1", persons.Digests{})
	require.NoError(t, l.People().Join(ctx, "bamboohr", "1", "workday-2", "test"))
	before, of := storetest.Dossier(t, l, "workday-1"), storetest.Dossier(t, l, "workday-2")

	c.Advance(time.Hour)
	all := []persons.Admission{
		{Key: "workday-1", Source: "workday", EmployeeID: "1", Digests: storetest.Digests(l, "new@acme.example", "", "new")},
		{Key: "bamboohr-1", Source: "bamboohr", EmployeeID: "1"},
		{Key: "bamboohr-1", Source: "bamboohr", EmployeeID: "7"},
		{Key: "workday-3", Source: "workday", EmployeeID: "3", Digests: storetest.Digests(l, "three@acme.example", "", "three")},
	}
	for i := range 1200 {
		id := fmt.Sprint(1000 + i)
		all = append(all, persons.Admission{Key: "workday-" + id, Source: "workday", EmployeeID: id})
	}
	for range 2 {
		require.NoError(t, l.People().AdmitAll(ctx, all))
		require.Empty(t, cmp.Diff(before, storetest.Dossier(t, l, "workday-1")), "who is known stays as they are")
		require.Empty(t, cmp.Diff(of, storetest.Dossier(t, l, "workday-2")), "a record that was joined stays with its person")
		_, found, err := l.People().Resolve(ctx, "bamboohr", "7")
		require.NoError(t, err)
		require.False(t, found, "a key that was forwarded gets no further record")
	}
	three := storetest.Dossier(t, l, "workday-3")
	require.Empty(t, cmp.Diff(persons.Person{Key: "workday-3", FirstSeen: c.Now()}, three.Person))
	require.Empty(t, cmp.Diff([]persons.Link{{
		Source: "workday", EmployeeID: "3", Key: "workday-3", FirstSeen: c.Now(), Digests: storetest.Digests(l, "three@acme.example", "", "three"),
	}}, three.Links))
	owners, err := l.People().Owners(ctx, "workday")
	require.NoError(t, err)
	require.Len(t, owners, 1203)
	require.Equal(t, "workday-2199", owners["2199"])
	owners, err = l.People().Owners(ctx, "bamboohr")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"1": "workday-2"}, owners)
}

func testForwardedKeys(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	for _, id := range []string{"1", "2", "3"} {
		_, err := l.People().Admit(ctx, "workday-"+id, "workday", id, persons.Digests{})
		require.NoError(t, err)
	}
	require.NoError(t, l.People().Join(ctx, "workday", "3", "workday-1", "test"))
	require.NoError(t, l.People().Join(ctx, "workday", "2", "workday-1", "test"))
	require.Equal(t, []string{"workday-2", "workday-3"}, storetest.Dossier(t, l, "workday-1").Forwarded)
	require.Empty(t, storetest.Dossier(t, l, "workday-2").Forwarded)
}

func testEpisodes(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	confirmed := c.Now()
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 42, false))
	for i, step := range []struct {
		employed bool
		episode  int
		ever     bool
	}{
		{false, 1, false},
		{false, 1, false},
		{true, 2, true},
		{true, 2, true},
		{false, 3, true},
		{false, 3, true},
		{true, 4, true},
	} {
		p, err := l.People().SetEmployed(ctx, "workday-1", step.employed)
		require.NoError(t, err)
		require.Equal(t, step.episode, p.Episode, "step %d", i)
		require.Equal(t, step.employed, p.Employed, "step %d", i)
		require.Equal(t, step.ever, p.EverEmployed, "step %d", i)
	}
	require.NoError(t, l.Inventory().SetContained(ctx, "workday-1", confirmed))
	require.NoError(t, l.Inventory().MarkSuspended(ctx, storetest.User(42), "workday-1", true, ""))
	second := identity.Ref{System: "onelogin", ID: "43"}
	require.NoError(t, l.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: second, Person: "workday-1", Use: identity.UseAdmin, By: "test"}))
	require.NoError(t, l.Inventory().MarkContained(ctx, second, "workday-1", confirmed))
	_, err := l.People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)
	d := storetest.Dossier(t, l, "workday-1")
	require.Equal(t, confirmed, d.Person.ContainedAt, "no change of episode, no change of containment")
	require.Equal(t, confirmed, d.Accounts[0].ContainedAt)
	require.Equal(t, confirmed, d.Accounts[1].ContainedAt)
	_, err = l.People().SetEmployed(ctx, "workday-1", false)
	require.NoError(t, err)
	d = storetest.Dossier(t, l, "workday-1")
	require.Zero(t, d.Person.ContainedAt, "a containment belongs to its episode")
	require.Zero(t, d.Accounts[0].ContainedAt)
	require.Zero(t, d.Accounts[1].ContainedAt, "and so does that of every other account")
	require.True(t, d.Person.SuspendedByUs, "a suspension stays ours over a change of episode")
}

// testAccountTakenAtOnce has people reach for accounts at the same time, each within a transaction of several steps.
func testAccountTakenAtOnce(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	const accounts, rivals = 20, 4
	for account := range accounts {
		for rival := range rivals {
			storetest.Admit(t, l, "workday", fmt.Sprintf("%d-%d", account, rival), persons.Digests{})
		}
	}
	var wg sync.WaitGroup
	outcomes := make([]error, accounts*rivals)
	for i := range outcomes {
		wg.Go(func() {
			key := fmt.Sprintf("workday-%d-%d", i/rivals, i%rivals)
			outcomes[i] = l.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
				if _, err := l.People().SetEmployed(ctx, key, true); err != nil {
					return err
				}
				return l.Inventory().SetAccount(ctx, key, int64(i/rivals)+1, false)
			})
		})
	}
	wg.Wait()
	for account := range accounts {
		owner, found, err := l.Inventory().PersonByAccount(ctx, int64(account)+1)
		require.NoError(t, err)
		require.True(t, found)
		for rival := range rivals {
			key, err := fmt.Sprintf("workday-%d-%d", account, rival), outcomes[account*rivals+rival]
			if key == owner {
				require.NoError(t, err)
				continue
			}
			var taken inventory.ErrAccountTaken
			require.ErrorAs(t, err, &taken)
			require.Equal(t, owner, taken.Key)
			require.Zero(t, storetest.Dossier(t, l, key).Person.Episode, "what was written before is taken back")
		}
	}
}

func testAccounts(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: storetest.NewClock().Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "workday", "2", persons.Digests{})
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 42, true))
	require.NoError(t, l.Inventory().MarkSuspended(ctx, storetest.User(42), "workday-1", true, ""))
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 42, false))
	p := storetest.Dossier(t, l, "workday-1").Person
	require.True(t, p.AccountCreated, "who made an account does not change")
	require.True(t, p.SuspendedByUs)

	owner, found, err := l.Inventory().PersonByAccount(ctx, 42)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "workday-1", owner)
	_, found, err = l.Inventory().PersonByAccount(ctx, 43)
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = l.Inventory().PersonByAccount(ctx, 0)
	require.NoError(t, err)
	require.False(t, found, "no account is nobody's account")

	var taken inventory.ErrAccountTaken
	require.ErrorAs(t, l.Inventory().SetAccount(ctx, "workday-2", 42, false), &taken)
	require.Equal(t, "workday-1", taken.Key)

	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 44, false))
	p = storetest.Dossier(t, l, "workday-1").Person
	require.False(t, p.SuspendedByUs, "another account starts without marks")
	require.False(t, p.AccountCreated)
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-2", 42, false), "an account given up is free")

	// An account without a person is one of its own, until someone turns out to be its person.
	require.NoError(t, l.Inventory().SetAccount(ctx, "onelogin-50", 50, false))
	require.NoError(t, l.Orders().Put(ctx, identity.Order{ID: "o1", Key: "onelogin-50", Kind: identity.OrderContain}))
	storetest.Admit(t, l, "workday", "3", persons.Digests{})
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-3", 50, false))
	owner, _, err = l.Inventory().PersonByAccount(ctx, 50)
	require.NoError(t, err)
	require.Equal(t, "workday-3", owner)
	require.Equal(t, "workday-3", storetest.Dossier(t, l, "onelogin-50").Person.Forward)
	require.Len(t, storetest.Dossier(t, l, "workday-3").Orders, 1, "an order about the account must follow it")
}

func testUsernames(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	url := e.URL(t)
	l := storetest.Open(t, url, ledger.Options{})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "workday", "2", persons.Digests{})
	for _, name := range []string{"Ada.Lovelace", " ada.lovelace ", "ADA.LOVELACE"} {
		for _, key := range []string{"workday-1", "workday-2"} {
			owner, err := l.People().ReserveUsername(ctx, name, key)
			require.NoError(t, err)
			require.Equal(t, "workday-1", owner)
		}
	}
	_, err := l.People().ReserveUsername(ctx, "  ", "workday-1")
	require.Error(t, err)

	// The owner's record is joined to another person, who owns the name from then on.
	require.NoError(t, l.People().Join(ctx, "workday", "1", "workday-2", "it"))
	owner, err := l.People().ReserveUsername(ctx, "ada.lovelace", "workday-2")
	require.NoError(t, err)
	require.Equal(t, "workday-2", owner)

	var stored int
	row := e.Raw(t, url).QueryRowContext(ctx, "SELECT COUNT(*) FROM usernames WHERE digest LIKE '%ada%'")
	require.NoError(t, row.Scan(&stored))
	require.Zero(t, stored, "only a digest of a username may be stored")
}

func testLeaverDates(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	first := c.Now()
	require.ErrorIs(t, l.People().NoteLeaver(ctx, "workday", "1", first, first), ledger.ErrNotFound)
	require.ErrorIs(t, l.People().ClearLeaver(ctx, "workday", "1"), ledger.ErrNotFound)
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	linked := func() persons.Link { return storetest.Dossier(t, l, "workday-1").Links[0] }
	for _, due := range []time.Time{{}, first.Add(time.Hour), first} {
		require.NoError(t, l.People().NoteLeaver(ctx, "workday", "1", first, due))
		require.Equal(t, first, linked().LeaverFirstSeen)
		require.Equal(t, due, linked().LeaverDue)
	}
	all, err := l.People().Everybody(ctx)
	require.NoError(t, err)
	require.Equal(t, first, all.Links["workday-1"][0].LeaverDue)
	require.NoError(t, l.People().ClearLeaver(ctx, "workday", "1"))
	require.Zero(t, linked().LeaverFirstSeen)
	require.Zero(t, linked().LeaverDue)
}

// testLeaverDatesMigrated: when an end is due is taken over from the departure of whoever has one end alone.
func testLeaverDatesMigrated(t *testing.T, e storetest.Engine) {
	ctx, url := context.Background(), e.URL(t)
	if e.Name == "sqlite" {
		require.NoError(t, os.MkdirAll(filepath.Dir(url), 0o700))
	}
	db := e.Raw(t, url)
	e.MigrateTo(t, db, 56)
	for _, statement := range []string{
		`INSERT INTO people (person_key, episode, employed, first_seen) VALUES ('workday-1', 2, 0, 1), ('workday-2', 1, 1, 1), ('workday-3', 2, 0, 1), ('workday-4', 2, 0, 1)`,
		`INSERT INTO links (source, employee_id, person_key, first_seen, leaver_first_seen) VALUES ('workday', '1', 'workday-1', 1, 5), ('bamboohr', '1', 'workday-1', 1, 0),
			('workday', '2', 'workday-2', 1, 5), ('workday', '3', 'workday-3', 1, 5), ('bamboohr', '3', 'workday-3', 1, 5), ('workday', '4', 'workday-4', 1, 5)`,
		`INSERT INTO departures (person_key, episode, order_id, known_at, due_at, reopened_at) VALUES ('workday-1', 2, '', 5, 70, 0), ('workday-1', 2, 'o1', 5, 60, 0),
			('workday-2', 2, '', 5, 80, 0), ('workday-3', 2, '', 5, 90, 0), ('workday-4', 2, '', 5, 99, 99)`,
	} {
		_, err := db.ExecContext(ctx, statement)
		require.NoError(t, err)
	}
	e.MigrateTo(t, db, 57)
	for person, due := range map[string]int64{"workday-1": 70, "workday-2": 80, "workday-3": 0, "workday-4": 0} {
		var got int64
		require.NoError(t, db.QueryRowContext(ctx, "SELECT MAX(leaver_due) FROM links WHERE person_key = $1", person).Scan(&got))
		require.Equal(t, due, got, person)
	}
	e.MigrateTo(t, db, 56)
}
