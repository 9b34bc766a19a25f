package workflows

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// IncidentInput names the case that the run is about.
type IncidentInput struct {
	Case api.CaseRef `json:"case"`
	// Stage is the one that the run before left in the search attributes.
	Stage string `json:"stage,omitempty"`
}

// IncidentOutcome is what a run came to.
type IncidentOutcome struct {
	Case   api.CaseRef `json:"case"`
	Ticket string      `json:"ticket,omitempty"`
	Events int         `json:"events"`
	Result string      `json:"result"`
}

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
func Incident(ctx workflow.Context, in IncidentInput) (IncidentOutcome, error) {
	i, err := openIncident(ctx, in)
	if err != nil {
		return IncidentOutcome{}, err
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

// incident is one run of Incident.
type incident struct {
	*desk
	in   IncidentInput
	id   string
	seen api.CaseState

	changes, pages, clicks workflow.ReceiveChannel

	// updated is when the ticket was last brought in step.
	updated time.Time
	ticket  string
	// ticketless says that somebody chose to go without one.
	ticketless bool
	// busy counts the strands of work that the run must not end before.
	busy int
	// failed is why one of them could not go on.
	failed error
	// pagedAt is the time of the last word from the pager, to tell a late one.
	pagedAt time.Time

	questions []*question
	deciding  workflow.Mutex
	result    string
}

func openIncident(ctx workflow.Context, in IncidentInput) (*incident, error) {
	d, err := openDesk(ctx, TypeIncident, "Looking at the case")
	if err != nil {
		return nil, err
	}
	i := &incident{
		desk: d, in: in, deciding: workflow.NewMutex(ctx), id: IncidentID(in.Case.Rule, in.Case.Subject, in.Case.Number),
		changes: workflow.GetSignalChannel(ctx, SignalCase), pages: workflow.GetSignalChannel(ctx, SignalPager),
		clicks: workflow.GetSignalChannel(ctx, SignalClick),
	}
	if in.Stage != "" {
		d.stage = in.Stage
	}
	// Whoever may approve is asked directly; only what an operator has to mend is told to IT.
	d.tell = func(ctx workflow.Context, item Attention) {
		if item.Code != codeApproval {
			d.tellIT(ctx, item)
		}
	}
	return i, i.handleAnswers(ctx)
}

// begin does what a case calls for when it is first seen. All of it goes on side by side: a pager that is down holds up
// neither the ticket nor the response.
func (i *incident) begin(ctx workflow.Context) error {
	if err := i.look(ctx); err != nil {
		return err
	}
	if i.seen.MergedInto != 0 {
		return i.merged(ctx)
	}
	i.ticket, i.pagedAt = i.seen.Ticket, i.seen.StatusAt
	for _, r := range i.seen.Respond {
		i.respond(ctx, r)
	}
	i.strand(ctx, "page", i.page)
	i.strand(ctx, "ticket", i.openTicket)
	i.strand(ctx, "tell", i.tellSecurity)
	workflow.GoNamed(ctx, "clicks", i.listen)
	return i.mark(ctx, StageWatching)
}

// strand runs a piece of work beside the others.
func (i *incident) strand(ctx workflow.Context, name string, work func(workflow.Context) error) {
	i.busy++
	workflow.GoNamed(ctx, name, func(ctx workflow.Context) {
		if err := work(ctx); err != nil && i.failed == nil {
			i.failed = err
		}
		i.busy--
	})
}

// look reads the case as it is now.
func (i *incident) look(ctx workflow.Context) error {
	s := step{ID: "events.case", Activity: api.EventsCase, Summary: "look at the case"}
	_, err := i.doIn(stepOptions(ctx, s), s, i.in.Case, &i.seen, VerbRetry, VerbAbort)
	return err
}

func (i *incident) page(ctx workflow.Context) error {
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
	s := step{ID: id, Activity: api.PagerDutyEvent, Summary: "pager: " + event.Action}
	skipped, err := i.do(ctx, s, event, nil)
	if err == nil && !skipped {
		i.note(ctx, "Pager: "+event.Action)
	}
	return err
}

func (i *incident) openTicket(ctx workflow.Context) error {
	if i.ticket != "" {
		return nil
	}
	revision := i.seen.Revision
	var made api.Ticket
	s := step{ID: "jira.ticket", Activity: api.JiraTicket, Summary: "open a ticket"}
	skipped, err := i.do(ctx, s, api.TicketInput{
		OnceKey: i.id + "/ticket", Kind: api.TicketIncident, Key: i.in.Case.Subject, WorkflowID: i.id,
		Summary: i.headline(), Lines: i.lines(),
	}, &made)
	if err != nil {
		return err
	}
	if skipped {
		i.ticketless = true
		return nil
	}
	i.note(ctx, "Ticket "+made.Key)
	if err := i.record(ctx, "ticket", api.NoteCase{Ticket: made.Key, Shown: revision}); err != nil {
		return err
	}
	i.ticket, i.seen.Shown, i.updated = made.Key, max(revision, i.seen.Shown), workflow.Now(ctx)
	return nil
}

func (i *incident) tellSecurity(ctx workflow.Context) error {
	s := step{ID: "slack.security", Activity: api.SlackPost, Summary: "tell security"}
	_, err := i.do(ctx, s, api.Message{
		OnceKey: i.id + "/slack", Kind: api.MessageIncident, Audience: api.AudienceSecurity, Key: i.subject(),
		Text: i.headline(), WorkflowID: i.id,
	}, nil)
	return err
}

// record keeps in the ledger what became of the case.
func (i *incident) record(ctx workflow.Context, what string, in api.NoteCase) error {
	in.CaseRef = i.in.Case
	s := step{ID: "ledger.case:" + what, Activity: api.EventsNote, Summary: "record: " + what}
	_, err := i.doIn(stepOptions(ctx, s), s, in, nil, VerbRetry, VerbSkip, VerbAbort)
	return err
}

// step waits for news and deals with one piece of it.
func (i *incident) step(ctx workflow.Context) error {
	wait := i.due(ctx)
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      wait,
		TimerOptions: workflow.TimerOptions{Summary: "until the ticket is updated, or the case is quiet"},
	}, func() bool {
		return i.failed != nil || i.pages.Len() > 0 || i.changes.Len() > 0 || i.finished(ctx) != ""
	})
	if err != nil {
		return err
	}
	var word api.PagerUpdate
	switch {
	case i.failed != nil:
		return i.failed
	case i.pages.ReceiveAsync(&word):
		return i.reflect(ctx, word)
	case i.changes.Len() > 0 || i.behind():
		for i.changes.ReceiveAsync(nil) {
			continue
		}
		return i.changed(ctx)
	}
	i.result = i.finished(ctx)
	if i.result == "" && workflow.GetInfo(ctx).GetContinueAsNewSuggested() && i.busy == 0 {
		return workflow.NewContinueAsNewError(ctx, TypeIncident, IncidentInput{Case: i.in.Case, Stage: i.stage})
	}
	return nil
}

// behind reports whether there is a ticket and it does not show the latest of the case.
func (i *incident) behind() bool { return i.ticket != "" && i.seen.Revision > i.seen.Shown }

// due is how long there is nothing to do without news.
func (i *incident) due(ctx workflow.Context) time.Duration {
	now := workflow.Now(ctx)
	until := now.Add(lookAgain)
	earlier := func(t time.Time) {
		if t.Before(until) {
			until = t
		}
	}
	if i.behind() {
		earlier(i.updated.Add(i.seen.UpdateEvery))
	}
	if i.seen.Pager == pagerNone {
		earlier(i.quietAt())
	}
	return max(until.Sub(now), time.Second)
}

func (i *incident) quietAt() time.Time { return i.seen.Last.Add(i.seen.Quiet) }

// finished says how the run ends, "" if it does not yet. It yields to nothing, so that no signal is lost between this
// look and the end.
func (i *incident) finished(ctx workflow.Context) string {
	switch {
	case i.busy > 0 || i.behind() || i.changes.Len() > 0 || i.pages.Len() > 0 || i.clicks.Len() > 0:
		return ""
	case i.seen.Status == caseResolved:
		return incidentResolved
	case i.seen.Pager == pagerNone && !workflow.Now(ctx).Before(i.quietAt()):
		return incidentQuiet
	}
	return ""
}

// end turns an operator's word into a regular end.
func (i *incident) end(ctx workflow.Context, err error) (IncidentOutcome, error) {
	out := IncidentOutcome{Case: i.in.Case, Ticket: i.ticket, Events: i.seen.Events, Result: i.result}
	if errors.Is(err, errAborted) {
		out.Result, err = errAborted.Error(), nil
	}
	var again *workflow.ContinueAsNewError
	if err != nil && !errors.As(err, &again) {
		return out, err
	}
	if settled := i.settle(ctx); settled != nil {
		return out, settled
	}
	if err == nil {
		i.doing(ctx, "Done: "+out.Result)
		err = i.mark(ctx, StageDone)
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

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

// tolerant carries out a step whose failure holds nothing up.
func (i *incident) tolerant(ctx workflow.Context, s step, in any) {
	err := workflow.ExecuteActivity(stepOptions(ctx, s), s.Activity, in).Get(ctx, nil)
	if err != nil && !temporal.IsCanceledError(err) {
		i.note(ctx, s.Summary+": not done, "+failed(s, err).Code)
	}
}
