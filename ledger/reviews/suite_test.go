package reviews_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"review stage":         testReviewStage,
		"review freeze":        testReviewFreeze,
		"review restart":       testReviewRestart,
		"standings":            testStandings,
		"review: who is asked": testReviewWhoIsAsked,
		"review begins again":  testReviewBeginsAgain,
		"review of many":       testReviewLarge,
		"review order":         testReviewOrder,
	})
}
