package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// twoRules count the same events of somebody.
func twoRules(first, second string) string {
	return "\nevents:\n  update_every: 1s\n  rules:\n    - {name: a-failure, types: [USER_FAILED_ONELOGIN_LOGIN], " + first +
		"}\n    - {name: b-failures, types: [USER_FAILED_ONELOGIN_LOGIN], " + second + "}\n"
}

// failures has somebody fail to sign in, and OneLogin tell of it.
func failures(s *kit.Stack, p control.Person, times int) {
	s.T.Helper()
	_, _, err := s.Sandbox.Events(s.T.Context(), control.Event{Type: 6, Usernames: []string{p.Username}, Times: times, IP: "203.0.113.9"})
	require.NoError(s.T, err)
	require.Equal(s.T, 202, s.OneLoginWebhook())
}

// incidentsAndTickets are what the vendors have.
func incidentsAndTickets(s *kit.Stack) ([]control.Incident, []control.Ticket) {
	s.T.Helper()
	pages, err := s.Sandbox.Incidents(s.T.Context())
	require.NoError(s.T, err)
	tickets, err := s.Sandbox.Tickets(s.T.Context())
	require.NoError(s.T, err)
	return pages, tickets
}

// TestCase_V17_OneEventTwoRules: one event makes a case by each of two rules. There are one page and one ticket, of the rule that wakes
// more, and what the other one asks for is done.
func TestCase_V17_OneEventTwoRules(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return roomy(t)(policy) + twoRules("severity: high, respond: [{order: suspend, approval: automatic}]", "severity: critical")
	}})
	s.Baseline()
	failing := called(s, "riley.orphan@acme.example")
	intact := untouched(s, failing)
	mark := s.Mark()
	failures(s, failing, 1)
	s.Until("the response of the other rule is carried out", func() bool { return s.Of(failing.ID).Status == 2 })
	s.Until("there is a ticket", func() bool { _, tickets := incidentsAndTickets(s); return len(tickets) > 0 })
	pages, tickets := incidentsAndTickets(s)
	require.Len(t, pages, 1)
	require.Contains(t, pages[0].Summary, "b-failures")
	require.Equal(t, "a-failure", pages[0].Details["also"])
	require.Len(t, tickets, 1)
	require.Contains(t, tickets[0].Description, "a-failure")

	// More of the same is news of the one incident.
	failures(s, failing, 3)
	s.Until("the ticket is brought up to date", func() bool { return len(s.Effects(mark, "jira.add_comment")) > 0 })
	pages, tickets = incidentsAndTickets(s)
	require.Len(t, pages, 1)
	require.Len(t, tickets, 1)
	require.Len(t, s.Effects(mark, "pagerduty.enqueue"), 1)
	intact()
}

// TestCase_V17_TheSecondRuleComesLater: the second rule counts what the first one has raised already. It is news of that incident, unless
// it wakes more or asks for something else: then nobody is left asleep, and nothing is left undone.
func TestCase_V17_TheSecondRuleComesLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second string
		pages         int
		suspended     bool
	}{
		"wakes no more":       {"severity: critical", "severity: high, count: 3, within: 10m", 1, false},
		"wakes, and first no": {"severity: low", "severity: critical, count: 3, within: 10m", 1, false},
		"asks for more":       {"severity: critical", "severity: high, count: 3, within: 10m, respond: [{order: suspend, approval: automatic}]", 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: func(policy string) string { return roomy(t)(policy) + twoRules(c.first, c.second) }})
			s.Baseline()
			failing := called(s, "riley.orphan@acme.example")
			mark := s.Mark()
			failures(s, failing, 1)
			s.Until("the first rule has a ticket", func() bool { _, tickets := incidentsAndTickets(s); return len(tickets) == 1 })
			failures(s, failing, 2)
			s.Until("the second rule is known", func() bool {
				pages, tickets := incidentsAndTickets(s)
				said := ""
				for _, ticket := range tickets {
					said += ticket.Description
					for _, comment := range ticket.Comments {
						said += comment.Body
					}
				}
				return strings.Contains(said, "b-failures") && len(pages) == c.pages && (s.Of(failing.ID).Status == 2) == c.suspended
			})
			require.Len(t, s.Effects(mark, "pagerduty.enqueue"), c.pages)
		})
	}
}

// TestCase_V17_TheOtherRuleSaysWhat: what only the second rule counts belongs to the incident, too: page and ticket name it.
func TestCase_V17_TheOtherRuleSaysWhat(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		text := twoRules("severity: critical", "severity: high")
		return roomy(t)(policy) + strings.Replace(text, "b-failures, types: [USER_FAILED_ONELOGIN_LOGIN]", "b-failures, types: [USER_FAILED_ONELOGIN_LOGIN, USER_LOCKED]", 1)
	}})
	s.Baseline()
	failing := called(s, "riley.orphan@acme.example")
	mark := s.Mark()
	failures(s, failing, 1)
	s.Until("there is a ticket", func() bool { _, tickets := incidentsAndTickets(s); return len(tickets) > 0 })
	_, _, err := s.Sandbox.Events(s.T.Context(), control.Event{Type: 19, Usernames: []string{failing.Username}, IP: "203.0.113.9"})
	require.NoError(t, err)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("the ticket says what the other rule has counted", func() bool {
		comments := s.Effects(mark, "jira.add_comment")
		return len(comments) > 0
	})
	_, tickets := incidentsAndTickets(s)
	require.Len(t, tickets, 1)
	var told []string
	for _, c := range tickets[0].Comments {
		told = append(told, c.Body)
	}
	require.Contains(t, strings.Join(told, "\n"), "USER_LOCKED")
	require.Contains(t, strings.Join(told, "\n"), "Events: 2")
}
