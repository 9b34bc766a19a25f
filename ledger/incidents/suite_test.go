package incidents_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"events":             testEvents,
		"event cursors":      testEventCursors,
		"cases":              testCases,
		"cases merge":        testCasesMerge,
		"cases in any order": testCasesInAnyOrder,
		"cases at once":      testCasesAtOnce,
		"prune events":       testPruneEvents,
		"events about":       testEventsAbout,
		"pager":              testPager,
		"joined":             testJoined,
		"habits":             testHabits,
		"habits of whom":     testHabitsOfWhom,
		"habits are sealed":  testHabitsAreSealed,
	})
}
