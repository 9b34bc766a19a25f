package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestWrongEmployeeIDsLeaveNobodyBehind: three records come under padded ids and go back to their own. Nobody is asked about people who
// never were; whoever is gone without being somewhere else is asked about still.
func TestWrongEmployeeIDsLeaveNobodyBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	ids := []string{"21010", "21011", "21012"}
	for _, id := range ids {
		r.hr("workday", "change", id, control.Fields{"personal_email": ""}) // With one they are taken for the same human at once.
	}
	r.settle("workday", "1", r.collect("workday", "1").Cursor)
	r.clock.Advance(time.Hour)
	for _, id := range ids {
		require.NoError(t, r.sandbox.Renumber(t.Context(), id, "00"+id))
	}
	report := r.collect("workday", "2")
	require.Empty(t, report.Quarantine)
	r.settle("workday", "2", report.Cursor)
	for _, id := range ids {
		require.Contains(t, codes(r.assess("workday-00"+id)), "possible_duplicate")
		require.Contains(t, codes(r.assess("workday-"+id)), "record_missing")
	}
	r.clock.Advance(time.Hour)
	for _, id := range ids {
		require.NoError(t, r.sandbox.Renumber(t.Context(), "00"+id, id))
	}
	for _, id := range ids {
		a := r.assess("workday-00" + id)
		require.Equal(t, identity.VerdictNone, a.Plan.Verdict, "%v", codes(a))
		require.NotContains(t, codes(r.assess("workday-"+id)), "record_missing")
		require.True(t, r.account("workday-"+id).CanSignIn)
	}
	require.Empty(t, r.open("workday"), "nor is it asked whether they are one human")

	gone := r.hire("workday", ada(control.Fields{"first_name": "Grace", "last_name": "Hopper", "personal_email": "grace@home.example"}))
	r.assess(gone)
	require.NoError(t, r.sandbox.Renumber(t.Context(), gone[len("workday-"):], "29999"))
	require.Contains(t, codes(r.assess(gone)), "record_missing", "the source does not know them as anybody that Gatehouse knows")
}
