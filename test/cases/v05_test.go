package cases

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// What the sandbox's Jira has: a team field, and the id of a team in it.
const (
	teamField = "customfield_10001"
	teamOfIT  = "36885b3c-1bf0-4f85-a357-c5b858c31de4"
)

// atJira is the account id that somebody has in Jira.
func atJira(account control.Person) string { return fmt.Sprintf("712020:%08d", account.ID) }

// TestCase_V05_AssignedToTheITTeam: tickets of leavers and incidents, read in Jira: the assignee by account id, the component,
// the team, and the priority that the severity has where the project has priorities.
func TestCase_V05_AssignedToTheITTeam(t *testing.T) {
	t.Parallel()
	assignee := ""
	s := kit.New(t, kit.Options{
		Policy: func(policy string) string { return roomy(t)(policy) + kit.EventRules },
		Config: func(c *config.Config) {
			// The accounts of a sandbox have the same ids everywhere.
			assignee = atJira(control.Person{ID: 100005})
			c.Jira.Assignee, c.Jira.Components, c.Jira.Team = assignee, []string{"Identity"}, teamOfIT
			c.Jira.Priorities = config.DefaultJira().Priorities
		},
	})
	s.Baseline()
	leaves(s, "workday-21009")
	leaver := ticketAbout(s, "workday-21009")
	require.Equal(t, assignee, leaver.Assignee)
	require.Equal(t, []string{"Identity"}, leaver.Components)
	require.Equal(t, teamOfIT, leaver.Fields[teamField])
	require.Equal(t, "Medium", leaver.Priority, "nothing says how urgent it is, so it has what the project gives it")

	s.FailSignIns("workday-21002", 5)
	require.Equal(t, 202, s.OneLoginWebhook())
	incident := ticketAbout(s, "failed-logins")
	require.Equal(t, assignee, incident.Assignee)
	require.Equal(t, []string{"Identity"}, incident.Components)
	require.Equal(t, teamOfIT, incident.Fields[teamField])
	require.Equal(t, "High", incident.Priority)
	require.Contains(t, s.Outcome("workday-21009").Result, "access ended")
}

// TestCase_V05_ProjectWithoutPriorities: a priority is no reason to refuse a ticket.
func TestCase_V05_ProjectWithoutPriorities(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{
		Policy: func(policy string) string { return policy + kit.EventRules },
		Config: func(c *config.Config) { c.Jira.Priorities = config.DefaultJira().Priorities },
	})
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), control.JiraProject{Key: "IT", NoPriority: true}))
	s.FailSignIns("workday-21002", 5)
	require.Equal(t, 202, s.OneLoginWebhook())
	require.Empty(t, ticketAbout(s, "failed-logins").Priority)
}

// TestCase_V05_AssigneeWhoIsNotThere: the item names the setting, and not the account.
func TestCase_V05_AssigneeWhoIsNotThere(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t), Config: func(c *config.Config) { c.Jira.Assignee = "712020:nobody" }})
	s.Baseline()
	account := s.Account("workday-21009")
	leaves(s, "workday-21009")
	s.AwaitShut(account.ID)
	text := refusedTicket(s, "workday-21009")
	require.Contains(t, text, "HTTP 400, assignee")
	require.Contains(t, text, "correct jira.assignee")
	require.NotContains(t, text, "nobody")
}
