package budgets_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"further accounts":       testFurther,
		"batches of changes":     testBatches,
		"held apart":             testHeldApart,
		"foreseen departures":    testForeseen,
		"changes of many as one": testWhole,
		"reserve":                testReserve,
		"reserve per person":     testReservePerPerson,
		"reserve all or nothing": testReserveAllOrNothing,
		"reserve at once":        testReserveAtOnce,
		"held for good":          testHeldForGood,
		"held moves":             testHeldMoves,
		"holds":                  testHolds,
		"kept back":              testKeepBack,
	})
}
