package incident

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// ticket is the ticket of an incident, and what has to be done about it. A ticket system that is down, or a ticket that somebody
// deleted, holds up neither the pager nor a response, so it is done beside the rest, one thing after the other.
type ticket struct {
	// key names it, once there is one. Refused says that somebody chose to go without one.
	key     string
	refused bool
	queue   []func(workflow.Context) error
	// keeping says that a strand is at it.
	keeping bool
	// updating says that an update waits in the queue, shown is the revision that the ticket shows or is about to, and
	// updated when it was last brought in step.
	updating bool
	shown    int
	updated  time.Time
}

// onTicket does something about the ticket, after all that was asked for before.
func (i *incident) onTicket(ctx workflow.Context, work func(workflow.Context) error) error {
	if !i.ticketAsync {
		return work(ctx)
	}
	i.ticket.queue = append(i.ticket.queue, work)
	if i.ticket.keeping {
		return nil
	}
	i.ticket.keeping = true
	i.spawn(ctx, "keep the ticket", func(ctx workflow.Context) error {
		defer func() { i.ticket.keeping = false }()
		for len(i.ticket.queue) > 0 {
			next := i.ticket.queue[0]
			i.ticket.queue = i.ticket.queue[1:]
			if err := next(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// ticketOutdated reports whether there is a ticket and it does not show the latest of the case, nor is about to.
func (i *incident) ticketOutdated() bool {
	return i.ticket.key != "" && !i.ticket.updating && !i.reading.unread && i.seen.Revision > i.seen.Shown
}

func (i *incident) openTicket(ctx workflow.Context) error {
	if i.ticket.key != "" {
		return nil
	}
	revision := i.seen.Revision
	var made api.Ticket
	open := api.Call.JiraTicket(api.TicketInput{
		OnceKey: i.id + "/ticket", Kind: api.TicketIncident, Key: i.in.Case.Subject, WorkflowID: i.id,
		Summary: i.headline(), Lines: i.lines(), Severity: i.seen.Severity,
	}, &made)
	skipped, err := i.Run(ctx, step.Step{ID: "jira.ticket", Activity: open, Summary: "open a ticket"})
	if err != nil {
		return err
	}
	if skipped {
		i.ticket.refused = true
		return nil
	}
	i.Log(ctx, "Ticket "+made.Key)
	if err := i.record(ctx, "ticket", api.NoteCase{Ticket: made.Key, Shown: revision}); err != nil {
		return err
	}
	i.ticket.key, i.seen.Shown, i.ticket.updated = made.Key, max(revision, i.seen.Shown), workflow.Now(ctx)
	return nil
}

// update tells the ticket how the case stands when its turn has come. Until then further news need no further update.
func (i *incident) update(ctx workflow.Context, text string) error {
	if i.ticket.updating {
		return nil
	}
	i.ticket.updating = i.ticketAsync
	return i.onTicket(ctx, func(ctx workflow.Context) error {
		if err := i.ticketThere(ctx); err != nil {
			return err
		}
		i.ticket.updating = false
		return i.tellTicket(ctx, "update/"+strconv.Itoa(i.seen.Revision), text)
	})
}

// tellTicket adds a comment that says how the case stands now.
func (i *incident) tellTicket(ctx workflow.Context, what, text string) error {
	revision := i.seen.Revision
	showing := func() { i.seen.Shown, i.ticket.updated = max(i.seen.Shown, revision), workflow.Now(ctx) }
	if i.ticketAsync {
		i.ticket.shown = max(i.ticket.shown, revision)
		showing()
	}
	if err := i.comment(ctx, what, append([]string{text}, i.lines()...)); err != nil {
		return err
	}
	showing()
	return i.record(ctx, what, api.NoteCase{Shown: revision})
}

// ticketThere waits until there is a ticket, or will be none.
func (i *incident) ticketThere(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return i.ticket.key != "" || i.ticket.refused || i.strands.failed != nil })
}

// comment adds a comment to the ticket, once it is there.
func (i *incident) comment(ctx workflow.Context, what string, lines []string) error {
	if err := i.ticketThere(ctx); err != nil {
		return err
	}
	if i.ticket.key == "" {
		return i.strands.failed
	}
	add := api.Call.JiraComment(api.CommentInput{OnceKey: i.id + "/comment/" + what, Ticket: i.ticket.key, Lines: lines}, nil)
	return i.onTicketOnce(ctx, step.Step{ID: "jira.comment:" + what, Activity: add, Summary: "add to the ticket: " + what})
}

// inProgress brings the ticket into work, where its project has such a status.
func (i *incident) inProgress(ctx workflow.Context, what string) {
	if i.ticket.key == "" {
		return
	}
	move := api.Call.JiraTransition(api.TransitionInput{Ticket: i.ticket.key, Status: "In Progress"}, nil)
	i.tolerant(ctx, step.Step{ID: "jira.transition:" + what, Activity: move, Summary: "ticket in progress"})
}

// finish brings the ticket into a status that counts as done.
func (i *incident) finish(ctx workflow.Context, what string) error {
	if i.ticket.key == "" {
		return nil
	}
	move := api.Call.JiraTransition(api.TransitionInput{Ticket: i.ticket.key}, nil)
	return i.onTicketOnce(ctx, step.Step{ID: "jira.transition:" + what, Activity: move, Summary: "ticket done"})
}

// onTicketOnce does one thing about the ticket. If that is refused, it becomes an item of its own, and what comes after it
// does not wait.
func (i *incident) onTicketOnce(ctx workflow.Context, s step.Step) error {
	if !i.in.Beside {
		_, err := i.Run(ctx, s)
		return err
	}
	err := s.Execute(step.Options(ctx, s))
	if err == nil || ctx.Err() != nil || temporal.IsCanceledError(err) {
		return err
	}
	i.spawn(ctx, "again "+s.ID, func(ctx workflow.Context) error {
		for refused := err; refused != nil; {
			decision, err := i.Ask(ctx, step.Failed(s, refused, api.VerbRetry, api.VerbSkip), step.ReassessAfter)
			if err != nil {
				return err
			}
			if decision.Verb == api.VerbSkip {
				i.Log(ctx, s.Summary+": skipped by "+step.Named(decision))
				return nil
			}
			refused = s.Execute(step.Options(ctx, s))
		}
		return nil
	})
	return nil
}

// lines are what a ticket says about the case.
func (i *incident) lines() []string {
	latest := make([]string, len(i.seen.Latest))
	for n, id := range i.seen.Latest {
		latest[n] = strconv.FormatInt(id, 10)
	}
	lines := []string{
		"Rule:          " + i.in.Case.Rule,
		"Severity:      " + i.seen.Severity,
		"Subject:       " + i.subject(),
		"Events:        " + strconv.Itoa(i.seen.Events),
		"First:         " + stamp(i.seen.First),
		"Last:          " + stamp(i.seen.Last),
		"Latest events: " + strings.Join(latest, ", "),
	}
	if len(i.seen.Also) > 0 {
		lines = append(lines, "Also by:       "+strings.Join(i.seen.Also, ", "))
	}
	for _, line := range i.seen.Happened.Ticket {
		lines = append(lines, fmt.Sprintf("%-15s%s", line.Label+":", line.Value))
	}
	if i.seen.AccountID != 0 {
		lines = append(lines, "OneLogin user: "+strconv.FormatInt(i.seen.AccountID, 10))
	}
	return append(lines, "Pager key:     "+i.seen.DedupKey)
}
