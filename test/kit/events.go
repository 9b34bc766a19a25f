package kit

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/incidents"
	"gatehouse/sandbox/control"
)

// EventRules are event rules for the sandbox's tenant, to be added to the example policy.
const EventRules = `
events:
  update_every: 1s
  approvers: [farid.obrien@acme.example, tara.mbeki@acme.example]
  rules:
    - name: failed-logins
      types: [USER_FAILED_ONELOGIN_LOGIN]
      count: 5
      within: 10m
      respond: [{order: suspend}]
`

// FailSignIns locks an account out by hand and has its person try to sign in.
func (s *Stack) FailSignIns(key string, times int) control.Person {
	s.T.Helper()
	account := s.Account(key)
	require.NoError(s.T, s.Sandbox.SetStatus(s.T.Context(), account.Username, 3))
	for range times {
		ok, _, err := s.Sandbox.SignIn(s.T.Context(), account.Username)
		require.NoError(s.T, err)
		require.False(s.T, ok)
	}
	return account
}

// OneLoginWebhook delivers one event as OneLogin's broadcaster does and returns the status of the answer.
func (s *Stack) OneLoginWebhook() int {
	s.T.Helper()
	return s.Post("/webhooks/onelogin", []byte(`[{"event_timestamp":"2026-11-27 09:00:00 UTC","uuid":"u1","event_type_id":6}]`),
		map[string]string{"Content-Type": "application/json", "X-OneLogin-Token": OneLoginSecret})
}

// Case waits until the rule has found a case, and returns it.
func (s *Stack) Case(rule string) incidents.Case {
	s.T.Helper()
	var found incidents.Case
	s.Until("there is a case of "+rule, func() bool {
		all, err := s.App.Ledger.Incidents().Cases(s.T.Context(), 0)
		require.NoError(s.T, err)
		i := slices.IndexFunc(all, func(c incidents.Case) bool { return c.Rule == rule })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

// IncidentOf is the workflow id of a case's run.
func IncidentOf(c incidents.Case) string { return api.IncidentID(c.Rule, c.Subject, c.Number) }

// PagerHook has the sandbox's pager tell the gateway what people do, each word twice.
func (s *Stack) PagerHook() {
	s.T.Helper()
	require.NoError(s.T, s.Sandbox.PagerTarget(s.T.Context(), s.Gateway+"/webhooks/pagerduty", 2))
}

// SlackHook has the sandbox's Slack tell the gateway which buttons are pressed.
func (s *Stack) SlackHook() {
	s.T.Helper()
	require.NoError(s.T, s.Sandbox.Interactivity(s.T.Context(), s.Gateway+"/slack/interactions"))
}

// Press has somebody press a button in the security channel, as soon as there is one, and delivers it so many times.
func (s *Stack) Press(email, action string, times int) {
	s.T.Helper()
	s.Until("there is a button to "+action, func() bool {
		statuses, err := s.Sandbox.Click(s.T.Context(), control.Click{Email: email, Channel: "C0SECURITY", ActionID: action, Times: times})
		if err == nil {
			require.Len(s.T, statuses, times)
			require.NotContains(s.T, statuses, http.StatusServiceUnavailable)
		}
		return err == nil
	})
}

// Whispered is what was said to somebody in Slack who had pressed a button, for their eyes only.
func (s *Stack) Whispered(email string) string {
	s.T.Helper()
	all, err := s.Sandbox.Whispers(s.T.Context())
	require.NoError(s.T, err)
	var said string
	for _, w := range all {
		if w.Email == email {
			said += w.Text + "\n"
		}
	}
	return said
}

// Told is what was said to somebody in Slack, in direct messages.
func (s *Stack) Told(email string) string {
	s.T.Helper()
	var state struct {
		Slack struct {
			Channels []struct {
				Email    string          `json:"email"`
				Messages json.RawMessage `json:"messages"`
			} `json:"channels"`
		} `json:"slack"`
	}
	require.NoError(s.T, s.Sandbox.State(s.T.Context(), &state))
	var all string
	for _, c := range state.Slack.Channels {
		if c.Email == email {
			all += string(c.Messages)
		}
	}
	return all
}

// Ticket is a ticket as Jira has it.
type Ticket struct {
	Key      string `json:"key"`
	Status   string `json:"status"`
	Comments []struct {
		Body string `json:"body"`
	} `json:"comments"`
}

// Tickets are all tickets in Jira.
func (s *Stack) Tickets() []Ticket {
	s.T.Helper()
	var state struct {
		Jira struct {
			Issues []Ticket `json:"issues"`
		} `json:"jira"`
	}
	require.NoError(s.T, s.Sandbox.State(s.T.Context(), &state))
	return state.Jira.Issues
}
