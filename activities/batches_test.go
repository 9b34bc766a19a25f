package activities_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// TestDeletionsAreHeldAsOne: hires who do not come any more are hinted, and their accounts stay until somebody has decided.
func TestDeletionsAreHeldAsOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"delete: {count: 10, percent: 10}", "delete: {count: 1}"}})
	tellsOfHolds(r.temporal)
	r.collect("workday", "1")
	r.settle("workday", "1", "")
	var keys []string
	for i := range 2 {
		keys = append(keys, r.hire("workday", ada(control.Fields{"first_name": fmt.Sprintf("Ada%c", 'a'+i), "hire_date": "today+3"})))
	}
	r.poll("2")
	for _, key := range keys {
		r.hr("workday", "rescind", key[len("workday-"):], nil)
	}
	require.Equal(t, api.BatchAdmitted{HeldDeletions: 2}, r.poll("3"))
	require.Equal(t, api.BatchAdmitted{}, r.poll("4"), "they were hinted, and their own runs wait")
}
