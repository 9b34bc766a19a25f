package jira

import (
	"encoding/json"
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
		{Method: "GET", Path: one, Op: "jira.get_issue", Query: []string{"fields", "fieldsByKeys", "expand", "properties", "updateHistory", "failFast"}, Handle: j.get},
		{Method: "PUT", Path: one, Op: "jira.edit_issue", Query: []string{"notifyUsers", "overrideScreenSecurity", "overrideEditableFlag", "returnIssue", "expand"}, Handle: j.edit},
		{Method: "DELETE", Path: one, Op: "jira.delete_issue", Query: []string{"deleteSubtasks"}, Handle: j.remove},
		{Method: "GET", Path: one + "/transitions", Op: "jira.list_transitions", Query: []string{"expand", "transitionId", "skipRemoteOnlyCondition", "includeUnavailableTransitions", "sortByOpsBarAndStatus"}, Handle: j.listTransitions},
		{Method: "POST", Path: one + "/transitions", Op: "jira.transition", Query: none, Handle: j.transition},
		{Method: "PUT", Path: one + "/assignee", Op: "jira.assign", Query: none, Handle: j.assign},
	}
}

// issueBody is what a request says about an issue.
type issueBody struct {
	Fields     map[string]json.RawMessage `json:"fields"`
	Update     map[string][]operation     `json:"update"`
	Transition *ref                       `json:"transition"`
	Properties []struct {
		Key   string `json:"key"`
		Value any    `json:"value"`
	} `json:"properties"`
	HistoryMetadata any `json:"historyMetadata"`
}

func (j *Jira) create(c *tenant.Call) tenant.Reply {
	var body issueBody
	if err := c.JSON(&body); err != nil {
		return fail(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var in ref
	if raw := body.Fields["project"]; len(raw) == 0 || strict(raw, &in) != nil || in.ID+in.Key == "" {
		return failField("project", "Specify a valid project ID or key")
	}
	p := j.projectOf(in.ID + in.Key)
	if p == nil || p.Archived {
		// Nobody may create in an archived project, and whoever may not is told nothing else.
		return failField("project", "valid project is required")
	}
	delete(body.Fields, "project")
	now := j.t.Now()
	i := &Issue{
		ID: strconv.Itoa(j.nextID), Project: p.Key, Status: workflow[0].to, Labels: []string{}, Comments: []Comment{},
		Reporter: AccountID, Created: now, Updated: now,
	}
	if !p.NoPriority {
		i.Priority = "Medium"
	}
	e := j.edits(p, i, rich(c))
	e.all(body.Fields)
	e.update(body.Update, body.Fields)
	e.demand()
	if i.Summary == "" && e.errors["summary"] == "" {
		e.errors["summary"] = "You must specify a summary of the issue."
	}
	if i.Type == "" && e.errors["issuetype"] == "" {
		e.errors["issuetype"] = "Specify an issue type"
	}
	if len(e.errors) > 0 {
		return failFields(e.errors)
	}
	i.Key = fmt.Sprintf("%s-%d", p.Key, j.next[p.Key])
	for _, property := range body.Properties {
		if i.Properties == nil {
			i.Properties = map[string]any{}
		}
		i.Properties[property.Key] = property.Value
	}
	j.nextID++
	j.next[p.Key]++
	j.issues[i.Key], j.byID[i.ID] = i, i.Key
	j.order = append(j.order, i.Key)
	for _, l := range i.Labels {
		j.byLabel[l] = append(j.byLabel[l], i.Key)
	}
	c.Subject("issue", i.Key)
	c.Effect("created")
	return tenant.JSON(http.StatusCreated, map[string]string{"id": i.ID, "key": i.Key, "self": j.self(c, i)})
}

const site = "https://acme.atlassian.net"

// self is the address of an issue by the version of the call.
func (j *Jira) self(c *tenant.Call, i *Issue) string {
	version := "2"
	if rich(c) {
		version = "3"
	}
	return site + "/rest/api/" + version + "/issue/" + i.ID
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

// writable finds the issue in the path, unless its project is archived. what is what Jira says may not be done then.
func (j *Jira) writable(c *tenant.Call, what string) (*Issue, *tenant.Reply) {
	i, refused := j.target(c)
	if refused == nil && j.project(i.Project).Archived {
		r := fail(http.StatusBadRequest, "You do not have the permission to "+what+" this issue.")
		return nil, &r
	}
	return i, refused
}

// change stores a changed copy of an issue and returns it.
func (j *Jira) change(key string, f func(i *Issue)) *Issue {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := *j.issues[key]
	f(&i)
	j.store(&i)
	return &i
}

// store keeps a changed issue, and what its labels are found by. The site is locked.
func (j *Jira) store(i *Issue) {
	old := j.issues[i.Key]
	for _, l := range old.Labels {
		j.byLabel[l] = slices.DeleteFunc(slices.Clone(j.byLabel[l]), func(key string) bool { return key == i.Key })
	}
	for _, l := range i.Labels {
		j.byLabel[l] = append(j.byLabel[l], i.Key)
	}
	i.Updated = j.t.Now()
	j.issues[i.Key] = i
}

// get is a direct read: it never lags.
func (j *Jira) get(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	names := []string{"*all"}
	if q := c.Query()["fields"]; len(q) > 0 {
		names = strings.Split(strings.Join(q, ","), ",")
	}
	v := j.view(i, names, rich(c))
	v["self"] = j.self(c, i)
	if wanted := c.Query().Get("properties"); wanted != "" {
		v["properties"] = i.Properties
	}
	expand := strings.Split(c.Query().Get("expand"), ",")
	if slices.Contains(expand, "transitions") {
		v["transitions"] = transitionsOf(i)
	}
	if slices.Contains(expand, "names") {
		labels := map[string]any{}
		for _, f := range j.project(i.Project).screen() {
			labels[fmt.Sprint(f["fieldId"])] = f["name"]
		}
		v["names"] = labels
	}
	return tenant.JSON(http.StatusOK, v)
}

func (j *Jira) edit(c *tenant.Call) tenant.Reply {
	i, refused := j.writable(c, "edit")
	if refused != nil {
		return *refused
	}
	var body issueBody
	if err := c.JSON(&body); err != nil {
		return fail(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	if len(body.Fields)+len(body.Update) == 0 {
		return fail(http.StatusBadRequest, "one of 'fields' or 'update' required")
	}
	changed, refused := j.rewrite(i.Key, rich(c), body, "")
	if refused != nil {
		return *refused
	}
	c.Effect("edited")
	if c.Query().Get("returnIssue") == "true" {
		return tenant.JSON(http.StatusOK, j.view(changed, []string{"*all"}, rich(c)))
	}
	return tenant.Empty(http.StatusNoContent)
}

// rewrite applies a request to an issue, all of it or nothing, and brings it into a status if one is given.
func (j *Jira) rewrite(key string, rich bool, body issueBody, status string) (*Issue, *tenant.Reply) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := *j.issues[key]
	e := j.edits(j.projects[i.Project], &i, rich)
	if raw, given := body.Fields["resolution"]; given && status != "" {
		if complaint := named(raw, resolutions, 10000, "Resolution", &i.Resolution); complaint != "" {
			e.errors["resolution"] = complaint
		}
		delete(body.Fields, "resolution")
	}
	e.all(body.Fields)
	e.update(body.Update, body.Fields)
	if status == "" {
		e.demand()
	}
	if len(e.errors) > 0 {
		r := failFields(e.errors)
		return nil, &r
	}
	if status != "" {
		i.Status = status
	}
	j.store(&i)
	return &i, nil
}

func (j *Jira) remove(c *tenant.Call) tenant.Reply {
	i, refused := j.writable(c, "delete")
	if refused != nil {
		return *refused
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	bare := *i
	bare.Labels = nil
	j.store(&bare)
	delete(j.issues, i.Key)
	delete(j.byID, i.ID)
	j.order = slices.DeleteFunc(slices.Clone(j.order), func(key string) bool { return key == i.Key })
	c.Effect("deleted")
	return tenant.Empty(http.StatusNoContent)
}
