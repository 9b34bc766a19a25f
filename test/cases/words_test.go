package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L15_RefusedWordsHoldUpNoWatch: Jira refuses the ticket, or Slack the message, for as long as the case lasts, and
// somebody activates the account again: read-backs and later checks do not wait for either.
func TestCase_L15_RefusedWordsHoldUpNoWatch(t *testing.T) {
	t.Parallel()
	off := false
	for name, refuse := range map[string]func(s *kit.Stack) error{
		"a ticket without a field": func(s *kit.Stack) error { return s.Sandbox.JiraRequires(s.T.Context(), "customfield_10021") },
		"an archived channel": func(s *kit.Stack) error {
			return s.Sandbox.SetChannel(s.T.Context(), control.Channel{ID: security, Archived: true})
		},
		"a private channel without the bot": func(s *kit.Stack) error {
			return s.Sandbox.SetChannel(s.T.Context(), control.Channel{ID: security, Private: true, Bot: &off})
		},
		"neither answers": func(s *kit.Stack) error {
			if err := s.Sandbox.AddFault(s.T.Context(), control.Fault{System: "slack", Style: "drop", Times: -1}); err != nil {
				return err
			}
			return s.Sandbox.AddFault(s.T.Context(), control.Fault{System: "jira", Style: "status", Status: 403, Times: -1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: func(policy string) string {
				return kit.Replace(t, roomy(t)(policy), "verify_after: [1s]", "verify_after: [3s, 8s, 15s]")
			}})
			s.Baseline()
			require.NoError(t, refuse(s))
			account := s.Account("workday-21009")
			leaves(s, "workday-21009")
			s.AwaitShut(account.ID)
			for range 2 {
				_, err := s.Sandbox.EditAccount(t.Context(), account.ID, control.Fields{"status": 1, "roles": []string{"GitHub"}})
				require.NoError(t, err)
				s.AwaitShut(account.ID)
			}
			s.Until("the evidence of the containment is there before anybody has repaired anything", func() bool {
				all, err := s.App.Ledger.Journal().EvidenceOf(t.Context(), "workday-21009")
				require.NoError(t, err)
				for _, e := range all {
					if e.Step == "onelogin.suspend" {
						return true
					}
				}
				return false
			})
		})
	}
}
