package jira

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

func (j *Jira) commentRoutes(v string) []tenant.Route {
	all := v + "/issue/{key}/comment"
	expand := []string{"expand"}
	return []tenant.Route{
		{Method: "GET", Path: all, Op: "jira.list_comments", Query: []string{"startAt", "maxResults", "orderBy", "expand"}, Handle: j.listComments},
		{Method: "POST", Path: all, Op: "jira.add_comment", Query: expand, Handle: j.addComment},
		{Method: "GET", Path: all + "/{id}", Op: "jira.get_comment", Query: expand, Handle: j.getComment},
		{Method: "PUT", Path: all + "/{id}", Op: "jira.update_comment", Query: []string{"notifyUsers", "overrideEditableFlag", "expand"}, Handle: j.updateComment},
		{Method: "DELETE", Path: all + "/{id}", Op: "jira.delete_comment", Query: []string{"parentId"}, Handle: j.deleteComment},
	}
}

func (j *Jira) commentViews(i *Issue, rich bool) []map[string]any {
	out := []map[string]any{}
	for _, cm := range i.Comments {
		out = append(out, map[string]any{
			"self": site + "/rest/api/2/issue/" + i.ID + "/comment/" + cm.ID, "id": cm.ID, "body": longView(cm.Body, rich),
			"author": j.personView(cm.Author), "updateAuthor": j.personView(cm.Author), "jsdPublic": true,
			"created": cm.Created.Format(stamp), "updated": cm.Created.Format(stamp),
		})
	}
	return out
}

// commentsPage is how many comments there are on a page. Source: Jira Cloud OpenAPI, "Get comments".
const commentsPage = 100

// listComments is a direct read: it never lags.
func (j *Jira) listComments(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	all := j.commentViews(i, rich(c))
	if c.Query().Get("orderBy") == "-created" {
		slices.Reverse(all)
	}
	page, start, limit, refused := pageOf(c, all, commentsPage)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, map[string]any{"startAt": start, "maxResults": limit, "total": len(all), "comments": page})
}

// commentText reads a comment. Jira ignores the members of it that can only be read, which a common client sends empty.
func commentText(raw json.RawMessage, rich bool) (text string, refused *tenant.Reply) {
	var body struct {
		Body         json.RawMessage `json:"body"`
		Visibility   any             `json:"visibility"`
		Properties   any             `json:"properties"`
		Public       any             `json:"jsdPublic"`
		Author       any             `json:"author"`
		UpdateAuthor any             `json:"updateAuthor"`
	}
	complaint := ""
	if strict(raw, &body) != nil {
		complaint = "Invalid request payload."
	} else {
		var ok bool
		text, ok = longText(body.Body, rich)
		switch {
		case rich && !ok:
			complaint = "Comment body is not valid!"
		case !ok || strings.TrimSpace(text) == "":
			complaint = "Comment body can not be empty!"
		case length(text) > maxText:
			complaint = tooLong
		}
	}
	if complaint != "" {
		r := failField("comment", complaint)
		return "", &r
	}
	return text, nil
}

func (i *Issue) commented(by, text string, j *Jira) {
	i.commentsMade++
	i.Comments = append(slices.Clone(i.Comments), Comment{
		ID: i.ID + strconv.Itoa(i.commentsMade), Author: by, Body: text, Created: j.t.Now(),
	})
}

func (j *Jira) addComment(c *tenant.Call) tenant.Reply {
	i, refused := j.writable(c, "comment on")
	if refused != nil {
		return *refused
	}
	text, refused := commentText(c.Body, rich(c))
	if refused != nil {
		return *refused
	}
	i = j.change(i.Key, func(i *Issue) { i.commented(AccountID, text, j) })
	c.Effect("comment added")
	views := j.commentViews(i, rich(c))
	return tenant.JSON(http.StatusCreated, views[len(views)-1])
}

// comment finds a comment of the issue in the path.
func (j *Jira) comment(c *tenant.Call) (i *Issue, at int, refused *tenant.Reply) {
	i, refused = j.target(c)
	if refused != nil {
		return nil, 0, refused
	}
	at = slices.IndexFunc(i.Comments, func(cm Comment) bool { return cm.ID == c.Param("id") })
	if at < 0 {
		r := fail(http.StatusNotFound, "Can not find a comment for the id: "+c.Param("id")+".")
		return nil, 0, &r
	}
	return i, at, nil
}

func (j *Jira) getComment(c *tenant.Call) tenant.Reply {
	i, at, refused := j.comment(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, j.commentViews(i, rich(c))[at])
}

func (j *Jira) updateComment(c *tenant.Call) tenant.Reply {
	i, at, refused := j.comment(c)
	if refused != nil {
		return *refused
	}
	text, refused := commentText(c.Body, rich(c))
	if refused != nil {
		return *refused
	}
	i = j.change(i.Key, func(i *Issue) {
		i.Comments = slices.Clone(i.Comments)
		i.Comments[at].Body = text
	})
	c.Effect("comment changed")
	return tenant.JSON(http.StatusOK, j.commentViews(i, rich(c))[at])
}

func (j *Jira) deleteComment(c *tenant.Call) tenant.Reply {
	i, at, refused := j.comment(c)
	if refused != nil {
		return *refused
	}
	j.change(i.Key, func(i *Issue) { i.Comments = slices.Delete(slices.Clone(i.Comments), at, at+1) })
	c.Effect("comment deleted")
	return tenant.Empty(http.StatusNoContent)
}
