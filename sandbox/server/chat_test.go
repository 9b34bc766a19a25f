package server_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	jiraclient "github.com/andygrunwald/go-jira"
	slackclient "github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// TestSlackWithItsLibrary reads what the real client library makes of the workspace.
func TestSlackWithItsLibrary(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	ctx := context.Background()
	api := slackclient.New("xoxb-sandbox", slackclient.OptionAPIURL(s.base+"/slack/api/"), slackclient.OptionHTTPClient(s.http))
	_, err := api.AuthTestContext(ctx)
	require.NoError(t, err)

	person, err := api.GetUserByEmailContext(ctx, s.user("id=100002").Username)
	require.NoError(t, err)
	_, err = api.GetUserByEmailContext(ctx, "nobody@acme.example")
	require.ErrorContains(t, err, "users_not_found")
	dm, _, already, err := api.OpenConversationContext(ctx, &slackclient.OpenConversationParameters{Users: []string{person.ID}, ReturnIM: true})
	require.NoError(t, err)
	require.False(t, already)

	meta := slackclient.SlackMetadata{EventType: "notice", EventPayload: map[string]any{"k": "one"}}
	var stamps []string
	for _, channel := range []string{dm.ID, "C0SECURITY", "C0SECURITY"} {
		_, ts, err := api.PostMessageContext(ctx, channel, slackclient.MsgOptionText("hello", false), slackclient.MsgOptionMetadata(meta))
		require.NoError(t, err)
		stamps = append(stamps, ts)
	}
	require.NotEqual(t, stamps[1], stamps[2], "posting twice makes two messages")
	_, _, err = api.PostMessageContext(ctx, "C0SECURITY", slackclient.MsgOptionText("in thread", false), slackclient.MsgOptionTS(stamps[1]))
	require.NoError(t, err)
	history, err := api.GetConversationHistoryContext(ctx, &slackclient.GetConversationHistoryParameters{
		ChannelID: "C0SECURITY", Oldest: stamps[1], Inclusive: true, IncludeAllMetadata: true, Limit: 10,
	})
	require.NoError(t, err)
	require.Len(t, history.Messages, 2, "without the reply in the thread")
	require.Equal(t, stamps[2], history.Messages[0].Timestamp, "newest first")
	require.Equal(t, "one", history.Messages[0].Metadata.EventPayload["k"])
	replies, _, _, err := api.GetConversationRepliesContext(ctx, &slackclient.GetConversationRepliesParameters{ChannelID: "C0SECURITY", Timestamp: stamps[1]})
	require.NoError(t, err)
	require.Len(t, replies, 2)
	_, _, _, err = api.UpdateMessageContext(ctx, "C0SECURITY", stamps[2], slackclient.MsgOptionText("changed", false))
	require.NoError(t, err)

	_, broadcast, err := api.PostMessageContext(ctx, "#security", slackclient.MsgOptionText("for all", false), slackclient.MsgOptionTS(stamps[1]), slackclient.MsgOptionBroadcast())
	require.NoError(t, err)
	history, err = api.GetConversationHistoryContext(ctx, &slackclient.GetConversationHistoryParameters{ChannelID: "C0SECURITY", Limit: 10})
	require.NoError(t, err)
	require.Equal(t, broadcast, history.Messages[0].Timestamp)
	_, _, err = api.DeleteMessageContext(ctx, "C0SECURITY", broadcast)
	require.NoError(t, err)
	everybody, err := api.GetUsersContext(ctx, slackclient.GetUsersOptionLimit(7))
	require.NoError(t, err)
	require.Contains(t, everybody, *person)
	members, next, err := api.GetUsersInConversationContext(ctx, &slackclient.GetUsersInConversationParameters{ChannelID: "C0GENERAL", Limit: 2})
	require.NoError(t, err)
	require.Len(t, members, 2)
	require.NotEmpty(t, next)
	group, _, _, err := api.OpenConversationContext(ctx, &slackclient.OpenConversationParameters{Users: members, ReturnIM: true})
	require.NoError(t, err)
	require.True(t, group.IsMpIM)
	again, _, already, err := api.OpenConversationContext(ctx, &slackclient.OpenConversationParameters{Users: members, ReturnIM: true})
	require.NoError(t, err)
	require.True(t, already)
	require.Equal(t, group.ID, again.ID)

	s.control("POST", "slack/deactivate", `{"email":"`+person.Profile.Email+`"}`)
	person, err = api.GetUserInfoContext(ctx, person.ID)
	require.NoError(t, err)
	require.True(t, person.Deleted)

	s.control("POST", "faults", `{"system":"slack","style":"rate_limit","retry_after":7,"op":"slack.chat.postMessage"}`)
	_, _, err = api.PostMessageContext(ctx, "C0IT", slackclient.MsgOptionText("x", false))
	var limited *slackclient.RateLimitedError
	require.ErrorAs(t, err, &limited)
	require.Equal(t, 7*time.Second, limited.RetryAfter)
}

func TestSlackRefuses(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	s.control("POST", "slack/channel", `{"id":"C0EXECS","name":"execs","private":true,"bot":false}`)
	s.control("POST", "slack/channel", `{"id":"C0NEWS","name":"news","refuses":"restricted_action"}`)
	s.control("POST", "slack/channel", `{"id":"C0OLD","name":"old","archived":true}`)
	for name, tc := range map[string]struct {
		method string
		args   url.Values
		want   string
	}{
		"no token":       {"auth.test", url.Values{}, "not_authed"},
		"wrong token":    {"auth.test", url.Values{"token": {"xoxb-no"}}, "invalid_auth"},
		"no such method": {"chat.shout", url.Values{"token": {"xoxb-sandbox"}}, "unknown_method"},
		"argument":       {"auth.test", url.Values{"token": {"xoxb-sandbox"}, "x": {"1"}}, "invalid_arguments"},
		"scope":          {"users.lookupByEmail", url.Values{"token": {"xoxb-sandbox-narrow"}, "email": {"a"}}, "missing_scope"},
		"channel":        {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C9"}, "text": {"x"}}, "channel_not_found"},
		"not a member":   {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0BOARD"}, "text": {"x"}}, "not_in_channel"},
		"nothing to say": {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0IT"}}, "no_text"},
		"metadata":       {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0IT"}, "text": {"x"}, "metadata": {`{"a":1}`}}, "invalid_metadata_schema"},
		"message":        {"chat.update", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0IT"}, "ts": {"1.000001"}, "text": {"x"}}, "message_not_found"},
		"private":        {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0EXECS"}, "text": {"x"}}, "channel_not_found"},
		"read only":      {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0NEWS"}, "text": {"x"}}, "restricted_action"},
		"archived":       {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0OLD"}, "text": {"x"}}, "is_archived"},
		"name to read":   {"conversations.history", url.Values{"token": {"xoxb-sandbox"}, "channel": {"#it-operations"}}, "channel_not_found"},
		"long section":   {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0IT"}, "blocks": {`[{"type":"section","text":{"type":"plain_text","text":"` + strings.Repeat("x", 3001) + `"}}]`}}, "invalid_blocks"},
		"two texts":      {"chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0IT"}, "text": {"x"}, "markdown_text": {"x"}}, "markdown_text_conflict"},
		"delete":         {"chat.delete", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0IT"}, "ts": {"1.000001"}}, "message_not_found"},
		"bot":            {"conversations.open", url.Values{"token": {"xoxb-sandbox"}, "users": {"U0GATEHOUSE"}}, "user_not_found"},
		"cursor":         {"conversations.history", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0IT"}, "cursor": {"x"}}, "invalid_cursor"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.form("/slack/api/"+tc.method, tc.args)
			require.Equal(t, 200, a.status)
			require.Contains(t, a.body, `"error":"`+tc.want+`"`)
		})
	}
}

// TestJiraWithItsLibrary reads what the real client library makes of the site.
func TestJiraWithItsLibrary(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	ctx := context.Background()
	auth := jiraclient.BasicAuthTransport{Username: "gatehouse@acme.example", Password: "sandbox-jira-token", Transport: s.http.Transport}
	api, err := jiraclient.NewClient(auth.Client(), s.base+"/jira/")
	require.NoError(t, err)

	created, resp, err := api.Issue.CreateWithContext(ctx, &jiraclient.Issue{Fields: &jiraclient.IssueFields{
		Summary: "Collect laptop", Description: "Plain text", Project: jiraclient.Project{Key: "IT"},
		Type: jiraclient.IssueType{Name: "Task"}, Labels: []string{"idl-abc"},
	}})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "IT-1", created.Key)
	search := func() []jiraclient.Issue {
		found, _, err := api.Issue.SearchV2JQLWithContext(ctx, `project = IT AND labels = "idl-abc" ORDER BY created DESC`,
			&jiraclient.SearchOptionsV2{Fields: []string{"summary", "status"}})
		require.NoError(t, err)
		return found
	}
	require.Empty(t, search(), "the index lags behind")
	issue, _, err := api.Issue.GetWithContext(ctx, "IT-1", nil)
	require.NoError(t, err, "a direct read does not")
	require.Equal(t, "To Do", issue.Fields.Status.Name)
	s.control("POST", "clock", `{"advance":"2s"}`)
	require.Len(t, search(), 1)

	_, resp, err = api.Issue.SearchWithContext(ctx, "project = IT", nil)
	require.Error(t, err)
	require.Equal(t, 410, resp.StatusCode)

	transitions, _, err := api.Issue.GetTransitionsWithContext(ctx, "IT-1")
	require.NoError(t, err)
	require.Len(t, transitions, 2, "not to the status it has")
	resp, err = api.Issue.DoTransitionWithContext(ctx, "IT-1", "31")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	resp, err = api.Issue.DoTransitionWithContext(ctx, "IT-1", "31")
	require.Error(t, err, "done already, so not on offer")
	require.Equal(t, 400, resp.StatusCode)
	_, _, err = api.Issue.AddCommentWithContext(ctx, "IT-1", &jiraclient.Comment{Body: "done"})
	require.NoError(t, err)
	people, _, err := api.User.FindWithContext(ctx, url.QueryEscape(s.user("id=100002").Username))
	require.NoError(t, err)
	require.Len(t, people, 1)
	resp, err = api.Issue.UpdateAssigneeWithContext(ctx, "IT-1", &people[0])
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, []string{
		"jira.create_issue issue:IT-1: created", "jira.transition issue:IT-1: status To Do -> Done",
		"jira.add_comment issue:IT-1: comment added", "jira.assign issue:IT-1: assignee changed",
	}, s.effects())
}

func TestJiraRefuses(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := basic("gatehouse@acme.example", "sandbox-jira-token")
	const issue = "/jira/rest/api/2/issue"
	for name, tc := range map[string]struct {
		method, path, body string
		as                 option
		status             int
		want               string
	}{
		"wrong token":   {"GET", "/jira/rest/api/2/myself", "", basic("gatehouse@acme.example", "no"), 401, "errorMessages"},
		"label":         {"POST", issue, `{"fields":{"summary":"x","project":{"key":"IT"},"issuetype":{"name":"Task"},"labels":["a b"]}}`, as, 400, "contains spaces"},
		"project":       {"POST", issue, `{"fields":{"summary":"x","project":{"key":"NO"},"issuetype":{"name":"Task"}}}`, as, 400, "project"},
		"unknown field": {"POST", issue, `{"fields":{"summary":"x","project":{"key":"IT"},"projekt":{}}}`, as, 400, "projekt"},
		"rich text":     {"POST", issue, `{"fields":{"summary":"x","description":{"type":"doc"},"project":{"key":"IT"},"issuetype":{"name":"Task"}}}`, as, 400, "must be a string"},
		"assignee":      {"POST", issue, `{"fields":{"summary":"x","assignee":{"accountId":"7"},"project":{"key":"IT"},"issuetype":{"name":"Task"}}}`, as, 400, "does not exist"},
		"unknown issue": {"GET", issue + "/IT-9", "", as, 404, "does not exist"},
		"unbounded":     {"GET", "/jira/rest/api/3/search/jql?jql=ORDER+BY+created", "", as, 400, "Unbounded"},
		"jql":           {"GET", "/jira/rest/api/3/search/jql?jql=labels+%3D+%22a", "", as, 400, "quoted string"},
		"jql field":     {"POST", "/jira/rest/api/3/search/jql", `{"jql":"shape = round"}`, as, 400, "shape"},
		"old search":    {"GET", "/jira/rest/api/3/search?jql=project=IT", "", as, 410, "CHANGE-2046"},
		"unknown path":  {"GET", "/jira/rest/api/2/board", "", as, 404, "errorMessages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.call(tc.method, tc.path, tc.body, tc.as)
			require.Equal(t, tc.status, a.status, a.body)
			require.Contains(t, a.body, tc.want)
		})
	}
}
