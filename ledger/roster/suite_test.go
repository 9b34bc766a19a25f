package roster_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"doubts about sources":    testDoubts,
		"roster":                  testRoster,
		"active people":           testActivePeople,
		"sources":                 testSources,
		"staging":                 testStaging,
		"staging many":            testStagingMany,
		"drop":                    testDrop,
		"settle is a transaction": testSettleIsATransaction,
		"prune":                   testPrune,
	})
}
