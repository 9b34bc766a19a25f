package jira

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	jiraapi "github.com/andygrunwald/go-jira"
)

// Comment is a comment of an issue.
type Comment struct{ ID, Body string }

// AddComment adds a comment and returns its id. It is not safe to repeat: look through the comments first where an earlier
// attempt may have gone through.
func (c *Client) AddComment(ctx context.Context, ticket, text string) (id string, err error) {
	op := "comment on ticket " + ticket
	var made struct {
		ID string `json:"id"`
	}
	// The library's comment would send its author and its visibility along.
	body := map[string]string{"body": text}
	err = c.send(ctx, op, http.MethodPost, "rest/api/2/issue/"+url.PathEscape(ticket)+"/comment", body, &made)
	switch {
	case err != nil:
		return "", err
	case made.ID == "":
		return "", c.library.Malformed(op)
	}
	return made.ID, nil
}

// commentsPage is how many comments are read at once.
const commentsPage = 100

// Comments walks the comments of an issue, page by page as the caller goes on. It is a direct read, which does not lag. An
// error ends the walk.
func (c *Client) Comments(ctx context.Context, ticket string) iter.Seq2[Comment, error] {
	op := "read the comments of ticket " + ticket
	return func(yield func(Comment, error) bool) {
		for start := 0; ; {
			query := url.Values{"startAt": {strconv.Itoa(start)}, "maxResults": {strconv.Itoa(commentsPage)}}
			var page struct {
				Total    int               `json:"total"`
				Comments []jiraapi.Comment `json:"comments"`
			}
			if err := c.get(ctx, op, "rest/api/2/issue/"+url.PathEscape(ticket)+"/comment?"+query.Encode(), &page); err != nil {
				yield(Comment{}, err)
				return
			}
			for _, comment := range page.Comments {
				if !yield(Comment{ID: comment.ID, Body: comment.Body}, nil) {
					return
				}
			}
			start += len(page.Comments)
			if len(page.Comments) == 0 || start >= page.Total {
				return
			}
		}
	}
}

// Status is a status of an issue. Done says that its category is.
type Status struct {
	Name string
	Done bool
}

// Transition is a way out of a status.
type Transition struct {
	ID string
	To Status
}

func status(s jiraapi.Status) Status {
	return Status{Name: s.Name, Done: s.StatusCategory.Key == "done"}
}

// Status reads which status an issue is in.
func (c *Client) Status(ctx context.Context, ticket string) (Status, error) {
	op := "read ticket " + ticket
	var issue *jiraapi.Issue
	err := c.call(ctx, op, func(ctx context.Context) (err error) {
		issue, _, err = c.api.Issue.GetWithContext(ctx, ticket, &jiraapi.GetQueryOptions{Fields: "status"})
		return err
	})
	switch {
	case err != nil:
		return Status{}, err
	case issue.Fields == nil || issue.Fields.Status == nil:
		return Status{}, c.library.Malformed(op)
	}
	return status(*issue.Fields.Status), nil
}

// Transitions lists the ways out of the status that an issue is in. Ids and names differ between projects: choose by where
// they lead. What was done already is not offered any more.
func (c *Client) Transitions(ctx context.Context, ticket string) ([]Transition, error) {
	var offered []jiraapi.Transition
	err := c.call(ctx, "read the transitions of ticket "+ticket, func(ctx context.Context) (err error) {
		offered, _, err = c.api.Issue.GetTransitionsWithContext(ctx, ticket)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []Transition
	for _, t := range offered {
		all = append(all, Transition{ID: t.ID, To: status(t.To)})
	}
	return all, nil
}

// Move takes one of the ways that Transitions listed. It is refused the second time.
func (c *Client) Move(ctx context.Context, ticket, transition string) error {
	return c.call(ctx, "bring ticket "+ticket+" to another status", func(ctx context.Context) error {
		_, err := c.api.Issue.DoTransitionWithContext(ctx, ticket, transition)
		return err
	})
}
