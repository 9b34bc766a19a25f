package persons_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"who works here by a record":   testBegun,
		"departures":                   testDepartures,
		"departures of orders":         testOrderedDepartures,
		"departures of joined records": testJoinedDepartures,
		"departures announced":         testAnnouncedDepartures,
		"rules of departures":          testDepartureRules,
		"assessments":                  testAssessed,
		"candidates":                   testCandidates,
		"join":                         testJoin,
		"join undone":                  testJoinUndone,
		"orders":                       testOrders,
		"what an order came to":        testCarried,
		"set orders":                   testSetOrder,
		"admit":                        testAdmit,
		"admit somebody new":           testAdmitNew,
		"admit everybody":              testAdmitAll,
		"keys that are forwarded":      testForwardedKeys,
		"episodes":                     testEpisodes,
		"account taken at once":        testAccountTakenAtOnce,
		"accounts":                     testAccounts,
		"usernames":                    testUsernames,
		"leaver dates":                 testLeaverDates,
		"leaver dates of before":       testLeaverDatesMigrated,
	})
}
