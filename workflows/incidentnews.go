package workflows

import (
	"fmt"
	"strconv"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// changed reads the case once more and brings the ticket in step, no more often than the policy says. An event that
// happened after the incident was resolved opens it again; one that only became known after that does not.
func (i *incident) changed(ctx workflow.Context) error {
	if err := i.look(ctx); err != nil {
		return err
	}
	switch {
	case i.seen.MergedInto != 0:
		return i.merged(ctx)
	case i.seen.Status == caseResolved && i.seen.Last.After(i.seen.StatusAt):
		return i.reopen(ctx)
	case !i.behind():
		return nil
	case workflow.Now(ctx).Before(i.updated.Add(i.seen.UpdateEvery)) && i.seen.Status != caseResolved:
		return nil
	}
	return i.update(ctx, "More has become known.")
}

// update tells the ticket how the case stands.
func (i *incident) update(ctx workflow.Context, text string) error {
	what := "update/" + strconv.Itoa(i.seen.Revision)
	if err := i.comment(ctx, what, append([]string{text}, i.lines()...)); err != nil {
		return err
	}
	i.seen.Shown, i.updated = i.seen.Revision, workflow.Now(ctx)
	return i.record(ctx, what, api.NoteCase{Shown: i.seen.Shown})
}

// comment adds a comment to the ticket, once it is there.
func (i *incident) comment(ctx workflow.Context, what string, lines []string) error {
	if err := workflow.Await(ctx, func() bool { return i.ticket != "" || i.ticketless || i.failed != nil }); err != nil {
		return err
	}
	if i.ticket == "" {
		return i.failed
	}
	s := step{ID: "jira.comment:" + what, Activity: api.JiraComment, Summary: "add to the ticket: " + what}
	_, err := i.do(ctx, s, api.CommentInput{OnceKey: i.id + "/comment/" + what, Ticket: i.ticket, Lines: lines}, nil)
	return err
}

// reopen pages again: it is not over.
func (i *incident) reopen(ctx workflow.Context) error {
	what := "reopen/" + strconv.Itoa(i.seen.Revision)
	now := workflow.Now(ctx)
	if err := i.record(ctx, what, api.NoteCase{Status: caseOpen, At: now}); err != nil {
		return err
	}
	i.seen.Status, i.seen.StatusAt, i.pagedAt = caseOpen, now, now
	if i.seen.Pager != pagerNone {
		event := api.PagerEvent{Action: api.PagerTrigger, OnceKey: i.id + "/" + what}
		if err := i.sendPage(ctx, "pagerduty.trigger:"+what, event); err != nil {
			return err
		}
	}
	return i.update(ctx, "It goes on after it was resolved: the incident is open again.")
}

// reflect carries what people did in the pager over to the ticket and the case. Words arrive doubled and out of order:
// one that is older than the last changes nothing.
func (i *incident) reflect(ctx workflow.Context, word api.PagerUpdate) error {
	status := map[string]string{
		api.PagerTriggered: caseOpen, api.PagerAcknowledged: caseAcknowledged, api.PagerResolved: caseResolved,
	}[word.Status]
	if status == "" || status == i.seen.Status || word.At.Before(i.pagedAt) {
		return nil
	}
	i.pagedAt = word.At
	what := word.Status + "/" + stampID(word)
	text := fmt.Sprintf("The incident was %s in the pager at %s.", word.Status, stamp(word.At))
	if word.By != "" {
		text += " By pager user " + word.By + "."
	}
	i.note(ctx, "Pager: "+word.Status)
	if err := i.comment(ctx, what, []string{text}); err != nil {
		return err
	}
	switch status {
	case caseAcknowledged:
		s := step{ID: "jira.transition:" + what, Activity: api.JiraTransition, Summary: "ticket in progress"}
		if i.ticket != "" {
			i.tolerant(ctx, s, api.TransitionInput{Ticket: i.ticket, Status: "In Progress"})
		}
	case caseResolved:
		i.withdraw(ctx, "the incident was resolved")
		if err := i.finish(ctx, what); err != nil {
			return err
		}
	}
	if err := i.record(ctx, what, api.NoteCase{Status: status, At: word.At}); err != nil {
		return err
	}
	i.seen.Status, i.seen.StatusAt = status, word.At
	return nil
}

// stampID tells two words of the pager apart.
func stampID(word api.PagerUpdate) string {
	if word.EventID != "" {
		return word.EventID
	}
	return strconv.FormatInt(word.At.UnixMilli(), 10)
}

// finish brings the ticket into a status that counts as done.
func (i *incident) finish(ctx workflow.Context, what string) error {
	if i.ticket == "" {
		return nil
	}
	s := step{ID: "jira.transition:" + what, Activity: api.JiraTransition, Summary: "ticket done"}
	_, err := i.do(ctx, s, api.TransitionInput{Ticket: i.ticket}, nil)
	return err
}

// merged closes an incident that turned out to be part of another one, which goes on.
func (i *incident) merged(ctx workflow.Context) error {
	i.ticket = first(i.ticket, i.seen.Ticket)
	i.withdraw(ctx, "the case is part of case "+strconv.Itoa(i.seen.MergedInto))
	if i.ticket == "" && i.busy == 0 {
		// Nobody has heard of it yet.
		i.result = incidentMerged
		return nil
	}
	if err := workflow.Await(ctx, func() bool { return i.busy == 0 || i.failed != nil }); err != nil {
		return err
	}
	if i.failed != nil {
		return i.failed
	}
	if i.seen.Pager != pagerNone {
		if err := i.sendPage(ctx, "pagerduty.resolve", api.PagerEvent{Action: api.PagerResolve}); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("Events that became known later show that this is part of case %d, where it goes on.", i.seen.MergedInto)
	if err := i.comment(ctx, "merged", []string{text}); err != nil {
		return err
	}
	if err := i.finish(ctx, "merged"); err != nil {
		return err
	}
	i.seen.Shown, i.result = i.seen.Revision, incidentMerged
	return nil
}
