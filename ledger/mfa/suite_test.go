package mfa_test

import (
	"testing"

	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"one grace clock":               testGraceClock,
		"grace extended and exempted":   testGraceExceptions,
		"grace moves":                   testGraceMoves,
		"factor scans":                  testMFAScan,
		"factor scans that are aborted": testAbortedMFAScan,
		"rows of the tracking sheet":    testTrackingRows,
		"kinds of factors":              testFactorKinds,
	})
}
