package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
)

func jiraWith(t *testing.T, more string) string {
	t.Helper()
	const project = "project: IT}"
	require.Contains(t, worker, project)
	return strings.Replace(worker, project, "project: IT, "+more+"}", 1)
}

func TestBadJiraSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		more string
		want []string
	}{
		"a field of Gatehouse's own":        {"fields: {summary: s3cr3t}", []string{"jira.fields.summary is no constant: Gatehouse writes it, and remove the entry"}},
		"a field with a setting of its own": {"fields: {assignee: s3cr3t}", []string{"jira.fields.assignee is no constant: set jira.assignee, and remove the entry"}},
		"labels by their name":              {"fields: {Labels: [s3cr3t]}", []string{"jira.fields.Labels is no constant: Gatehouse finds its tickets by them, and remove the entry"}},
		"a field of ours by its name":       {"fields: {Summary: s3cr3t, Issue Type: s3cr3t}", []string{"jira.fields.Issue Type is no constant: set jira.issue_type, and remove the entry", "jira.fields.Summary is no constant: Gatehouse writes it, and remove the entry"}},
		"labels":                            {"fields: {labels: [s3cr3t]}", []string{"jira.fields.labels is no constant: Gatehouse finds its tickets by them, and remove the entry"}},
		"a field without a value":           {"fields: {customfield_1: ''}", []string{"jira.fields.customfield_1[0] is missing: a value of the field, or remove the entry"}},
		"a field with no values":            {"fields: {customfield_1: []}", []string{"jira.fields.customfield_1 is missing: the value that every ticket has in this field, or remove the entry"}},
		"a field with an empty value":       {"fields: {customfield_1: [s3cr3t, '']}", []string{"jira.fields.customfield_1[1] is missing: a value of the field, or remove the entry"}},
		"a field of no variable":            {"fields: {customfield_1: '${NOT_SET}'}", []string{"jira.fields.customfield_1[0] is missing: the environment variable NOT_SET is not set"}},
		"a mapping for a field":             {"fields: {customfield_1: {id: s3cr3t}}", []string{"15:129: jira.fields.customfield_1 must be a text or a list of texts, not a mapping"}},
		"a list in a list":                  {"fields: {customfield_1: [[s3cr3t]]}", []string{"15:130: jira.fields.customfield_1[0] must be a text, not a list"}},
		"a number that would not stay":      {"fields: {customfield_1: 0123}", []string{"15:129: jira.fields.customfield_1 is a number to YAML and would not stay as it is written: put it in quotes"}},
		"fields as a list":                  {"fields: [s3cr3t]", []string{"15:113: jira.fields must be a mapping of keys to values, not a list"}},
		"an empty component":                {"components: [s3cr3t, '']", []string{"jira.components[1] is missing: the name of a component of the project, or remove the entry"}},
		"blank values": {"fields: {customfield_1: ['  '], Site: '  '}, components: [' '], team: '  ', assignee: ' ', priorities: {high: '  '}", []string{
			"jira.assignee is blank: give it a value, or remove the key",
			"jira.team is blank: give it a value, or remove the key",
			"jira.components[0] is missing: the name of a component of the project, or remove the entry",
			"jira.fields.Site[0] is missing: a value of the field, or remove the entry",
			"jira.fields.customfield_1[0] is missing: a value of the field, or remove the entry",
			"jira.priorities.high is blank: give it a value, or remove the key",
		}},
		"a field without a name": {"fields: {'': s3cr3t, ' ': s3cr3t}", []string{
			"jira.fields has an entry without a name: write the id or the name of a field, or remove the entry",
			"jira.fields has an entry without a name: write the id or the name of a field, or remove the entry",
		}},
		"a text for components":               {"components: s3cr3t", []string{"15:117: jira.components must be a list, not a text"}},
		"a team of no variable":               {"team: '${NOT_SET}'", []string{"jira.team is missing: the environment variable NOT_SET is not set"}},
		"an assignee of no variable":          {"assignee: '${NOT_SET}'", []string{"jira.assignee is missing: the environment variable NOT_SET is not set"}},
		"a priority of no variable":           {"priorities: {high: '${NOT_SET}'}", []string{"jira.priorities.high is missing: the environment variable NOT_SET is not set"}},
		"a list for a priority":               {"priorities: {high: [s3cr3t]}", []string{"15:124: jira.priorities.high must be a text, not a list"}},
		"an index that is ahead":              {"index_lag: -1s", []string{"jira.index_lag is negative: write how long a new issue may stay invisible to searches, such as 2m"}},
		"a server that is neither":            {"deployment: server", []string{`jira.deployment is neither cloud nor datacenter`}},
		"components, a team and constants":    {"components: [Identity], team: abc, fields: {customfield_1: 7, Site: [Oslo, Berlin]}", nil},
		"no priorities":                       {"priorities: {}", nil},
		"a word of the tenant's own":          {"priorities: {urgent: Blocker, later: ''}", nil},
		"a constant priority, and a sentence": {"fields: {priority: Low, 'Cost centre': 'to be said'}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := jiraWith(t, tt.more)
			if tt.want == nil {
				_, err := config.Load(write(t, text), everything)
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, problems(t, text, everything))
		})
	}
}

func TestJiraConstants(t *testing.T) {
	t.Setenv("COST_CENTRE", "4711")
	c, err := config.Load(write(t, jiraWith(t, "fields: {customfield_1: '${COST_CENTRE}', Site: [Oslo, Berlin], Seats: 7}")), everything)
	require.NoError(t, err)
	require.Equal(t, map[string][]string{"customfield_1": {"4711"}, "Site": {"Oslo", "Berlin"}, "Seats": {"7"}}, c.Jira.Constants())
	require.Equal(t, "Highest", c.Jira.Priorities["critical"])
	c, err = config.Load(write(t, jiraWith(t, "priorities: {high: Blocker}")), everything)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"high": "Blocker"}, c.Jira.Priorities, "what is written replaces all of it")
}
