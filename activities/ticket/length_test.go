package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/ticket"
	"gatehouse/identity"
)

// TestTextsFitIntoJira: whatever there is to say, Jira takes it, and what is left out is counted. Jira counts as UTF-16 does.
func TestTextsFitIntoJira(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("🧾", 5000)
	var many []string
	for n := range 1000 {
		many = append(many, fmt.Sprint(long, n))
	}
	for _, kind := range []string{api.TicketLeaver, api.TicketIncident} {
		summary, description := wording(t, &ticket.Jira{UI: "http://127.0.0.1:8233", Namespace: "default"}, api.TicketInput{
			Kind: kind, Key: long, WorkflowID: long, Roles: many, Lines: many, Summary: long, Account: &identity.Account{Username: long},
		})
		require.LessOrEqual(t, len(utf16.Encode([]rune(summary))), 255)
		require.LessOrEqual(t, len(utf16.Encode([]rune(description))), 32767)
		require.Zero(t, strings.Count(description, "{noformat}")%2)
		if kind == api.TicketLeaver {
			require.Contains(t, description, "and 1000 more of 1000, in the history of the run")
			continue
		}
		require.Regexp(t, `and 9\d\d more, in the history of the run`, description)
	}
	roles := make([]string, 1000)
	for n := range roles {
		roles[n] = fmt.Sprintf("role %04d", n)
	}
	_, description := wording(t, &ticket.Jira{}, api.TicketInput{Kind: api.TicketLeaver, Key: "workday-1", Roles: roles})
	require.Contains(t, description, "role 0361, role 0362 and 637 more of 1000, in the history of the run\n")
}
