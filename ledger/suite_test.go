package ledger_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"gatehouse/ledger"
	"gatehouse/ledger/ledgertest"
)

// engine is one kind of database: each test gets an empty one of its own.
type engine struct {
	name string
	url  func(t testing.TB) string
	// raw opens the same database behind the ledger's back.
	raw func(t testing.TB, url string) *sql.DB
	// failSettle makes every change of the staged table's rows fail.
	failSettle []string
}

func sqliteEngine() engine {
	return engine{
		name: "sqlite",
		url:  func(t testing.TB) string { return filepath.Join(t.TempDir(), "var", "ledger.db") },
		raw: func(t testing.TB, url string) *sql.DB {
			db, err := sql.Open("sqlite", "file:"+url+"?_pragma=busy_timeout(10000)")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return db
		},
		failSettle: []string{"CREATE TRIGGER broken BEFORE UPDATE ON staged BEGIN SELECT RAISE(ABORT, 'power cut'); END"},
	}
}

func postgresEngine(server string) engine {
	var n atomic.Int64
	return engine{
		name: "postgres",
		url: func(t testing.TB) string {
			return ledgertest.Database(t, server, fmt.Sprintf("ledger_%d", n.Add(1)))
		},
		raw: func(t testing.TB, url string) *sql.DB {
			cfg, err := pgx.ParseConfig(url)
			require.NoError(t, err)
			db := stdlib.OpenDB(*cfg)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return db
		},
		failSettle: []string{"ALTER TABLE staged ADD CONSTRAINT broken CHECK (hinted_at = 0 AND dropped_at = 0)"},
	}
}

// clock is a time source that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t testing.TB, url string, o ledger.Options) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), url, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// TestLedger runs the same tests on both engines.
func TestLedger(t *testing.T) {
	t.Parallel()
	suite := map[string]func(*testing.T, engine){
		"open twice":                     testOpenTwice,
		"open at once":                   testOpenAtOnce,
		"open what must be there":        testOpenMustExist,
		"closed":                         testClosed,
		"cancelled":                      testCancelled,
		"admit":                          testAdmit,
		"admit somebody new":             testAdmitNew,
		"admit everybody":                testAdmitAll,
		"keys that are forwarded":        testForwardedKeys,
		"dossiers":                       testDossiers,
		"episodes":                       testEpisodes,
		"accounts":                       testAccounts,
		"observe":                        testObserve,
		"account sweeps":                 testAccountSweeps,
		"mappings":                       testMappings,
		"account roles":                  testAccountRoles,
		"account links":                  testAccountLinks,
		"accounts of joined people":      testAccountsOfJoined,
		"account decisions":              testAccountDecisions,
		"accounts migrated":              testAccountsMigrated,
		"account taken at once":          testAccountTakenAtOnce,
		"usernames":                      testUsernames,
		"leaver dates":                   testLeaverDates,
		"candidates":                     testCandidates,
		"who works here by a record":     testBegun,
		"find people":                    testFindPeople,
		"join":                           testJoin,
		"join undone":                    testJoinUndone,
		"gaps":                           testGaps,
		"comparisons":                    testReconciles,
		"assessments":                    testAssessed,
		"orders":                         testOrders,
		"departures":                     testDepartures,
		"departures of orders":           testOrderedDepartures,
		"open accounts":                  testOpenAccounts,
		"departures of joined records":   testJoinedDepartures,
		"departures announced":           testAnnouncedDepartures,
		"rules of departures":            testDepartureRules,
		"reserve":                        testReserve,
		"reserve per person":             testReservePerPerson,
		"reserve all or nothing":         testReserveAllOrNothing,
		"reserve at once":                testReserveAtOnce,
		"held for good":                  testHeldForGood,
		"held moves":                     testHeldMoves,
		"further accounts":               testFurther,
		"batches of changes":             testBatches,
		"changes of many as one":         testWhole,
		"doubts about sources":           testDoubts,
		"foreseen departures":            testForeseen,
		"holds":                          testHolds,
		"policies in force":              testPolicies,
		"how access was come by":         testStandingAccess,
		"kept back":                      testKeepBack,
		"writes that fail among others":  testFailuresAmongOthers,
		"together":                       testTogether,
		"claims":                         testClaims,
		"claims at once":                 testClaimsAtOnce,
		"evidence":                       testEvidence,
		"roster":                         testRoster,
		"active people":                  testActivePeople,
		"leases":                         testLeases,
		"items":                          testItems,
		"items that come and go":         testFlapping,
		"items for many":                 testJointItems,
		"items of holders":               testItemsOfHolders,
		"items parked again":             testItemsParkedAgain,
		"items accepted":                 testItemsAccepted,
		"words":                          testWordsAreHeardOnce,
		"items told":                     testItemsTold,
		"many items":                     testManyItems,
		"sources":                        testSources,
		"staging":                        testStaging,
		"staging many":                   testStagingMany,
		"drop":                           testDrop,
		"settle is a transaction":        testSettleIsATransaction,
		"prune":                          testPrune,
		"one grace clock":                testGraceClock,
		"grace extended and exempted":    testGraceExceptions,
		"grace moves":                    testGraceMoves,
		"factor scans":                   testMFAScan,
		"factor scans that are aborted":  testAbortedMFAScan,
		"rows of the tracking sheet":     testTrackingRows,
		"events":                         testEvents,
		"event cursors":                  testEventCursors,
		"cases":                          testCases,
		"cases merge":                    testCasesMerge,
		"cases in any order":             testCasesInAnyOrder,
		"cases at once":                  testCasesAtOnce,
		"prune events":                   testPruneEvents,
		"review stage":                   testReviewStage,
		"review freeze":                  testReviewFreeze,
		"review restart":                 testReviewRestart,
		"review of many":                 testReviewLarge,
		"review: who is asked":           testReviewWhoIsAsked,
		"review begins again":            testReviewBeginsAgain,
		"standings":                      testStandings,
		"approvals":                      testApprovals,
		"sealing hides personal data":    testSealing,
		"sealing binds values to places": testSealingPlaces,
		"sealing with changing keys":     testSealingRotation,
	}
	run := func(t *testing.T, e engine) {
		for name, test := range suite {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, e)
			})
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, sqliteEngine()) })
	t.Run("postgres", func(t *testing.T) { run(t, postgresEngine(ledgertest.Postgres(t))) })
}

// atOnce runs do n times concurrently and returns the first error.
func atOnce(n int, do func(i int) error) error {
	start := make(chan struct{})
	errs := make(chan error, n)
	for i := range n {
		go func() {
			<-start
			errs <- do(i)
		}()
	}
	close(start)
	var first error
	for range n {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
