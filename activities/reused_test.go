package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestReusedEmployeeIDIsAskedAbout: a leaver's id that carries another name and other addresses opens nothing before somebody says that
// it is the same human; somebody who comes back under their own name, or has a new name and the old address, is not asked about.
func TestReusedEmployeeIDIsAskedAbout(t *testing.T) {
	t.Parallel()
	const id, key = "21005", "workday-21005"
	stranger := control.Fields{
		"first_name": "Sven", "last_name": "Stranger", "work_email": "sven.stranger@acme.example", "personal_email": "sven@home.example",
		"hire_date": "today", "department": "Sales", "location": "Berlin",
	}
	r := newRig(t, rigOptions{})
	r.settle("workday", "1", r.collect("workday", "1").Cursor)
	require.NotEqual(t, identity.VerdictAttention, r.assess(key).Plan.Verdict)
	r.hr("workday", "terminate", id, control.Fields{"last_day": "today", "involuntary": true})
	require.Equal(t, identity.VerdictLeave, r.assess(key).Plan.Verdict)
	r.hr("workday", "hire", id, stranger)
	for range 2 {
		a := r.assess(key)
		requireAttention(t, a, api.NoticeReusedID)
		require.Empty(t, a.Plan.Steps)
	}
	r.must(api.PersonDecide, api.DecideInput{Key: key, Code: api.NoticeReusedID, Source: "workday", Decision: api.Decision{Verb: api.VerbLink, By: "ann"}})
	for _, n := range r.assess(key).Plan.Notices {
		require.NotEqual(t, api.NoticeReusedID, n.Code)
	}

	r.hr("workday", "change", "21006", control.Fields{"last_name": "Married", "personal_email": "new@home.example"})
	r.assess("workday-21006")
	for _, n := range r.assess("workday-21006").Plan.Notices {
		require.NotEqual(t, api.NoticeReusedID, n.Code)
	}
}
