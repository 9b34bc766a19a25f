package jira

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
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
	return j.search(r)
}

func (j *Jira) searchByBody(c *tenant.Call) tenant.Reply {
	var r searchRequest
	if err := c.JSON(&r); err != nil {
		return fail(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	return j.search(r)
}

// Limits of a search. Source: Jira Cloud OpenAPI, search/jql.
const (
	usualResults  = 50
	mostResults   = 5000
	mostReconcile = 50
)

func (j *Jira) search(r searchRequest) tenant.Reply {
	query, complaint := parseJQL(r.JQL)
	if complaint != "" {
		return fail(http.StatusBadRequest, complaint)
	}
	if project := query.equals["project"]; project != "" && !j.hasProject(project) {
		return fail(http.StatusBadRequest, fmt.Sprintf("The value '%s' does not exist for the field 'project'.", project))
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
		if err != nil {
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
		out = append(out, j.view(i, r.Fields))
	}
	body := map[string]any{"issues": out, "isLast": end >= len(found)}
	if end < len(found) {
		body["nextPageToken"] = base64.URLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return tenant.JSON(http.StatusOK, body)
}

func (j *Jira) hasProject(key string) bool {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.next[strings.ToUpper(key)] > 0
}

// indexed returns the issues that match and have reached the index, newest first unless the query orders otherwise.
// Issues to reconcile are seen at once.
func (j *Jira) indexed(q *query, reconcile []int) []*Issue {
	horizon := j.t.Now().Add(-time.Duration(j.lag.Load()))
	j.mu.RLock()
	defer j.mu.RUnlock()
	keys := j.order
	if label := q.equals["labels"]; label != "" {
		keys = j.byLabel[label]
	}
	var out []*Issue
	for _, key := range keys {
		i := j.issues[key]
		id, _ := strconv.Atoi(i.ID)
		if (!i.Created.After(horizon) || slices.Contains(reconcile, id)) && q.matches(i) {
			out = append(out, i)
		}
	}
	if !q.ascending {
		slices.Reverse(out)
	}
	return out
}

// query is the part of JQL that the sandbox understands: conditions of equality joined by AND, and an order by created,
// key or id.
type query struct {
	equals    map[string]string
	not       map[string]string
	ascending bool
}

func (q *query) matches(i *Issue) bool {
	has := func(field, value string) bool {
		switch field {
		case "project":
			return strings.EqualFold(i.Project, value)
		case "labels":
			return slices.Contains(i.Labels, value)
		case "status":
			return strings.EqualFold(i.Status, value)
		case "statuscategory":
			return strings.EqualFold(i.Status, value)
		case "key", "issuekey":
			return strings.EqualFold(i.Key, value)
		case "assignee":
			return i.Assignee == value
		}
		return false
	}
	for field, value := range q.equals {
		if !has(field, value) {
			return false
		}
	}
	for field, value := range q.not {
		if has(field, value) {
			return false
		}
	}
	return true
}

// parseJQL reads a bounded query, or complains in Jira's words.
func parseJQL(jql string) (q *query, complaint string) {
	words, complaint := tokens(jql)
	if complaint != "" {
		return nil, complaint
	}
	q = &query{equals: map[string]string{}, not: map[string]string{}}
	known := []string{"project", "labels", "status", "statuscategory", "key", "issuekey", "assignee"}
	for len(words) > 0 && !strings.EqualFold(words[0], "order") {
		if len(words) < 3 || words[1] != "=" && words[1] != "!=" {
			return nil, fmt.Sprintf("Error in the JQL Query: expecting a field, '=' or '!=', and a value near '%s'.", words[0])
		}
		field := strings.ToLower(words[0])
		if !slices.Contains(known, field) {
			return nil, fmt.Sprintf("Field '%s' does not exist or you do not have permission to view it.", words[0])
		}
		if words[1] == "=" {
			q.equals[field] = words[2]
		} else {
			q.not[field] = words[2]
		}
		words = words[3:]
		if len(words) > 0 && strings.EqualFold(words[0], "and") {
			words = words[1:]
		} else if len(words) > 0 && !strings.EqualFold(words[0], "order") {
			return nil, fmt.Sprintf("Error in the JQL Query: expecting 'AND' before '%s'.", words[0])
		}
	}
	if len(q.equals) == 0 {
		return nil, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
	}
	return q, q.readOrder(words)
}

// readOrder reads "ORDER BY created ASC".
func (q *query) readOrder(words []string) (complaint string) {
	if len(words) == 0 {
		return ""
	}
	if len(words) < 3 || len(words) > 4 || !strings.EqualFold(words[1], "by") ||
		!slices.Contains([]string{"created", "key", "id", "issuekey"}, strings.ToLower(words[2])) {
		return "Error in the JQL Query: the sandbox orders by created, key or id only."
	}
	q.ascending = len(words) == 3 && !strings.EqualFold(words[2], "created") || len(words) == 4 && strings.EqualFold(words[3], "asc")
	return ""
}

// tokens splits JQL into words, operators and quoted strings, in which a backslash escapes.
func tokens(jql string) (out []string, complaint string) {
	for i := 0; i < len(jql); {
		switch ch := jql[i]; {
		case ch == ' ' || ch == '\t' || ch == '\n':
			i++
		case ch == '=':
			out = append(out, "=")
			i++
		case strings.HasPrefix(jql[i:], "!="):
			out = append(out, "!=")
			i += 2
		case ch == '"' || ch == '\'':
			word, next := quoted(jql, i)
			if next < 0 {
				return nil, "Error in the JQL Query: The quoted string has not been completed."
			}
			out = append(out, word)
			i = next
		default:
			end := i
			for end < len(jql) && !strings.ContainsRune(" \t\n=!\"'", rune(jql[end])) {
				end++
			}
			if end == i {
				return nil, fmt.Sprintf("Error in the JQL Query: The character '%s' is a reserved JQL character.", url.QueryEscape(string(ch)))
			}
			out = append(out, jql[i:end])
			i = end
		}
	}
	return out, ""
}

// quoted reads the string that starts at i and returns where it ends, negative if it does not.
func quoted(jql string, i int) (word string, next int) {
	var b strings.Builder
	quote := jql[i]
	for i++; i < len(jql); i++ {
		switch {
		case jql[i] == '\\' && i+1 < len(jql):
			i++
			b.WriteByte(jql[i])
		case jql[i] == quote:
			return b.String(), i + 1
		default:
			b.WriteByte(jql[i])
		}
	}
	return "", -1
}
