package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// TestFirstDayThatMovesAhead: somebody who works here and now has a first day ahead is asked about; whoever left and comes back,
// was to come later all the time, or changes to another profile under the same id, is not.
func TestFirstDayThatMovesAhead(t *testing.T) {
	t.Parallel()
	const now, ahead = "2026-03-02T09:00:00Z", "2036-04-01"
	tests := map[string]struct {
		change func(*identity.Engagement)
		want   identity.Standing
		asks   bool
	}{
		"works here":           {func(e *identity.Engagement) { e.HireDate, e.Begun = ahead, true }, identity.StandingUnknown, true},
		"works here, on leave": {func(e *identity.Engagement) { e.HireDate, e.Begun, e.Status = ahead, true, identity.StatusOnLeave }, identity.StandingUnknown, true},
		"in two rows": {func(e *identity.Engagement) {
			e.HireDate, e.Begun = ahead, true
			e.Others = []identity.Record{e.Record}
		}, identity.StandingUnknown, true},
		"tomorrow":             {func(e *identity.Engagement) { e.HireDate, e.Begun = "2026-03-03", true }, identity.StandingUpcoming, false},
		"has not begun yet":    {func(e *identity.Engagement) { e.HireDate = ahead }, identity.StandingUpcoming, false},
		"left, and comes back": {func(e *identity.Engagement) { e.HireDate, e.Begun, e.Departed = ahead, true, true }, identity.StandingUpcoming, false},
		"the end before is on the record": {func(e *identity.Engagement) {
			e.HireDate, e.Begun, e.LastDay, e.LeaverFirstSeen = ahead, true, "2026-02-27", e.FirstSeen
		}, identity.StandingUpcoming, false},
		"leaves first, and comes back": {func(e *identity.Engagement) {
			e.HireDate, e.Begun, e.LastDay, e.LeaverFirstSeen = ahead, true, "2026-03-20", e.FirstSeen
		}, identity.StandingLeaving, false},
		"another profile goes on": {func(e *identity.Engagement) {
			e.Begun = true
			next := e.Record
			next.HireDate, next.EmploymentType = ahead, "Contractor"
			e.Others = []identity.Record{next}
		}, identity.StandingActive, false},
		"rescinded":  {func(e *identity.Engagement) { e.HireDate, e.Begun, e.Status = ahead, true, identity.StatusRescinded }, identity.StandingRescinded, false},
		"terminated": {func(e *identity.Engagement) { e.HireDate, e.Begun, e.Status = ahead, true, identity.StatusTerminated }, identity.StandingLeft, false},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engineer(tt.change)
			got := p.Person("workday-21001", []identity.Engagement{e}, instant(t, now))
			require.Equal(t, tt.want, got.Standing)
			require.Equal(t, tt.asks, blocking(got.Notices))
			if tt.asks {
				require.Equal(t, []string{"first_day_moved"}, codes(got.Notices))
				plan := p.Plan(got, engineerAccount(), nil)
				require.Equal(t, identity.VerdictAttention, plan.Verdict)
				require.Empty(t, plan.Steps, "nothing is taken")
			} else {
				require.NotContains(t, codes(got.Notices), "first_day_moved")
			}
		})
	}
}
