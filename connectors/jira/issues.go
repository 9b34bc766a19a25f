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
	// Components are names, and Team is the id of a team.
	Components []string
	Team       string
	// Priority is the name of one. A project that has none of that name is not told.
	Priority string
	// Fields are constants by the id or the name of a field; several values are those of a list.
	Fields map[string][]string
}

// Create makes an issue and returns its key. It is not safe to repeat: look for a label of its own first where an earlier
// attempt may have gone through. The wire form is written here: the library's would send members along that can only be read,
// such as an assignee's password.
func (c *Client) Create(ctx context.Context, in Issue) (key string, err error) {
	const op = "create a ticket"
	fields, wrong, err := c.fields(ctx, in)
	switch {
	case err != nil:
		return "", err
	case len(wrong) > 0:
		// Somebody mends it at Jira or in the configuration; the next attempt has to see that.
		c.forgetScreen(in)
		return "", misfit(op, wrong)
	}
	var made struct {
		Key string `json:"key"`
	}
	switch err := c.send(ctx, op, http.MethodPost, "rest/api/2/issue", map[string]any{"fields": fields}, &made); {
	case err != nil:
		return "", c.explain(ctx, err, in, fields)
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
