package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L21_OldEndOnTheRecordOfARehire: who came back keeps access, whatever end still stands on the record. Where the
// record does not say that the end is of an employment before, somebody is asked.
func TestCase_L21_OldEndOnTheRecordOfARehire(t *testing.T) {
	t.Parallel()
	// Nobody's department gives them a role that they lack, so that whatever changes is because of the end.
	old := control.Fields{"hire_date": "today-400", "last_day": "today-200", "termination_date": "today-200", "rehired_on": "today-100"}
	with := func(more control.Fields) control.Fields {
		out := control.Fields{}
		for _, fields := range []control.Fields{old, more} {
			for name, value := range fields {
				out[name] = value
			}
		}
		return out
	}
	for name, tt := range map[string]struct {
		key    string
		fields control.Fields
		asks   bool
	}{
		"workday, a new first day":              {"workday-21005", with(control.Fields{"hire_date": "today-100"}), false},
		"workday, the first day of long ago":    {"workday-21005", old, true},
		"bamboohr, rows that say so":            {"bamboohr-106", old, false},
		"bamboohr, a new first day and no rows": {"bamboohr-106", with(control.Fields{"hire_date": "today-100", "no_status_row": true}), false},
		"bamboohr, no rows":                     {"bamboohr-106", with(control.Fields{"no_status_row": true}), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			s.HR(tt.key, "change", tt.fields)
			intact := untouched(s)
			tell(s, tt.key)
			if tt.asks {
				s.Until("somebody is asked", func() bool { return waits(s, tt.key, policy.NoticeStatusContradictsEnd) })
				s.Until("and knows of it", func() bool { return s.Messages("") != "" })
			} else {
				s.Outcome(tt.key)
			}
			intact()
			require.True(t, s.Account(tt.key).CanSignIn)
		})
	}
}

// TestCase_L22_ContractorThenEmployee: a contractor until today is an employee from tomorrow. Nothing happens at six in the
// evening, and in the morning the position changes once. With a gap between them access ends and comes back.
func TestCase_L22_ContractorThenEmployee(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		source, hired string
		gap           bool
	}{
		"one id, two profiles":       {"workday", "today+1", false},
		"two linked records":         {"bamboohr", "today+1", false},
		"one id, with a gap":         {"workday", "today+3", true},
		"two records, with a gap":    {"bamboohr", "today+3", true},
		"one id, rows of the status": {"rows", "today+1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock movable
			s := kit.New(t, kit.Options{Policy: morning(t), Clock: clock.now})
			noon(s, &clock)
			s.Baseline()
			contractor, source := namesake("today-100", "novak@home.example", "Engineering"), tt.source
			if source == "rows" {
				source = "bamboohr"
			}
			contractor["employment_type"] = "Contractor"
			key := s.Hire(source, contractor)
			tell(s, key)
			require.Equal(t, "can sign in", s.Outcome(key).Result)
			account := s.Account(key)
			require.Equal(t, "Contractors", account.Group)

			employee := namesake(tt.hired, "novak@home.example", "Engineering")
			employee["employment_type"] = "Employee"
			_, id, _ := strings.Cut(key, "-")
			var other string
			// Entered the day before, so that the moment is not now.
			s.HR(key, "change", control.Fields{"last_day": "today+1", "termination_date": "today+1"})
			tell(s, key)
			s.AwaitStage(key, api.StageWaiting)
			s.HR(key, "change", control.Fields{"last_day": "today", "termination_date": "today"})
			switch tt.source {
			case "workday":
				require.NoError(t, s.Sandbox.HireAs(t.Context(), "workday", id, employee))
			case "bamboohr":
				again, err := s.Sandbox.HireAgain(t.Context(), "workday", account.Owner, employee)
				require.NoError(t, err)
				other = "workday-" + again
				tell(s, other)
				s.Outcome(other)
			case "rows":
				s.HR(key, "change", control.Fields{"rehired_on": tt.hired})
				s.HR(key, "change", control.Fields{"effective_on": tt.hired, "employment_type": "Full-Time"})
			}
			mark := s.Mark()
			evening := to(t, clock.now(), 20, 0)
			clock.advance(evening)
			require.NoError(t, s.Sandbox.Advance(t.Context(), evening))
			tell(s, key)
			if tt.gap {
				s.AwaitShut(account.ID)
			} else {
				tomorrow := clock.now().Add(to(t, clock.now(), 8, 1))
				s.Until("the run waits for the morning", func() bool {
					state, ok := s.State(key)
					return ok && state.Stage == api.StageWaiting && state.Due.Sub(tomorrow).Abs() < time.Minute
				})
				require.Empty(t, filter(s.Effects(mark), "onelogin."), "nothing ends")
			}
			days := map[bool]int{true: 3, false: 1}[tt.gap]
			next := to(t, clock.now(), 9, days)
			clock.advance(next)
			require.NoError(t, s.Sandbox.Advance(t.Context(), next))
			tell(s, key)
			s.Until("the employee is in the department's group", func() bool {
				p := s.Of(account.ID)
				return p.Status == 1 && p.Group == "Engineering" && slices.Contains(p.Roles, "Engineering")
			})
			if !tt.gap {
				for _, effect := range s.Effects(mark) {
					require.NotContains(t, effect, "remove_roles", "no role was taken")
					require.NotContains(t, effect, "password")
				}
			}
		})
	}
}

// TestCase_L13_EnteredBeforeTheFirstPoll: somebody leaves in two days, somebody has left and their account was forgotten,
// somebody begins soon, and all of it was entered before Gatehouse came. The run that waits for the day is lost with
// Temporal's database.
func TestCase_L13_EnteredBeforeTheFirstPoll(t *testing.T) {
	t.Parallel()
	for source, ids := range map[string][3]string{
		"workday": {"workday-21005", "workday-21006", "workday-21010"}, "bamboohr": {"bamboohr-105", "bamboohr-106", "bamboohr-103"},
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			var clock movable
			s := kit.New(t, kit.Options{Policy: roomy(t), Clock: clock.now})
			noon(s, &clock)
			leaves, forgotten, longGone := s.Account(ids[0]), s.Account(ids[1]), s.Account(ids[2])
			s.HR(ids[0], "terminate", control.Fields{"last_day": "today+2", "location": "Berlin"})
			s.HR(ids[1], "terminate", control.Fields{"last_day": "today-3"})
			s.HR(ids[2], "terminate", control.Fields{"last_day": "today-45"})
			joiner := s.Hire(source, control.Fields{
				"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
				"hire_date": "today+3", "personal_email": "ada@home.example",
			})
			s.Baseline()
			s.AwaitShut(forgotten.ID)
			s.Until("the joiner's account is prepared", func() bool {
				_, found, err := s.Sandbox.ByExternalID(t.Context(), joiner)
				require.NoError(t, err)
				return found
			})
			require.True(t, s.Of(leaves.ID).CanSignIn, "until the day after tomorrow")

			// Who had left long before is looked at once their account is known.
			sweep(s)
			s.Sync(source)
			s.AwaitShut(longGone.ID)

			s.AwaitStage(ids[0], api.StageWaiting)
			require.NoError(t, s.Temporal.TerminateWorkflow(t.Context(), api.PersonID(ids[0]), "", "the database is lost"))
			evening := to(t, clock.now(), 20, 2)
			clock.advance(evening)
			require.NoError(t, s.Sandbox.Advance(t.Context(), evening+24*time.Hour))
			s.Sync(source)
			s.AwaitShut(leaves.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// sweep reads all accounts, as their schedule would.
func sweep(s *kit.Stack) {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: api.AccountSweepID, TaskQueue: api.QueueSweep},
		api.TypeAccountSweep, api.AccountSweepRequest{Every: 6 * time.Hour, Each: time.Hour})
	require.NoError(s.T, err)
	require.NoError(s.T, run.Get(s.T.Context(), nil))
}

// morning is the example policy whose days begin at eight.
func morning(t testing.TB) func(string) string {
	return func(text string) string {
		return kit.Replace(t, roomy(t)(text), `activate_at: "00:00"`, `activate_at: "08:00"`)
	}
}

// to is how long it takes from a moment to an hour of the day in Berlin, so many days later.
func to(t testing.TB, from time.Time, hour, days int) time.Duration {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	now := from.In(berlin)
	at := time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, berlin)
	if !at.After(now) {
		return time.Second
	}
	return at.Sub(now)
}

// noon moves Gatehouse and the tenant to the next noon in Berlin. The day is the same there and in the HR system, which
// counts in UTC, and its evening is still to come: what a test expects of a day is true whenever the test runs.
func noon(s *kit.Stack, clock *movable) {
	s.T.Helper()
	ahead := to(s.T, clock.now(), 12, 0)
	if ahead < time.Minute {
		ahead = to(s.T, clock.now(), 12, 1)
	}
	clock.advance(ahead)
	require.NoError(s.T, s.Sandbox.Advance(s.T.Context(), ahead))
}

// filter keeps what begins with a prefix.
func filter(all []string, prefix string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, prefix) })
}
