package jira

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

func (j *Jira) commentViews(i *Issue) []map[string]any {
	out := []map[string]any{}
	for _, cm := range i.Comments {
		out = append(out, map[string]any{
			"id": cm.ID, "body": cm.Body, "author": j.personView(cm.Author), "created": cm.Created.Format(stamp),
			"updated": cm.Created.Format(stamp),
		})
	}
	return out
}

// listComments is a direct read: it never lags.
func (j *Jira) listComments(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	start, err1 := number(c.Query().Get("startAt"), 0)
	limit, err2 := number(c.Query().Get("maxResults"), 5000)
	if err1 != nil || err2 != nil {
		return fail(http.StatusBadRequest, "startAt and maxResults must be numbers")
	}
	all := j.commentViews(i)
	return tenant.JSON(http.StatusOK, map[string]any{
		"startAt": start, "maxResults": limit, "total": len(all),
		"comments": all[min(start, len(all)):min(start+limit, len(all))],
	})
}

func number(text string, usual int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	return max(0, n), err
}

func (j *Jira) addComment(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	// Jira ignores the read-only fields, which a common client sends empty.
	var body struct {
		Body         string `json:"body"`
		Visibility   any    `json:"visibility"`
		Properties   any    `json:"properties"`
		Author       any    `json:"author"`
		UpdateAuthor any    `json:"updateAuthor"`
	}
	if err := c.JSON(&body); err != nil || strings.TrimSpace(body.Body) == "" {
		return failField("comment", "Comment body can not be empty!")
	}
	i = j.change(i.Key, func(i *Issue) {
		i.Comments = append(slices.Clone(i.Comments), Comment{
			ID: i.ID + strconv.Itoa(len(i.Comments)+1), Author: AccountID, Body: body.Body, Created: j.t.Now(),
		})
	})
	c.Effect("comment added")
	views := j.commentViews(i)
	return tenant.JSON(http.StatusCreated, views[len(views)-1])
}

// workflow is the transitions of both projects: from any status to any other.
var workflow = []struct{ id, name, to string }{
	{"11", "To Do", "To Do"}, {"21", "Start progress", "In Progress"}, {"31", "Close", "Done"},
}

// listTransitions offers no transition to the status the issue is in.
func (j *Jira) listTransitions(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	out := []map[string]any{}
	for _, t := range workflow {
		if t.to != i.Status {
			out = append(out, map[string]any{"id": t.id, "name": t.name, "to": statusView(t.to)})
		}
	}
	return tenant.JSON(http.StatusOK, map[string]any{"expand": "transitions", "transitions": out})
}

// transition refuses one that is not on offer, such as the one that was just done.
func (j *Jira) transition(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	var body struct {
		Transition named          `json:"transition"`
		Fields     map[string]any `json:"fields"`
		Update     map[string]any `json:"update"`
	}
	if err := c.JSON(&body); err != nil {
		return fail(http.StatusBadRequest, "Invalid request payload.")
	}
	for _, t := range workflow {
		if t.id != body.Transition.ID || t.to == i.Status {
			continue
		}
		c.Effect("status %s -> %s", i.Status, t.to)
		j.change(i.Key, func(i *Issue) { i.Status = t.to })
		return tenant.Empty(http.StatusNoContent)
	}
	return fail(http.StatusBadRequest, "It seems that you have tried to perform an illegal workflow operation.")
}

// assign sets, clears (null) or resets ("-1", which means nobody here) the assignee.
func (j *Jira) assign(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	var body account
	if err := c.JSON(&body); err != nil {
		return fail(http.StatusBadRequest, "Invalid request payload.")
	}
	assignee := ""
	if body.AccountID != nil && *body.AccountID != "-1" {
		assignee = *body.AccountID
		if j.personView(assignee) == nil {
			return failField("assignee", "User '"+assignee+"' cannot be assigned issues.")
		}
	}
	if i.Assignee != assignee {
		c.Effect("assignee changed")
		j.change(i.Key, func(i *Issue) { i.Assignee = assignee })
	}
	return tenant.Empty(http.StatusNoContent)
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

// searchUsers finds people by a part of their name or address.
func (j *Jira) searchUsers(c *tenant.Call) tenant.Reply {
	query := strings.ToLower(c.Query().Get("query"))
	if query == "" {
		return fail(http.StatusBadRequest, "The query parameter is required.")
	}
	limit, err := number(c.Query().Get("maxResults"), 50)
	if err != nil {
		return fail(http.StatusBadRequest, "maxResults must be a number")
	}
	out := []Person{}
	j.mu.RLock()
	defer j.mu.RUnlock()
	if id := j.byEmail[query]; id != "" {
		return tenant.JSON(http.StatusOK, append(out, *j.people[id]))
	}
	for _, id := range j.accounts {
		p := j.people[id]
		if len(out) < limit && (strings.Contains(strings.ToLower(p.Name), query) || strings.HasPrefix(strings.ToLower(p.Email), query)) {
			out = append(out, *p)
		}
	}
	return tenant.JSON(http.StatusOK, out)
}
