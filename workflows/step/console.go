package step

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// Console is where a run meets its operators: what it shows them, what it asks them, and what they decide. Every workflow
// has one.
type Console struct {
	State     api.State
	decisions map[string]api.Decision
	// halved are the steps that the first of two people has just allowed.
	halved map[string]bool
	// Taken are the last decisions that the chain has taken.
	Taken []api.Decided
	// Subject are names of whom the run is about, who decides about nothing in it.
	Subject []string
	// Stage is the one in the search attributes, resumeStage the one to go back to when nothing is parked any more, and resumeStatus
	// what the run was doing before something was.
	Stage, resumeStage string
	resumeStatus       string
	// Steady says that a stage which the run reaches while something is parked does not hide that.
	Steady bool
	// Attributes accompany every change of stage.
	Attributes []temporal.SearchAttributeUpdate
	// Tell says to its owner what has been parked; nil for a workflow that sees to that itself.
	Tell func(workflow.Context, api.Attention)
	// Lists says for a person's run whether it lists what it waits for; leaving counts what is on its way off the list.
	Lists   func(workflow.Context) bool
	leaving int
	// Signals counts those that the run has taken. Full says that it should go on as a fresh one, level how full it was when
	// that was last decided.
	Signals, level int
	Full           bool
}

// New is the console of a run that has just begun.
func New(state api.State) Console {
	state.Stage = api.StageWorking
	return Console{State: state, Stage: api.StageWorking, decisions: map[string]api.Decision{}, halved: map[string]bool{}}
}

// Open opens the console of a run that is not about one person. What it parks is told to IT.
func Open(ctx workflow.Context, template, doing string) (*Console, error) {
	d := New(api.State{Template: template, Doing: doing})
	d.Tell = d.TellIT
	err := ServeState(ctx, func() (api.State, error) { return d.State, nil })
	if err != nil {
		return nil, err
	}
	if err := HandleDecisions(ctx, &d, func() api.State { return d.State }); err != nil {
		return nil, err
	}
	d.Render(ctx)
	return &d, nil
}

// ServeState answers the query "state".
func ServeState[T any](ctx workflow.Context, state func() (T, error)) error {
	return workflow.SetQueryHandlerWithOptions(ctx, api.QueryState, state,
		workflow.QueryHandlerOptions{Description: "What has been done, what is awaited, and what needs a decision."})
}

// HandleDecisions registers one update per verb. An update is refused unless there is one question that it answers. In the
// histories of before questions had names, it answered all that it could.
func HandleDecisions[T any](ctx workflow.Context, d *Console, state func() T) error {
	for _, v := range verbs {
		validate := func(ctx workflow.Context, in api.Decision) error {
			switch {
			case d.Took(ctx):
				return nil
			case in.By == "":
				return fmt.Errorf("%s needs \"by\": who decides? It is recorded", v.name)
			}
			return d.Refuses(v.name, in)
		}
		handle := func(ctx workflow.Context, in api.Decision) (T, error) {
			if d.Took(ctx) {
				return state(), nil
			}
			in.Verb = v.name
			d.Take(ctx, in)
			return state(), nil
		}
		err := workflow.SetUpdateHandlerWithOptions(ctx, v.name, handle,
			workflow.UpdateHandlerOptions{Description: v.description, Validator: validate})
		if err != nil {
			return err
		}
	}
	return nil
}

// Refuses says why a decision cannot be taken, nil if it can.
func (d *Console) Refuses(verb string, in api.Decision) error {
	if err := d.refuse(verb, in); err != nil {
		return err
	}
	return d.mayDecide(verb, in)
}

// Take takes a decision within an update. It answers all that it can.
func (d *Console) Take(ctx workflow.Context, in api.Decision) {
	for _, a := range d.answers(in.Verb, in) {
		if d.half(ctx, a, in) {
			continue
		}
		d.decisions[a.Step] = both(a, in)
		d.Keep(workflow.GetCurrentUpdateInfo(ctx).ID, a.Item)
	}
}

// Wait parks an item until somebody decides, or until wake, asked whenever the run's state changes, says so, or a time
// has gone by. Without wake only a decision ends it. Several items may be parked at once.
func (d *Console) Wait(ctx workflow.Context, item api.Attention, within time.Duration, wake func() bool) (api.Decision, bool, error) {
	if len(d.State.Attention) == 0 {
		d.resumeStage, d.resumeStatus = d.State.Stage, d.State.Doing
	}
	item.Since, item.Item = workflow.Now(ctx), d.Identify(ctx, item)
	if item.Two {
		item = d.forSecond(item)
	}
	d.State.Doing = "Waiting for a decision"
	d.State.Attention = append(d.State.Attention, item)
	if err := d.SetStage(ctx, api.StageAttention); err != nil {
		return api.Decision{}, false, err
	}
	err := d.untilDecided(ctx, item, within, wake)
	for err == nil && d.halved[item.Step] {
		delete(d.halved, item.Step)
		err = d.untilDecided(ctx, d.asking(item), within, wake)
	}
	decision, decided := d.decisions[item.Step]
	delete(d.decisions, item.Step)
	d.State.Attention = slices.DeleteFunc(d.State.Attention, func(a api.Attention) bool { return a.Step == item.Step })
	if err == nil && len(d.State.Attention) == 0 {
		d.State.Doing = d.resumeStatus
		err = d.SetStage(ctx, d.resumeStage)
	}
	return decision, decided, err
}

// untilDecided lists and tells an item, and waits until somebody decides, or the first of two has, or it is over otherwise.
func (d *Console) untilDecided(ctx workflow.Context, item api.Attention, within time.Duration, wake func() bool) error {
	stop := func() {}
	if d.attended(ctx) {
		stop = d.List(ctx, item)
	} else if d.Tell != nil {
		d.Tell(ctx, item)
	}
	defer func() { stop() }()
	ready := func() bool {
		_, decided := d.decisions[item.Step]
		return decided || d.halved[item.Step] || (wake != nil && wake())
	}
	if wake == nil {
		return workflow.Await(ctx, ready)
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      within,
		TimerOptions: workflow.TimerOptions{Summary: "until somebody decides about " + item.Step},
	}, ready)
	return err
}

// Ask parks until a person decides; after a while without a decision it answers retry by itself.
func (d *Console) Ask(ctx workflow.Context, item api.Attention, again time.Duration) (api.Decision, error) {
	decision, decided, err := d.Wait(ctx, item, again, func() bool { return false })
	if err == nil && !decided {
		decision = api.Decision{Verb: api.VerbRetry, By: "gatehouse"}
	}
	return decision, err
}

// Run carries out one step on the run's own queue. A step that cannot go on parks until a person says retry, skip or
// abort; skipped is true if they chose to go without it.
func (d *Console) Run(ctx workflow.Context, s Step) (skipped bool, err error) {
	return d.RunWith(Options(ctx, s), s, api.VerbRetry, api.VerbSkip, api.VerbAbort)
}

// RunWith is Run with activity options of the caller's, and with the decisions that make sense for the step. Without a
// decision the step is tried again after a day.
func (d *Console) RunWith(ctx workflow.Context, s Step, options ...string) (skipped bool, err error) {
	return d.RunAgain(ctx, s, ReassessAfter, options...)
}

// RunAgain is RunWith with a time of the caller's after which the step is tried again.
func (d *Console) RunAgain(ctx workflow.Context, s Step, again time.Duration, options ...string) (skipped bool, err error) {
	for {
		// In a cancelled scope the SDK would still schedule the step, and cancel it once somebody may have begun it.
		if err := ctx.Err(); err != nil {
			return false, err
		}
		err := s.Execute(ctx)
		if err == nil || ctx.Err() != nil || temporal.IsCanceledError(err) {
			return false, err
		}
		decision, err := d.Ask(ctx, Failed(s, err, options...), again)
		switch {
		case err != nil:
			return false, err
		case decision.Verb == api.VerbSkip:
			d.Log(ctx, s.Summary+": skipped by "+Named(decision))
			return true, nil
		case decision.Verb == api.VerbAbort:
			d.Log(ctx, s.Summary+": aborted by "+Named(decision))
			return false, ErrAborted
		}
	}
}

// Log adds a line to what has been done.
func (d *Console) Log(ctx workflow.Context, text string) {
	d.State.Done = append(d.State.Done, text)
	d.Render(ctx)
}

// SetStatus tells the operator what the run is at.
func (d *Console) SetStatus(ctx workflow.Context, text string) {
	d.State.Doing, d.resumeStatus = text, text
	d.Render(ctx)
}

// Render shows the instruction first and then what the run does.
func (d *Console) Render(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, markdown(d.State))
}

// SetStage moves the search attributes to a stage. Every move costs an event, so only stages that operators search for
// are marked.
func (d *Console) SetStage(ctx workflow.Context, stage string) error {
	if d.Steady && stage != api.StageAttention && len(d.State.Attention) > 0 {
		d.resumeStage = stage
		return nil
	}
	d.State.Stage = stage
	d.Render(ctx)
	if d.Stage == stage {
		return nil
	}
	d.Stage = stage
	return workflow.UpsertTypedSearchAttributes(ctx, append(slices.Clone(d.Attributes), api.AttrStage.ValueSet(stage))...)
}

// Settle waits for update handlers to answer their callers.
func (d *Console) Settle(ctx workflow.Context) error {
	if err := d.Unlisted(ctx); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// TellIT posts what is parked to the IT channel, once per question and day, without holding up the wait for the
// decision: it can be given whether or not the message gets through.
func (d *Console) TellIT(ctx workflow.Context, item api.Attention) {
	d.tellTo(ctx, item, api.AudienceIT)
}

func (d *Console) tellTo(ctx workflow.Context, item api.Attention, audience api.Audience) {
	info := workflow.GetInfo(ctx)
	in := api.Message{
		OnceKey: info.WorkflowExecution.ID + "/" + info.FirstRunID + "/attention/" + CodeOf(item) + "/" + item.Since.UTC().Format(time.DateOnly),
		Kind:    api.MessageAttention, Audience: audience, Text: item.Text, WorkflowID: info.WorkflowExecution.ID,
		Asked: Asked(item),
	}
	s := Step{
		ID:       "slack.attention:" + CodeOf(item) + ":" + item.Since.UTC().Format("2006-01-02T15:04"),
		Activity: api.Call.SlackPost(in, nil), Summary: "tell IT: " + item.Code,
	}
	workflow.GoNamed(ctx, "tell "+item.Step, func(ctx workflow.Context) {
		if err := s.Execute(Options(ctx, s)); err != nil {
			workflow.GetLogger(ctx).Warn("attention not told", "step", item.Step, "error", err)
		}
	})
}
