package ledgertest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/engine"
)

// Statement is one that is on the path of a containment.
type Statement struct {
	Query string
	Args  []any
}

// NothingScans fails a test for each statement that reads the whole inventory or everybody, which a condition too few does, and
// an index that leaves something out.
func NothingScans(t *testing.T, statements map[string]Statement) {
	t.Helper()
	explained(t, statements, func(name, detail string) {
		require.NotRegexp(t, `^SCAN (a|accounts|p|people|o|d|departures|l|links|r|h|habits)$`, detail, name)
	})
}

// NothingReadsASystem fails a test for each statement that reads all accounts of a system, or all its objects of a kind, which an index over
// systems leads to.
func NothingReadsASystem(t *testing.T, statements map[string]Statement) {
	t.Helper()
	explained(t, statements, func(name, detail string) {
		require.NotRegexp(t, `^(SCAN (a|accounts|system_objects)$|SEARCH (a|accounts) .*\(system=\?\)$|SEARCH system_objects .*\(system=\? AND kind=\?\)$)`, detail, name)
	})
}

// explained tells how an empty ledger carries statements out.
func explained(t *testing.T, statements map[string]Statement, line func(name, detail string)) {
	t.Helper()
	ctx := context.Background()
	db, err := engine.Open(ctx, filepath.Join(t.TempDir(), "ledger.db"), engine.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for name, q := range statements {
		rows, err := db.Reader().QueryContext(ctx, "EXPLAIN QUERY PLAN "+q.Query, q.Args...)
		require.NoError(t, err, name)
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			line(name, detail)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
}
