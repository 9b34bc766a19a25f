package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/test/kit"
)

// TestCase_L13_IncidentsOfALostTemporal: Temporal's database is lost while three incidents are open, two of them merged in the pager.
// These are resolved there before anybody reads events again. The third one's question can be answered as before.
func TestCase_L13_IncidentsOfALostTemporal(t *testing.T) {
	t.Parallel()
	s := onCall(t, false)
	asked, first, merged := pagedFor(s, "workday-21002"), pagedFor(s, "workday-21003"), pagedFor(s, "workday-21004")
	posted := func() int { return strings.Count(s.Messages(security), "Proposed: ") }
	s.Until("three questions are asked", func() bool { return posted() == 3 })
	require.NoError(t, s.Sandbox.PagerMerge(t.Context(), merged.DedupKey, first.DedupKey))
	mergedInto(s, merged, first)
	s.LoseTemporal()
	s.PagerHook()
	s.SlackHook()
	for _, status := range []string{api.PagerAcknowledged, api.PagerResolved} {
		require.NoError(t, s.Sandbox.PagerAct(t.Context(), first.DedupKey, status))
	}
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("both tickets are done", func() bool {
		one, _ := ticketSaid(s, first.Ticket)
		other, _ := ticketSaid(s, merged.Ticket)
		return one == "Done" && other == "Done"
	})
	require.Equal(t, "resolved", incidentEnds(s, first).Result)
	require.Equal(t, "resolved", incidentEnds(s, merged).Result)
	s.Until("the third question is asked again, and no other", func() bool { return posted() == 4 })

	// It is the button of the new message: what the old one asked nobody knows any more.
	s.Press("farid.obrien@acme.example", api.VerbApprove, 1)
	s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
	for _, key := range []string{"workday-21003", "workday-21004"} {
		require.Equal(t, 1, s.Account(key).Status, "nobody has allowed that")
	}
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), asked.DedupKey, api.PagerResolved))
	require.Equal(t, "resolved", incidentEnds(s, asked).Result)
	require.Equal(t, 202, s.OneLoginWebhook())
	require.Len(t, mustIncidents(s), 3, "nobody was paged again")
	require.Len(t, s.Tickets(), 3)
	require.Equal(t, 4, posted())
	s.Until("no run is left", func() bool { return len(open(s, api.TypeIncident)) == 0 })
	for _, i := range mustIncidents(s) {
		require.Equal(t, "resolved", i.Status)
	}
}

// TestCase_L13_IncidentsThatAreThere: what is open and has a run is left alone, and so is what somebody has ended without the pager.
func TestCase_L13_IncidentsThatAreThere(t *testing.T) {
	t.Parallel()
	s := onCall(t, false)
	kept, ended := pagedFor(s, "workday-21002"), pagedFor(s, "workday-21003")
	posted := func() int { return strings.Count(s.Messages(security), "Proposed: ") }
	s.Until("both questions are asked", func() bool { return posted() == 2 })
	require.NoError(t, s.Temporal.CancelWorkflow(t.Context(), kit.IncidentOf(ended), ""))
	s.Until("it is over", func() bool { return len(open(s, api.TypeIncident)) == 1 })
	// Another worker looks as soon as it reads events.
	s.StopWorkers()
	var err error
	s.Vendors, err = s.App.Vendors()
	require.NoError(t, err)
	s.StartWorkers()
	another := pagedFor(s, "workday-21004")
	s.Until("its question is asked", func() bool { return posted() == 3 })
	s.Until("two runs are open", func() bool { return len(open(s, api.TypeIncident)) == 2 })
	require.ElementsMatch(t, []string{kit.IncidentOf(kept), kit.IncidentOf(another)}, open(s, api.TypeIncident))
	require.Len(t, mustIncidents(s), 3)
}
