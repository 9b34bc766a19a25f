package incidents_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

const keepHabits = 90 * 24 * time.Hour

// site has the records of a source at locations of two letters.
var site = ledger.Sites{Offset: 2, Length: 2, Traits: []string{"be", "mu"}}

// works has somebody with an account be at a location, by an HR record that is current or not.
func works(t *testing.T, l *ledger.Ledger, account int64, id, location string, active bool) (key string) {
	t.Helper()
	key = storetest.Admit(t, l, "workday", id, storetest.Digests(l, id+"@acme.example", "", id))
	require.NoError(t, l.Roster().Put(t.Context(), []roster.Row{{Source: "workday", EmployeeID: id, Digest: "d", Active: active, Traits: "xx" + location + "yy"}}))
	require.NoError(t, l.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{Ref: storetest.User(account), Person: key, By: "test"}))
	return key
}

func seenAt(account int64, place string, first, last float64) incidents.Seen {
	day := func(n float64) time.Time {
		return storetest.NewClock().Now().Add(time.Duration(n * 24 * float64(time.Hour)))
	}
	return incidents.Seen{Account: strconv.FormatInt(account, 10), Kind: "country", Place: place, First: day(first), Last: day(last)}
}

// kept is what is kept of some accounts, by place.
func kept(t *testing.T, l *ledger.Ledger, sites ledger.Sites, accounts ...string) map[string][]incidents.Seen {
	t.Helper()
	found, err := l.Habits(t.Context(), accounts, sites)
	require.NoError(t, err)
	for _, list := range found {
		slices.SortFunc(list, func(a, b incidents.Seen) int { return strings.Compare(a.Place, b.Place) })
	}
	return found
}

func testHabits(t *testing.T, e storetest.Engine) {
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	works(t, l, 1, "1", "be", true)
	require.Equal(t, map[string][]incidents.Seen{"1": {}}, kept(t, l, site, "1", "2"))

	// Whatever the order: one stretch, and another one after a gap.
	random := rand.New(rand.NewPCG(1, 2))
	all := []incidents.Seen{seenAt(1, "DE", 0, 0), seenAt(1, "DE", 80, 80), seenAt(1, "DE", 40, 40), seenAt(1, "DE", 40, 40), seenAt(1, "FR", 3, 5)}
	for range 5 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, s := range all {
			require.NoError(t, l.Incidents().PutHabits(t.Context(), []incidents.Seen{s}, keepHabits))
		}
		require.Empty(t, cmp.Diff(map[string][]incidents.Seen{"1": {seenAt(1, "DE", 0, 80), seenAt(1, "FR", 3, 5)}}, kept(t, l, site, "1")))
	}
	require.NoError(t, l.Incidents().PutHabits(t.Context(), []incidents.Seen{seenAt(1, "DE", 170.5, 171), seenAt(1, "FR", 95, 96)}, keepHabits))
	want := map[string][]incidents.Seen{"1": {seenAt(1, "DE", 170.5, 171), seenAt(1, "FR", 3, 96)}}
	require.Empty(t, cmp.Diff(want, kept(t, l, site, "1")))
	require.NoError(t, l.Incidents().PutHabits(t.Context(), []incidents.Seen{seenAt(1, "DE", 0, 1)}, keepHabits))
	require.Empty(t, cmp.Diff(want, kept(t, l, site, "1")), "what is forgotten does not come back")

	// Many accounts in one call, of which most have none.
	var many []string
	for i := range 1200 {
		many = append(many, strconv.Itoa(i))
	}
	require.Len(t, kept(t, l, site, many...), 1)

	// Where it is off there is no statement, not even to a ledger that is closed.
	off, err := ledger.Open(t.Context(), e.URL(t), ledger.Options{})
	require.NoError(t, err)
	require.NoError(t, off.Close())
	require.Empty(t, kept(t, off, ledger.Sites{}, many...))
	require.NoError(t, off.Incidents().PutHabits(t.Context(), nil, keepHabits))
}

// testHabitsOfWhom: nothing is read of anybody else, and nothing of theirs stays.
func testHabitsOfWhom(t *testing.T, e storetest.Engine) {
	url := e.URL(t)
	l := storetest.Open(t, url, ledger.Options{})
	works(t, l, 1, "1", "be", true)
	works(t, l, 2, "2", "mu", true)
	works(t, l, 3, "3", "pa", true)  // a location that is off
	works(t, l, 4, "4", "be", false) // has left, by the roster
	works(t, l, 5, "5", "", true)    // HR does not say where
	left := works(t, l, 6, "6", "be", true)
	_, err := l.People().SetEmployed(t.Context(), left, false)
	require.NoError(t, err)
	two := works(t, l, 7, "7", "be", true) // a second record at a location that is off
	works(t, l, 8, "8", "pa", true)
	require.NoError(t, l.People().Join(t.Context(), "workday", "8", two, "ann"))
	over := works(t, l, 9, "9", "be", true) // a second record there, which is over
	works(t, l, 10, "10", "pa", false)
	require.NoError(t, l.People().Join(t.Context(), "workday", "10", over, "ann"))
	works(t, l, 11, "11", "be", true)
	_, err = l.People().SetEmployed(t.Context(), "workday-11", true)
	require.NoError(t, err)
	storetest.Admit(t, l, "workday", "12", storetest.Digests(l, "12@acme.example", "", "12")) // without an account
	require.NoError(t, l.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{Ref: storetest.User(13), Person: "onelogin-13", By: "test"}))
	var all []string
	var seen []incidents.Seen
	for i := range int64(15) {
		all = append(all, strconv.FormatInt(i, 10))
		seen = append(seen, seenAt(i, "DE", 0, 10))
	}
	require.NoError(t, l.Incidents().PutHabits(t.Context(), seen, keepHabits))
	raw := e.Raw(t, url)
	count := func() (accounts []string) {
		rows, err := raw.QueryContext(t.Context(), "SELECT account_id FROM habits ORDER BY CAST(account_id AS BIGINT)")
		require.NoError(t, err)
		defer func() { require.NoError(t, rows.Close()) }()
		for rows.Next() {
			var a string
			require.NoError(t, rows.Scan(&a))
			accounts = append(accounts, a)
		}
		require.NoError(t, rows.Err())
		return accounts
	}
	require.Len(t, count(), 15)
	allowed := []string{"1", "2", "9", "10", "11"}
	found := kept(t, l, site, all...)
	require.Len(t, found, len(allowed))
	for _, a := range allowed {
		require.Len(t, found[a], 1, a)
	}
	n, err := l.PruneHabits(t.Context(), seenAt(0, "", 5, 5).First, site)
	require.NoError(t, err)
	require.EqualValues(t, 10, n)
	require.Equal(t, allowed, count())

	require.NoError(t, l.Incidents().PutHabits(t.Context(), []incidents.Seen{seenAt(1, "FR", 0, 4)}, keepHabits))
	_, err = l.PruneHabits(t.Context(), seenAt(0, "", 5, 5).First, site)
	require.NoError(t, err)
	require.Len(t, kept(t, l, site, "1")["1"], 1, "what was not seen for long is gone")

	_, err = l.PruneHabits(t.Context(), time.Time{}, ledger.Sites{Offset: 2, Length: 2, Traits: []string{"mu"}})
	require.NoError(t, err)
	require.Equal(t, []string{"2"}, count(), "a location was switched off")
	_, err = l.PruneHabits(t.Context(), time.Time{}, ledger.Sites{})
	require.NoError(t, err)
	require.Empty(t, count())
	require.Empty(t, kept(t, l, ledger.Sites{}, all...))
}

// testHabitsAreSealed: a country or a network is in no column that is not sealed, and two accounts have nothing in common.
func testHabitsAreSealed(t *testing.T, e storetest.Engine) {
	url := e.URL(t)
	l := storetest.Open(t, url, ledger.Options{Seal: storetest.Ring(t, "old", "old")})
	works(t, l, 1, "1", "be", true)
	works(t, l, 2, "2", "be", true)
	network := func(account int64) incidents.Seen {
		s := seenAt(account, "203.0.113.0/24", 0, 0)
		s.Kind = "network"
		return s
	}
	require.NoError(t, l.Incidents().PutHabits(t.Context(), []incidents.Seen{network(1), network(2), seenAt(1, "DE", 0, 0)}, keepHabits))
	require.Len(t, kept(t, l, site, "1", "2")["1"], 2)
	require.Equal(t, "203.0.113.0/24", kept(t, l, site, "2")["2"][0].Place)
	rows, err := e.Raw(t, url).QueryContext(t.Context(), "SELECT kind, digest, place FROM habits")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	digests := map[string]bool{}
	for rows.Next() {
		var kind, digest string
		var place []byte
		require.NoError(t, rows.Scan(&kind, &digest, &place))
		require.NotContains(t, string(place), "203.0")
		require.NotEqual(t, "DE", string(place))
		digests[digest] = true
	}
	require.NoError(t, rows.Err())
	require.Len(t, digests, 3)
}
