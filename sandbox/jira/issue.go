package jira

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

func (j *Jira) issueRoutes(v string) []tenant.Route {
	one := v + "/issue/{key}"
	none := []string{}
	return []tenant.Route{
		{Method: "POST", Path: v + "/issue", Op: "jira.create_issue", Query: []string{"updateHistory"}, Handle: j.create},
		{Method: "GET", Path: one, Op: "jira.get_issue", Query: []string{"fields", "expand", "properties"}, Handle: j.get},
		{Method: "GET", Path: one + "/comment", Op: "jira.list_comments", Query: []string{"startAt", "maxResults", "orderBy", "expand"}, Handle: j.listComments},
		{Method: "POST", Path: one + "/comment", Op: "jira.add_comment", Query: []string{"expand"}, Handle: j.addComment},
		{Method: "GET", Path: one + "/transitions", Op: "jira.list_transitions", Query: []string{"expand", "transitionId"}, Handle: j.listTransitions},
		{Method: "POST", Path: one + "/transitions", Op: "jira.transition", Query: none, Handle: j.transition},
		{Method: "PUT", Path: one + "/assignee", Op: "jira.assign", Query: none, Handle: j.assign},
		{Method: "GET", Path: v + "/myself", Op: "jira.myself", Query: []string{"expand"}, Handle: j.myself},
		{Method: "GET", Path: v + "/user", Op: "jira.get_user", Query: []string{"accountId"}, Handle: j.getUser},
		{Method: "GET", Path: v + "/user/search", Op: "jira.search_users", Query: []string{"query", "accountId", "startAt", "maxResults"}, Handle: j.searchUsers},
	}
}

// newIssue is the body of a create call. Unknown fields are refused, as on a project whose screen lacks them.
type newIssue struct {
	Fields struct {
		Summary     string   `json:"summary"`
		Description any      `json:"description"`
		Project     named    `json:"project"`
		Type        named    `json:"issuetype"`
		Labels      []string `json:"labels"`
		Assignee    *account `json:"assignee"`
		Priority    *named   `json:"priority"`
		DueDate     string   `json:"duedate"`
	} `json:"fields"`
	Properties []struct {
		Key   string `json:"key"`
		Value any    `json:"value"`
	} `json:"properties"`
}

type named struct {
	ID   string `json:"id,omitempty"`
	Key  string `json:"key,omitempty"`
	Name string `json:"name,omitempty"`
}

// account is a user in a request. Only the account id counts; a common client sends the rest along.
type account struct {
	AccountID  *string        `json:"accountId"`
	AvatarURLs map[string]any `json:"avatarUrls"`
	Email      string         `json:"emailAddress"`
	Name       string         `json:"displayName"`
	Active     bool           `json:"active"`
}

// The projects, and what both of them offer.
var (
	projects   = []string{ProjectIT, ProjectSec}
	issueTypes = []string{"Task", "Bug", "Service Request", "Incident"}
	priorities = []string{"Highest", "High", "Medium", "Low", "Lowest"}
)

// maxSummary is the longest summary, in characters.
const maxSummary = 255

// Long because it checks a new issue in the order in which Jira does.
func (j *Jira) create(c *tenant.Call) tenant.Reply {
	var body newIssue
	if refused := j.custom(c); refused != nil {
		return *refused
	}
	if err := c.JSON(&body); err != nil {
		return failField("body", "Field cannot be set. It is not on the appropriate screen, or unknown: "+err.Error())
	}
	f := body.Fields
	description, plain := f.Description.(string)
	priority := "Medium"
	if f.Priority != nil {
		priority = f.Priority.Name
	}
	switch {
	case strings.TrimSpace(f.Summary) == "":
		return failField("summary", "You must specify a summary of the issue.")
	case strings.Contains(f.Summary, "\n"):
		return failField("summary", "The summary is invalid because it contains newline characters.")
	case len([]rune(f.Summary)) > maxSummary:
		return failField("summary", "Summary must be less than 255 characters.")
	case f.Description != nil && !plain:
		return failField("description", "Operation value must be a string")
	case !slices.Contains(projects, f.Project.Key):
		return failField("project", "valid project is required")
	case !slices.Contains(issueTypes, f.Type.Name):
		return failField("issuetype", "Specify a valid issue type")
	case !slices.Contains(priorities, priority):
		return failField("priority", "Specify a valid 'id' or 'name' for Priority")
	}
	for _, l := range f.Labels {
		if l == "" || strings.ContainsAny(l, " \t\n") {
			return failField("labels", fmt.Sprintf("The label '%s' contains spaces which is invalid.", l))
		}
	}
	assignee := ""
	if f.Assignee != nil && f.Assignee.AccountID != nil {
		assignee = *f.Assignee.AccountID
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if assignee != "" && j.people[assignee] == nil {
		return failField("assignee", "User '"+assignee+"' does not exist.")
	}
	now := j.t.Now()
	i := &Issue{
		ID: strconv.Itoa(j.nextID), number: j.next[f.Project.Key], Project: f.Project.Key, Summary: f.Summary,
		Description: description, Type: f.Type.Name, Labels: append([]string{}, f.Labels...), Assignee: assignee,
		Priority: priority, Status: "To Do", Comments: []Comment{}, DueDate: f.DueDate, Reporter: AccountID, Created: now, Updated: now,
	}
	i.Key = fmt.Sprintf("%s-%d", i.Project, i.number)
	for _, p := range body.Properties {
		if i.Properties == nil {
			i.Properties = map[string]any{}
		}
		i.Properties[p.Key] = p.Value
	}
	j.nextID++
	j.next[i.Project]++
	j.issues[i.Key], j.byID[i.ID] = i, i.Key
	j.order = append(j.order, i.Key)
	for _, l := range i.Labels {
		j.byLabel[l] = append(j.byLabel[l], i.Key)
	}
	c.Subject("issue", i.Key)
	c.Effect("created")
	return tenant.JSON(http.StatusCreated, map[string]string{
		"id": i.ID, "key": i.Key, "self": "https://acme.atlassian.net/rest/api/2/issue/" + i.ID,
	})
}

// target finds the issue in the path.
func (j *Jira) target(c *tenant.Call) (*Issue, *tenant.Reply) {
	i := j.find(c.Param("key"))
	if i == nil {
		r := fail(http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
		return nil, &r
	}
	c.Subject("issue", i.Key)
	return i, nil
}

// change stores a changed copy of an issue and returns it.
func (j *Jira) change(key string, f func(i *Issue)) *Issue {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := *j.issues[key]
	f(&i)
	i.Updated = j.t.Now()
	j.issues[key] = &i
	return &i
}

// get is a direct read: it never lags.
func (j *Jira) get(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	names := []string{"*all"}
	if q := c.Query().Get("fields"); q != "" {
		names = strings.Split(q, ",")
	}
	v := j.view(i, names)
	if wanted := c.Query().Get("properties"); wanted != "" {
		v["properties"] = i.Properties
	}
	return tenant.JSON(http.StatusOK, v)
}

// stamp is how Jira writes times.
const stamp = "2006-01-02T15:04:05.000-0700"

// view is an issue with the named fields; "*all" and "*navigable" mean all of them.
func (j *Jira) view(i *Issue, names []string) map[string]any {
	v := map[string]any{"id": i.ID, "key": i.Key, "self": "https://acme.atlassian.net/rest/api/2/issue/" + i.ID}
	all := map[string]any{
		"summary": i.Summary, "description": i.Description, "labels": i.Labels,
		"project":   map[string]string{"id": i.Project, "key": i.Project, "name": i.Project},
		"issuetype": map[string]any{"id": "1", "name": i.Type, "subtask": false},
		"status":    statusView(i.Status), "priority": map[string]string{"name": i.Priority},
		"assignee": j.personView(i.Assignee), "reporter": j.personView(i.Reporter),
		"created": i.Created.Format(stamp), "updated": i.Updated.Format(stamp),
		"comment": map[string]any{"comments": j.commentViews(i), "total": len(i.Comments), "startAt": 0, "maxResults": len(i.Comments)},
	}
	all["duedate"] = nil
	if i.DueDate != "" {
		all["duedate"] = i.DueDate
	}
	fields := map[string]any{}
	for name, value := range all {
		if slices.Contains(names, "*all") || slices.Contains(names, "*navigable") || slices.Contains(names, name) {
			fields[name] = value
		}
	}
	v["fields"] = fields
	return v
}

func statusView(name string) map[string]any {
	category := map[string]string{"To Do": "new", "In Progress": "indeterminate", "Done": "done"}[name]
	return map[string]any{"id": category, "name": name, "statusCategory": map[string]string{"key": category, "name": name}}
}

// personView is a user in a reply, null for nobody.
func (j *Jira) personView(accountID string) any {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if p := j.people[accountID]; p != nil {
		return *p
	}
	return nil
}
