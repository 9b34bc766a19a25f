package systems

import (
	"testing"

	"gatehouse/ledger/ledgertest"
)

// What an assessment asks about names that conditions have must not read every group of a system.
func TestNothingAboutAPersonReadsAllGroups(t *testing.T) {
	t.Parallel()
	ledgertest.NothingReadsASystem(t, map[string]ledgertest.Statement{
		"otherwise called": {Query: objectSelect + otherwiseCalled, Args: []any{"google", "group"}},
	})
}
