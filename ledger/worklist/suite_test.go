package worklist_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"approvals":              testApprovals,
		"items that come and go": testFlapping,
		"items for many":         testJointItems,
		"gaps":                   testGaps,
		"comparisons":            testReconciles,
		"items":                  testItems,
		"items of holders":       testItemsOfHolders,
		"items accepted":         testItemsAccepted,
		"items told":             testItemsTold,
		"many items":             testManyItems,
		"items parked again":     testItemsParkedAgain,
	})
}
