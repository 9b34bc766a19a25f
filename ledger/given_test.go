package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

func testStandingAccess(t *testing.T, e storetest.Engine) {
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	ctx, ref, key := t.Context(), identity.OneLoginRef(7), "workday-1"
	access := func(episode int) ledger.StandingAccess {
		t.Helper()
		a, err := l.Access(ctx, key, ref, episode, "workday")
		require.NoError(t, err)
		return a
	}
	_, err := l.People().Admit(ctx, key, "workday", "1", persons.Digests{})
	require.NoError(t, err)
	require.Equal(t, ledger.StandingAccess{}, access(0))
	_, err = l.People().SetEmployed(ctx, key, true)
	require.NoError(t, err)

	require.NoError(t, l.Inventory().FirstPositions(ctx, []inventory.Position{{Key: key, Digest: "a"}}))
	require.NoError(t, l.Inventory().FirstPositions(ctx, []inventory.Position{{Key: key, Digest: "b"}}), "a position that is known stays")
	require.NoError(t, l.Inventory().GiveRoles(ctx, ref, key, []string{"Sales", "Jira"}))
	require.NoError(t, l.Inventory().GiveRoles(ctx, ref, key, []string{"Jira"}))
	require.NoError(t, l.Roster().AddFindings(ctx, roster.Finding{Source: "workday", Kind: roster.FindingBeyondPolicy, Subject: key}))
	require.NoError(t, l.Policies().WaitForPolicy(ctx, key, "h1", "department_unmapped"))
	require.Equal(t, ledger.StandingAccess{Position: "a", Given: []string{"Jira", "Sales"}, Found: true, Waits: true}, access(1))
	require.NoError(t, l.Inventory().TakeRoles(ctx, ref, []string{"Sales", "Choir"}))
	require.NoError(t, l.Inventory().NotePosition(ctx, inventory.Position{Key: key, Digest: "b"}))
	require.Equal(t, []string{"Jira"}, access(1).Given)
	require.Equal(t, "b", access(1).Position)
	of, err := l.Inventory().AccessOf(ctx, []string{key, "workday-2"}, ref.System, []string{ref.ID, "8"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{key: "b"}, of.Positions)
	require.Equal(t, []string{"Jira"}, of.Given(key, ref))
	require.Empty(t, of.Given("workday-2", ref))
	require.Empty(t, access(3).Given, "what was given in an earlier employment is nobody's word in this one")

	waits, err := l.Policies().PolicyWaits(ctx, "h1", c.Now(), 10)
	require.NoError(t, err)
	require.Empty(t, waits, "the policy that they wait for is another one")
	waits, err = l.Policies().PolicyWaits(ctx, "h2", c.Now().Add(-time.Second), 10)
	require.NoError(t, err)
	require.Empty(t, waits, "they have only just been looked at")
	waits, err = l.Policies().PolicyWaits(ctx, "h2", c.Now(), 10)
	require.NoError(t, err)
	require.Equal(t, []string{key}, waits)
	require.NoError(t, l.Policies().WaitForPolicy(ctx, key, "h2", "department_unmapped"))
	require.NoError(t, l.Policies().WaitedForPolicy(ctx, key, "h2"))
	require.True(t, access(1).Waits, "they were found to wait under that one as well")
	require.NoError(t, l.Policies().WaitedForPolicy(ctx, key, ""))
	require.False(t, access(1).Waits)
	noted, err := l.Inventory().PositionNoted(ctx, "source/workday")
	require.NoError(t, err)
	require.False(t, noted)
}
