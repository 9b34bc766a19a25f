package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/engine"
	"gatehouse/ledger/ledgertest"
)

// What is on the path of a containment must not read the whole inventory.
func TestTheDossierScansNothing(t *testing.T) {
	t.Parallel()
	ledgertest.NothingScans(t, map[string]ledgertest.Statement{"dossier": {Query: dossierQuery, Args: []any{"k", int64(1)}}})
}

// TestTheDossierIsKeptPrepared: the SQLite driver would parse it anew in every containment.
func TestTheDossierIsKeptPrepared(t *testing.T) {
	t.Parallel()
	require.Less(t, len(dossierQuery), engine.Cacheable)
}

// TestHabitsScanNothing: they are read with every batch of events.
func TestHabitsScanNothing(t *testing.T) {
	t.Parallel()
	query := Sites{Offset: 36, Length: 6, Traits: []string{"a", "b"}}.habitsQuery(3)
	ledgertest.NothingScans(t, map[string]ledgertest.Statement{"habits": {Query: query, Args: []any{"1", "2", "3", "a", "b"}}})
}
