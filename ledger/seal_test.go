package ledger_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/keyring"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

// secret is planted in every field that takes personal data.
const secret = "Zaphod.Beeblebrox@example.com"

// plant writes the secret wherever the ledger takes personal data, and reads it back.
func plant(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	ctx := context.Background()
	json := []byte(`{"email":"` + secret + `"}`)
	storetest.Admit(t, l, "workday", "1", storetest.Digests(l, secret, secret, secret))
	storetest.Admit(t, l, "bamboohr", "7", storetest.Digests(l, secret, "", ""))
	require.NoError(t, l.People().Separate(ctx, "workday", "1", "bamboohr-9", secret))
	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "workday-1", secret))
	_, err := l.People().ReserveUsername(ctx, secret, "workday-1")
	require.NoError(t, err)
	order := identity.Order{ID: "o1", Key: "workday-1", Kind: identity.OrderContain, By: secret, Reason: secret}
	require.NoError(t, l.Orders().Put(ctx, order))
	order.ID = "o2"
	require.NoError(t, l.Orders().Put(ctx, order))
	_, err = l.Orders().Release(ctx, "o2", secret, secret)
	require.NoError(t, err)
	told := map[string]string{"phone": secret}
	require.NoError(t, l.Orders().Put(ctx, identity.Order{
		ID: "o3", Key: "workday-1", Kind: identity.OrderSet, Attributes: told, Until: storetest.NewClock().Now().AddDate(90, 0, 0),
	}))
	require.NoError(t, l.Orders().NoteBefore(ctx, "o3", told))
	set, _, err := l.Orders().ByID(ctx, "o3")
	require.NoError(t, err)
	require.Equal(t, []map[string]string{told, told}, []map[string]string{set.Attributes, set.Before})
	_, err = l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "contain", Keys: storetest.Keys(1, 1), By: secret})
	require.NoError(t, err)
	_, err = l.Policies().Say(ctx, policies.Word{ID: "w1", About: policies.WordOfItem("0a"), Verb: policies.WordTake, By: secret, Reason: secret, Proof: json})
	require.NoError(t, err)
	require.NoError(t, l.Policies().JudgedWord(ctx, "w1", secret))
	require.NoError(t, l.Journal().Done(ctx, "ticket", json))
	require.NoError(t, l.Journal().Record(ctx, []journal.Evidence{{
		Key: "workday-1/1/x", PersonKey: "workday-1", Cause: secret, Actor: secret, Outcome: secret, Before: json, After: json,
	}}))
	require.NoError(t, l.Roster().Put(ctx, []roster.Row{{Source: "workday", EmployeeID: "1", Sealed: json}}))
	for _, id := range []string{"2", "3"} {
		c := storetest.Change(id, "new", "d")
		c.Sealed = json
		require.NoError(t, l.Roster().Stage(ctx, "b1", []roster.StagedChange{c}))
	}
	require.NoError(t, l.Roster().Settle(ctx, "b1", []string{"2"}))
	_, err = l.Incidents().PutEvents(ctx, []incidents.StoredEvent{{
		ID: 7, Type: 6, At: storetest.NewClock().Now(), Detail: json, Matches: []incidents.EventMatch{{Rule: "r", Subject: "onelogin-1", Place: json}},
	}})
	require.NoError(t, err)
	cases, err := l.Incidents().EvaluateSubject(ctx, "r", "onelogin-1", incidents.Span{}, func(hits []incidents.Hit) ([]incidents.Case, error) {
		require.JSONEq(t, string(json), string(hits[0].Place))
		return []incidents.Case{{FirstEvent: 7, FirstAt: hits[0].At, LastEvent: 7, LastAt: hits[0].At, Events: 1}}, nil
	})
	require.NoError(t, err)
	stored, err := l.Incidents().CaseEvents(ctx, cases[0], 5)
	require.NoError(t, err)
	require.JSONEq(t, string(json), string(stored[0].Detail))

	require.NoError(t, l.Inventory().DeclareAccount(ctx, inventory.Declaration{
		Ref: identity.OneLoginRef(42), Kind: identity.KindShared, Owner: secret, Purpose: secret, By: secret,
	}))
	require.NoError(t, l.Inventory().RefuseAccount(ctx, identity.OneLoginRef(42), "workday-1", "e1", secret))
	require.Equal(t, secret, storetest.Account(t, l, identity.OneLoginRef(42)).Purpose)

	d := storetest.Dossier(t, l, "workday-1")
	require.Equal(t, secret, d.Links[1].DecidedBy+d.Links[0].DecidedBy)
	require.Equal(t, secret, d.Orders[0].Reason)
	evidence, err := l.Journal().EvidenceOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Equal(t, secret, evidence[0].Cause)
	require.JSONEq(t, string(json), string(evidence[0].After))
	require.JSONEq(t, string(json), string(storetest.Staged(t, l, 0)[0].Sealed))
	row, _, err := l.Roster().Row(ctx, "workday", "2")
	require.NoError(t, err)
	require.JSONEq(t, string(json), string(row.Sealed))
	claim, err := l.Journal().Claim(ctx, "ticket")
	require.NoError(t, err)
	require.JSONEq(t, string(json), string(claim.Result))
	require.NoError(t, l.Inventory().NoteKept(context.Background(), identity.OneLoginRef(1), []identity.Kept{{Field: identity.FieldLastName, Wrote: "Beeblebrox", Holds: "Bee"}}))
}

// contents is everything a thief of the database would have.
func contents(t *testing.T, e storetest.Engine, url string) []byte {
	t.Helper()
	var all bytes.Buffer
	if e.Name == "sqlite" {
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(url + suffix)
			require.NoError(t, err)
			all.Write(b)
		}
		return all.Bytes()
	}
	db := e.Raw(t, url)
	for _, table := range texts(t, db, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") {
		for _, row := range texts(t, db, fmt.Sprintf("SELECT t::text FROM %s t", table)) {
			all.WriteString(row)
		}
	}
	return all.Bytes()
}

func texts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var out []string
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}

func testSealing(t *testing.T, e storetest.Engine) {
	count := func(o ledger.Options) int {
		url := e.URL(t)
		plant(t, storetest.Open(t, url, o))
		all := bytes.ToLower(contents(t, e, url))
		needle := bytes.ToLower([]byte("Beeblebrox"))
		// PostgreSQL shows bytes as hex, in the case they were written in.
		inHex := hex.EncodeToString([]byte("Beeblebrox"))
		return bytes.Count(all, needle) + bytes.Count(all, []byte(inHex))
	}
	require.Zero(t, count(ledger.Options{Seal: storetest.Ring(t, "a", "a"), DigestKey: []byte("pepper")}))
	require.NotZero(t, count(ledger.Options{}), "without a key the same search must find it")
}

// testSealingPlaces moves a sealed value to another row: it must not open there.
func testSealingPlaces(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	url := e.URL(t)
	l := storetest.Open(t, url, ledger.Options{Seal: storetest.Ring(t, "a", "a")})
	for _, name := range []string{"one", "two"} {
		_, err := l.Journal().Claim(ctx, name)
		require.NoError(t, err)
		require.NoError(t, l.Journal().Done(ctx, name, []byte(name)))
	}
	_, err := e.Raw(t, url).ExecContext(ctx,
		"UPDATE claims SET result = (SELECT result FROM claims WHERE claim_key = 'one') WHERE claim_key = 'two'")
	require.NoError(t, err)
	_, err = l.Journal().Claim(ctx, "one")
	require.NoError(t, err)
	_, err = l.Journal().Claim(ctx, "two")
	require.ErrorContains(t, err, "claims.result")
}

func testSealingRotation(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	url := e.URL(t)
	write := func(name string, s *keyring.Ring) {
		t.Helper()
		l, err := ledger.Open(ctx, url, ledger.Options{Seal: s})
		require.NoError(t, err)
		require.NoError(t, l.Journal().Done(ctx, name, []byte(name)))
		require.NoError(t, l.Close())
	}
	read := func(s *keyring.Ring, names ...string) error {
		t.Helper()
		l, err := ledger.Open(ctx, url, ledger.Options{Seal: s})
		require.NoError(t, err)
		defer func() { require.NoError(t, l.Close()) }()
		for _, name := range names {
			c, err := l.Journal().Claim(ctx, name)
			if err != nil {
				return err
			}
			require.Equal(t, name, string(c.Result))
		}
		return nil
	}
	write("clear", nil)
	write("under a", storetest.Ring(t, "a", "a"))
	write("under b", storetest.Ring(t, "b", "a", "b"))
	require.NoError(t, read(storetest.Ring(t, "b", "a", "b"), "clear", "under a", "under b"))
	require.NoError(t, read(storetest.Ring(t, "b", "b"), "clear", "under b"))
	require.ErrorContains(t, read(storetest.Ring(t, "b", "b"), "under a"), `ledger key "a" is needed`)
	require.ErrorContains(t, read(nil, "under a"), "no ledger key is configured")
}

func TestDigest(t *testing.T) {
	t.Parallel()
	plain := storetest.Open(t, storetest.SQLite().URL(t), ledger.Options{})
	keyed := storetest.Open(t, storetest.SQLite().URL(t), ledger.Options{DigestKey: []byte("pepper")})
	require.Empty(t, plain.Digest(" \t"))
	for _, l := range []*ledger.Ledger{plain, keyed} {
		require.Equal(t, l.Digest("straße@example.com"), l.Digest(" STRASSE@Example.com\n"))
		require.Equal(t, l.Digest("Jose\u0301"), l.Digest("jos\u00e9"))
		require.NotEqual(t, l.Digest("a@example.com"), l.Digest("b@example.com"))
	}
	require.NotEqual(t, plain.Digest("a@example.com"), keyed.Digest("a@example.com"))
}
