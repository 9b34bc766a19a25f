package ticket

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/andygrunwald/go-jira"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
)

// maxTicketSummary is the longest title that Jira takes, in characters.
const maxTicketSummary = 250

// maxLines and maxLine keep a text far below what Jira refuses (32,767 characters).
const (
	maxLines = 60
	maxLine  = 400
)

// block writes lines in {noformat}, where wiki markup and mentions have no effect.
func block(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("{noformat}\n")
	for i, line := range lines {
		if i == maxLines {
			fmt.Fprintf(&b, "and %d more\n", len(lines)-i)
			break
		}
		b.WriteString(noformat(flat(line, maxLine)) + "\n")
	}
	b.WriteString("{noformat}\n")
	return b.String()
}

// flat makes a text fit into one line.
func flat(text string, most int) string {
	return step.Clip(strings.Join(strings.Fields(text), " "), most)
}

// Comment adds one comment per OnceKey. Jira takes no key, so the comment ends with an opaque marker, and an attempt
// that may be the second one reads the ticket's comments for it; that is a direct read, which does not lag.
func (j *Jira) Comment(ctx context.Context, in api.CommentInput) (api.Commented, error) {
	marker := "gatehouse-" + step.Mark(in.OnceKey)
	comment, err := step.Once(ctx, j.Ledger, j.Clock, step.Creation[api.Commented]{
		Key: in.OnceKey,
		Find: func(ctx context.Context, _ time.Time) (api.Commented, bool, error) {
			return j.findComment(ctx, in.Ticket, marker)
		},
		Make: func(ctx context.Context) (api.Commented, error) {
			text := block(in.Lines) + "{noformat}\n" + marker + "\n{noformat}"
			made, resp, err := j.Client.Issue.AddCommentWithContext(ctx, in.Ticket, &jira.Comment{Body: text})
			if err != nil {
				return api.Commented{}, JiraError("comment on ticket "+in.Ticket, resp, err, j.Clock())
			}
			if made.ID == "" {
				return api.Commented{}, &connectors.Error{System: "jira", Op: "comment on ticket " + in.Ticket, Kind: connectors.KindMalformed}
			}
			return api.Commented{ID: made.ID}, nil
		},
	})
	return comment, err
}

// commentsPage is how many comments are read at once.
const commentsPage = 100

func (j *Jira) findComment(ctx context.Context, ticket, marker string) (api.Commented, bool, error) {
	op := "read the comments of ticket " + ticket
	for start := 0; ; {
		query := url.Values{"startAt": {strconv.Itoa(start)}, "maxResults": {strconv.Itoa(commentsPage)}}
		path := "rest/api/2/issue/" + url.PathEscape(ticket) + "/comment?" + query.Encode()
		req, err := j.Client.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		if err != nil {
			return api.Commented{}, false, fmt.Errorf("jira: %s: the base URL or the ticket's key cannot be used", op)
		}
		var page struct {
			Total    int            `json:"total"`
			Comments []jira.Comment `json:"comments"`
		}
		if resp, err := j.Client.Do(req, &page); err != nil {
			return api.Commented{}, false, JiraError(op, resp, err, j.Clock())
		}
		for _, c := range page.Comments {
			if strings.Contains(c.Body, marker) {
				return api.Commented{ID: c.ID, Adopted: true}, true, nil
			}
		}
		start += len(page.Comments)
		if len(page.Comments) == 0 || start >= page.Total {
			return api.Commented{}, false, nil
		}
	}
}

// Transition brings a ticket into a status. It reads the status first, because a transition that was done is no longer
// offered, and picks the transition by where it leads, because ids and names differ between projects.
func (j *Jira) Transition(ctx context.Context, in api.TransitionInput) (api.Transitioned, error) {
	issue, resp, err := j.Client.Issue.GetWithContext(ctx, in.Ticket, &jira.GetQueryOptions{Fields: "status"})
	if err != nil {
		return api.Transitioned{}, JiraError("read ticket "+in.Ticket, resp, err, j.Clock())
	}
	if issue.Fields == nil || issue.Fields.Status == nil {
		return api.Transitioned{}, &connectors.Error{System: "jira", Op: "read ticket " + in.Ticket, Kind: connectors.KindMalformed}
	}
	if reached(*issue.Fields.Status, in.Status) {
		return api.Transitioned{Status: issue.Fields.Status.Name}, nil
	}
	offered, resp, err := j.Client.Issue.GetTransitionsWithContext(ctx, in.Ticket)
	if err != nil {
		return api.Transitioned{}, JiraError("read the transitions of ticket "+in.Ticket, resp, err, j.Clock())
	}
	for _, t := range offered {
		if !reached(t.To, in.Status) {
			continue
		}
		op := "bring ticket " + in.Ticket + " to another status"
		resp, err := j.Client.Issue.DoTransitionWithContext(ctx, in.Ticket, t.ID)
		if err != nil {
			return api.Transitioned{}, JiraError(op, resp, err, j.Clock())
		}
		if err := resp.Body.Close(); err != nil {
			return api.Transitioned{}, connectors.FromTransport("jira", op, err)
		}
		return api.Transitioned{Status: t.To.Name, Changed: true}, nil
	}
	return api.Transitioned{}, &connectors.Error{
		System: "jira", Op: "bring ticket " + in.Ticket + " to another status", Kind: connectors.KindInvalid,
		Code: "no_such_transition",
	}
}

// reached reports whether a status is the one wanted, or done if none is named.
func reached(s jira.Status, wanted string) bool {
	if wanted == "" {
		return s.StatusCategory.Key == "done"
	}
	return strings.EqualFold(s.Name, wanted)
}
