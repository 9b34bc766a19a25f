package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/internal/httpx"
	"gatehouse/internal/yamlfile"
)

// Jira holds the tickets.
type Jira struct {
	BaseURL string `yaml:"base_url"`
	// Deployment is cloud or datacenter: their search APIs have nothing in common.
	Deployment string       `yaml:"deployment"`
	User       string       `yaml:"user"`
	Token      httpx.Secret `yaml:"token"`
	Project    string       `yaml:"project"`
	IssueType  string       `yaml:"issue_type"`
	// Assignee is an account id (cloud) or a user name (datacenter).
	Assignee string `yaml:"assignee"`
	// Components are names of the project's components, and Team is the id of a team.
	Components []string `yaml:"components"`
	Team       string   `yaml:"team"`
	// Fields are what every ticket has in further fields, by the id or the name of each.
	Fields map[string]yamlfile.Values `yaml:"fields"`
	// Priorities are the names of Jira's priorities by the policy's severities.
	Priorities map[string]string `yaml:"priorities"`
	// IndexLag is how long a new issue may stay invisible to searches (default 2m).
	IndexLag time.Duration `yaml:"index_lag"`
}

// DefaultJira is what holds where the file says nothing.
func DefaultJira() Jira {
	return Jira{
		Deployment: "cloud", IssueType: "Task", IndexLag: 2 * time.Minute,
		Priorities: map[string]string{"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"},
	}
}

// Constants are the further fields of every ticket.
func (j Jira) Constants() map[string][]string {
	all := map[string][]string{}
	for name, values := range j.Fields {
		all[name] = values
	}
	return all
}

// elsewhere says of fields, whose ids and names are the same but for case and blanks, that are no constants where their value comes from.
var elsewhere = map[string]string{
	"project": "set jira.project", "issuetype": "set jira.issue_type", "assignee": "set jira.assignee", "components": "set jira.components", "component/s": "set jira.components",
	"summary": "Gatehouse writes it", "description": "Gatehouse writes it", "labels": "Gatehouse finds its tickets by them",
}

// Configured reports whether tickets are made. Whoever has begun to fill the section in wants them to be.
func (j Jira) Configured() bool {
	return cmp.Or(j.BaseURL, j.User, j.Token.Reveal(), j.Project, j.Assignee, j.Team) != "" || len(j.Components)+len(j.Fields) > 0
}

func (c *Config) checkJira(p *problems) {
	j := c.Jira
	unset := p.unset["jira.base_url"] != "" || p.unset["jira.token"] != "" || p.unset["jira.user"] != "" || p.unset["jira.project"] != ""
	if !j.Configured() && !unset {
		return
	}
	p.url("jira.base_url", j.BaseURL, "https://<site>.atlassian.net")
	p.text("jira.token", j.Token.Reveal(), "set JIRA_TOKEN to an API token, or remove the section jira")
	p.text("jira.project", j.Project, "the key of the project for IT's tickets")
	switch j.Deployment {
	case "cloud":
		p.text("jira.user", j.User, "the e-mail address the API token belongs to")
	case "datacenter":
	default:
		p.add("jira.deployment is neither cloud nor datacenter")
	}
	p.optional("jira.assignee", j.Assignee)
	p.optional("jira.team", j.Team)
	for i, name := range j.Components {
		p.text(yamlfile.Item("jira.components", i), name, "the name of a component of the project, or remove the entry")
	}
	for _, field := range slices.Sorted(maps.Keys(j.Fields)) {
		name := yamlfile.Join("jira.fields", field)
		if strings.TrimSpace(field) == "" {
			p.add("jira.fields has an entry without a name: write the id or the name of a field, or remove the entry")
			continue
		}
		if instead := elsewhere[strings.ToLower(strings.ReplaceAll(field, " ", ""))]; instead != "" {
			p.add("%s is no constant: %s, and remove the entry", name, instead)
		}
		if len(j.Fields[field]) == 0 {
			p.text(name, "", "the value that every ticket has in this field, or remove the entry")
		}
		for i, value := range j.Fields[field] {
			p.text(yamlfile.Item(name, i), value, "a value of the field, or remove the entry")
		}
	}
	for _, severity := range slices.Sorted(maps.Keys(j.Priorities)) {
		p.optional(yamlfile.Join("jira.priorities", severity), j.Priorities[severity])
	}
	if j.IndexLag < 0 {
		p.add("jira.index_lag is negative: write how long a new issue may stay invisible to searches, such as 2m")
	}
}
