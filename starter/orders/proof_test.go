package orders

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/journal"
)

// noon is when the order of these tests is given.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

var first, second = identity.OneLoginRef(42), identity.OneLoginRef(43)

func did(seconds int, step string, ref identity.Ref, outcome string) api.StepDone {
	return api.StepDone{Step: step, Outcome: outcome, Account: &ref, At: at(seconds)}
}

func saw(seconds int, order string, statuses ...string) *api.State {
	s := &api.State{Seen: &api.Seen{At: at(seconds), Contain: order, Verdict: identity.VerdictLeave}}
	for i, status := range statuses {
		s.Seen.Accounts = append(s.Seen.Accounts, api.SeenAccount{Ref: identity.OneLoginRef(42 + int64(i)), Status: status})
	}
	return s
}

func onRecord(refs ...identity.Ref) []inventory.Account {
	var out []inventory.Account
	for _, ref := range refs {
		out = append(out, inventory.Account{Ref: ref, State: identity.AccountLinked, Kind: identity.KindPerson})
	}
	return out
}

// TestProof holds that nothing is said to be proven that is not.
func TestProof(t *testing.T) {
	t.Parallel()
	suspend, logOut := did(2, "onelogin.suspend", first, "done"), did(3, "onelogin.log-out", first, "done")
	other := []api.StepDone{did(4, "onelogin.suspend@onelogin/43", second, "done"), did(5, "onelogin.log-out@onelogin/43", second, "done")}
	with := func(state *api.State, items ...api.Attention) *api.State {
		state.Attention = items
		return state
	}
	for name, c := range map[string]struct {
		accounts []inventory.Account
		steps    []api.StepDone
		state    *api.State
		proven   bool
	}{
		"suspended and logged out":       {onRecord(first), []api.StepDone{suspend, logOut}, saw(1, "o1", "active"), true},
		"nothing is known":               {nil, nil, nil, false},
		"the run has seen no account":    {nil, nil, saw(1, "o1"), false},
		"found by the run alone":         {nil, []api.StepDone{suspend, logOut}, saw(1, "o1", "active"), true},
		"not logged out":                 {onRecord(first), []api.StepDone{suspend}, saw(1, "o1", "active"), false},
		"the log-out was skipped":        {onRecord(first), []api.StepDone{suspend, did(3, "onelogin.log-out", first, "skipped")}, saw(1, "o1", "active"), false},
		"the suspension was skipped":     {onRecord(first), []api.StepDone{did(2, "onelogin.suspend", first, "skipped"), logOut}, saw(1, "o1", "active"), false},
		"logged out before":              {onRecord(first), []api.StepDone{suspend, did(1, "onelogin.log-out", first, "done")}, saw(1, "o1", "active"), false},
		"one of two":                     {onRecord(first, second), []api.StepDone{suspend, logOut}, saw(1, "o1", "active"), false},
		"both":                           {onRecord(first, second), append([]api.StepDone{suspend, logOut}, other...), saw(1, "o1", "active"), true},
		"steps of somebody's else":       {onRecord(first), other, saw(1, "o1", "active"), false},
		"not assessed since the order":   {onRecord(first), []api.StepDone{did(-300, "onelogin.suspend", first, "done"), did(-299, "onelogin.log-out", first, "done")}, saw(-600, "", "active"), false},
		"done before, still so":          {onRecord(first), []api.StepDone{did(-300, "onelogin.suspend", first, "done"), did(-299, "onelogin.log-out", first, "done")}, saw(1, "o1", "suspended"), true},
		"done before, open again":        {onRecord(first), []api.StepDone{did(-300, "onelogin.suspend", first, "done"), did(-299, "onelogin.log-out", first, "done")}, saw(1, "o1", "active"), false},
		"suspended by somebody else":     {onRecord(first), nil, saw(1, "o1", "suspended"), false},
		"open after it was suspended":    {onRecord(first), []api.StepDone{suspend, logOut}, saw(60, "o1", "active"), false},
		"suspended once more":            {onRecord(first), []api.StepDone{suspend, logOut, did(61, "onelogin.suspend:again", first, "done"), did(62, "onelogin.log-out:again", first, "done")}, saw(60, "o1", "active"), true},
		"suspended once more only":       {onRecord(first), []api.StepDone{suspend, logOut, did(61, "onelogin.suspend:mend", first, "done")}, saw(60, "o1", "active"), false},
		"this clock is ahead":            {onRecord(first), []api.StepDone{did(-598, "onelogin.suspend", first, "done"), did(-597, "onelogin.log-out", first, "done")}, saw(-600, "o1", "active"), true},
		"this clock is behind":           {onRecord(first), []api.StepDone{did(602, "onelogin.suspend", first, "done"), did(603, "onelogin.log-out", first, "done")}, saw(600, "o1", "active"), true},
		"the run does not answer":        {onRecord(first), []api.StepDone{suspend, logOut}, nil, false},
		"read back, no answer":           {onRecord(first), []api.StepDone{suspend, logOut, did(4, "onelogin.read-back", first, "confirmed")}, nil, true},
		"a read-back that found it open": {onRecord(first), []api.StepDone{suspend, logOut, did(4, "onelogin.read-back", first, "done")}, nil, false},
		"a ticket waits":                 {onRecord(first), []api.StepDone{suspend, logOut}, with(saw(1, "o1", "active"), api.Attention{Step: "jira.ticket"}), true},
		"another account waits":          {onRecord(first), []api.StepDone{suspend, logOut}, with(saw(1, "o1", "active"), api.Attention{Step: "account@onelogin/44"}), false},
		"an account that is gone":        {onRecord(first), []api.StepDone{did(2, "onelogin.suspend", first, "gone"), did(3, "onelogin.log-out", first, "done")}, saw(1, "o1", "active"), false},
		"gone, and read back so":         {onRecord(first), []api.StepDone{did(2, "onelogin.suspend", first, "gone"), did(3, "onelogin.read-back", first, "confirmed")}, saw(1, "o1", "active"), true},
		"OneLogin's answer differs":      {onRecord(first), []api.StepDone{did(2, "onelogin.suspend", first, "not so"), did(3, "onelogin.log-out", first, "done")}, saw(1, "o1", "active"), false},
		"the plan waits":                 {onRecord(first), nil, with(saw(1, "o1", "active"), api.Attention{Step: "plan", Code: "protected"}), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sight{order: "o1", since: noon, accounts: c.accounts, steps: c.steps, state: c.state}
			require.Equal(t, c.proven, s.over(), "%v", s.ends())
		})
	}
}

// TestProofByTheLedger: a containment that was read back in this episode ended the sessions as well.
func TestProofByTheLedger(t *testing.T) {
	t.Parallel()
	accounts := onRecord(first)
	accounts[0].ContainedAt = at(-3600)
	s := sight{order: "o1", since: noon, accounts: accounts, state: saw(1, "o1", "suspended")}
	require.True(t, s.over())
	require.Equal(t, "onelogin/42: suspended already when it was read at 2026-03-02 12:00:01 UTC, sessions ended at 2026-03-02 11:00:00 UTC", s.ends()[0].String())
	s.state = saw(1, "o1", "active")
	require.False(t, s.over(), "whatever the ledger says")
}

// TestProofOfEveryAccount: an account that nobody has looked at is not said to be shut, and none may have been overlooked.
func TestProofOfEveryAccount(t *testing.T) {
	t.Parallel()
	steps := []api.StepDone{did(2, "onelogin.suspend", first, "done"), did(3, "onelogin.log-out", first, "done")}
	s := sight{order: "o1", since: noon, accounts: onRecord(first, second), steps: steps, state: saw(1, "o1", "active")}
	require.Equal(t, []identity.Ref{second}, s.unread())
	require.False(t, s.over())
	s.read = map[identity.Ref]reading{second: {"suspended", at(4)}}
	require.Empty(t, s.unread())
	require.False(t, s.over(), "nobody has ended its sessions")
	s.accounts[1].ContainedAt = at(-3600)
	require.True(t, s.over())
	s.read[second] = reading{"active", at(4)}
	require.False(t, s.over())
	s.accounts = onRecord(first)
	require.True(t, s.over())

	s.state.Seen.Reach = 1
	require.False(t, s.over(), "there may be more accounts")
	s.steps = append(steps, did(4, "person.search", first, "skipped"))
	require.False(t, s.over())
	s.steps = append(steps, did(4, "person.search", first, "further accounts: 0, in doubt: 0; searched by name"))
	require.True(t, s.over())
	s.steps, s.state.Seen.Searched = steps, true
	require.True(t, s.over())

	// What is declared to be no person's own is handed over and not contained, unless the order names it.
	s.accounts = append(s.accounts, inventory.Account{Ref: second, State: identity.AccountLinked, Kind: identity.KindService})
	s.state.Attention = []api.Attention{{Step: "account@onelogin/43", Code: "new_owner"}}
	require.True(t, s.over())
	s.named = second
	require.False(t, s.over())
}

// TestWhatIsSaid of an account is what is known.
func TestWhatIsSaid(t *testing.T) {
	t.Parallel()
	said := func(state *api.State, steps ...api.StepDone) string {
		return sight{order: "o1", since: noon, accounts: onRecord(first), steps: steps, state: state}.ends()[0].String()
	}
	require.Equal(t, "onelogin/42: not suspended as far as is known", said(nil))
	require.Equal(t, "onelogin/42: suspended already when it was read at 2026-03-02 12:00:01 UTC, and nobody is known to have ended its sessions: end them in OneLogin",
		said(saw(1, "o1", "suspended")))
	suspend := did(2, "onelogin.suspend", first, "done")
	require.Equal(t, "onelogin/42: suspended at 2026-03-02 12:00:02 UTC, its sessions have not ended as far as is known", said(saw(1, "o1", "active"), suspend))
	require.Equal(t, "onelogin/42: suspended at 2026-03-02 12:00:02 UTC, sessions ended at 2026-03-02 12:00:03 UTC, read back at 2026-03-02 12:00:04 UTC",
		said(saw(1, "o1", "active"), suspend, did(3, "onelogin.log-out", first, "done"), did(4, "onelogin.read-back", first, "confirmed")))
}

// TestRecordedSteps are about the account that their run suspended.
func TestRecordedSteps(t *testing.T) {
	t.Parallel()
	rows := []journal.Evidence{
		{Episode: 1, RunID: "r0", Step: "onelogin.suspend", Outcome: "done", Before: []byte(`{"id":42}`)},
		{Episode: 2, RunID: "r1", Step: "onelogin.suspend", Outcome: "done", Before: []byte(`{"id":43}`)},
		{Episode: 2, RunID: "r1", Step: "onelogin.log-out", Outcome: "done"},
		{Episode: 2, RunID: "r1", Step: "onelogin.suspend@onelogin/44", Outcome: "done", Before: []byte(`{"id":44}`)},
		{Episode: 2, RunID: "r2", Step: "onelogin.read-back", Outcome: "confirmed"},
	}
	rows[0].Episode, rows[1].After = 1, []byte(`{"account_id":43,"status":"suspended","changed":true}`)
	rows = append(rows,
		journal.Evidence{Episode: 2, RunID: "r3", Step: "onelogin.suspend:mend", Outcome: "done", After: []byte(`{"gone":true}`)},
		journal.Evidence{Episode: 2, RunID: "r3", Step: "onelogin.suspend:again", Outcome: "done", After: []byte(`{"status":"active"}`)})
	outcomes := map[string]string{}
	for _, d := range recorded(rows, 2, &first) {
		outcomes[d.Step] = d.Outcome
	}
	require.Equal(t, []string{"done", "gone", "not so"}, []string{outcomes["onelogin.suspend"], outcomes["onelogin.suspend:mend"], outcomes["onelogin.suspend:again"]})
	rows = rows[:5]
	var got []string
	for _, d := range recorded(rows, 2, &first) {
		got = append(got, d.Step+" of "+d.Account.ID)
	}
	require.Equal(t, []string{
		"onelogin.suspend of 43", "onelogin.log-out of 43", "onelogin.suspend@onelogin/44 of 44", "onelogin.read-back of 42",
	}, got)
}

// TestWhatReleaseEnds is one's own only order, or what was named.
func TestWhatReleaseEnds(t *testing.T) {
	t.Parallel()
	mine := identity.Order{ID: "mine", Kind: identity.OrderSuspend, By: "grace"}
	theirs := identity.Order{ID: "theirs", Kind: identity.OrderContain, By: "soc"}
	rules := identity.Order{ID: "rules", Kind: identity.OrderSuspend, By: "grace", Rule: "failed-logins"}
	for name, c := range map[string]struct {
		chosen
		open []identity.Order
		ends []string
		says string
	}{
		"none":            {open: nil, says: "no order about workday-1 is open"},
		"my only one":     {open: []identity.Order{mine}, ends: []string{"mine"}},
		"theirs":          {open: []identity.Order{theirs}, says: "was given by soc, and not by grace: end it with --order theirs. Nothing was released"},
		"a rule's":        {open: []identity.Order{rules}, says: "was given by rule failed-logins"},
		"theirs, named":   {chosen: chosen{id: "theirs"}, open: []identity.Order{mine, theirs}, ends: []string{"theirs"}},
		"several":         {open: []identity.Order{mine, theirs}, says: "2 orders about workday-1 are open"},
		"several of mine": {open: []identity.Order{mine, mine}, says: "2 orders"},
		"all":             {chosen: chosen{all: true}, open: []identity.Order{mine, theirs, rules}, ends: []string{"mine", "theirs", "rules"}},
		"all of none":     {chosen: chosen{all: true}, says: "no order"},
		"nobody's":        {chosen: chosen{id: "x"}, open: []identity.Order{mine}, says: "no open order about workday-1 is called x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ending, err := c.of(c.open, "workday-1", "grace")
			if c.says != "" {
				require.ErrorContains(t, err, c.says)
				return
			}
			require.NoError(t, err)
			var ids []string
			for _, o := range ending {
				ids = append(ids, o.ID)
			}
			require.Equal(t, c.ends, ids)
		})
	}
}
