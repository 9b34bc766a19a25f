package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCase_V17_TheMessageLeadsToTicketAndPage: the message to security is posted at once, and links to run, ticket and page once there
// are any. The links of the second incident are its own.
func TestCase_V17_TheMessageLeadsToTicketAndPage(t *testing.T) {
	t.Parallel()
	s := onCall(t, false)
	for _, key := range []string{"workday-21002", "workday-21003"} {
		c := pagedFor(s, key)
		s.Until("the message of "+key+" leads to both", func() bool {
			for _, line := range strings.Split(s.Messages(security), "Security incident: ") {
				if strings.Contains(line, "/browse/"+c.Ticket+"|Open the ticket") && strings.Contains(line, "https://acme.pagerduty.com/incidents/"+pagerIncident(s, c.DedupKey).ID+"|Open the page") {
					return strings.Contains(line, key) && strings.Contains(line, "|Open the run")
				}
			}
			return false
		})
	}
	require.Equal(t, 2, strings.Count(s.Messages(security), "|Open the page"))
}
