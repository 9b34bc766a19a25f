package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// TestLastDayOfAContractor: BambooHR calls them terminated from the first hour of the day on which they leave. Until the
// moment comes they stay in the group of contractors, whatever the table shows, and then they are out.
func TestLastDayOfAContractor(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		more    control.Fields
		prepare func(r *rig)
	}{
		"rows":    {},
		"no rows": {more: control.Fields{"no_status_row": true}},
		"no table": {prepare: func(r *rig) {
			r.fault(control.Fault{System: "bamboohr", Op: "bamboohr.get_table", When: "before", Style: "status", Status: 500, Times: -1})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			const key = "bamboohr-106"
			require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
			r.hr("bamboohr", "change", "106", control.Fields{"last_day": "today+1", "termination_date": "today+1", "location": "Berlin"})
			require.Equal(t, identity.VerdictWait, r.assess(key).Plan.Verdict)
			r.clock.Advance(24 * time.Hour)
			if tt.more != nil {
				r.hr("bamboohr", "change", "106", tt.more)
			}
			if tt.prepare != nil {
				tt.prepare(r)
			}
			a := r.assess(key)
			require.Equal(t, identity.VerdictWait, a.Plan.Verdict, "%v %v", a.Plan.Steps, codes(a))
			require.NotContains(t, codes(a), policy.NoticeStatusContradictsEnd)
			r.clock.Advance(48 * time.Hour)
			require.Equal(t, identity.VerdictLeave, r.assess(key).Plan.Verdict)
		})
	}
}
