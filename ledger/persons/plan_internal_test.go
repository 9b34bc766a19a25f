package persons

import (
	"testing"

	"gatehouse/ledger/ledgertest"
)

// What is on the path of a containment must not read everybody.
func TestNothingScansThePeople(t *testing.T) {
	t.Parallel()
	like, traces := RecordTraces{EmployeeIDs: []string{"1", "2"}, Addresses: []string{"d", "e"}, Names: []string{"n"}}.condition()
	ledgertest.NothingScans(t, map[string]ledgertest.Statement{
		"person":     {Query: "SELECT " + personColumns + " FROM people p" + PrimaryOf + " WHERE p.person_key = $1", Args: []any{"k"}},
		"rivals":     {Query: recordsQuery(like), Args: traces},
		"named":      {Query: recordsQuery(namedOnes(2)), Args: []any{"d", "e"}},
		"candidates": {Query: candidatesQuery(byAddress), Args: []any{"d", "e", "k"}},
		"namesakes":  {Query: candidatesQuery(byName), Args: []any{"d", "", "k"}},
	})
}
