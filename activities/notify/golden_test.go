package notify_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/notify"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/test/golden"
)

// allKinds are all kinds of message, and one that nobody has written words for.
var allKinds = []api.MessageKind{
	api.MessageJoinerIT, api.MessageJoinerManager, api.MessageJoinerUndone, api.MessageLeaverSecurity, api.MessageContainOverdue,
	api.MessageDepartureOverdue, api.MessageHoldOverdue, api.MessageLeaverDrift, api.MessageLeaverByHand, api.MessageLeaverDoubt,
	api.MessageLeaverOwner, api.MessageCredentialOwner, api.MessageLeaverDoubtPrivileged, api.MessageAttention, api.MessageMFARemind,
	api.MessageMFAEscalate, api.MessageMFARestricted, api.MessageMFALifted, api.MessageMoverPerson, api.MessageMoverManager,
	api.MessageMoverIT, api.MessageSyncQuarantine, api.MessageSyncHeld, api.MessageSyncVanished, api.MessageSyncSetAside,
	api.MessageReviewUnshared, api.MessageContractEnds, api.MessageIncident, api.MessageItem, api.MessageDigest, api.MessageApproval,
	api.MessageRefused, api.MessageTicket, api.MessageAgentRequest, api.MessageSponsoredEnds, api.MessageSponsorGone, api.MessageSystemsLeft, "a kind of tomorrow",
}

// allCauses are all causes of a change of access.
var allCauses = []api.Cause{
	api.CausePosition, api.CauseRecord, api.CausePolicy, api.CauseRepair, api.CauseInStep, api.CauseGranted, api.CauseEnded,
	api.CauseOverlap, api.CauseRestricted, api.CauseUnrestricted, api.CauseName, api.CauseAddress,
}

// full is a message that says everything a message can say.
func full(kind api.MessageKind) api.Message {
	return api.Message{
		Kind: kind, Audience: api.AudienceIT, Key: "workday-21002", ManagerKey: "workday-21001", WorkflowID: "person/workday-21002",
		Text: "The first sentence: with a colon.\nWhat to do about it: this.", Roles: []string{"Everyone", "Jira: read", `back\slash`},
		Account: &identity.Account{ID: 4200042, Username: "ada.byron", Email: "ada@acme.example", FirstName: "Ada", LastName: "Byron"},
		Notices: []identity.Notice{
			{Code: "no_manager", Text: "HR names no manager: name one"},
			{Code: policy.NoticeContractEnds, Text: "the contract ends"},
			{Code: "empty"},
			{Code: "other", Text: "a\nb"},
		},
		Person: &identity.Person{Key: "workday-21002", Late: true, Record: identity.Record{
			FirstName: "Augusta Ada", PreferredName: "Ada", LastName: "Byron", Department: "Engineering: Core", Title: "Analyst",
			Location: "London", HireDate: "2026-03-01",
		}},
		Lines: []api.Line{{Label: "Roles given", Value: "Jira, AWS"}, {Label: "Until: when", Value: "2026-12-31"}, {Label: "Empty"}, {Value: "no label"}},
		Step:  "look into it: starter show",
	}
}

// variants are ways in which a message can be.
func variants() []struct {
	name   string
	change func(*api.Message)
} {
	asked := &api.Asked{Item: "0a1b2c", Options: []string{"allow", "reject", "retry"}, Step: "approve", Plan: []string{"give roles: AWS, Jira", strings.Repeat("role ", 150)}}
	return []struct {
		name   string
		change func(*api.Message)
	}{
		{"full", func(*api.Message) {}},
		{"bare", func(m *api.Message) { *m = api.Message{Kind: m.Kind, Audience: api.AudienceSecurity} }},
		{"asked", func(m *api.Message) {
			m.Text, m.ManagerKey, m.Person.Late, m.Asked = "active", "", false, asked
			m.Person.Record.PreferredName = ""
		}},
		{"by an order", func(m *api.Message) { m.Text, m.Lines, m.Audience = "order contain-1 by ann", nil, api.AudienceManager }},
		{"by Gatehouse", func(m *api.Message) { m.Text, m.Notices = "order contain-1 by gatehouse", nil }},
		{"long", func(m *api.Message) {
			m.Text, m.Audience = strings.Repeat("ä word: ", 100), api.AudienceOwner
			m.Asked = &api.Asked{Item: "0a", Plan: []string{strings.Repeat("Role, ", 2000)}, Options: []string{"allow"}}
		}},
		{"buttons", func(m *api.Message) {
			m.Asked, m.Approval = asked, "opaque"
			m.Buttons = []api.Button{
				{Action: "allow", Label: "Allow it", Style: "primary", Confirm: "Sure? " + strings.Repeat("x", 400)},
				{Action: "reject", Label: strings.Repeat("y", 90)},
			}
		}},
		{"hostile", func(m *api.Message) {
			*m = hostile(m.Kind, "<!channel> <@U1> & `x` *b* {{.Key}} <b>\n\\n: \\: =1+1 \u202e"+strings.Repeat("n", 400))
		}},
		{"not a key", func(m *api.Message) {
			m.Key, m.WorkflowID, m.Account = "no key", "hr-sync-workday", &identity.Account{}
		}},
		{"person", func(m *api.Message) { m.Audience, m.Person = api.AudiencePerson, nil }},
	}
}

// hostile is a message in which everything that comes from outside is the given text.
func hostile(kind api.MessageKind, text string) api.Message {
	return api.Message{
		Kind: kind, Key: text, Text: text, Roles: []string{text, text}, WorkflowID: "person/" + text, ManagerKey: text, Audience: api.AudienceIT,
		Account: &identity.Account{ID: 42, Username: text, Email: text, FirstName: text, LastName: text},
		Notices: []identity.Notice{{Code: "no_manager", Text: text}},
		Person: &identity.Person{Key: text, Record: identity.Record{
			FirstName: text, LastName: text, PreferredName: text, Department: text, Title: text, Location: text,
			HireDate: identity.Date(text), PersonalEmail: text, WorkEmail: text,
		}},
		Lines: []api.Line{{Label: "Label", Value: text}}, Step: text,
		Asked: &api.Asked{Item: "0a1b", Options: []string{"allow"}, Plan: []string{text}, Step: text},
	}
}

// TestMessagesSayWhatIsOnRecord compares every message with the recorded ones: most to be read, the others by their digest.
func TestMessagesSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	var b strings.Builder
	for _, kind := range allKinds {
		for i, v := range variants() {
			m := full(kind)
			v.change(&m)
			shown := rendered(t, s, m)
			if i > 2 && i != 8 {
				shown = fmt.Sprintf("%x\n", sha256.Sum256([]byte(shown)))
			}
			fmt.Fprintf(&b, "== %s, %s\n%s", kind, v.name, shown)
		}
	}
	for _, kind := range []api.MessageKind{api.MessageMoverPerson, api.MessageMoverManager} {
		for _, cause := range allCauses {
			m := api.Message{Kind: kind, Audience: api.AudiencePerson, Key: "workday-21002", ManagerKey: "workday-21001", Cause: cause}
			fmt.Fprintf(&b, "== %s, because of %s\n%s", kind, cause, rendered(t, s, m))
			m.ManagerKey = ""
			fmt.Fprintf(&b, "== %s, because of %s, without a manager\n%s", kind, cause, rendered(t, s, m))
		}
	}
	golden.Equal(t, "messages.txt", b.String())
}

// rendered is everything of a message in an order to be read.
func rendered(t *testing.T, s *notify.Slack, m api.Message) string {
	t.Helper()
	text, blocks, err := s.Render(m)
	require.NoError(t, err)
	title, err := notify.Title(m)
	require.NoError(t, err)
	var b strings.Builder
	fmt.Fprintf(&b, "text   %q\ntitle  %q\n", text, title)
	for _, block := range blocks {
		if section, ok := block.(*slack.SectionBlock); ok {
			if section.Text != nil {
				fmt.Fprintf(&b, "%-6s %q\n", section.Text.Type[:5], section.Text.Text)
			}
			for _, f := range section.Fields {
				fmt.Fprintf(&b, "%-6s %q\n", f.Type[:5], f.Text)
			}
			continue
		}
		data, err := json.Marshal(block)
		require.NoError(t, err)
		fmt.Fprintf(&b, "%s\n", data)
	}
	return b.String()
}
