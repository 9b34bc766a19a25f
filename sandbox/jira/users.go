package jira

import (
	"net/http"
	"strings"

	"gatehouse/sandbox/tenant"
)

func (j *Jira) userRoutes(v string) []tenant.Route {
	search := []string{"query", "accountId", "startAt", "maxResults"}
	return []tenant.Route{
		{Method: "GET", Path: v + "/myself", Op: "jira.myself", Query: []string{"expand"}, Handle: j.myself},
		{Method: "GET", Path: v + "/user", Op: "jira.get_user", Query: []string{"accountId", "expand"}, Handle: j.getUser},
		{Method: "GET", Path: v + "/users/search", Op: "jira.list_users", Query: []string{"startAt", "maxResults"}, Handle: j.listUsers},
		{Method: "GET", Path: v + "/user/search", Op: "jira.search_users", Query: search, Handle: j.searchUsers},
		{Method: "GET", Path: v + "/user/assignable/search", Op: "jira.search_assignable", Query: append([]string{"project", "issueKey", "issueId"}, search...), Handle: j.searchAssignable},
	}
}

func (j *Jira) myself(*tenant.Call) tenant.Reply {
	return tenant.JSON(http.StatusOK, j.personView(AccountID))
}

func (j *Jira) getUser(c *tenant.Call) tenant.Reply {
	p := j.personView(c.Query().Get("accountId"))
	if p == nil {
		return fail(http.StatusNotFound, "Specified user does not exist or you do not have required permissions")
	}
	return tenant.JSON(http.StatusOK, p)
}

// usersPage is how many users there are on a page.
const usersPage = 1000

func (j *Jira) listUsers(c *tenant.Call) tenant.Reply {
	return j.users(c, func(*Person) bool { return true })
}

// searchUsers finds people by a part of their name or address, or by their account id.
func (j *Jira) searchUsers(c *tenant.Call) tenant.Reply {
	query, id := strings.ToLower(c.Query().Get("query")), c.Query().Get("accountId")
	if query == "" && id == "" {
		return fail(http.StatusBadRequest, "The query parameter is required.")
	}
	j.mu.RLock()
	exact := j.byEmail[query]
	j.mu.RUnlock()
	if exact != "" {
		id = exact
	}
	return j.users(c, func(p *Person) bool { return p.fits(query, id) })
}

// searchAssignable is searchUsers for those to whom an issue of a project can be assigned.
func (j *Jira) searchAssignable(c *tenant.Call) tenant.Reply {
	q := c.Query()
	named := q.Get("project")
	if i := j.find(q.Get("issueKey")); i != nil {
		named = i.Project
	}
	if p := j.project(named); p == nil || p.Archived {
		return fail(http.StatusNotFound, "Project not found.")
	}
	query, id := strings.ToLower(q.Get("query")), q.Get("accountId")
	return j.users(c, func(p *Person) bool { return p.Active && (query+id == "" || p.fits(query, id)) })
}

func (p *Person) fits(query, id string) bool {
	if id != "" {
		return p.AccountID == id
	}
	return strings.Contains(strings.ToLower(p.Name), query) || strings.HasPrefix(strings.ToLower(p.Email), query)
}

func (j *Jira) users(c *tenant.Call, fits func(*Person) bool) tenant.Reply {
	j.mu.RLock()
	var all []*Person
	for _, id := range j.accounts {
		if p := j.people[id]; fits(p) {
			all = append(all, p)
		}
	}
	j.mu.RUnlock()
	usual := usersPage
	if c.Query().Get("maxResults") == "" {
		usual = 50
	}
	page, _, _, refused := pageOf(c, all, usual)
	if refused != nil {
		return *refused
	}
	out := []map[string]any{}
	for _, p := range page {
		out = append(out, p.view())
	}
	return tenant.JSON(http.StatusOK, out)
}
