package ledger

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is on the path of a containment must not read the whole inventory: a condition too few, and an index that leaves
// something out is not used.
func TestNothingScansTheInventory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	like, traces := RecordTraces{EmployeeIDs: []string{"1", "2"}, Addresses: []string{"d", "e"}, Names: []string{"n"}}.condition()
	for name, q := range map[string]struct {
		query string
		args  []any
	}{
		"dossier":     {dossierQuery, []any{"k", int64(1)}},
		"person":      {"SELECT " + personColumns + " FROM people p" + primaryOf + " WHERE p.person_key = $1", []any{"k"}},
		"accounts of": {accountSelect + accountsOf, []any{"k"}},
		"account":     {accountSelect + " WHERE a.system = $1 AND a.account_id = $2", []any{"onelogin", "1"}},
		"by a trace":  {accountSelect + " WHERE a.name_digest <> '' AND a.name_digest IN ($1)", []any{"d"}},
		"by account":  {personByAccount, []any{"1"}},
		"set account": {setPrimary, []any{"k", int64(1), int64(2), int64(1), "2"}},
		"open":        {openOf + list(2, 1) + openOut, []any{int64(1), "2"}},
		"all open":    {openOfThose, []any{int64(1)}},
		"rivals":      {recordsQuery(like), traces},
		"named":       {recordsQuery(namedOnes(2)), []any{"d", "e"}},
		"candidates":  {candidatesQuery(byAddress), []any{"d", "e", "k"}},
		"namesakes":   {candidatesQuery(byName), []any{"d", "", "k"}},
		"set owner":   {setOwner, []any{"k", "2", int64(1), int64(1), "person"}},
	} {
		rows, err := l.db.Reader().QueryContext(ctx, "EXPLAIN QUERY PLAN "+q.query, q.args...)
		require.NoError(t, err, name)
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			require.NotRegexp(t, `^SCAN (a|accounts|p|people|o|d|departures|l|links|r)$`, detail, name)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
}

// TestTheDossierIsKeptPrepared: the SQLite driver would parse it anew in every containment.
func TestTheDossierIsKeptPrepared(t *testing.T) {
	t.Parallel()
	require.Less(t, len(dossierQuery), cacheable)
}
