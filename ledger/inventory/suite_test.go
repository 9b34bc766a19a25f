package inventory_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"account links":             testAccountLinks,
		"accounts of joined people": testAccountsOfJoined,
		"account decisions":         testAccountDecisions,
		"accounts migrated":         testAccountsMigrated,
		"observe":                   testObserve,
		"further addresses":         testAddresses,
		"names that stay theirs":    testNamesStayTheirs,
		"by a further address":      testFindByFurtherAddress,
		"account sweeps":            testAccountSweeps,
		"account roles":             testAccountRoles,
		"mappings":                  testMappings,
		"members":                   testMembers,
		"catalog":                   testCatalog,
		"open accounts":             testOpenAccounts,
		"leavers in systems":        testLeaversIn,
		"kept values":               testKept,
		"deletions":                 testDeletions,
	})
}
