package worklist_test

import (
	"testing"

	"gatehouse/ledger/ledgertest"
	"gatehouse/ledger/storetest"
)

// BenchmarkItems is a page of the list of what needs a person, with its counts, where 100,000 runs have failed: one item that
// all of them hold, and one item for each.
func BenchmarkItems(b *testing.B) {
	run := func(b *testing.B, e storetest.Engine) {
		l := manyItems(b, e)
		for b.Loop() {
			listItems(b, l)
		}
	}
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite()) })
	b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(ledgertest.Postgres(b))) })
}
