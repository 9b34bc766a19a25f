package policies_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"policies in force": testPolicies,
		"words":             testWordsAreHeardOnce,
	})
}
