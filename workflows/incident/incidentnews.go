package incident

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// pager is how the run stands with the pager.
type pager struct {
	// triggered says that the trigger was sent, or was not needed.
	triggered bool
	// at is the time of the last word from the pager, to tell a late one, and askedAt when it was asked for one.
	at, askedAt time.Time
	// goesOnIn is the incident of the pager that this one was merged into.
	goesOnIn string
}

// changed reads the case once more and brings the ticket in step, no more often than the policy says. An event that
// happened after the incident was resolved opens it again; one that only became known after that does not.
func (i *incident) changed(ctx workflow.Context) error {
	if read, err := i.readCaseAgain(ctx); err != nil || !read {
		return err
	}
	switch {
	case i.seen.MergedInto != 0:
		return i.merged(ctx)
	case i.seen.Status == caseResolved && i.seen.Last.After(i.seen.StatusAt) && i.reopening() != i.responses.round:
		return i.reopen(ctx)
	case !i.ticketOutdated():
		return nil
	case workflow.Now(ctx).Before(i.ticket.updated.Add(i.seen.UpdateEvery)) && i.seen.Status != caseResolved:
		return nil
	}
	return i.update(ctx, "More has become known.")
}

// reopening names the reopening for what is known of the case. Nothing is opened twice for the same: clocks differ, and an
// event may seem to come after every word that it is over.
func (i *incident) reopening() string { return "reopen/" + strconv.Itoa(i.seen.Revision) }

// reopen pages again: it is not over. Security and the ticket are told so, and what nobody decided is asked once more.
func (i *incident) reopen(ctx workflow.Context) error {
	const text = "It goes on after it was resolved: the incident is open again."
	what := i.reopening()
	now := workflow.Now(ctx)
	if err := i.record(ctx, what, api.NoteCase{Status: caseOpen, At: now}); err != nil {
		return err
	}
	i.seen.Status, i.seen.StatusAt, i.pager.at = caseOpen, now, now
	if !i.ticketAsync {
		if err := i.pageAgain(ctx, what); err != nil {
			return err
		}
		return i.update(ctx, text)
	}
	i.responses.round = what
	i.pager.triggered = false
	i.spawn(ctx, "page "+what, func(ctx workflow.Context) error {
		defer func() { i.pager.triggered = true }()
		return i.pageAgain(ctx, what)
	})
	i.respondAll(ctx)
	i.spawn(ctx, "tell "+what, func(ctx workflow.Context) error {
		return i.tellSecurityOf(ctx, "slack.security:"+what, i.id+"/slack/"+what, "Open again after it was resolved. "+i.headline())
	})
	return i.onTicket(ctx, func(ctx workflow.Context) error {
		if err := i.tellTicket(ctx, what, text); err != nil {
			return err
		}
		i.inProgress(ctx, what)
		return nil
	})
}

func (i *incident) pageAgain(ctx workflow.Context, what string) error {
	if i.seen.Pager == pagerNone {
		return nil
	}
	return i.sendPage(ctx, "pagerduty.trigger:"+what, api.PagerEvent{Action: api.PagerTrigger, OnceKey: i.id + "/" + what})
}

// courseOfCase is the order of what is said about an incident within one millisecond, which is how exactly the pager tells
// the time.
var courseOfCase = []string{caseOpen, caseAcknowledged, caseResolved}

// applyPagerUpdate carries what people did in the pager over to the ticket and the case. Words arrive doubled and out of order:
// one that is older than the last changes nothing, nor does one of the same time that comes before it.
func (i *incident) applyPagerUpdate(ctx workflow.Context, word api.PagerUpdate) error {
	if word.Status == api.PagerMerged {
		return i.mergedInPager(ctx, word)
	}
	status := map[string]string{
		api.PagerTriggered: caseOpen, api.PagerAcknowledged: caseAcknowledged, api.PagerResolved: caseResolved,
	}[word.Status]
	if status == "" || word.At.Before(i.pager.at) {
		return nil
	}
	tied := word.At.Equal(i.pager.at) && slices.Index(courseOfCase, status) < slices.Index(courseOfCase, i.seen.Status)
	if tied && workflow.GetVersion(ctx, step.ChangeTiedWords, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		return nil
	}
	i.pager.at = word.At
	if status == i.seen.Status {
		return nil
	}
	what := word.Status + "/" + stampID(word)
	text := fmt.Sprintf("The incident was %s in the pager at %s.", word.Status, stamp(word.At))
	if word.By != "" {
		text += " By pager user " + word.By + "."
	}
	i.Log(ctx, "Pager: "+word.Status)
	if !i.ticketAsync {
		if err := i.showStatus(ctx, status, what, text, false); err != nil {
			return err
		}
		return i.keepStatus(ctx, status, what, word.At)
	}
	again := status != caseResolved && i.seen.Status == caseResolved
	if status == caseResolved {
		i.withdraw(ctx, "the incident was resolved")
	}
	if err := i.keepStatus(ctx, status, what, word.At); err != nil {
		return err
	}
	if again {
		i.responses.round = what
		i.respondAll(ctx)
	}
	err := i.onTicket(ctx, func(ctx workflow.Context) error { return i.showStatus(ctx, status, what, text, again) })
	if err == nil && status == caseResolved && i.seen.Last.After(word.At) && i.reopening() != i.responses.round {
		// The word came later than the events that it did not know of.
		return i.reopen(ctx)
	}
	return err
}

// askAgain is how often a run asks the pager what people did, in case a webhook was lost.
const askAgain = time.Hour

// asksPager reports that the pager may know something that the run does not.
func (i *incident) asksPager() bool {
	return i.ticketAsync && i.seen.Pager != pagerNone && i.seen.Status != caseResolved
}

// askPager asks what people did in the pager. A pager that does not answer is asked again in an hour: nothing waits for it.
func (i *incident) askPager(ctx workflow.Context) error {
	i.pager.askedAt = workflow.Now(ctx)
	var word api.PagerUpdate
	ask := api.Call.PagerDutyStatus(api.PagerQuery{DedupKey: i.seen.DedupKey}, &word)
	s := step.Step{ID: "pagerduty.status", Activity: ask, Summary: "what did people do in the pager?"}
	short := workflow.WithScheduleToCloseTimeout(step.Options(ctx, s), 2*time.Minute)
	if err := s.Execute(short); err != nil {
		return ctx.Err()
	}
	if i.in.Linked && word.Status == api.PagerResolved && word.At.Nanosecond() == 0 {
		// The pager answers in whole seconds. What happened within that one is no news after it was resolved.
		word.At = word.At.Add(time.Second - time.Millisecond)
	}
	return i.applyPagerUpdate(ctx, word)
}

// keepStatus records what people say about the incident.
func (i *incident) keepStatus(ctx workflow.Context, status, what string, at time.Time) error {
	if err := i.record(ctx, what, api.NoteCase{Status: status, At: at}); err != nil {
		return err
	}
	i.seen.Status, i.seen.StatusAt = status, at
	return nil
}

// showStatus tells the ticket what people say about the incident. A ticket that was done is not any more if it is again.
func (i *incident) showStatus(ctx workflow.Context, status, what, text string, again bool) error {
	if err := i.comment(ctx, what, []string{text}); err != nil {
		return err
	}
	switch {
	case status == caseAcknowledged || again:
		i.inProgress(ctx, what)
	case status == caseResolved:
		if !i.ticketAsync {
			i.withdraw(ctx, "the incident was resolved")
		}
		return i.finish(ctx, what)
	}
	return nil
}

// stampID tells two words of the pager apart.
func stampID(word api.PagerUpdate) string {
	if word.EventID != "" {
		return word.EventID
	}
	return strconv.FormatInt(word.At.UnixMilli(), 10)
}

// merged closes an incident that turned out to be part of another one, which goes on.
func (i *incident) merged(ctx workflow.Context) error {
	i.ticket.key = cmp.Or(i.ticket.key, i.seen.Ticket)
	i.withdraw(ctx, "the case is part of case "+strconv.Itoa(i.seen.MergedInto))
	if i.ticket.key == "" && i.strands.busy == 0 {
		// Nobody has heard of it yet.
		i.result = incidentMerged
		return nil
	}
	// What was triggered has to be there before it can be resolved. A ticket that cannot be had holds up no pager.
	ready := func() bool {
		return i.strands.failed != nil || i.strands.busy == 0 || i.ticketAsync && i.pager.triggered
	}
	if err := workflow.Await(ctx, ready); err != nil {
		return err
	}
	if i.strands.failed != nil {
		return i.strands.failed
	}
	if i.seen.Pager != pagerNone {
		if err := i.sendPage(ctx, "pagerduty.resolve", api.PagerEvent{Action: api.PagerResolve}); err != nil {
			return err
		}
	}
	if err := i.onTicket(ctx, i.closeMerged); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return !i.ticketAsync || i.strands.busy == 0 || i.strands.failed != nil }); err != nil {
		return err
	}
	i.seen.Shown, i.result = i.seen.Revision, incidentMerged
	return i.strands.failed
}

// closeMerged says in the ticket where the case goes on.
func (i *incident) closeMerged(ctx workflow.Context) error {
	text := fmt.Sprintf("Events that became known later show that this is part of case %d, where it goes on.", i.seen.MergedInto)
	if err := i.comment(ctx, "merged", []string{text}); err != nil {
		return err
	}
	return i.finish(ctx, "merged")
}
