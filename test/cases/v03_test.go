package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/incidents"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// mergedInto waits until the ticket of a case says that its incident was merged into that of another one.
func mergedInto(s *kit.Stack, c, other incidents.Case) {
	s.T.Helper()
	s.Until("the ticket says where the work goes on", func() bool {
		_, said := ticketSaid(s, c.Ticket)
		return strings.Contains(said, "merged into "+pagerIncident(s, other.DedupKey).ID)
	})
}

// TestCase_V03_MergedIsNotResolved: somebody on call merges one incident into another. PagerDuty resolves it, which says nothing
// about the case: its question stays and can be answered, and its ticket is done when the other incident is.
func TestCase_V03_MergedIsNotResolved(t *testing.T) {
	t.Parallel()
	for name, withoutAlerts := range map[string]bool{"the alerts move": false, "there are no alerts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onCall(t, withoutAlerts)
			merged, other := pagedFor(s, "workday-21002"), pagedFor(s, "workday-21003")
			require.NoError(t, s.Sandbox.PagerMerge(t.Context(), merged.DedupKey, other.DedupKey))
			require.Equal(t, "resolved", pagerIncident(s, merged.DedupKey).Status, "so PagerDuty says")
			mergedInto(s, merged, other)
			status, said := ticketSaid(s, merged.Ticket)
			require.NotEqual(t, "Done", status)
			require.NotContains(t, said, "was resolved in the pager")

			require.NoError(t, s.Sandbox.PagerAct(t.Context(), other.DedupKey, api.PagerAcknowledged))
			for _, c := range []incidents.Case{merged, other} {
				s.Until("its ticket is in progress", func() bool { status, _ := ticketSaid(s, c.Ticket); return status == "In Progress" })
			}
			s.Until("the question of the merged one is answered", func() bool { return approve(s, merged) == nil })
			s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
			require.Equal(t, 1, s.Account("workday-21003").Status, "nobody has allowed that")

			require.NoError(t, s.Sandbox.PagerAct(t.Context(), other.DedupKey, api.PagerResolved))
			for _, c := range []incidents.Case{merged, other} {
				require.Equal(t, "resolved", incidentEnds(s, c).Result)
				status, said := ticketSaid(s, c.Ticket)
				require.Equal(t, "Done", status)
				require.Equal(t, 1, strings.Count(said, "was resolved in the pager"))
			}
			require.Len(t, mustIncidents(s), 2, "nobody was paged again")
		})
	}
}

// TestCase_V03_MergedAsSoonAsTriggered: somebody merges before anybody has asked PagerDuty whose the incidents are, the newer into
// the older or the other way round. The merged one's ticket says where the work goes on, and only that one.
func TestCase_V03_MergedAsSoonAsTriggered(t *testing.T) {
	t.Parallel()
	for name, newer := range map[string]bool{"the older into the newer": false, "the newer into the older": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onCall(t, false)
			// Nobody is told whose they are before both are there and merged.
			require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{Op: "pagerduty.list_alerts", Style: "status", Status: 503, Times: -1}))
			merged, other := pagedFor(s, "workday-21002"), pagedFor(s, "workday-21003")
			if newer {
				merged, other = other, merged
			}
			require.NoError(t, s.Sandbox.PagerMerge(t.Context(), merged.DedupKey, other.DedupKey))
			require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
			mergedInto(s, merged, other)
			s.Until("all words are carried", func() bool {
				words, err := s.App.Ledger.Incidents().PagerWords(t.Context(), 10)
				require.NoError(t, err)
				return len(words) == 0
			})
			require.NoError(t, s.Sandbox.PagerAct(t.Context(), other.DedupKey, api.PagerResolved))
			for _, c := range []incidents.Case{merged, other} {
				require.Equal(t, "resolved", incidentEnds(s, c).Result)
				status, _ := ticketSaid(s, c.Ticket)
				require.Equal(t, "Done", status)
			}
			_, said := ticketSaid(s, other.Ticket)
			require.NotContains(t, said, "was merged into", "it was not")
			require.Len(t, mustIncidents(s), 2, "nobody was paged again")
		})
	}
}
