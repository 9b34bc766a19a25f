package activities_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/notify"
	"gatehouse/activities/ticket"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
)

// evil are names that would do something if they reached a place where Slack or Jira reads markup.
var evil = []string{
	"<!channel>", "<!here|here>", "<@U0000001>", "<https://evil.example|Reset password>", "*bold* _it_ `code` ~x~ :bomb:",
	"https://evil.example/login", "{noformat}", "{code}{color:red}", "[~accountid:712020:1]", "!image.png!", "&lt;!channel&gt;",
	"@channel", "\u202eevil", "a\nb",
}

// kinds are all kinds of message.
var kinds = []api.MessageKind{
	api.MessageJoinerIT, api.MessageJoinerManager, api.MessageJoinerUndone, api.MessageLeaverSecurity, api.MessageContainOverdue,
	api.MessageDepartureOverdue, api.MessageHoldOverdue,
	api.MessageLeaverDrift, api.MessageLeaverByHand, api.MessageAttention, api.MessageSyncQuarantine, api.MessageSyncHeld,
	api.MessageSyncVanished, api.MessageSyncSetAside, api.MessageContractEnds, api.MessageItem, api.MessageDigest,
}

// message is a message in which everything that comes from outside is the given text.
func message(kind api.MessageKind, text string) api.Message {
	return api.Message{
		Kind: kind, Key: text, Text: text, Roles: []string{text}, WorkflowID: "person/" + text, ManagerKey: text,
		Account: &identity.Account{ID: 42, Username: text, Email: text, FirstName: text, LastName: text},
		Notices: []identity.Notice{{Code: "no_manager", Text: text}},
		Person: &identity.Person{Key: text, Late: true, Record: identity.Record{
			FirstName: text, LastName: text, PreferredName: text, Department: text, Title: text, Location: text,
			HireDate: identity.Date(text), PersonalEmail: text, WorkEmail: text,
		}},
	}
}

// TestNamesCannotActInSlack: whatever HR says reaches Slack in plain text objects only, which neither ping nor link.
func TestNamesCannotActInSlack(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	for _, kind := range kinds {
		for _, name := range evil {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				t.Parallel()
				text, blocks := render(t, s, message(kind, name))
				require.NotEmpty(t, text)
				require.NotContains(t, text, name, "the fallback text is markup")
				shown := false
				for _, object := range textObjects(t, blocks) {
					if object.Type == slack.PlainTextType {
						shown = shown || strings.Contains(object.Text, name)
						continue
					}
					// The one place with markup is our own link to the run.
					link := strings.TrimSuffix(strings.TrimPrefix(object.Text, "<http://127.0.0.1:8233/namespaces/default/workflows/person%2F"), "|Open the run>")
					require.NotEqual(t, object.Text, link, "unexpected markup: %s", object.Text)
					require.False(t, strings.ContainsAny(link, "<>| \n"), "the link can be broken out of: %s", link)
				}
				require.True(t, shown, "what the reader needs must be in the message")
			})
		}
	}
}

// render writes a message, which no data may prevent.
func render(t *testing.T, s *notify.Slack, in api.Message) (string, []slack.Block) {
	t.Helper()
	text, blocks, err := s.Render(in)
	require.NoError(t, err)
	return text, blocks
}

// textObjects lists every text of a message as it goes over the wire.
func textObjects(t *testing.T, blocks []slack.Block) []slackText {
	t.Helper()
	data, err := json.Marshal(blocks)
	require.NoError(t, err)
	var p posted
	require.NoError(t, json.Unmarshal(data, &p.Blocks))
	require.Len(t, p.Blocks, len(blocks))
	out := p.texts()
	require.NotEmpty(t, out)
	return out
}

// TestLockedScreenShowsNothing: the fallback text appears on locked phones, so it names nobody.
func TestLockedScreenShowsNothing(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233", Namespace: "default"}
	for _, kind := range kinds {
		if kind == api.MessageItem || kind == api.MessageDigest {
			continue // Their text is the item's, which names nobody.
		}
		text, blocks := render(t, s, message(kind, "Byron"))
		require.NotContains(t, text, "Byron", "%s", kind)
		require.NotContains(t, text, "42", "%s", kind)
		require.Equal(t, slack.PlainTextType, textObjects(t, blocks)[0].Type)
		require.True(t, strings.HasPrefix(text, textObjects(t, blocks)[0].Text), "the text begins with the title: %s", text)
	}
}

// TestNotificationSaysWhomWhichStepAndWhatToDo: it is all that a phone shows, and names nobody.
func TestNotificationSaysWhomWhichStepAndWhatToDo(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233", Namespace: "default"}
	asked := message(api.MessageAttention, "Byron")
	asked.Key, asked.WorkflowID, asked.Text = "workday-21002", "person/workday-21002", "This template asks before it acts."
	asked.Asked = &api.Asked{Item: "0a1b", Options: []string{"allow", "reject"}, Step: "approve"}
	asked.Audience = api.AudienceOwner
	text, _ := render(t, s, asked)
	require.Equal(t, "Needs a decision: workday-21002, step approve. This template asks before it acts. "+
		"Do: starter decide --person workday-21002 --item 0a1b --reason WHY --verb allow (or reject)", text)

	run := asked
	run.Key, run.WorkflowID, run.Text = "", "hr-sync-workday", strings.Repeat("long ", 200)
	text, _ = render(t, s, run)
	require.Contains(t, text, "starter decide --workflow hr-sync-workday --item 0a1b", "the command is never cut off")
	require.Less(t, len([]rune(text)), 450)

	theirs := asked
	theirs.Audience = api.AudienceManager
	text, _ = render(t, s, theirs)
	require.Equal(t, "Needs a decision", text, "others may see a manager's screen")
}

// TestWhoLearnsWhat: security learns that an account was closed and where to look, not who left.
func TestWhoLearnsWhat(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233", Namespace: "default"}
	in := message(api.MessageLeaverSecurity, "Byron")
	in.Key, in.Text, in.WorkflowID = "workday-21002", "HR via workday webhook", "person/workday-21002"
	in.Account = &identity.Account{ID: 42}
	_, blocks := render(t, s, in)
	for _, object := range textObjects(t, blocks) {
		require.NotContains(t, object.Text, "Byron")
	}
	tests := map[string]struct {
		change func(*api.Message)
		title  string
	}{
		"prepared":        {func(m *api.Message) { m.Person.Late = false }, "Joiner: account prepared, opens on the first day"},
		"active":          {func(m *api.Message) { m.Text, m.Person.Late = "active", false }, "Joiner: account is open and the invitation is sent"},
		"entered late":    {func(m *api.Message) { m.Text = "active" }, "Joiner: account is open and the invitation is sent (entered in HR after the first day)"},
		"to the manager":  {func(m *api.Message) { m.Kind, m.Text = api.MessageJoinerManager, "active" }, "Your new team member can sign in"},
		"without manager": {func(m *api.Message) { m.Kind, m.ManagerKey = api.MessageJoinerManager, "" }, "A joiner has no manager in HR: you are told as the fallback owner"},
	}
	for name, tt := range tests {
		in := message(api.MessageJoinerIT, "Byron")
		tt.change(&in)
		text, _ := render(t, s, in)
		require.Equal(t, tt.title, text, name)
	}
}

// TestLongTextsStayInOneMessage: Slack refuses fields that are too long and splits long messages.
func TestLongTextsStayInOneMessage(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233", Namespace: "default"}
	in := message(api.MessageJoinerIT, strings.Repeat("ä", 5000))
	in.WorkflowID = "person/workday-21002"
	for range 30 {
		in.Notices = append(in.Notices, identity.Notice{Text: strings.Repeat("x", 5000)})
	}
	_, blocks := render(t, s, in)
	require.LessOrEqual(t, len(blocks), 50)
	for _, object := range textObjects(t, blocks) {
		require.LessOrEqual(t, len([]rune(object.Text)), 350)
		require.True(t, utf8.ValidString(object.Text), "cut in the middle of a letter")
	}
	for _, b := range blocks {
		if section, ok := b.(*slack.SectionBlock); ok {
			require.LessOrEqual(t, len(section.Fields), 10)
		}
	}
}

// TestEvilNameEndToEnd sends such a name all the way: HR, assessment, Slack and Jira as the tenant has them.
func TestEvilNameEndToEnd(t *testing.T) {
	t.Parallel()
	const surname = "<https://evil.example|Reset password> <!channel> {noformat}"
	r := newRig(t, rigOptions{})
	key := r.hire("workday", ada(control.Fields{"last_name": surname}))
	a := r.assess(key)
	r.must(api.SlackPost, api.Message{
		OnceKey: "it", Kind: api.MessageJoinerIT, Audience: api.AudienceIT, Key: key, Person: &a.Person, Text: "active", WorkflowID: "person/" + key,
	})
	sent := r.messages()
	require.Len(t, sent, 1)
	require.NotContains(t, sent[0].Text, "evil")
	seen := false
	for _, object := range sent[0].texts() {
		if strings.Contains(object.Text, "evil") {
			seen = true
			require.Equal(t, "plain_text", object.Type)
		}
	}
	require.True(t, seen)
}

// TestOwnersAndManagers: whoever cannot be found is replaced by somebody who answers for the process, and the result
// says so.
func TestOwnersAndManagers(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	boss := r.account("workday-21001")
	owner := r.account("workday-21004")
	tests := []struct {
		name     string
		message  api.Message
		arrange  func()
		email    string
		channel  string
		fallback bool
	}{
		{name: "the manager", message: api.Message{Audience: api.AudienceManager, ManagerKey: "workday-21001", Owner: owner.Email}, email: boss.Email},
		{name: "no manager", message: api.Message{Audience: api.AudienceManager, Owner: owner.Email}, email: owner.Email, fallback: true},
		{name: "a manager nobody knows", message: api.Message{Audience: api.AudienceManager, ManagerKey: "workday-99", Owner: owner.Email}, email: owner.Email, fallback: true},
		{name: "no manager and no owner in Slack", message: api.Message{Audience: api.AudienceManager, Owner: "nobody@acme.example"}, channel: "C0IT", fallback: true},
		{name: "the owner", message: api.Message{Audience: api.AudienceOwner, Owner: owner.Email}, email: owner.Email},
		{name: "no owner", message: api.Message{Audience: api.AudienceOwner}, channel: "C0IT", fallback: true},
		{
			name: "a manager who has left", message: api.Message{Audience: api.AudienceManager, ManagerKey: "workday-21001", Owner: owner.Email},
			arrange: func() { require.NoError(t, r.sandbox.SetStatus(t.Context(), boss.Username, 2)) }, email: owner.Email, fallback: true,
		},
		{
			name: "an owner who was deactivated in Slack", message: api.Message{Audience: api.AudienceOwner, Owner: owner.Email},
			arrange: func() { deactivate(r, owner.Email) }, channel: "C0IT", fallback: true,
		},
		{name: "security", message: api.Message{Audience: api.AudienceSecurity}, channel: "C0SECURITY"},
	}
	for _, tt := range tests {
		if tt.arrange != nil {
			tt.arrange()
		}
		tt.message.OnceKey, tt.message.Kind, tt.message.Key = tt.name, api.MessageAttention, tt.name
		var out api.Posted
		require.NoError(t, r.must(api.SlackPost, tt.message).Get(&out))
		require.Equal(t, tt.fallback, out.Fallback, tt.name)
		found := false
		for _, m := range r.messages() {
			var lines []string
			for _, f := range m.Blocks[1].Fields {
				lines = append(lines, f.Text)
			}
			if about := slices.Contains(lines, "Person: "+tt.name); about && m.Channel == out.Channel {
				found = true
				require.Equal(t, tt.email, m.Email, tt.name)
				if tt.channel != "" {
					require.Equal(t, tt.channel, m.Channel, tt.name)
				}
			}
		}
		require.True(t, found, tt.name)
	}
}

// TestWhoeverIsNotInSlackIsMailed: what is for one person reaches them by e-mail where Slack has nobody of theirs. Where no e-mail does
// either, whoever reads it learns for whom it was.
func TestWhoeverIsNotInSlackIsMailed(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]api.Message{
		"person":  {Kind: api.MessageMoverPerson, Audience: api.AudiencePerson, Key: "workday-21004", Cause: api.CauseName},
		"manager": {Kind: api.MessageMFAEscalate, Audience: api.AudienceManager, Key: "workday-21002", ManagerKey: "workday-21004"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m.OnceKey = name
			r, mails := newMailRig(t, false)
			reader := r.account("workday-21004").Email
			deactivate(r, reader)
			said := len(r.messages())
			r.must(api.SlackPost, m)
			r.must(api.SlackPost, m)
			require.Len(t, mails.Mails(), 1)
			require.Equal(t, reader, mails.Mails()[0].To)
			require.Len(t, r.messages(), said, "nobody else reads it")

			r = newRig(t, rigOptions{config: func(c *config.Config) { c.Google.Sender = "" }})
			deactivate(r, reader)
			r.must(api.SlackPost, m)
			told := r.messages()
			last := told[len(told)-1]
			require.Equal(t, "C0IT", last.Channel)
			require.Equal(t, "Meant for: the "+name+", whom nothing reaches. Please pass it on", last.Blocks[1].Fields[0].Text)
			require.Equal(t, "Person: "+m.Key, last.Blocks[1].Fields[1].Text)
		})
	}
}

// deactivate closes a person's Slack account.
func deactivate(r *rig, email string) {
	r.t.Helper()
	resp, err := http.Post(r.sandbox.URL()+"/sandbox/slack/deactivate", "application/json", strings.NewReader(`{"email":"`+email+`"}`))
	require.NoError(r.t, err)
	require.NoError(r.t, resp.Body.Close())
	require.Equal(r.t, http.StatusOK, resp.StatusCode)
}

// TestTicketMarkup: nothing that comes from outside can end the block in which Jira reads no markup.
func TestTicketMarkup(t *testing.T) {
	t.Parallel()
	j := &ticket.Jira{}
	for _, name := range evil {
		summary, description, err := j.Wording(api.TicketInput{
			Key: "workday-21002", WorkflowID: "person/workday-21002", Roles: []string{"Everyone", name},
			Account: &identity.Account{ID: 42, Username: name, FirstName: "Ada", LastName: "Byron", Email: "ada@home.example"},
		})
		require.NoError(t, err)
		require.Equal(t, "Offboarding: finish by hand for workday-21002", summary)
		require.Equal(t, 2, strings.Count(description, "{"), "a block is opened and closed, and nothing else: %s", description)
		before, rest, found := strings.Cut(description, "{noformat}")
		require.True(t, found)
		inside, after, found := strings.Cut(rest, "{noformat}")
		require.True(t, found)
		for _, part := range []string{before, after, summary} {
			require.NotContains(t, part, name)
		}
		require.Contains(t, inside, "OneLogin account: 42")
		for _, personal := range []string{"Ada", "Byron", "home.example"} {
			require.NotContains(t, description, personal, "HR data is kept out of tickets")
		}
	}
}

// TestQuestionShowsItsSteps: a reader sees every step by name, and how to answer this question and no other.
func TestQuestionShowsItsSteps(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	shown := func(m api.Message) []string {
		_, blocks := render(t, s, m)
		var texts []string
		for _, object := range textObjects(t, blocks) {
			require.LessOrEqual(t, utf8.RuneCountInString(object.Text), 350)
			texts = append(texts, object.Text)
		}
		return texts
	}
	m := api.Message{
		Kind: api.MessageAttention, Key: "workday-1", WorkflowID: "person/workday-1", Text: "planned",
		Asked: &api.Asked{Item: "0a1b2c3d4e5f", Options: []string{"allow", "reject"}, Plan: []string{"give roles: AWS Admin, Jira", "move the account to the group Support"}},
	}
	require.Subset(t, shown(m), []string{
		"Step: give roles: AWS Admin, Jira", "Step: move the account to the group Support",
		"Decide: starter decide --person workday-1 --item 0a1b2c3d4e5f --reason WHY --verb allow (or reject)",
	})
	m.Key, m.WorkflowID = "", "hr-sync-workday"
	require.Contains(t, shown(m), "Decide: starter decide --workflow hr-sync-workday --item 0a1b2c3d4e5f --reason WHY --verb allow (or reject)")

	var roles []string
	for i := range 60 {
		roles = append(roles, "Role number "+strconv.Itoa(i))
	}
	m.Asked.Plan = []string{"take roles away: " + strings.Join(roles, ", ")}
	all := strings.Join(shown(m), " ")
	for _, role := range roles {
		require.Contains(t, strings.ReplaceAll(all, " Step: ", " "), role, "nothing of a long step is cut off")
	}
	m.Asked.Plan = []string{"take roles away: " + strings.Repeat("Role, ", 2000)}
	require.Contains(t, strings.Join(shown(m), " "), "more lines: starter decide --workflow hr-sync-workday shows all of them")
}

// TestWhoeverGaveAnOrderIsOnlySaid: nothing proves the name that stands in a message.
func TestWhoeverGaveAnOrderIsOnlySaid(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{}
	for text, want := range map[string]string{
		"order contain-1 by ann":       "Cause: order contain-1 by ann (unverified)",
		"order contain-1 by gatehouse": "Cause: order contain-1 by gatehouse",
		"HR via workday webhook":       "Cause: HR via workday webhook",
	} {
		_, blocks := render(t, s, api.Message{Kind: api.MessageLeaverSecurity, Text: text})
		var texts []string
		for _, object := range textObjects(t, blocks) {
			texts = append(texts, object.Text)
		}
		require.Contains(t, texts, want)
	}
}
