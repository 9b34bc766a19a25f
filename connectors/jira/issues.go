package jira

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	jiraapi "github.com/andygrunwald/go-jira"
)

// Issue is what an issue is made with.
type Issue struct {
	Project, Type, Summary, Description string
	Labels                              []string
	// Assignee is an account id of Jira Cloud, or a name of Data Center; empty leaves it to the project.
	Assignee string
}

// newIssue is the wire form of an issue to make. The library's would send members along that are read-only, such as an
// assignee's password.
type newIssue struct {
	Fields struct {
		Project     map[string]string `json:"project"`
		Type        map[string]string `json:"issuetype"`
		Summary     string            `json:"summary"`
		Description string            `json:"description,omitempty"`
		Labels      []string          `json:"labels,omitempty"`
		Assignee    map[string]string `json:"assignee,omitempty"`
	} `json:"fields"`
}

// Create makes an issue and returns its key. It is not safe to repeat: look for a label of its own first where an earlier
// attempt may have gone through.
func (c *Client) Create(ctx context.Context, in Issue) (key string, err error) {
	const op = "create a ticket"
	var body newIssue
	f := &body.Fields
	f.Project, f.Type = map[string]string{"key": in.Project}, map[string]string{"name": in.Type}
	f.Summary, f.Description, f.Labels = in.Summary, in.Description, in.Labels
	switch {
	case in.Assignee != "" && c.cloud:
		f.Assignee = map[string]string{"accountId": in.Assignee}
	case in.Assignee != "":
		f.Assignee = map[string]string{"name": in.Assignee}
	}
	var made struct {
		Key string `json:"key"`
	}
	switch err := c.send(ctx, op, http.MethodPost, "rest/api/2/issue", body, &made); {
	case err != nil:
		return "", err
	case made.Key == "":
		return "", c.library.Malformed(op)
	}
	return made.Key, nil
}

// FindByLabel searches a project for an issue with a label; of several the oldest counts. That none is found means nothing
// before the index has caught up.
func (c *Client) FindByLabel(ctx context.Context, project, label string) (key string, found bool, err error) {
	jql := fmt.Sprintf(`project = "%s" AND labels = "%s" ORDER BY created ASC`, quoted(project), quoted(label))
	var issues []jiraapi.Issue
	err = c.call(ctx, "search for a ticket", func(ctx context.Context) (err error) {
		if c.cloud {
			issues, _, err = c.api.Issue.SearchV2JQLWithContext(ctx, jql, &jiraapi.SearchOptionsV2{MaxResults: 10, Fields: []string{"summary"}})
			return err
		}
		issues, _, err = c.api.Issue.SearchWithContext(ctx, jql, &jiraapi.SearchOptions{MaxResults: 10, Fields: []string{"summary"}})
		return err
	})
	if err != nil || len(issues) == 0 {
		return "", false, err
	}
	return issues[0].Key, true, nil
}

// quoted makes a value safe inside a JQL string.
func quoted(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

// Myself fails if Jira does not take the credential.
func (c *Client) Myself(ctx context.Context) error {
	return c.get(ctx, "ask who the token belongs to", "rest/api/2/myself", nil)
}

// Searchable fails if a project cannot be searched.
func (c *Client) Searchable(ctx context.Context, project string) error {
	path := "rest/api/2/search?"
	if c.cloud {
		path = "rest/api/3/search/jql?"
	}
	query := url.Values{"jql": {fmt.Sprintf("project = %q", project)}, "maxResults": {"1"}, "fields": {"status"}}
	return c.get(ctx, "search a project", path+query.Encode(), nil)
}
