package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
)

// courseCase is one story of 21 days.
type courseCase struct {
	policy  []string
	without string
	arrange func(c *course)
	within  time.Duration
	// result is empty for a grace period that still runs in the end.
	result string
	stages []string
	orders []identity.OrderKind
	check  func(c *course)
}

var wholeCourse = []string{
	"0 reminder 1", "3 reminder 2", "6 reminder 3", "9 reminder 4", "12 reminder 5", "14 escalated", "15 reminder 6", "18 reminder 7",
}

// courseUntold is the grace period in which every message is refused, and tried again every day.
const courseUntold = "nobody can be told, and the grace period goes on"

func courses() map[string]courseCase {
	return map[string]courseCase{
		"nobody enrols": {
			within: 30 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1"),
			check: func(c *course) {
				require.Equal(c.t, "mfa", c.standing()[0].Rule, "restrictions draw on the safety budget")
				require.Equal(c.t, "MFA required", c.standing()[0].Group)
				require.Contains(c.t, c.hints(), "person/"+c.key, "the person's own run carries the order out")
				require.Equal(c.t, []any{"restricted", "2026-03-02 09:00"}, c.row()[4:6], "the sheet follows every transition")
				require.InDelta(c.t, 7, c.row()[7], 0)
			},
		},
		courseUntold: {
			within: 40 * day, result: "enrolled: a second factor is enrolled",
			arrange: func(c *course) {
				c.fault(control.Fault{Op: "slack.chat.postMessage", Style: "status", Status: 200, Body: `{"ok":false,"error":"restricted_action"}`, Times: 1000})
				c.at(22*day+time.Hour, func(env *testsuite.TestWorkflowEnvironment) {
					require.Len(c.t, c.standing(), 1, "restricted on the day, told or not")
					c.enrolled(env)
				})
			},
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1", "22 a second factor is enrolled"),
			check: func(c *course) {
				require.Empty(c.t, c.standing())
				evidence, err := c.app.Ledger.Journal().EvidenceOf(c.t.Context(), c.key)
				require.NoError(c.t, err)
				withdrawn := 0
				for _, e := range evidence {
					if strings.HasPrefix(e.Step, "slack.") {
						require.Equal(c.t, "not known to be delivered, and withdrawn", e.Outcome)
						withdrawn++
					}
				}
				require.Equal(c.t, 10, withdrawn, "eight reminders or their like, and what the manager was to be told twice")
			},
		},
		"a second scan does not restart the clock": {
			within: 30 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				for n := range 3 {
					c.at(time.Duration(n+1)*7*day-time.Hour, func(*testsuite.TestWorkflowEnvironment) {
						c.must(api.MFAScan, api.MFAScanInput{Scan: fmt.Sprint("weekly-", n), Everybody: n == 1})
					})
				}
			},
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1"),
		},
		"enrolled midway, seen at the next look": {
			within: 30 * day, result: "enrolled: a second factor is enrolled",
			arrange: func(c *course) { c.at(7*day, c.enrol) },
			stages:  []string{"0 reminder 1", "3 reminder 2", "6 reminder 3", "9 a second factor is enrolled"},
			check: func(c *course) {
				require.Zero(c.t, c.state().Since)
				require.Contains(c.t, c.told()[3], "Your second factor is enrolled")
			},
		},
		"enrolled midway, told by a signal": {
			within: 30 * day, result: "enrolled: a second factor is enrolled",
			arrange: func(c *course) { c.at(7*day, c.enrolled) },
			stages:  []string{"0 reminder 1", "3 reminder 2", "6 reminder 3", "7 a second factor is enrolled"},
		},
		"a factor that is only registered is none": {
			within: 30 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.at(7*day, func(*testsuite.TestWorkflowEnvironment) {
					require.NoError(c.t, c.sandbox.EnrolUnused(c.t.Context(), c.username, "OneLogin Protect"))
				})
			},
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1"),
		},
		"enrolled when restricted": {
			within: 40 * day, result: "enrolled: a second factor is enrolled",
			arrange: func(c *course) { c.at(22*day+time.Hour, c.enrolled) },
			stages:  append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1", "22 a second factor is enrolled"),
			check: func(c *course) {
				order, found, err := c.app.Ledger.Orders().ByID(c.t.Context(), fmt.Sprintf("mfa-%d-1", c.id))
				require.NoError(c.t, err)
				require.True(c.t, found)
				require.Equal(c.t, "no second factor since 2026-03-02", order.Reason)
			},
		},
		"extended": {
			within: 40 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.at(13*day, c.decide(api.VerbExtend, 28*day))
				c.at(13*day+time.Hour, func(*testsuite.TestWorkflowEnvironment) {
					require.Equal(c.t, "2026-03-30 09:00", c.row()[6], "the sheet does not wait for the next reminder")
				})
			},
			stages: []string{
				"0 reminder 1", "3 reminder 2", "6 reminder 3", "9 reminder 4", "12 reminder 5", "13 extend until 2026-03-30T09:00:00Z",
				"15 reminder 6", "18 reminder 7", "21 reminder 8", "24 reminder 9", "27 reminder 10", "28 escalated", "30 reminder 11",
				"33 reminder 12", "35 restricted by order mfa-ACCOUNT-1-1774861200",
			},
		},
		"extended when restricted": {
			within: 40 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) { c.at(22*day, c.decide(api.VerbExtend, 28*day)) },
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1", "22 extend until 2026-03-30T09:00:00Z",
				"22 reminder 8", "22 the grace was extended", "24 reminder 9", "27 reminder 10", "28 escalated", "30 reminder 11",
				"33 reminder 12", "35 restricted by order mfa-ACCOUNT-1-1774861200"),
			check: func(c *course) {
				require.Equal(c.t, 2, c.heard("and the grace period is over"), "the manager is told of the second end as well")
				require.Empty(c.t, c.row()[6], "no deadline is left")
			},
		},
		"on leave for eighteen days": {
			within: 45 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.at(7*day, func(*testsuite.TestWorkflowEnvironment) {
					c.hr("workday", "change", "21010", control.Fields{"status": "on_leave"})
				})
				c.at(20*day, func(*testsuite.TestWorkflowEnvironment) {
					require.Equal(c.t, []any{"leave", "2026-03-02 09:00", ""}, c.row()[4:7])
				})
				c.at(26*day, func(*testsuite.TestWorkflowEnvironment) {
					c.hr("workday", "change", "21010", control.Fields{"status": "active"})
				})
			},
			stages: []string{
				"0 reminder 1", "3 reminder 2", "6 reminder 3", "9 on leave", "26 reminder 4", "29 reminder 5", "31 escalated", "32 reminder 6",
				"35 reminder 7", "38 restricted by order mfa-ACCOUNT-1",
			},
		},
		"on leave when restricted": {
			within: 40 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.at(22*day, func(*testsuite.TestWorkflowEnvironment) {
					c.hr("workday", "change", "21010", control.Fields{"status": "on_leave"})
				})
			},
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1"),
		},
		"released by an operator when restricted": {
			within: 32 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.at(22*day, func(*testsuite.TestWorkflowEnvironment) {
					_, err := c.app.Ledger.Orders().Release(c.t.Context(), c.standing()[0].ID, "grace", "needs the shop today")
					require.NoError(c.t, err)
				})
				c.at(25*day, func(*testsuite.TestWorkflowEnvironment) {
					require.Equal(c.t, []any{"escalated", "2026-03-02 09:00", "2026-04-02 09:00"}, c.row()[4:7])
				})
			},
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1", "24 reminder 9", "27 reminder 10", "30 reminder 11",
				"31 restricted by order mfa-ACCOUNT-1-1774515600"),
		},
		"a risk that rises shortens the grace, and stays when the score is old": {
			within: 30 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.at(4*day, func(*testsuite.TestWorkflowEnvironment) {
					require.NoError(c.t, c.sandbox.RiskySignIn(c.t.Context(), c.username, 91))
				})
			},
			stages: []string{"0 reminder 1", "3 reminder 2", "6 escalated", "6 reminder 7", "7 restricted by order mfa-ACCOUNT-1"},
		},
		"the account is deleted midway": {
			within: 30 * day, result: "ended: the account is gone or somebody else's",
			arrange: func(c *course) {
				c.at(10*day, func(*testsuite.TestWorkflowEnvironment) {
					require.NoError(c.t, c.vendors.OneLogin.DeleteUser(c.t.Context(), c.id))
				})
			},
			stages: append(slices.Clone(wholeCourse[:4]), "12 the account is gone or somebody else's"),
		},
		"the sheet names the deadline that comes next": {
			within: 18 * day, stages: wholeCourse,
			arrange: func(c *course) {
				for at, want := range map[time.Duration]string{13 * day: "2026-03-16 09:00", 16 * day: "2026-03-23 09:00"} {
					c.at(at, func(*testsuite.TestWorkflowEnvironment) { require.Equal(c.t, want, c.row()[6]) })
				}
			},
		},
		"exempt, and a fresh clock when that lapses": {
			within:  45 * day,
			arrange: func(c *course) { c.at(10*day, c.decide(api.VerbExempt, 30*day)) },
			stages: []string{
				"0 reminder 1", "3 reminder 2", "6 reminder 3", "9 reminder 4", "10 exempt until 2026-04-01T09:00:00Z",
				"10 exempt until 2026-04-01", "30 reminder 1", "33 reminder 2", "36 reminder 3", "39 reminder 4", "42 reminder 5", "44 escalated", "45 reminder 6",
			},
			check: func(c *course) { require.Equal(c.t, 2, c.state().Clock) },
		},
		"exempt when restricted": {
			within: 29 * day, orders: []identity.OrderKind{identity.OrderExempt},
			arrange: func(c *course) { c.at(22*day, c.decide(api.VerbExempt, 60*day)) },
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1", "22 exempt until 2026-05-01T09:00:00Z",
				"22 exempt until 2026-05-01"),
		},
		"leaver midway": {
			within: 30 * day, result: "ended: does not work here any more",
			arrange: func(c *course) {
				c.at(10*day, func(*testsuite.TestWorkflowEnvironment) { c.hr("workday", "terminate", "21010", nil) })
			},
			stages: []string{"0 reminder 1", "3 reminder 2", "6 reminder 3", "9 reminder 4", "12 does not work here any more"},
		},
		"leaver when restricted is never revived": {
			within: 60 * day, result: "ended: does not work here any more",
			policy: []string{"restrict: {group: MFA required}", "restrict: {suspend: true}"},
			arrange: func(c *course) {
				c.at(22*day, func(*testsuite.TestWorkflowEnvironment) {
					require.Equal(c.t, identity.OrderSuspend, c.standing()[0].Kind)
					c.hr("workday", "terminate", "21010", nil)
				})
			},
			stages: append(slices.Clone(wholeCourse), "21 restricted by order mfa-ACCOUNT-1", "24 does not work here any more"),
			check: func(c *course) {
				require.Equal(c.t, identity.VerdictLeave, c.assess(c.key).Plan.Verdict, "the order is released, and the person decides")
			},
		},
		"observed": {
			within: 30 * day, policy: []string{"mfa: enforce", "mfa: observe"},
			arrange: func(c *course) {
				c.must(api.MFAScan, api.MFAScanInput{Scan: "again"})
			},
			stages: []string{
				"0 planned, not carried out: reminder 1", "3 planned, not carried out: reminder 2", "6 planned, not carried out: reminder 3",
				"9 planned, not carried out: reminder 4", "12 planned, not carried out: reminder 5", "14 planned, not carried out: escalated",
				"15 planned, not carried out: reminder 6", "18 planned, not carried out: reminder 7",
				"21 planned, not carried out: restricted by order mfa-ACCOUNT-1",
			},
			check: func(c *course) { require.Empty(c.t, c.told()) },
		},
		"approved": {
			within: 30 * day, policy: []string{"mfa: enforce", "mfa: approve"}, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.at(22*day+time.Hour, func(env *testsuite.TestWorkflowEnvironment) {
					require.Empty(c.t, c.standing(), "nothing without a word")
					env.UpdateWorkflow(api.VerbAllow, "", accepted(c.t), api.Decision{By: "grace"})
				})
			},
			stages: append(slices.Clone(wholeCourse), "22 allow: mfa-ACCOUNT-1", "22 restricted by order mfa-ACCOUNT-1"),
		},
		"enrolled before somebody allows the restriction": {
			within: 30 * day, policy: []string{"mfa: enforce", "mfa: approve"}, result: "enrolled: a second factor is enrolled",
			arrange: func(c *course) {
				c.at(21*day+8*time.Hour, c.enrol)
				c.at(21*day+9*time.Hour, func(env *testsuite.TestWorkflowEnvironment) {
					env.UpdateWorkflow(api.VerbAllow, "", accepted(c.t), api.Decision{By: "grace"})
				})
			},
			stages: append(slices.Clone(wholeCourse), "21 allow: mfa-ACCOUNT-1", "21 a second factor is enrolled"),
			check:  func(c *course) { require.Zero(c.t, c.heard("is restricted, because")) },
		},
		"rejected": {
			within: 28 * day, policy: []string{"mfa: enforce", "mfa: approve"},
			arrange: func(c *course) {
				c.at(22*day+time.Hour, func(env *testsuite.TestWorkflowEnvironment) {
					env.UpdateWorkflow(api.VerbReject, "", accepted(c.t), api.Decision{By: "grace", Reason: "on a ship"})
				})
			},
			stages: append(slices.Clone(wholeCourse), "22 reject: mfa-ACCOUNT-1", "22 reminder 8", "22 the grace was extended",
				"24 reminder 9", "27 reminder 10", "29 escalated"),
		},
		"contractors have less time": {
			within: 16 * day, orders: []identity.OrderKind{identity.OrderRestrict},
			arrange: func(c *course) {
				c.hr("workday", "change", "21010", control.Fields{"employment_type": "Contractor"})
			},
			stages: []string{"0 reminder 1", "3 reminder 2", "6 reminder 3", "7 escalated", "9 reminder 4", "12 reminder 5", "14 restricted by order mfa-ACCOUNT-1"},
		},
		"no Slack account": {
			within:  2 * day,
			arrange: (*course).moveAway,
			stages:  wholeCourse[:2],
			check: func(c *course) {
				require.Empty(c.t, c.told())
				mails := c.mails()
				require.Len(c.t, mails, 2, "who is not in Slack gets an e-mail")
				require.Equal(c.t, []string{"elsewhere@acme.example"}, mails[0].To)
				require.Contains(c.t, mails[0].Text, "Please enrol one before 2026-03-16")
			},
		},
		"neither Slack nor mail": {
			within: 2 * day, without: "google",
			arrange: (*course).moveAway,
			stages:  wholeCourse[:2],
			check: func(c *course) {
				require.Len(c.t, c.told(), 2)
				require.Contains(c.t, c.messages()[0].texts(), slackText{Type: "plain_text", Text: "What: Neither Slack nor mail reaches this person. Please tell them yourself:"})
			},
		},
		"the manager is told": {
			within: 15 * day, stages: wholeCourse[:7],
			check: func(c *course) { c.escalatedTo(c.rig.account("workday-" + c.manager("21010")).Email) },
		},
		"the manager has left": {
			within: 15 * day, stages: wholeCourse[:7],
			arrange: func(c *course) {
				c.at(13*day, func(*testsuite.TestWorkflowEnvironment) { c.hr("workday", "terminate", c.manager("21010"), nil) })
			},
			check: func(c *course) { c.escalatedTo(c.rig.account("workday-" + c.manager(c.manager("21010"))).Email) },
		},
		"no manager": {
			within: 15 * day, stages: wholeCourse[:7],
			arrange: func(c *course) { c.hr("workday", "change", "21010", control.Fields{"manager_id": "99999"}) },
			check:   func(c *course) { c.escalatedTo("") },
		},
		"protected accounts are never restricted": {
			within: 30 * day, policy: []string{`- account.group == "Break glass"`, `- account.email.startsWith("elsewhere")`}, arrange: (*course).moveAway,
			stages: append(slices.Clone(wholeCourse), "21 reminder 8", "24 reminder 9", "27 reminder 10", "30 reminder 11"),
		},
		"exempt by the policy": {
			within: 8 * day, policy: []string{`- account.username.startsWith("breakglass-")`, `- account.id > 0`},
			stages: []string{"0 exempt by the policy"},
		},
	}
}

// TestGraceCourse plays one grace period after the other: each is timed.
func TestGraceCourse(t *testing.T) {
	for name, want := range courses() {
		t.Run(name, func(t *testing.T) {
			c := newCourse(t, rigOptions{policy: want.policy, config: func(c *config.Config) {
				if want.without == "google" {
					c.Google = config.Google{}
				}
			}})
			if want.arrange != nil {
				want.arrange(c)
			}
			out, ended := c.play(want.within)
			require.Equal(t, want.result != "", ended)
			require.Equal(t, want.result, out.Result)
			var stages []string
			for _, s := range want.stages {
				stages = append(stages, strings.ReplaceAll(s, "ACCOUNT", fmt.Sprint(c.id)))
			}
			require.Equal(t, stages, c.stages())
			var kinds []identity.OrderKind
			for _, o := range c.standing() {
				kinds = append(kinds, o.Kind)
			}
			require.Equal(t, want.orders, kinds)
			if want.check != nil {
				want.check(c)
			}
			t.Logf("%d runs, %s", c.runs, c.took)
			if name != courseUntold {
				require.Less(t, c.took, time.Second, "a grace period of weeks takes no time when nobody waits")
			}
		})
	}
}

// accepted is an update that must be accepted.
func accepted(t *testing.T) *testsuite.TestUpdateCallback {
	return &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: func(err error) { require.NoError(t, err) },
		OnComplete: func(_ any, err error) { require.NoError(t, err) },
	}
}
