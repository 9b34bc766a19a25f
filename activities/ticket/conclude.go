package ticket

import (
	"context"
	"encoding/json"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
)

// openedWithin is when a ticket is looked for again that was still to be opened.
const openedWithin = 15 * time.Second

// Conclude adds a comment and, if that is asked for, brings the ticket into a status that is done. A ticket that somebody has
// deleted or closed by hand needs nothing more.
func (j *Jira) Conclude(ctx context.Context, in api.ConcludeInput) (api.Concluded, error) {
	if in.Of != "" {
		made, err := j.opened(ctx, in.Of)
		if err != nil {
			return api.Concluded{}, err
		}
		in.Ticket = made.Key
	}
	// One "not found" is no proof that somebody deleted it.
	status, err := j.Client.Status(ctx, in.Ticket)
	if step.IsNotFound(err) {
		status, err = j.Client.Status(ctx, in.Ticket)
	}
	switch {
	case step.IsNotFound(err):
		return api.Concluded{Gone: true}, nil
	case err != nil:
		return api.Concluded{}, err
	}
	if _, err := j.Comment(ctx, in.CommentInput); err != nil {
		return api.Concluded{}, err
	}
	if !in.Close {
		return api.Concluded{Status: status.Name}, nil
	}
	moved, err := j.Transition(ctx, api.TransitionInput{Ticket: in.Ticket})
	return api.Concluded{Status: moved.Status}, err
}

// opened is the ticket that was opened once under a key.
func (j *Jira) opened(ctx context.Context, onceKey string) (api.Ticket, error) {
	var made api.Ticket
	stored, _, done, err := j.Ledger.Journal().Completed(ctx, onceKey)
	switch {
	case err != nil:
		return made, err
	case !done:
		return made, step.RetryAfter("the ticket has yet to be opened", openedWithin)
	}
	if err := json.Unmarshal(stored, &made); err != nil {
		return made, step.NonRetryable(api.ErrInvalid, "the ledger's note of the ticket cannot be read: "+onceKey)
	}
	return made, nil
}
