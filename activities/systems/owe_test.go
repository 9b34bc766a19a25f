package systems_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	ledgersystems "gatehouse/ledger/systems"
	"gatehouse/ledger/worklist"
)

func (w *works) owe(in api.SystemInput, why string) {
	w.t.Helper()
	require.NoError(w.t, w.s.Owe(w.t.Context(), api.OweInput{SystemInput: in, Why: why, Since: w.now().Add(-10 * time.Minute)}))
}

func (w *works) debts() []ledgersystems.Debt {
	w.t.Helper()
	all, err := w.l.Systems().Debts(w.t.Context(), google)
	require.NoError(w.t, err)
	return all
}

func (w *works) items() []worklist.Item {
	w.t.Helper()
	found, err := w.l.Worklist().Items(w.t.Context(), worklist.ItemFilter{System: google, Class: "system_debt"})
	require.NoError(w.t, err)
	return found
}

// TestWhatIsOwedIsOneItem for each system, however many owe it, and goes with the last of them.
func TestWhatIsOwedIsOneItem(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	give := w.order(identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{w.group(false)}})
	w.owe(give, "Unavailable")
	w.owe(give, "Unavailable")
	require.Len(t, w.debts(), 1)
	require.Len(t, w.items(), 1)
	require.Equal(t, worklist.SeverityWarning, w.items()[0].Severity)
	require.WithinDuration(t, w.now().Add(24*time.Hour), w.items()[0].Deadline, time.Minute)
	require.Contains(t, w.items()[0].Text, "1 step about 1 person")

	shut := w.leaving(identity.SystemStep{Kind: identity.SystemSuspend})
	w.owe(shut, "Unauthorized")
	require.Len(t, w.items(), 1)
	item := w.items()[0]
	require.Equal(t, worklist.SeverityCritical, item.Severity)
	require.Equal(t, "security", item.Owner)
	require.WithinDuration(t, w.now().Add(time.Hour), item.Deadline, time.Minute, "somebody who has left may get in")
	require.Contains(t, item.Text, "2 steps about 1 person")
	require.Contains(t, item.Text, "(Unauthorized; Unavailable)")
	require.NotContains(t, item.Text+item.Next, ada, "nobody is named")
	require.Equal(t, identity.SystemSuspend, w.debts()[0].Step, "departures come first")

	require.NotContains(t, item.Next, "by hand")

	w.owe(shut, "Unauthorized: refused: app crm")
	require.Contains(t, w.items()[0].Text, "(Unauthorized: refused: app crm; Unavailable)")
	require.Contains(t, w.items()[0].Next, "or do it by hand")

	w.carry(shut)
	require.Len(t, w.debts(), 1, "carrying it out settles it")
	w.carry(give)
	require.Empty(t, w.debts())
	require.Empty(t, w.items())

	w.owe(give, "Unavailable")
	w.owe(give, "")
	require.Empty(t, w.debts(), "no reason, no debt")
	require.Empty(t, w.items())
}

// TestAReadBackSaysWhatIsThere and keeps it: the plan that follows ends what came back.
func TestAReadBackSaysWhatIsThere(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := api.SystemReadBack{Key: ada, System: google, Account: w.user}
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
	w.hand("restore", w.user, "")
	state, err := w.s.ReadBack(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, "active", state.Status)
	require.Equal(t, identity.AccountActive, w.view().Document.Status)
	w.hand("delete", w.user, "")
	state, err = w.s.ReadBack(t.Context(), in)
	require.NoError(t, err)
	require.True(t, state.Gone)
	in.System = "mainframe"
	_, err = w.s.ReadBack(t.Context(), in)
	require.ErrorContains(t, err, "no system of this name")
}
