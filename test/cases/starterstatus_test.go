package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_O03_StatusSaysWhatIs: nothing is in step because nobody looked.
func TestCase_O03_StatusSaysWhatIs(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{NoWorker: true})
	d := s.Desk(nil)
	says := func(d *kit.Desk, code int, lines ...string) string {
		t.Helper()
		p := d.Run("status", "--check")
		require.Equal(t, code, p.Code)
		for _, line := range lines {
			require.Regexp(t, line, p.Out)
		}
		return p.Out
	}
	const pretence = `(?m)\tin step|^Everything is in step`
	out := says(d, 1, `workers for people\tNONE`, `workers for sweeps\tNONE`, `schedule hr-sync-workday\tMISSING`, `workday\t.*never read`, `people and accounts\tNEVER COMPARED`, "NOT EVERYTHING IS IN STEP")
	require.NotRegexp(t, pretence, out)

	s.StartWorkers()
	s.Baseline()
	_, err := s.App.ApplySchedules(t.Context())
	require.NoError(t, err)
	says(d, 1, `workers for people\tat work`, `OneLogin\tanswers, \d+ of \d+ calls left`, `workday\t.*in step`, `inventory of accounts\t(NEVER READ|\d+ accounts)`,
		`policy file\t[0-9a-f]{12};`, `modes\tonboarding enforce, offboarding enforce`, `safety budgets\t`, `failing steps\tnone`)

	schedules := s.Temporal.ScheduleClient()
	require.NoError(t, schedules.GetHandle(t.Context(), "hr-sync-workday").Pause(t.Context(), client.SchedulePauseOptions{Note: "migrating, grace"}))
	says(d, 1, `schedule hr-sync-workday\tPAUSED: migrating, grace`, `workday\t.*NOT BEING READ: its schedule is paused`, `bamboohr\t.*in step`)
	require.NoError(t, schedules.GetHandle(t.Context(), "hr-sync-workday").Unpause(t.Context(), client.ScheduleUnpauseOptions{}))

	require.NoError(t, s.Sandbox.Quota(t.Context(), 1000, 20))
	says(d, 1, `OneLogin\tQUOTA SPENT: answers, \d+ of 1000 calls left`)
	require.NoError(t, s.Sandbox.Quota(t.Context(), 100_000, 100_000))
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", Style: "status", Status: 503, Times: -1}))
	s.Hint("workday-21007", "webhook")
	s.Until("a step has failed three times", func() bool {
		return strings.Contains(d.Run("status").Out, "failing: Person.Assess")
	})
	says(d, 1, `OneLogin\tDOES NOT ANSWER: .*503`, `failing: Person.Assess\t1 RUNS, attempt \d+ and more: .*503`)
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	blind := s.Desk(func(text string) string {
		return kit.Replace(t, text, "  client_secret: sandbox-onelogin-secret\n", "")
	})
	says(blind, 1, `OneLogin\tnot known: this machine holds no credential`)

	s.Hint("workday-21005", "onboard")
	s.Outcome("workday-21005")
	one := d.MustRun("status", "--person", s.Account("workday-21005").Email)
	require.Regexp(t, `account   onelogin/\d+, linked, person, primary`, one)
	require.Contains(t, one, "run       person/workday-21005 (")
	d.Env = []string{"TEMPORAL_ADDRESS=127.0.0.1:1"}
	out = says(d, 1, `Temporal\tDOES NOT ANSWER`, `workers for people\tnot known`, `schedules\tnot known`, `workday\t.*NOT BEING READ: Temporal does not answer`, `attention\tnot known`)
	require.NotRegexp(t, pretence, out)
	require.Contains(t, d.MustRun("status", "--person", "workday-21005"), "run       person/workday-21005: not known")
	// An order is recorded all the same, and is not said to be carried out.
	account := s.Account("workday-21011")
	p := d.Run(offboard("--person", "workday-21011", "--timeout", "5s")...)
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "is recorded, but no run was told and nothing has been done")
	require.True(t, s.Of(account.ID).CanSignIn)
	open, err := s.App.Ledger.OrdersInForce(t.Context(), "workday-21011")
	require.NoError(t, err)
	require.Len(t, open, 1)
}
