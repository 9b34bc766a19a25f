package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_V04_TheItemSaysWhatToDo: security's channel takes no message. Whoever reads the item, in the list or in IT's channel, learns
// which channel it is, what is the matter with it and what to do; after that the message arrives.
func TestCase_V04_TheItemSaysWhatToDo(t *testing.T) {
	t.Parallel()
	out := false
	for name, tt := range map[string]struct {
		channel control.Channel
		says    []string
	}{
		"private without the app": {control.Channel{Private: true, Bot: &out}, []string{"private and the app is not in it", "its id is wrong", "/invite", "slack.channels.security"}},
		"archived":                {control.Channel{Archived: true}, []string{"archived", "unarchive it", "slack.channels.security"}},
		"only some may post":      {control.Channel{Refuses: "restricted_action"}, []string{"who may post", "let the app post", "slack.channels.security"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t), Config: often})
			s.Baseline()
			tt.channel.ID = security
			require.NoError(t, s.Sandbox.SetChannel(t.Context(), tt.channel))
			account := s.Account("workday-21009")
			leaves(s, "workday-21009")
			s.AwaitShut(account.ID)
			var item worklist.Item
			s.Until("there is an item about the channel", func() bool {
				for _, i := range needing(s, worklist.ItemFilter{}) {
					if i.System == "slack" {
						item = i
						return true
					}
				}
				return false
			})
			d := s.Desk(nil)
			s.Until("IT is told", func() bool { return strings.Contains(s.Messages(it), "slack.channels.security") })
			for where, text := range map[string]string{"the item": item.Text, "IT's channel": s.Messages(it), "attention show": joined(d.MustRun("attention", "show", item.ID))} {
				for _, says := range tt.says {
					require.Contains(t, text, says, where)
				}
			}
			require.Empty(t, s.Messages(security))

			require.NoError(t, s.Sandbox.SetChannel(t.Context(), control.Channel{ID: security}))
			d.MustRun("decide", "--cause", item.ID, "--verb", "retry", "--reason", "the channel is repaired")
			s.Until("security is told", func() bool { return strings.Contains(s.Messages(security), "workday-21009") })
		})
	}
}

// joined is a text without its line breaks.
func joined(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestCase_V04_NobodyWhoIsNoColleague: the manager's address is a bot's, or that of somebody whom another company shares a channel with.
// Neither is sent what is about a report.
func TestCase_V04_NobodyWhoIsNoColleague(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	manager := s.Account("workday-21001")
	require.NoError(t, s.Sandbox.SlackKind(t.Context(), manager.Email, false, "T0OTHER"))
	s.Hire("workday", control.Fields{
		"first_name": "Nia", "last_name": "Okoro", "department": "Support", "location": "Berlin", "hire_date": "today+3", "manager_id": "21001",
	})
	s.Sync("workday")
	s.Until("somebody is told about the joiner", func() bool { return strings.Contains(s.Messages(""), "Okoro") })
	require.NotContains(t, s.Told(manager.Email), "Okoro")
}
