package ticket_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/ticket"
	"gatehouse/identity"
)

// TestNoDataBecomesMarkup holds that wherever data stands in a ticket, it stands in a block in which Jira reads no markup, and
// cannot end it.
func TestNoDataBecomesMarkup(t *testing.T) {
	t.Parallel()
	j := &ticket.Jira{UI: "http://127.0.0.1:8233", Namespace: "default"}
	for _, evil := range []string{
		"{noformat}", "{code}h1. evil", "a\n{noformat}\n[~admin]", "[~accountid:1]", "!image.png!", "<!channel> <@U1> & `x`", "<script>x</script>",
		"{{.Key}}", strings.Repeat("long ", 1000), "\u202eevil", "%!d", "https://evil.example",
	} {
		for _, kind := range []string{api.TicketLeaver, api.TicketIncident} {
			summary, description := wording(t, j, api.TicketInput{
				Kind: kind, Key: evil, WorkflowID: evil, Roles: []string{evil}, Account: &identity.Account{Username: evil}, Summary: evil, Lines: []string{evil},
			})
			require.NotContains(t, summary, "\n")
			require.LessOrEqual(t, len([]rune(summary)), 250)
			outside := ""
			for i, part := range strings.Split(description, "{noformat}") {
				if i%2 == 0 {
					outside += part
				}
			}
			require.Zero(t, strings.Count(description, "{noformat}")%2, "every block ends: %s", description)
			require.NotContains(t, outside, evil, kind)
			require.Equal(t, strings.Count(description, "{"), strings.Count(description, "{noformat}"), "no other macro begins")
			require.NotContains(t, description, "<no value>")
			if evil != "%!d" {
				require.NotContains(t, description, "%!")
			}
		}
	}
}

// TestTicketSaysWhatToDo: who gets a leaver's ticket is asked to do something, and told what.
func TestTicketSaysWhatToDo(t *testing.T) {
	t.Parallel()
	summary, description := wording(t, &ticket.Jira{}, tickets()["leaver"])
	require.Contains(t, summary, "finish by hand")
	require.Contains(t, description, "collect equipment, hand over mailbox and files, and close accounts")
}
