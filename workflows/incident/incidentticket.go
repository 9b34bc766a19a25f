package incident

import (
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// ticketWork is what has to be done about a ticket. A ticket system that is down, or a ticket that somebody deleted,
// holds up neither the pager nor a response, so it is done beside the rest, one thing after the other.
type ticketWork struct {
	// aside is false in runs that began when it was done in line.
	ticketAsync bool
	queue       []func(workflow.Context) error
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
	i.queue = append(i.queue, work)
	if i.keeping {
		return nil
	}
	i.keeping = true
	i.spawn(ctx, "keep the ticket", func(ctx workflow.Context) error {
		defer func() { i.keeping = false }()
		for len(i.queue) > 0 {
			next := i.queue[0]
			i.queue = i.queue[1:]
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
	return i.ticket != "" && !i.updating && !i.unread && i.seen.Revision > i.seen.Shown
}

func (i *incident) openTicket(ctx workflow.Context) error {
	if i.ticket != "" {
		return nil
	}
	revision := i.seen.Revision
	var made api.Ticket
	s := step.Step{ID: "jira.ticket", Activity: api.JiraTicket, Summary: "open a ticket"}
	skipped, err := i.Run(ctx, s, api.TicketInput{
		OnceKey: i.id + "/ticket", Kind: api.TicketIncident, Key: i.in.Case.Subject, WorkflowID: i.id,
		Summary: i.headline(), Lines: i.lines(), Severity: i.seen.Severity,
	}, &made)
	if err != nil {
		return err
	}
	if skipped {
		i.ticketless = true
		return nil
	}
	i.Log(ctx, "Ticket "+made.Key)
	if err := i.record(ctx, "ticket", api.NoteCase{Ticket: made.Key, Shown: revision}); err != nil {
		return err
	}
	i.ticket, i.seen.Shown, i.updated = made.Key, max(revision, i.seen.Shown), workflow.Now(ctx)
	return nil
}

// update tells the ticket how the case stands when its turn has come. Until then further news need no further update.
func (i *incident) update(ctx workflow.Context, text string) error {
	if i.updating {
		return nil
	}
	i.updating = i.ticketAsync
	return i.onTicket(ctx, func(ctx workflow.Context) error {
		if err := i.ticketThere(ctx); err != nil {
			return err
		}
		i.updating = false
		return i.tellTicket(ctx, "update/"+strconv.Itoa(i.seen.Revision), text)
	})
}

// tellTicket adds a comment that says how the case stands now.
func (i *incident) tellTicket(ctx workflow.Context, what, text string) error {
	revision := i.seen.Revision
	showing := func() { i.seen.Shown, i.updated = max(i.seen.Shown, revision), workflow.Now(ctx) }
	if i.ticketAsync {
		i.shown = max(i.shown, revision)
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
	return workflow.Await(ctx, func() bool { return i.ticket != "" || i.ticketless || i.failed != nil })
}

// comment adds a comment to the ticket, once it is there.
func (i *incident) comment(ctx workflow.Context, what string, lines []string) error {
	if err := i.ticketThere(ctx); err != nil {
		return err
	}
	if i.ticket == "" {
		return i.failed
	}
	s := step.Step{ID: "jira.comment:" + what, Activity: api.JiraComment, Summary: "add to the ticket: " + what}
	return i.onTicketOnce(ctx, s, api.CommentInput{OnceKey: i.id + "/comment/" + what, Ticket: i.ticket, Lines: lines})
}

// inProgress brings the ticket into work, where its project has such a status.
func (i *incident) inProgress(ctx workflow.Context, what string) {
	if i.ticket == "" {
		return
	}
	s := step.Step{ID: "jira.transition:" + what, Activity: api.JiraTransition, Summary: "ticket in progress"}
	i.tolerant(ctx, s, api.TransitionInput{Ticket: i.ticket, Status: "In Progress"})
}

// finish brings the ticket into a status that counts as done.
func (i *incident) finish(ctx workflow.Context, what string) error {
	if i.ticket == "" {
		return nil
	}
	s := step.Step{ID: "jira.transition:" + what, Activity: api.JiraTransition, Summary: "ticket done"}
	return i.onTicketOnce(ctx, s, api.TransitionInput{Ticket: i.ticket})
}

// onTicketOnce does one thing about the ticket. If that is refused, it becomes an item of its own, and what comes after it
// does not wait.
func (i *incident) onTicketOnce(ctx workflow.Context, s step.Step, in any) error {
	if !i.in.Beside {
		_, err := i.Run(ctx, s, in, nil)
		return err
	}
	err := workflow.ExecuteActivity(step.Options(ctx, s), s.Activity, in).Get(ctx, nil)
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
			refused = workflow.ExecuteActivity(step.Options(ctx, s), s.Activity, in).Get(ctx, nil)
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
	if i.seen.AccountID != 0 {
		lines = append(lines, "OneLogin user: "+strconv.FormatInt(i.seen.AccountID, 10))
	}
	return append(lines, "Pager key:     "+i.seen.DedupKey)
}
