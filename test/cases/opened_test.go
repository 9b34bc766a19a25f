package cases

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// How the inventory learns of an account: by an event, by a sweep of what was changed, and by one of everything.
var learned = map[string]func(s *kit.Stack){
	"an event":              func(s *kit.Stack) { require.NoError(s.T, s.App.Launch.Poke(s.T.Context())) },
	"a sweep":               func(s *kit.Stack) { readAccounts(s, false) },
	"a sweep of everything": func(s *kit.Stack) { readAccounts(s, true) },
}

// readAccounts sweeps the accounts, as their schedule does.
func readAccounts(s *kit.Stack, full bool) {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: api.AccountSweepID, TaskQueue: api.QueueSweep},
		api.TypeAccountSweep, api.AccountSweepRequest{Every: 6 * time.Hour, Each: time.Hour, Full: full})
	require.NoError(s.T, err)
	require.NoError(s.T, run.Get(s.T.Context(), nil))
}

// eventful is a stack that reads OneLogin's events, with read-backs after so long.
func eventful(t *testing.T, verify string, dirt func(s *kit.Stack)) *kit.Stack {
	t.Helper()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, roomy(t)(policy)+kit.EventRules, "verify_after: [1s]", "verify_after: ["+verify+"]")
	}})
	if dirt != nil {
		dirt(s)
	}
	s.Baseline()
	readAccounts(s, true)
	return s
}

// opens activates an account by hand and gives it a role.
func opens(s *kit.Stack, p control.Person) {
	s.T.Helper()
	_, err := s.Sandbox.EditAccount(s.T.Context(), p.ID, control.Fields{"status": 1, "roles": []string{"AWS Admin"}})
	require.NoError(s.T, err)
	require.True(s.T, kit.Open(s.Of(p.ID)))
}

// told counts what security was told about an account.
func told(s *kit.Stack, p control.Person) int {
	s.T.Helper()
	n := 0
	for line := range strings.Lines(s.Messages(security)) {
		if names(line, p) {
			n++
		}
	}
	return n
}

// TestCase_L24_OpenedAfterTheEnd: somebody activates the account once the departure is over and nobody watches any more.
func TestCase_L24_OpenedAfterTheEnd(t *testing.T) {
	t.Parallel()
	for name, learn := range learned {
		for by, leave := range map[string]func(s *kit.Stack, key string){
			"left": func(s *kit.Stack, key string) { leaves(s, key) },
			"ordered out": func(s *kit.Stack, key string) {
				give(s, identity.Order{ID: "out", Key: key, Kind: identity.OrderContain})
			},
		} {
			t.Run(name+", "+by, func(t *testing.T) {
				t.Parallel()
				s := eventful(t, "1s", nil)
				account := s.Account("workday-21009")
				leave(s, "workday-21009")
				s.AwaitShut(account.ID)
				s.Outcome("workday-21009")
				before := told(s, account)
				opens(s, account)
				learn(s)
				s.AwaitShut(account.ID)
				s.Until("security is told again", func() bool { return told(s, account) > before })
				s.Outcome("workday-21009")
				s.AwaitNobodyLeftWithAccess()
			})
		}
	}
}

// TestCase_L24_OpenedWithoutEventRules: the same where no event makes an incident. Events tell of accounts all the same.
func TestCase_L24_OpenedWithoutEventRules(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	readAccounts(s, true)
	account := s.Account("workday-21009")
	leaves(s, "workday-21009")
	s.AwaitShut(account.ID)
	s.Outcome("workday-21009")
	opens(s, account)
	learned["an event"](s)
	s.AwaitShut(account.ID)
	s.AwaitNobodyLeftWithAccess()
}

// TestCase_L24_FurtherOpenedAfterTheEnd: the same with an account that is not the primary one.
func TestCase_L24_FurtherOpenedAfterTheEnd(t *testing.T) {
	t.Parallel()
	for name, learn := range learned {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first, second control.Person
			s := eventful(t, "1s", func(s *kit.Stack) {
				first = s.Account("workday-21009")
				second = s.Second(first, control.Fields{"username": "lmoreau", "external_id": "21009", "roles": []string{"GitHub"}})
			})
			leaves(s, "workday-21009")
			s.AwaitShut(first.ID, second.ID)
			s.Outcome("workday-21009")
			before := told(s, second)
			opens(s, second)
			learn(s)
			s.AwaitShut(first.ID, second.ID)
			s.Until("security is told again", func() bool { return told(s, second) > before })
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// TestCase_L24_OpenedWhileWatched: the next read-back is an hour away, and the inventory knows now.
func TestCase_L24_OpenedWhileWatched(t *testing.T) {
	t.Parallel()
	for name, learn := range learned {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := eventful(t, "1s, 1h", nil)
			account := s.Account("workday-21009")
			leaves(s, "workday-21009")
			s.AwaitShut(account.ID)
			s.Until("an hour to the next read-back", func() bool {
				state, ok := s.State("workday-21009")
				return ok && state.Stage == api.StageWatching && time.Until(state.Due) > 30*time.Minute
			})
			before := told(s, account)
			opens(s, account)
			learn(s)
			s.AwaitShut(account.ID)
			s.Until("security is told", func() bool { return told(s, account) > before })
			s.AwaitStage("workday-21009", api.StageWatching)
		})
	}
}

// TestCase_L06_LinkedByTheSweep: an account that is made for somebody who has left, and that nobody but the comparison of
// all accounts with everybody finds: after a departure, and for somebody who had left before the first reading.
func TestCase_L06_LinkedByTheSweep(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"after a departure": false, "left before the first reading": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first control.Person
			s := eventful(t, "1s", func(s *kit.Stack) {
				if first = s.Account("workday-21009"); before {
					s.HR("workday-21009", "terminate", control.Fields{"last_day": "today-90", "termination_date": "today-90"})
					s.Age("workday-21009", control.Fields{"status": 2, "roles": []string{}})
				}
			})
			if !before {
				leaves(s, "workday-21009")
				s.AwaitShut(first.ID)
				s.Outcome("workday-21009")
			}
			intact := untouched(s, first)
			second := s.Second(first, control.Fields{"status": 1, "roles": []string{"AWS Admin"}})
			readAccounts(s, true)
			settled(s, "", second)
			s.Until("security knows of it", func() bool { return told(s, second) > 0 })
			intactBut(s, intact, second)
		})
	}
}

// intactBut removes an account that was made meanwhile and checks that all others are as they were.
func intactBut(s *kit.Stack, intact func(), made control.Person) {
	s.T.Helper()
	require.NoError(s.T, s.Sandbox.DeleteAccount(s.T.Context(), made.ID))
	intact()
}

// TestCase_L06_RefusedThenTheirs: somebody said that it is not theirs, and then what it carries becomes the leaver's.
func TestCase_L06_RefusedThenTheirs(t *testing.T) {
	t.Parallel()
	var first, second control.Person
	s := eventful(t, "1s", func(s *kit.Stack) {
		first = s.Account("workday-21009")
		second = s.Second(first, control.Fields{"username": "x4711", "email": "x4711@legacy.example", "external_id": guid, "roles": []string{"GitHub"}})
	})
	require.NoError(t, s.App.Ledger.Inventory().RefuseAccount(t.Context(), identity.OneLoginRef(second.ID), "workday-21009", "as it was shown", "tester"))
	leaves(s, "workday-21009")
	s.AwaitShut(first.ID)
	_, err := s.Sandbox.EditAccount(t.Context(), second.ID, control.Fields{"external_id": "workday-21009", "email": first.Email})
	require.NoError(t, err)
	readAccounts(s, true)
	s.AwaitShut(second.ID)
	s.AwaitNobodyLeftWithAccess()
}

// TestCase_L24_OverdueNamesTheOpenAccount: the second account is opened after the end, and OneLogin refuses to suspend it.
// Security is told that it is overdue, of this account, and not at once: the clock of what comes back begins anew.
func TestCase_L24_OverdueNamesTheOpenAccount(t *testing.T) {
	t.Parallel()
	var first, second control.Person
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, roomy(t)(policy)+kit.EventRules, "contain_within: 15m", "contain_within: 5s")
	}})
	first = s.Account("workday-21009")
	second = s.Second(first, control.Fields{"username": "lmoreau", "external_id": "21009", "roles": []string{"GitHub"}})
	s.Baseline()
	readAccounts(s, true)
	leaves(s, "workday-21009")
	s.AwaitShut(first.ID, second.ID)
	s.Outcome("workday-21009")
	require.NotContains(t, s.Messages(security), "OVERDUE")
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.update_user", When: "before", Style: "status", Status: http.StatusServiceUnavailable, Times: -1,
	}))
	// OneLogin says in whole seconds when something happened, and Temporal compares timers in whole seconds, so that one can fire
	// with another of the second in which it is due.
	due := time.Now().Truncate(time.Second).Add(4 * time.Second)
	opens(s, second)
	readAccounts(s, false)
	s.Until("security is told that it is overdue", func() bool { return strings.Contains(s.Messages(security), "OVERDUE") })
	require.False(t, time.Now().Before(due), "nothing is overdue before its time")
	s.Until("the open account is named", func() bool {
		_, late, found := strings.Cut(s.Messages(security), "OVERDUE")
		return found && names(late, second)
	})
	open, err := s.App.Ledger.People().OpenDepartures(t.Context(), time.Now())
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.AwaitShut(first.ID, second.ID)
}

// TestCase_L24_WhoWorksHereIsLeftAlone: an account of somebody employed that is opened, or is given a role, starts nothing.
func TestCase_L24_WhoWorksHereIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := eventful(t, "1s", nil)
	account := s.Account("workday-21009")
	opens(s, account)
	intact := untouched(s)
	for _, learn := range learned {
		learn(s)
	}
	s.Sync("workday")
	intact()
	require.Empty(t, s.Runs("workday-21009"), "nobody was hinted")
}
