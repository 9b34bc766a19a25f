package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// privileges is a rule about privileges, whose ticket may name people.
const privileges = `
events:
  show: {ticket: [name, address, place, actor, change, risk], message: [address, change], page: [place]}
  networks: [{cidr: 203.0.113.0/24, country: NL}]
  rules:
    - name: privilege-granted
      types: [PRIVILEGE_GRANTED_TO_USER]
      severity: critical
`

// TestAnIncidentSaysWhatHappened: page, ticket and message say what of the event the policy lets each of them know.
func TestAnIncidentSaysWhatHappened(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return policy + privileges }})
	subject, actor := s.Account("workday-21002"), s.Account("workday-21005")
	risk := 95
	_, _, err := s.Sandbox.Events(t.Context(), control.Event{
		Type: 72, Usernames: []string{subject.Username}, Actor: actor.Username, IP: "203.0.113.9", PrivilegeID: "p1", Privilege: "Super user",
		RiskScore: &risk, RiskReasons: "new device",
	})
	require.NoError(t, err)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("there are a page, a ticket and a message", func() bool {
		pages, err := s.Sandbox.Incidents(t.Context())
		require.NoError(t, err)
		tickets, err := s.Sandbox.Tickets(t.Context())
		require.NoError(t, err)
		return len(pages) == 1 && len(tickets) == 1 && strings.Contains(s.Messages("C0SECURITY"), "privilege-granted")
	})
	pages, err := s.Sandbox.Incidents(t.Context())
	require.NoError(t, err)
	tickets, err := s.Sandbox.Tickets(t.Context())
	require.NoError(t, err)
	ticket, page, message := tickets[0].Description, fmt.Sprint(pages[0].Details), s.Messages("C0SECURITY")
	for what, shown := range map[string]struct{ ticket, page, message bool }{
		"PRIVILEGE_GRANTED_TO_USER": {true, true, true},
		"203.0.113.9":               {true, false, true},
		"NL":                        {true, true, false},
		"privilege Super user":      {true, false, true},
		"95: new device":            {true, false, false},
		fmt.Sprintf("OneLogin user %d", actor.ID): {true, false, false},
		subject.LastName: {true, false, false},
	} {
		require.Equal(t, shown.ticket, strings.Contains(ticket, what), "%s in the ticket:\n%s", what, ticket)
		require.Equal(t, shown.page, strings.Contains(page, what), "%s on the page: %s", what, page)
		require.Equal(t, shown.message, strings.Contains(message, what), "%s in the message: %s", what, message)
	}
}
