package ticket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/ticket"
	"gatehouse/identity"
	"gatehouse/test/golden"
)

// tickets are tickets of every kind, in every form.
func tickets() map[string]api.TicketInput {
	var many []string
	for i := range 70 {
		many = append(many, fmt.Sprintf("line %d {code} %s", i, strings.Repeat("x", i*10)))
	}
	hostile := "{noformat} {color:red} [~admin] <b>&\t=1+1 \u202e {{.Key}}"
	return map[string]api.TicketInput{
		"leaver": {
			Kind: api.TicketLeaver, Key: "workday-21002", WorkflowID: "person/workday-21002", Roles: []string{"AWS", "Jira: read"},
			Account: &identity.Account{ID: 4200042, Username: "ada.byron"},
		},
		"leaver, bare":        {Kind: api.TicketLeaver},
		"leaver, hostile":     {Kind: api.TicketLeaver, Key: "workday-1", Roles: []string{hostile}, Account: &identity.Account{Username: hostile}},
		"incident":            {Kind: api.TicketIncident, Summary: "Impossible travel: workday-21002", Lines: []string{"Rule: travel", "Seen: 3"}, WorkflowID: "incident/1"},
		"incident, no lines":  {Kind: api.TicketIncident, Summary: "Impossible travel", WorkflowID: "incident/1"},
		"incident, no title":  {Kind: api.TicketIncident, Key: "workday-1", WorkflowID: "incident/1"},
		"incident, many":      {Kind: api.TicketIncident, Summary: "A {title} " + strings.Repeat("long ", 100), Lines: many, WorkflowID: "incident/{1}"},
		"incident, hostile":   {Kind: api.TicketIncident, Summary: hostile + "\nnew line", Lines: []string{hostile, "a\nb\t c", ""}, WorkflowID: hostile},
		"a kind of tomorrow.": {Kind: "tomorrow", Summary: "Tomorrow", Lines: []string{"x"}, WorkflowID: "w"},
	}
}

var order = []string{
	"leaver", "leaver, bare", "leaver, hostile", "incident", "incident, no lines", "incident, no title", "incident, many", "incident, hostile",
	"a kind of tomorrow.",
}

// TestTicketsSayWhatIsOnRecord compares every ticket with the recorded ones.
func TestTicketsSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	require.Len(t, order, len(tickets()))
	j := &ticket.Jira{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	var b strings.Builder
	for _, name := range order {
		summary, description := wording(t, j, tickets()[name])
		fmt.Fprintf(&b, "== %s\n%q\n%s", name, summary, description)
	}
	golden.Equal(t, "tickets.txt", b.String())
}

func wording(t *testing.T, j *ticket.Jira, in api.TicketInput) (summary, description string) {
	t.Helper()
	summary, description, err := j.Wording(in)
	require.NoError(t, err)
	return summary, description
}
