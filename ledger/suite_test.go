package ledger_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestLedger runs the same tests on both engines.
func TestLedger(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"writes that fail among others":  testFailuresAmongOthers,
		"dossiers":                       testDossiers,
		"find people":                    testFindPeople,
		"how access was come by":         testStandingAccess,
		"open twice":                     testOpenTwice,
		"open at once":                   testOpenAtOnce,
		"open what must be there":        testOpenMustExist,
		"closed":                         testClosed,
		"cancelled":                      testCancelled,
		"sealing hides personal data":    testSealing,
		"sealing binds values to places": testSealingPlaces,
		"sealing with changing keys":     testSealingRotation,
		"in one transaction":             testInTx,
	})
}
