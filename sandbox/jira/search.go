package jira

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

func (j *Jira) searchRoutes(v string) []tenant.Route {
	params := []string{
		"jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "fieldsByKeys", "failFast", "reconcileIssues",
	}
	return []tenant.Route{
		{Method: "GET", Path: v + "/search", Op: "jira.search_removed", Handle: removed},
		{Method: "POST", Path: v + "/search", Op: "jira.search_removed", Handle: removed},
		{Method: "GET", Path: v + "/search/jql", Op: "jira.search", Query: params, Handle: j.searchByQuery},
		{Method: "POST", Path: v + "/search/jql", Op: "jira.search", Query: []string{}, Handle: j.searchByBody},
	}
}

// removed is what Cloud answers to the search that Server still has.
func removed(*tenant.Call) tenant.Reply {
	return fail(http.StatusGone, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "+
		"A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046")
}

// searchRequest is a search, from a query or a body.
type searchRequest struct {
	JQL        string   `json:"jql"`
	Token      string   `json:"nextPageToken"`
	MaxResults int      `json:"maxResults"`
	Fields     []string `json:"fields"`
	Expand     string   `json:"expand"`
	Properties []string `json:"properties"`
	ByKeys     bool     `json:"fieldsByKeys"`
	FailFast   bool     `json:"failFast"`
	Reconcile  []int    `json:"reconcileIssues"`
}

func (j *Jira) searchByQuery(c *tenant.Call) tenant.Reply {
	q := c.Query()
	r := searchRequest{JQL: q.Get("jql"), Token: q.Get("nextPageToken")}
	list := func(name string) (out []string) {
		for _, v := range q[name] {
			out = append(out, strings.Split(v, ",")...)
		}
		return out
	}
	r.Fields, r.Properties = list("fields"), list("properties")
	if q.Has("maxResults") {
		n, err := strconv.Atoi(q.Get("maxResults"))
		if err != nil {
			return fail(http.StatusBadRequest, "maxResults must be a number")
		}
		r.MaxResults = n
	}
	for _, id := range list("reconcileIssues") {
		n, err := strconv.Atoi(id)
		if err != nil {
			return fail(http.StatusBadRequest, "reconcileIssues must be issue ids")
		}
		r.Reconcile = append(r.Reconcile, n)
	}
	return j.search(c, r)
}

func (j *Jira) searchByBody(c *tenant.Call) tenant.Reply {
	var r searchRequest
	if err := c.JSON(&r); err != nil {
		return fail(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	return j.search(c, r)
}

// Limits of a search. Source: Jira Cloud OpenAPI, search/jql.
const (
	usualResults  = 50
	mostResults   = 5000
	mostReconcile = 50
	// mostOffset is further than any list of the sandbox goes: a token beyond it was made by somebody else.
	mostOffset = 1 << 30
)

func (j *Jira) search(c *tenant.Call, r searchRequest) tenant.Reply {
	query, complaint := parseJQL(r.JQL, j.t.Now())
	if complaint != "" {
		return fail(http.StatusBadRequest, complaint)
	}
	for _, named := range query.named("project") {
		if p := j.project(named); p == nil || p.Archived {
			return fail(http.StatusBadRequest, fmt.Sprintf("The value '%s' does not exist for the field 'project'.", named))
		}
	}
	if r.MaxResults <= 0 {
		r.MaxResults = usualResults
	}
	if len(r.Reconcile) > mostReconcile {
		return fail(http.StatusBadRequest, "reconcileIssues can have 50 ids at most")
	}
	offset := 0
	if r.Token != "" {
		raw, err := base64.URLEncoding.DecodeString(r.Token)
		if err == nil {
			offset, err = strconv.Atoi(string(raw))
		}
		if err != nil || offset < 0 || offset > mostOffset {
			return fail(http.StatusBadRequest, "The provided next page token is invalid.")
		}
	}
	found := j.indexed(query, r.Reconcile)
	end := min(offset+min(r.MaxResults, mostResults), len(found))
	out := []map[string]any{}
	for _, i := range found[min(offset, end):end] {
		if len(r.Fields) == 0 || slices.Equal(r.Fields, []string{"id"}) {
			out = append(out, map[string]any{"id": i.ID})
			continue
		}
		v := j.view(i, r.Fields, rich(c))
		v["self"] = j.self(c, i)
		out = append(out, v)
	}
	body := map[string]any{"issues": out, "isLast": end >= len(found)}
	if end < len(found) {
		body["nextPageToken"] = base64.URLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return tenant.JSON(http.StatusOK, body)
}

// indexed returns the issues that match and have reached the index, newest first unless the query orders otherwise.
// Issues to reconcile are seen at once. Those of an archived project are in no search.
func (j *Jira) indexed(q *query, reconcile []int) []*Issue {
	horizon := j.t.Now().Add(-time.Duration(j.lag.Load()))
	j.mu.RLock()
	defer j.mu.RUnlock()
	keys := j.order
	if labels := q.named("labels"); len(labels) == 1 {
		keys = j.byLabel[labels[0]]
	}
	var out []*Issue
	for _, key := range keys {
		i := j.issues[key]
		id, _ := strconv.Atoi(i.ID)
		visible := !i.Created.After(horizon) || slices.Contains(reconcile, id)
		if p := j.projects[i.Project]; visible && !p.Archived && q.matches(i, p) {
			out = append(out, i)
		}
	}
	if !q.ascending {
		slices.Reverse(out)
	}
	return out
}
