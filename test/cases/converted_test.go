package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L22_ConvertedOnOneDay: a contractor is an employee from today on, and HR enters both on the day itself. Who is
// employed by any record keeps access. Where the record that says so does not exist yet when the other one ends, access ends,
// and the new record opens the account again at once and says why.
func TestCase_L22_ConvertedOnOneDay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// Source has the contractor; with newFirst the employee's record is entered while that of the contractor still runs.
		source               string
		newFirst, poll, both bool
	}{
		"two records, the new one first":              {source: "bamboohr", newFirst: true},
		"two records, the new one first, by polls":    {source: "bamboohr", newFirst: true, poll: true},
		"two records, the end first":                  {source: "bamboohr"},
		"two records, the end first, by polls":        {source: "bamboohr", poll: true},
		"two records, both there, the end seen first": {source: "bamboohr", both: true},
		"one id, the end first":                       {source: "workday"},
		"one id, both there":                          {source: "workday", both: true},
		"one id, both there, by a poll":               {source: "workday", both: true, poll: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock movable
			s := kit.New(t, kit.Options{Policy: roomy(t), Clock: clock.now})
			noon(s, &clock)
			s.Baseline()
			see := func(key string) {
				t.Helper()
				if source, _, _ := strings.Cut(key, "-"); tt.poll {
					s.Sync(source)
				} else {
					tell(s, key)
				}
			}
			contractor := namesake("today-100", "novak@home.example", "Engineering")
			contractor["employment_type"] = "Contractor"
			key := s.Hire(tt.source, contractor)
			see(key)
			require.Equal(t, "can sign in", s.Outcome(key).Result)
			account := s.Account(key)
			require.Equal(t, "Contractors", account.Group)
			employee := namesake("today", "Novak@home.example", "Engineering")
			employee["employment_type"] = "Employee"
			end := func() {
				s.HR(key, "terminate", control.Fields{"last_day": "today", "termination_date": "today"})
			}
			other := key
			begin := func() {
				if tt.source == "workday" {
					_, id, _ := strings.Cut(key, "-")
					require.NoError(t, s.Sandbox.HireAs(t.Context(), "workday", id, employee))
					return
				}
				id, err := s.Sandbox.HireAgain(t.Context(), "workday", account.Owner, employee)
				require.NoError(t, err)
				other = "workday-" + id
			}
			mark := s.Mark()
			closes := !tt.newFirst
			switch {
			case tt.newFirst:
				begin()
				see(other)
				s.Until("it is asked whether they are one human", func() bool { return waits(s, other, api.NoticePossibleDuplicate) })
				end()
				see(key)
			case tt.both && tt.source == "workday":
				closes = false
				end()
				begin()
				see(key)
			case tt.both:
				end()
				begin()
				see(key)
				s.AwaitShut(account.ID)
				see(other)
			default:
				end()
				see(key)
				s.AwaitShut(account.ID)
				begin()
				see(other)
			}
			s.Until("they go on as an employee", func() bool {
				p := s.Of(account.ID)
				return p.Status == 1 && p.Group == "Engineering"
			})
			s.Until("nothing is asked any more", func() bool { return len(attentions(s, []string{key, other})) == 0 })
			require.Empty(t, s.Effects(mark, "onelogin.create_user"), "no second account")
			for _, effect := range s.Effects(mark) {
				require.False(t, !closes && (strings.Contains(effect, "logout") || strings.Contains(effect, "set_password") ||
					strings.Contains(effect, "suspend")), "access never ended: %s", effect)
			}
			if closes && other != key {
				s.Until("it is said why the account is open again", func() bool {
					return strings.Contains(s.Messages(it), "was closed when "+key+" ended")
				})
			}
			leaves(s, other)
			s.AwaitShut(account.ID)
		})
	}
}
