package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

var jiraUser = basic("gatehouse@acme.example", "sandbox-jira-token")

const jiraFields = `{"project":{"key":"IT","components":["Identity"],"fields":[
	{"id":"customfield_10021","name":"Cost centre","type":"string","required":true},
	{"id":"customfield_10022","name":"Seats","type":"number"},
	{"id":"customfield_10023","name":"Site","type":"option","options":["Berlin","Oslo"]},
	{"id":"customfield_10024","name":"Sites","type":"array","items":"option","options":["Berlin","Oslo"]},
	{"id":"customfield_10025","name":"Owner","type":"user"},
	{"id":"customfield_10026","name":"Kind","type":"option-with-child","options":["Account > Leaver","Account > Joiner"]},
	{"id":"customfield_10027","name":"Due for audit","type":"date"},
	{"id":"customfield_10001","name":"Team","type":"team","options":["36885b3c-1bf0-4f85-a357-c5b858c31de4"]}]}}`

// TestJiraFieldsHaveTypes: a project demands fields, and each takes only what its type takes.
func TestJiraFieldsHaveTypes(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	s.control("POST", "jira", jiraFields)
	long := strings.Repeat("x", 32767)
	for name, tc := range map[string]struct{ fields, field, want string }{
		"without what is required":      {``, "customfield_10021", "Cost centre is required."},
		"null for what is required":     {`"customfield_10021":null`, "customfield_10021", "is required"},
		"a number for a text":           {`"customfield_10021":7`, "customfield_10021", "must be a string"},
		"a line that is too long":       {`"customfield_10021":"` + long[:256] + `"`, "customfield_10021", "255 characters"},
		"a text for a number":           {`"customfield_10022":"7"`, "customfield_10022", "must be a number"},
		"a text for an option":          {`"customfield_10023":"Berlin"`, "customfield_10023", "'id' or 'value'"},
		"no option of the field":        {`"customfield_10023":{"value":"Rome"}`, "customfield_10023", "not valid"},
		"an option for an array":        {`"customfield_10024":{"value":"Oslo"}`, "customfield_10024", "not an array"},
		"texts for an array of options": {`"customfield_10024":["Oslo"]`, "customfield_10024", "'id' or 'value'"},
		"a user by name":                {`"customfield_10025":{"name":"ada"}`, "customfield_10025", "accountId"},
		"a user with a password":        {`"assignee":{"accountId":"712020:gatehouse","Password":""}`, "assignee", "accountId"},
		"a user who is not there":       {`"customfield_10025":{"accountId":"7"}`, "customfield_10025", "does not exist"},
		"a child of another parent":     {`"customfield_10026":{"value":"Account","child":{"value":"Laptop"}}`, "customfield_10026", "not valid"},
		"no date":                       {`"customfield_10027":"tomorrow"`, "customfield_10027", "date"},
		"a team by name":                {`"customfield_10001":{"name":"IT"}`, "customfield_10001", "must be a string"},
		"a component that is not there": {`"components":[{"name":"Toner"}]`, "components", "not valid"},
		"a priority that is not there":  {`"priority":{"name":"Blocker"}`, "priority", "Priority"},
		"a field of another project":    {`"customfield_10099":"x"`, "customfield_10099", "not on the appropriate screen"},
		"a description in UTF-16":       {`"description":"` + strings.Repeat("🧾", 16384) + `"`, "description", "32,767"},
		"a summary in UTF-16":           {`"summary":"` + strings.Repeat("🧾", 128) + `"`, "summary", "255"},
	} {
		t.Run(name, func(t *testing.T) {
			fields := `"project":{"id":"10000"},"issuetype":{"id":"10010"}`
			if !strings.Contains(tc.fields, `"summary"`) {
				fields += `,"summary":"x"`
			}
			if tc.field != "customfield_10021" {
				fields += `,"customfield_10021":"4711"`
			}
			if tc.fields != "" {
				fields += "," + tc.fields
			}
			a := s.call("POST", "/jira/rest/api/2/issue", `{"fields":{`+fields+`}}`, jiraUser)
			require.Equal(t, http.StatusBadRequest, a.status, a.body)
			var refusal struct{ Errors map[string]string }
			a.json(t, &refusal)
			require.Len(t, refusal.Errors, 1, a.body)
			require.Contains(t, refusal.Errors[tc.field], tc.want)
		})
	}
	a := s.call("POST", "/jira/rest/api/2/issue", `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"Task"},"summary":"x","description":"`+long+`",
		"customfield_10021":"4711","customfield_10022":7,"customfield_10023":{"value":"Berlin"},"customfield_10024":[{"value":"Oslo"}],
		"customfield_10025":{"accountId":"712020:gatehouse"},"customfield_10026":{"value":"Account","child":{"value":"Leaver"}},
		"customfield_10027":"2026-11-30","customfield_10001":"36885b3c-1bf0-4f85-a357-c5b858c31de4","components":[{"name":"Identity"}]}}`, jiraUser)
	require.Equal(t, http.StatusCreated, a.status, a.body)
	a = s.call("GET", "/jira/rest/api/3/issue/IT-1?fieldsByKeys=true&updateHistory=false&failFast=true&fields=*all&fields=-comment", "", jiraUser)
	var issue struct{ Fields map[string]any }
	a.json(t, &issue)
	require.Equal(t, "doc", issue.Fields["description"].(map[string]any)["type"])
	require.InDelta(t, 7, issue.Fields["customfield_10022"], 0)
	require.Equal(t, "Berlin", issue.Fields["customfield_10023"].(map[string]any)["value"])
	require.NotContains(t, issue.Fields, "comment")
}

// TestJiraSaysWhatANewIssueNeeds reads createmeta, by which clients fill in forms.
func TestJiraSaysWhatANewIssueNeeds(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	s.control("POST", "jira", jiraFields)
	var types struct{ IssueTypes []struct{ ID, Name string } }
	s.call("GET", "/jira/rest/api/2/issue/createmeta/IT/issuetypes", "", jiraUser).json(t, &types)
	require.Equal(t, "Task", types.IssueTypes[0].Name)
	needs, names := "", map[string]bool{}
	for start, total := 0, 1; start < total; {
		var page struct {
			Total  int
			Fields []struct {
				FieldID                   string
				Required, HasDefaultValue bool
				Schema                    struct{ Type, Items string }
				AllowedValues             []json.RawMessage
			}
		}
		path := fmt.Sprintf("/jira/rest/api/2/issue/createmeta/IT/issuetypes/%s?startAt=%d&maxResults=5", types.IssueTypes[0].ID, start)
		s.call("GET", path, "", jiraUser).json(t, &page)
		for _, f := range page.Fields {
			names[f.FieldID] = true
			if f.Required && !f.HasDefaultValue {
				needs += f.FieldID + " "
			}
		}
		start, total = start+len(page.Fields), page.Total
		require.NotEmpty(t, page.Fields)
	}
	require.Equal(t, "issuetype project summary customfield_10021 ", needs)
	require.Contains(t, names, "priority")
	s.control("POST", "jira", `{"project":{"key":"IT","no_priority":true}}`)
	a := s.call("GET", "/jira/rest/api/2/issue/createmeta/IT/issuetypes/10010", "", jiraUser)
	require.NotContains(t, a.body, `"fieldId":"priority"`)
	require.Equal(t, http.StatusNotFound, s.call("GET", "/jira/rest/api/2/issue/createmeta", "", jiraUser).status, "the old one")
}

// TestJiraIssueIsEdited edits, moves with fields and a comment, searches lists, archives and deletes.
func TestJiraIssueIsEdited(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	const v3 = "/jira/rest/api/3"
	doc := func(text string) string {
		return `{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"` + text + `"}]}]}`
	}
	ask := func(method, path, body string, want int) answer {
		t.Helper()
		a := s.call(method, v3+path, body, jiraUser)
		require.Equal(t, want, a.status, a.body)
		return a
	}
	ask("POST", "/issue", `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"Task"},"summary":"one","description":"plain"}}`, 400)
	ask("POST", "/issue", `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"Task"},"summary":"one","labels":["a"],"description":`+doc("rich")+`}}`, 201)
	ask("POST", "/issue", `{"fields":{"project":{"key":"SEC"},"issuetype":{"name":"Bug"},"summary":"two"}}`, 201)
	ask("PUT", "/issue/IT-1", `{}`, 400)
	ask("PUT", "/issue/IT-1", `{"fields":{"summary":""},"update":{"labels":[{"add":"b"}]}}`, 400)
	ask("PUT", "/issue/IT-1", `{"fields":{"summary":"uno","labels":["c"]},"update":{"labels":[{"add":"b"}]}}`, 400)
	ask("PUT", "/issue/IT-1", `{"fields":{"summary":"uno"},"update":{"labels":[{"add":"b"},{"remove":"a"}]}}`, 204)
	ask("POST", "/issue/IT-1/comment", `{"body":"plain"}`, 400)
	ask("POST", "/issue/IT-1/transitions", `{"transition":{"id":"31"},"fields":{"resolution":{"name":"No such"}}}`, 400)
	ask("POST", "/issue/IT-1/transitions", `{"transition":{"id":"31"},"fields":{"resolution":{"name":"Duplicate"}},"update":{"comment":[{"add":{"body":`+doc("closed")+`}}]}}`, 204)
	ask("POST", "/issue/IT-1/transitions", `{"transition":{"id":"31"}}`, 400)
	plain := s.call("GET", "/jira/rest/api/2/issue/IT-1", "", jiraUser).body
	for _, part := range []string{`"summary":"uno"`, `"labels":["b"]`, `"description":"rich"`, `"body":"closed"`, `"name":"Duplicate"`, `"name":"Done"`} {
		require.Contains(t, plain, part)
	}
	s.control("POST", "clock", `{"advance":"5s"}`)
	found := func(jql string) int {
		t.Helper()
		var page struct{ Issues []json.RawMessage }
		body, err := json.Marshal(map[string]any{"jql": jql, "fields": []string{"summary"}})
		require.NoError(t, err)
		ask("POST", "/search/jql", string(body), 200).json(t, &page)
		return len(page.Issues)
	}
	require.Equal(t, 2, found(`project in (IT, "SEC") ORDER BY created`))
	require.Equal(t, 0, found(`project in (IT,SEC) AND labels not in ("b")`), "what has no label is not among those with another one")
	require.Equal(t, 1, found(`project in (IT,SEC) AND labels not in ("a")`))
	require.Equal(t, 1, found(`project = IT AND summary ~ "un*" AND assignee is EMPTY`))
	require.Equal(t, 1, found(`labels = b`), "an edit is in the index")
	ask("POST", "/search/jql", `{"jql":"project in (IT"}`, 400)
	ask("POST", "/search/jql", `{"jql":"project in (IT, NO)"}`, 400)

	s.control("POST", "jira", `{"project":{"key":"IT","archived":true}}`)
	require.Contains(t, ask("POST", "/issue", `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"Task"},"summary":"x"}}`, 400).body, `"project"`)
	ask("GET", "/issue/IT-1", "", 200)
	ask("POST", "/issue/IT-1/comment", `{"body":`+doc("late")+`}`, 400)
	ask("GET", "/issue/createmeta/IT/issuetypes", "", 404)
	ask("POST", "/search/jql", `{"jql":"project = IT"}`, 400)
	ask("DELETE", "/issue/SEC-1", "", 204)
	ask("GET", "/issue/SEC-1", "", 404)
}
