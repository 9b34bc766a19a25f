package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// TestHiddenEndIsNoActivePerson: a source does not show when employments end any more. Whoever is read by themselves does not
// pass for somebody who stays: what was known of their departure stands, and a person is asked.
func TestHiddenEndIsNoActivePerson(t *testing.T) {
	t.Parallel()
	for source, c := range map[string]struct {
		id, other string
		hide      func(r *rig, yes bool)
	}{
		"workday": {"21005", "21006", func(r *rig, yes bool) {
			settings := map[string]any{}
			if yes {
				settings["drop_columns"] = []string{"Last_Day_of_Work", "Termination_Date"}
			}
			require.NoError(r.t, r.sandbox.Workday(r.t.Context(), settings))
		}},
		"bamboohr": {"105", "106", func(r *rig, yes bool) {
			settings := map[string]any{}
			if yes {
				settings["restricted_fields"] = []string{"terminationDate"}
			}
			require.NoError(r.t, r.sandbox.BambooHR(r.t.Context(), settings))
		}},
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			r.settle(source, "1", r.collect(source, "1").Cursor)
			key, other := source+"-"+c.id, source+"-"+c.other
			r.clock.Advance(time.Hour)
			require.Equal(t, identity.StandingActive, r.assess(other).Person.Standing)
			if source == "workday" {
				// In BambooHR a planned end stands in a table of its own, which is not hidden.
				r.hr(source, "terminate", c.id, control.Fields{"last_day": "today+1", "location": "Berlin"})
				require.Equal(t, identity.StandingLeaving, r.assess(key).Person.Standing)
			}

			c.hide(r, true)
			r.clock.Advance(time.Hour)
			for _, each := range []string{key, other} {
				a := r.assess(each)
				require.Equal(t, identity.StandingUnknown, a.Person.Standing, each)
				require.Equal(t, identity.VerdictAttention, a.Plan.Verdict)
				require.Equal(t, policy.NoticeColumnHidden, a.Plan.Notices[0].Code)
				require.NotContains(t, a.Plan.Notices[0].Text, each)
			}
			report := r.collect(source, "2")
			if source == "workday" {
				require.Contains(t, report.Quarantine, "termination_date")
				departures, err := r.app.Ledger.People().OpenDepartures(t.Context(), r.clock.Now().Add(72*time.Hour))
				require.NoError(t, err)
				require.Len(t, departures, 1, "what was known stands")
				// Who says outright that they have left needs no date.
				r.hr(source, "terminate", "21008", control.Fields{"last_day": "today-1", "involuntary": true})
				require.Equal(t, identity.VerdictLeave, r.assess("workday-21008").Plan.Verdict)
			}

			c.hide(r, false)
			r.clock.Advance(time.Hour)
			require.Equal(t, identity.StandingActive, r.assess(other).Person.Standing)
			if source == "workday" {
				require.Equal(t, identity.StandingLeaving, r.assess(key).Person.Standing)
			}
		})
	}
}
