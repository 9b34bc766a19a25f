package jira_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/jira"
)

// told is a Jira that answers from a table and remembers what was written to it.
type told struct {
	*jira.Client
	written []string
	asked   []string
}

// tells answers a path with a text; a POST is remembered and answered with created, or refused if that is a refusal.
func tells(t *testing.T, cloud bool, created string, answers map[string]string) *told {
	t.Helper()
	site := &told{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			site.written = append(site.written, strings.TrimSpace(string(body)))
			if strings.Contains(created, "errors") {
				w.WriteHeader(http.StatusBadRequest)
			}
			_, _ = io.WriteString(w, created) // The client may be gone.
			return
		}
		site.asked = append(site.asked, r.URL.Path)
		text, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, text) // The client may be gone.
	}))
	t.Cleanup(server.Close)
	c, err := jira.New(jira.Options{BaseURL: server.URL, Cloud: cloud, User: "u", Token: "s3cr3t", HTTP: server.Client()})
	require.NoError(t, err)
	site.Client = c
	return site
}

const meta = "/rest/api/2/issue/createmeta/IT/issuetypes"

// TestWireForm holds that nothing is sent that can only be read: what is here is the whole body.
func TestWireForm(t *testing.T) {
	t.Parallel()
	issue := jira.Issue{Project: "IT", Type: "Task", Summary: "s", Description: "d", Labels: []string{"l"}, Assignee: "712020:1", Components: []string{"Identity"}}
	site := tells(t, true, `{"id":"1","key":"IT-1"}`, nil)
	_, err := site.Create(t.Context(), issue)
	require.NoError(t, err)
	_, err = site.AddComment(t.Context(), "IT-1", "hello")
	require.NoError(t, err)
	require.JSONEq(t, `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"Task"},"summary":"s","description":"d","labels":["l"],
		"assignee":{"accountId":"712020:1"},"components":[{"name":"Identity"}]}}`, site.written[0])
	require.JSONEq(t, `{"body":"hello"}`, site.written[1])
	require.Empty(t, site.asked, "without constants nobody asks what the project has")

	server := tells(t, false, `{"id":"1","key":"IT-1"}`, nil)
	issue.Assignee = "ada"
	_, err = server.Create(t.Context(), issue)
	require.NoError(t, err)
	require.Contains(t, server.written[0], `"assignee":{"name":"ada"}`)
}

// TestConstantsOnDataCenter: Data Center calls the lists of createmeta "values", and knows people by name.
func TestConstantsOnDataCenter(t *testing.T) {
	t.Parallel()
	site := tells(t, false, `{"key":"IT-1"}`, map[string]string{
		meta: `{"maxResults":50,"startAt":0,"total":1,"isLast":true,"values":[{"id":"3","name":"Task"}]}`,
		meta + "/3": `{"maxResults":50,"startAt":0,"total":3,"isLast":true,"values":[
			{"fieldId":"customfield_1","name":"Approver","required":true,"schema":{"type":"user"}},
			{"fieldId":"customfield_2","name":"Team","schema":{"type":"any","custom":"com.atlassian.teams:rm-teams-custom-field-team"}},
			{"fieldId":"priority","name":"Priority","schema":{"type":"priority"},"allowedValues":[{"id":"2","name":"High"}]}]}`,
	})
	issue := jira.Issue{Project: "IT", Type: "task", Summary: "s", Team: "31", Priority: "High", Fields: map[string][]string{"approver": {"ada"}}}
	for range 2 {
		_, err := site.Create(t.Context(), issue)
		require.NoError(t, err)
	}
	require.JSONEq(t, `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"task"},"summary":"s","customfield_1":{"name":"ada"},
		"customfield_2":"31","priority":{"name":"High"}}}`, site.written[1])
	require.Len(t, site.asked, 2, "what the project has is read once")
}

// TestWhereJiraDoesNotTell: without createmeta a ticket goes without its priority, and constants are an error.
func TestWhereJiraDoesNotTell(t *testing.T) {
	t.Parallel()
	site := tells(t, true, `{"key":"IT-1"}`, nil)
	_, err := site.Create(t.Context(), jira.Issue{Project: "IT", Type: "Task", Summary: "s", Priority: "High"})
	require.NoError(t, err)
	require.NotContains(t, site.written[0], "priority")
	_, err = site.Create(t.Context(), jira.Issue{Project: "IT", Type: "Task", Summary: "s", Team: "31"})
	require.True(t, connectors.IsKind(err, connectors.KindNotFound))
	require.Len(t, site.written, 1)
}

// TestConstantsThatDoNotFit are told by the name of the setting; Jira is not asked.
func TestConstantsThatDoNotFit(t *testing.T) {
	t.Parallel()
	site := tells(t, true, `{"key":"IT-1"}`, map[string]string{
		meta: `{"total":1,"issueTypes":[{"id":"3","name":"Task"}]}`,
		meta + "/3": `{"total":5,"fields":[
			{"fieldId":"customfield_1","name":"Seats","schema":{"type":"number"}},
			{"fieldId":"customfield_2","name":"Site","schema":{"type":"option"},"allowedValues":[{"id":"7","value":"Oslo"},"odd",7]},
			{"fieldId":"customfield_3","name":"Twin","schema":{"type":"string"}},
			{"fieldId":"customfield_4","name":"Twin","schema":{"type":"string"}},
			{"fieldId":"customfield_5","name":"Sites","schema":{"type":"array","items":"option"},"allowedValues":[{"id":"8","value":"Oslo"}]}]}`,
	})
	for name, tc := range map[string]struct {
		field  string
		values []string
		want   string
	}{
		"no number":       {"Seats", []string{"many"}, `jira.fields.Seats: "Seats" (customfield_1, number) takes a number`},
		"two numbers":     {"Seats", []string{"1", "2"}, `jira.fields.Seats: "Seats" (customfield_1, number) takes one value, not 2`},
		"no such option":  {"site", []string{"Rome"}, `jira.fields.site: "Site" (customfield_2, option) has no option "Rome"`},
		"two options":     {"site", []string{"Oslo", "Oslo"}, `jira.fields.site: "Site" (customfield_2, option) takes one value, not 2`},
		"one of a list":   {"Sites", []string{"Oslo", "Rome"}, `jira.fields.Sites: "Sites" (customfield_5, list of option) has no option "Rome"`},
		"a name of two":   {"Twin", []string{"x"}, "jira.fields.Twin: 2 fields have this name: write the id of one"},
		"no such field":   {"Nope", []string{"x"}, "jira.fields.Nope: a new ticket has no such field"},
		"an id that is":   {"customfield_3", []string{"x"}, ""},
		"an option by id": {"Site", []string{"7"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(site.written)
			_, err := site.Create(t.Context(), jira.Issue{Project: "IT", Type: "Task", Summary: "s", Fields: map[string][]string{tc.field: tc.values}})
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.want)
			require.True(t, connectors.IsKind(err, connectors.KindInvalid))
			require.Len(t, site.written, before)
		})
	}
	_, err := site.Create(t.Context(), jira.Issue{Project: "IT", Type: "Story", Summary: "s", Team: "1"})
	require.ErrorContains(t, err, `jira.issue_type: the project has no type "Story"`)
}

// TestCheckFindsWhatWouldBeRefused: fields that tickets are given and the project does not have, and those that it demands.
func TestCheckFindsWhatWouldBeRefused(t *testing.T) {
	t.Parallel()
	fields := `{"fieldId":"summary","name":"Summary","required":true},{"fieldId":"reporter","name":"Reporter","required":true,"schema":{"type":"user"}},
		{"fieldId":"customfield_1","name":"Team","required":true,"schema":{"type":"team"}}`
	site := tells(t, true, "", map[string]string{
		meta: `{"total":1,"issueTypes":[{"id":"3","name":"Task"}]}`, meta + "/3": `{"total":3,"fields":[` + fields + `]}`,
		"/rest/api/2/user/assignable/search": `[{"accountId":"712020:2"}]`,
	})
	issue := jira.Issue{Project: "IT", Type: "Task", Assignee: "712020:1", Components: []string{"Identity"}}
	wrong, idle, err := site.Check(t.Context(), issue, []string{"High", ""})
	require.NoError(t, err)
	require.Equal(t, []string{
		"tickets are given assignee, which new ones of the project do not have: put it on its create screen",
		"tickets are given components, which new ones of the project do not have: put it on its create screen",
		"tickets are given description, which new ones of the project do not have: put it on its create screen",
		"tickets are given labels, which new ones of the project do not have: put it on its create screen",
		`the project demands the field "Team" (customfield_1, team): set jira.team`,
		"jira.assignee: no such account can be assigned tickets of the project",
	}, wrong)
	require.Equal(t, []string{"High"}, idle)
	require.Empty(t, site.written)
}

// TestCheckFindsFieldsThatAreGivenTwice by name and by id, of which one would win in silence.
func TestCheckFindsFieldsThatAreGivenTwice(t *testing.T) {
	t.Parallel()
	site := tells(t, true, "", map[string]string{
		meta: `{"total":1,"issueTypes":[{"id":"3","name":"Task"}]}`,
		meta + "/3": `{"total":4,"fields":[{"fieldId":"description","name":"Description"},{"fieldId":"labels","name":"Labels"},
			{"fieldId":"customfield_10001","name":"Team","schema":{"type":"team"}},{"fieldId":"customfield_10021","name":"Cost centre","schema":{"type":"string"}}]}`,
	})
	wrong, _, err := site.Check(t.Context(), jira.Issue{Project: "IT", Type: "Task", Team: "31", Fields: map[string][]string{
		"Cost centre": {"1"}, "customfield_10021": {"2"}, "customfield_10001": {"32"},
	}}, nil)
	require.NoError(t, err)
	require.Equal(t, []string{
		"jira.fields.customfield_10001: jira.team gives a value to the same field: keep one of them",
		"jira.fields.customfield_10021: jira.fields.Cost centre gives a value to the same field: keep one of them",
		"tickets are given summary, which new ones of the project do not have: put it on its create screen",
	}, wrong)
}

// TestRefusalNamesFieldsOnly: what Jira says about a field may quote anything, and a name that is none may be anything.
func TestRefusalNamesFieldsOnly(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"errorMessages":[],"errors":{"customfield_9":"Ada Byron is required","assignee":"User 'Ada Byron' cannot be assigned issues."}}`: "HTTP 400, assignee, customfield_9): " +
			"it refuses assignee: correct jira.assignee; it wants a value for customfield_9: set jira.fields.customfield_9",
		`{"errors":{"components":"x","issuetype":"x","project":"x"}}`: "it wants a value for components: set jira.components; it refuses issuetype: correct jira.issue_type; see that jira.project names a project that is not archived, ",
		`{"errors":{"summary":"too long: Ada Byron"}}`:                "it refuses what Gatehouse writes in summary",
		`{"errors":{"Ada Byron":"x"}}`:                                "(HTTP 400): correct",
		`{"errors":[],"errorMessages":["Ada Byron"]}`:                 "(HTTP 400): correct",
		`{"errors": Ada Byron`:                                        "(HTTP 400): correct",
	} {
		require.NotContains(t, want, "Ada")
		_, err := tells(t, true, body, nil).Create(t.Context(), jira.Issue{Project: "IT", Type: "Task", Summary: "s", Assignee: "712020:1"})
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "Ada")
	}
	many := map[string]string{}
	for n := range 50 {
		many[strings.Repeat("f", n+1)] = "x"
	}
	body, err := json.Marshal(map[string]any{"errors": many})
	require.NoError(t, err)
	_, err = tells(t, true, string(body), nil).Create(t.Context(), jira.Issue{Project: "IT", Type: "Task", Summary: "s"})
	require.ErrorContains(t, err, "HTTP 400, f, ff")
	require.NotContains(t, err.Error(), strings.Repeat("f", 11))
}
