package inventory

import (
	"testing"

	"gatehouse/ledger/engine"
	"gatehouse/ledger/ledgertest"
)

// What is on the path of a containment must not read the whole inventory.
func TestNothingScansTheInventory(t *testing.T) {
	t.Parallel()
	ledgertest.NothingScans(t, map[string]ledgertest.Statement{
		"accounts of": {Query: accountSelect + accountsOf, Args: []any{"k"}},
		"account":     {Query: accountSelect + " WHERE a.system = $1 AND a.account_id = $2", Args: []any{"onelogin", "1"}},
		"by a trace":  {Query: accountSelect + " WHERE a.name_digest <> '' AND a.name_digest IN ($1)", Args: []any{"d"}},
		"by address":  {Query: accountSelect + furtherHave + "($1))", Args: []any{"d"}},
		"by account":  {Query: personByAccount, Args: []any{"1"}},
		"set account": {Query: setPrimary, Args: []any{"k", int64(1), int64(2), int64(1), "2"}},
		"open":        {Query: openOf + engine.List(2, 1) + openOut, Args: []any{int64(1), "2"}},
		"all open":    {Query: openOfThose, Args: []any{int64(1)}},
		"of a role":   {Query: roleMembers, Args: []any{"onelogin", "Admins"}},
		"of a group":  {Query: groupMembers, Args: []any{"onelogin", int64(1)}},
		"in no group": {Query: ungrouped, Args: []any{"onelogin"}},
		"set owner":   {Query: setOwner, Args: []any{"k", "2", int64(1), int64(1), "person"}},
	})
}

// What an assessment asks about one person must not read everybody's accounts in a system.
func TestNothingAboutAPersonReadsASystem(t *testing.T) {
	t.Parallel()
	ledgertest.NothingReadsASystem(t, map[string]ledgertest.Statement{
		"in systems":  {Query: accountSelect + inSystems(2, 1), Args: []any{"google", "ldap", "k"}},
		"accounts of": {Query: accountSelect + accountsOf, Args: []any{"k"}},
		"one of them": {Query: oneOfThem, Args: []any{"google", "2", "k"}},
		"set owner":   {Query: setOwner, Args: []any{"k", "2", int64(1), int64(1), "person"}},
		"set account": {Query: setPrimary, Args: []any{"k", int64(1), int64(2), int64(1), "2"}},
	})
}
