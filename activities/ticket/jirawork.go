package ticket

import (
	"context"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/jira"
)

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
			text, err := commentText(in, marker)
			if err != nil {
				return api.Commented{}, err
			}
			id, err := j.Client.AddComment(ctx, in.Ticket, text)
			return api.Commented{ID: id}, err
		},
	})
	return comment, err
}

func (j *Jira) findComment(ctx context.Context, ticket, marker string) (api.Commented, bool, error) {
	for c, err := range j.Client.Comments(ctx, ticket) {
		if err != nil {
			return api.Commented{}, false, err
		}
		if strings.Contains(c.Body, marker) {
			return api.Commented{ID: c.ID, Adopted: true}, true, nil
		}
	}
	return api.Commented{}, false, nil
}

// Transition brings a ticket into a status. It reads the status first, because a transition that was done is no longer
// offered, and picks the transition by where it leads, because ids and names differ between projects.
func (j *Jira) Transition(ctx context.Context, in api.TransitionInput) (api.Transitioned, error) {
	now, err := j.Client.Status(ctx, in.Ticket)
	if err != nil {
		return api.Transitioned{}, err
	}
	if reached(now, in.Status) {
		return api.Transitioned{Status: now.Name}, nil
	}
	offered, err := j.Client.Transitions(ctx, in.Ticket)
	if err != nil {
		return api.Transitioned{}, err
	}
	for _, t := range offered {
		if !reached(t.To, in.Status) {
			continue
		}
		if err := j.Client.Move(ctx, in.Ticket, t.ID); err != nil {
			return api.Transitioned{}, err
		}
		return api.Transitioned{Status: t.To.Name, Changed: true}, nil
	}
	return api.Transitioned{}, &connectors.Error{
		System: jira.System, Op: "bring ticket " + in.Ticket + " to another status", Kind: connectors.KindInvalid,
		Code: "no_such_transition",
	}
}

// reached reports whether a status is the one wanted, or done if none is named.
func reached(s jira.Status, wanted string) bool {
	if wanted == "" {
		return s.Done
	}
	return strings.EqualFold(s.Name, wanted)
}
