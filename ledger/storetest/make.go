package storetest

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/keyring"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
)

// User is an account at OneLogin.
func User(id int64) identity.Ref { return identity.OneLoginRef(id) }

// Account is an account that must be in the inventory.
func Account(t *testing.T, l *ledger.Ledger, ref identity.Ref) inventory.Account {
	t.Helper()
	a, found, err := l.Inventory().Account(context.Background(), ref)
	require.NoError(t, err)
	require.True(t, found, "%s must be in the inventory", ref)
	return a
}

// Key is a budget's key of a containment.
func Key(i int) string { return fmt.Sprintf("workday-%d/1", i) }

// Keys are n of them.
func Keys(from, n int) []string {
	out := make([]string, n)
	for i := range n {
		out[i] = Key(from + i)
	}
	return out
}

// Digests are what a record with these addresses and this name is compared by.
func Digests(l *ledger.Ledger, work, personal, name string) persons.Digests {
	return persons.Digests{WorkEmail: l.Digest(work), PersonalEmail: l.Digest(personal), Name: l.Digest(name)}
}

// Dossier is that of a key that must be in the ledger.
func Dossier(t *testing.T, l *ledger.Ledger, key string) ledger.Dossier {
	t.Helper()
	d, found, err := l.Dossier(context.Background(), key)
	require.NoError(t, err)
	require.True(t, found, "%s must be in the ledger", key)
	return d
}

// Admit admits a record under a key of its own and returns whose it is.
func Admit(t *testing.T, l *ledger.Ledger, source, id string, d persons.Digests) string {
	t.Helper()
	p, err := l.People().Admit(context.Background(), source+"-"+id, source, id, d)
	require.NoError(t, err)
	return p.Key
}

// Ring has a key for each name, made of its first letter.
func Ring(t testing.TB, active string, names ...string) *keyring.Ring {
	t.Helper()
	keys := map[string][]byte{}
	for _, name := range names {
		keys[name] = bytes.Repeat([]byte(name[:1]), 32)
	}
	r, err := keyring.New(active, keys)
	require.NoError(t, err)
	return r
}

// Change is a change of a record, staged in the batch b1.
func Change(id, kind, digest string) roster.StagedChange {
	return roster.StagedChange{
		Batch: "b1", Source: "workday", EmployeeID: id, PersonKey: "workday-" + id, Kind: kind, Digest: digest,
		Active: kind != "leaver", Sealed: []byte(`{"id":"` + id + `"}`),
	}
}

// RosterDigests are the digests of Workday's records by employee id.
func RosterDigests(t *testing.T, l *ledger.Ledger) map[string]string {
	t.Helper()
	rows, err := l.Roster().Rows(context.Background(), "workday")
	require.NoError(t, err)
	out := map[string]string{}
	for id, r := range rows {
		out[id] = r.Digest
	}
	return out
}

// Staged lists what waits in the batch b1.
func Staged(t *testing.T, l *ledger.Ledger, limit int) []roster.StagedChange {
	t.Helper()
	got, err := l.Roster().Staged(context.Background(), "b1", limit)
	require.NoError(t, err)
	return got
}
