package incident

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// Results of an incident's run.
const (
	incidentResolved = "resolved"
	incidentMerged   = "part of another case"
	incidentQuiet    = "quiet"
)

// Incident sees a case through: it pages, opens the ticket, tells security and asks for the responses of the rule, once
// each, and then keeps ticket and case in step with new events and with what people do in the pager. It ends when the
// incident is resolved there, or was merged into another; where nobody was paged, when it has been quiet for the rule's
// time. A change of the case after that starts the run anew: what has been done is not done again.
func Incident(ctx workflow.Context, in api.IncidentInput) (api.IncidentOutcome, error) {
	i, err := openIncident(ctx, in)
	if err != nil {
		return api.IncidentOutcome{}, err
	}
	if err := i.begin(ctx); err != nil {
		return i.end(ctx, err)
	}
	for i.result == "" {
		if err := i.step(ctx); err != nil {
			return i.end(ctx, err)
		}
	}
	return i.end(ctx, nil)
}

// incident is one run of Incident. Its parts are declared where their work is done: ticket in incidentticket.go, reading in
// incidentunread.go, pager in incidentnews.go, responses in incidentanswer.go.
type incident struct {
	*step.Console
	in   api.IncidentInput
	id   string
	seen api.CaseState

	changes, pages, clicks workflow.ReceiveChannel

	// ticketAsync says that ticket and messages hold nothing else up. It is false in runs that began when they were in line.
	ticketAsync bool
	ticket      ticket
	reading     reading
	pager       pager
	responses   responses
	strands     strands
	result      string
}

// strands are the pieces of work that go on side by side.
type strands struct {
	// busy counts those that the run must not end before, waiting those of them that wait for a decision.
	busy, waiting int
	// failed is why one of them could not go on.
	failed error
}

func openIncident(ctx workflow.Context, in api.IncidentInput) (*incident, error) {
	d, err := step.Open(ctx, api.TypeIncident, "Looking at the case")
	if err != nil {
		return nil, err
	}
	i := &incident{
		Console: d, in: in, id: api.IncidentID(in.Case.Rule, in.Case.Subject, in.Case.Number),
		changes: workflow.GetSignalChannel(ctx, api.SignalCase), pages: workflow.GetSignalChannel(ctx, api.SignalPager),
		clicks:    workflow.GetSignalChannel(ctx, api.SignalClick),
		reading:   reading{news: in.News},
		responses: responses{round: in.Round, deciding: workflow.NewMutex(ctx)},
	}
	if in.Again && in.Round == "" {
		// The buttons of the run before answer a question that nobody knows of any more.
		i.responses.round = "again/" + strconv.FormatInt(workflow.GetInfo(ctx).WorkflowStartTime.Unix(), 10)
	}
	i.ticketAsync = workflow.GetVersion(ctx, step.ChangeTicketAside, workflow.DefaultVersion, 1) != workflow.DefaultVersion
	d.Taken = in.Decided
	if in.Stage != "" {
		d.Stage = in.Stage
	}
	// Whoever may approve is asked directly; only what an operator has to mend is told to IT.
	d.Tell = func(ctx workflow.Context, item api.Attention) {
		if item.Code != api.CodeApproval {
			d.TellIT(ctx, item)
		}
	}
	return i, errors.Join(i.handleAnswers(ctx), i.handlePresses(ctx))
}

// begin does what a case calls for when it is first seen. All of it goes on side by side: a pager that is down holds up
// neither the ticket nor the response.
func (i *incident) begin(ctx workflow.Context) error {
	if err := i.lookFirst(ctx); err != nil {
		return err
	}
	if i.seen.MergedInto != 0 {
		return i.merged(ctx)
	}
	i.ticket.key, i.pager.at, i.pager.askedAt = i.seen.Ticket, i.seen.StatusAt, workflow.Now(ctx)
	if i.in.Again && i.asksPager() {
		// It may be over by now. Whoever is on call was paged, so that the rest can wait for the answer.
		if err := i.askPager(ctx); err != nil {
			return err
		}
	}
	if !i.ticketAsync || i.seen.Status != caseResolved {
		i.respondAll(ctx)
	}
	i.spawn(ctx, "page", i.page)
	i.spawn(ctx, "ticket", i.openTicket)
	i.spawn(ctx, "tell", i.tellSecurity)
	workflow.GoNamed(ctx, "clicks", i.listen)
	return i.SetStage(ctx, api.StageWatching)
}

// spawn runs a piece of work beside the others.
func (i *incident) spawn(ctx workflow.Context, name string, work func(workflow.Context) error) {
	i.strands.busy++
	workflow.GoNamed(ctx, name, func(ctx workflow.Context) {
		if err := work(ctx); err != nil && i.strands.failed == nil {
			i.strands.failed = err
		}
		i.strands.busy--
	})
}

func (i *incident) page(ctx workflow.Context) error {
	defer func() { i.pager.triggered = true }()
	if i.seen.Pager == pagerNone || i.seen.Status == caseResolved {
		return nil
	}
	return i.sendPage(ctx, "pagerduty.trigger", api.PagerEvent{Action: api.PagerTrigger})
}

func (i *incident) sendPage(ctx workflow.Context, id string, event api.PagerEvent) error {
	event.DedupKey, event.Severity, event.Source, event.WorkflowID = i.seen.DedupKey, i.seen.Pager, "gatehouse", i.id
	event.Summary = i.headline()
	event.Details = map[string]string{
		"rule": i.in.Case.Rule, "subject": i.in.Case.Subject, "case": strconv.Itoa(i.in.Case.Number),
		"events": strconv.Itoa(i.seen.Events), "first": stamp(i.seen.First), "last": stamp(i.seen.Last),
	}
	if len(i.seen.Also) > 0 {
		event.Details["also"] = strings.Join(i.seen.Also, ", ")
	}
	for _, line := range i.seen.Happened.Page {
		event.Details[strings.ToLower(line.Label)] = line.Value
	}
	skipped, err := i.Run(ctx, step.Step{ID: id, Activity: api.Call.PagerDutyEvent(event, nil), Summary: "pager: " + event.Action})
	if err == nil && !skipped {
		i.Log(ctx, "Pager: "+event.Action)
	}
	return err
}

// tellSecurity says what has happened, once each time that it begins.
func (i *incident) tellSecurity(ctx workflow.Context) error {
	return i.tellSecurityOf(ctx, "slack.security", i.id+"/slack", i.headline())
}

// record keeps in the ledger what became of the case.
func (i *incident) record(ctx workflow.Context, what string, in api.NoteCase) error {
	in.CaseRef = i.in.Case
	s := step.Step{ID: "ledger.case:" + what, Activity: api.Call.EventsNote(in), Summary: "record: " + what}
	_, err := i.RunWith(step.Options(ctx, s), s, api.VerbRetry, api.VerbSkip, api.VerbAbort)
	return err
}

// step waits for news and deals with one piece of it.
func (i *incident) step(ctx workflow.Context) error {
	if i.ticketAsync && (i.Crowded(ctx) && i.free() || i.long(ctx)) {
		return i.continueAsNew(ctx)
	}
	wait := i.due(ctx)
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      wait,
		TimerOptions: workflow.TimerOptions{Summary: "until the ticket is updated, or the case is quiet"},
	}, func() bool {
		return i.strands.failed != nil || i.pages.Len() > 0 || i.heard(ctx) || i.finished(ctx) != ""
	})
	if err != nil {
		return err
	}
	var word api.PagerUpdate
	switch {
	case i.strands.failed != nil:
		return i.strands.failed
	case i.pages.ReceiveAsync(&word):
		i.Signals++
		return i.applyPagerUpdate(ctx, word)
	case i.heard(ctx) || i.ticketOutdated():
		for i.changes.ReceiveAsync(nil) {
			i.Signals++
		}
		i.reading.news = false
		return i.changed(ctx)
	}
	if i.Full && i.free() {
		return nil // The fresh run looks before it ends.
	}
	i.result = i.finished(ctx)
	switch {
	case i.result == "" && i.asksPager() && !workflow.Now(ctx).Before(i.pager.askedAt.Add(askAgain)):
		return i.askPager(ctx)
	case i.long(ctx):
		return i.continueAsNew(ctx)
	}
	return nil
}

// long reports that the history is long enough, and that the run can go on as another: all that goes on is waiting for
// decisions, which that one can do as well, and nothing was said that this run has not heard.
func (i *incident) long(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && i.finished(ctx) == "" &&
		i.free() && i.changes.Len() == 0
}

// free reports that all that goes on is waiting for decisions, and that nothing was said that cannot be read again.
func (i *incident) free() bool {
	return i.strands.busy == i.strands.waiting && i.pages.Len() == 0 && i.clicks.Len() == 0
}

// newsGap is how often a run looks at its case that should go on as a fresh one and cannot, because something is under way:
// it saves the room it has left.
const newsGap = 10 * time.Minute

// heard reports that the case may have changed and that it is time to look.
func (i *incident) heard(ctx workflow.Context) bool {
	return (i.changes.Len() > 0 || i.reading.news) && !i.reading.unread && (!i.Full || !workflow.Now(ctx).Before(i.reading.lookedAt.Add(newsGap)))
}

func (i *incident) continueAsNew(ctx workflow.Context) error {
	return workflow.NewContinueAsNewError(ctx, api.TypeIncident, api.IncidentInput{
		Case: i.in.Case, Stage: i.Stage, Round: i.responses.round, Beside: i.in.Beside, Decided: i.Taken, News: i.Full, Listed: i.in.Listed, Linked: i.in.Linked,
	})
}

// due is how long there is nothing to do without news.
func (i *incident) due(ctx workflow.Context) time.Duration {
	now := workflow.Now(ctx)
	until := now.Add(step.ReassessAfter)
	earlier := func(t time.Time) {
		if t.Before(until) {
			until = t
		}
	}
	if i.ticketOutdated() {
		earlier(i.ticket.updated.Add(i.seen.UpdateEvery))
	}
	if i.seen.Pager == pagerNone {
		earlier(i.quietAt())
	}
	if i.asksPager() {
		earlier(i.pager.askedAt.Add(askAgain))
	}
	if i.Full && i.changes.Len() > 0 {
		earlier(i.reading.lookedAt.Add(newsGap))
	}
	return max(until.Sub(now), time.Second)
}

func (i *incident) quietAt() time.Time { return i.seen.Last.Add(i.seen.Quiet) }

// finished says how the run ends, "" if it does not yet. It yields to nothing, so that no signal is lost between this
// look and the end.
func (i *incident) finished(ctx workflow.Context) string {
	switch {
	case i.strands.busy > 0 || i.ticketOutdated() || i.reading.news || i.changes.Len() > 0 || i.pages.Len() > 0 || i.clicks.Len() > 0:
		return ""
	case i.seen.Status == caseResolved:
		return incidentResolved
	case i.seen.Pager == pagerNone && !workflow.Now(ctx).Before(i.quietAt()):
		return incidentQuiet
	}
	return ""
}

// end turns an operator's word into a regular end.
func (i *incident) end(ctx workflow.Context, err error) (api.IncidentOutcome, error) {
	out := api.IncidentOutcome{Case: i.in.Case, Ticket: i.ticket.key, Events: i.seen.Events, Result: i.result}
	if errors.Is(err, step.ErrAborted) {
		out.Result, err = step.ErrAborted.Error(), nil
	}
	var again *workflow.ContinueAsNewError
	if err != nil && !errors.As(err, &again) {
		return out, err
	}
	if settled := i.Settle(ctx); settled != nil {
		return out, settled
	}
	if err == nil {
		i.SetStatus(ctx, "Done: "+out.Result)
		err = i.SetStage(ctx, api.StageDone)
	}
	return out, err
}

// What the ledger and the policy say of a case.
const (
	caseOpen         = "open"
	caseAcknowledged = "acknowledged"
	caseResolved     = "resolved"
	pagerNone        = "none"
)

// subject is who a case is about, by opaque key.
func (i *incident) subject() string {
	if i.seen.PersonKey != "" {
		return i.seen.PersonKey
	}
	return i.in.Case.Subject
}

// headline says what has happened without naming anybody.
func (i *incident) headline() string {
	return fmt.Sprintf("%s: %d events of %s (case %d)", i.in.Case.Rule, i.seen.Events, i.subject(), i.in.Case.Number)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

// tolerant carries out a step whose failure holds nothing up.
func (i *incident) tolerant(ctx workflow.Context, s step.Step) {
	err := s.Execute(step.Options(ctx, s))
	if err != nil && !temporal.IsCanceledError(err) {
		i.Log(ctx, s.Summary+": not done, "+step.Failed(s, err).Code)
	}
}
