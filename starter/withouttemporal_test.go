package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/sandbox/server"
)

// TestPlansNeedNoTemporal: where it does not answer, a plan for one person is made, and decisions and lists are checked.
func TestPlansNeedNoTemporal(t *testing.T) {
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	books, err := ledger.Open(t.Context(), d.path("ledger.db"), ledger.Options{})
	require.NoError(t, err)
	_, err = books.People().Admit(t.Context(), "workday-21001", "workday", "21001", persons.Digests{})
	require.NoError(t, err)
	require.NoError(t, books.Close())

	require.Contains(t, d.mustRun("plan", "--person", "workday-21001"), "workday-21001")
	d.write("list.csv", "person\nworkday-21001\n")
	out := d.mustRun("authorise", "plan", "--csv", d.path("list.csv"), "--source", "workday", "--kind", "contain", "--at", "2099-01-31T18:00:00+01:00")
	require.Contains(t, out, "1 people of workday: 0 with a OneLogin account on record, 1 without")
	require.Contains(t, out, "OneLogin's accounts have not been read completely yet")
	ref := "1"
	for account := range d.truth() {
		ref = account
	}
	d.write("in.csv", "decision,account,person,reason\nrefuse,"+ref+",workday-21001,somebody else\n")
	require.Contains(t, d.mustRun("adopt", "--import", d.path("in.csv"), "--dry-run", "--by", "j.doe"), "Nothing was changed.")
}
