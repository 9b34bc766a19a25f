package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// desk is where a run meets its operators: what it shows them, what it asks them, and what they decide. Every workflow
// has one.
type desk struct {
	state     api.State
	decisions map[string]api.Decision
	// halved are the steps that the first of two people has just allowed.
	halved map[string]bool
	// taken are the last decisions that the chain has taken.
	taken []api.Decided
	// subject are names of whom the run is about, who decides about nothing in it.
	subject []string
	// stage is the one in the search attributes, calm the one to go back to when nothing is parked any more.
	stage, calm string
	// calmly is what the run was doing before something was parked.
	calmly string
	// steady says that a stage which the run reaches while something is parked does not hide that.
	steady bool
	// attributes accompany every change of stage.
	attributes []temporal.SearchAttributeUpdate
	// tell says to its owner what has been parked; nil for a workflow that sees to that itself.
	tell func(workflow.Context, api.Attention)
	// lists says for a person's run whether it lists what it waits for; leaving counts what is on its way off the list.
	lists   func(workflow.Context) bool
	leaving int
	// signals counts those that the run has taken. Full says that it should go on as a fresh one, level how full it was when
	// that was last decided.
	signals, level int
	full           bool
}

func newDesk(state api.State) desk {
	state.Stage = api.StageWorking
	return desk{state: state, stage: api.StageWorking, decisions: map[string]api.Decision{}, halved: map[string]bool{}}
}

// openDesk opens the desk of a run that is not about one person. What it parks is told to IT.
func openDesk(ctx workflow.Context, template, doing string) (*desk, error) {
	d := newDesk(api.State{Template: template, Doing: doing})
	d.tell = d.tellIT
	err := serveState(ctx, func() (api.State, error) { return d.state, nil })
	if err != nil {
		return nil, err
	}
	if err := handleDecisions(ctx, &d, func() api.State { return d.state }); err != nil {
		return nil, err
	}
	d.render(ctx)
	return &d, nil
}

// serveState answers the query "state".
func serveState[T any](ctx workflow.Context, state func() (T, error)) error {
	return workflow.SetQueryHandlerWithOptions(ctx, api.QueryState, state,
		workflow.QueryHandlerOptions{Description: "What has been done, what is awaited, and what needs a decision."})
}

// handleDecisions registers one update per verb. An update is refused unless there is one question that it answers. In the
// histories of before questions had names, it answered all that it could.
func handleDecisions[T any](ctx workflow.Context, d *desk, state func() T) error {
	for _, v := range verbs {
		validate := func(ctx workflow.Context, in api.Decision) error {
			switch {
			case d.took(ctx):
				return nil
			case in.By == "":
				return fmt.Errorf("%s needs \"by\": who decides? It is recorded", v.name)
			}
			if err := d.refuse(v.name, in); err != nil {
				return err
			}
			return d.mayDecide(v.name, in)
		}
		handle := func(ctx workflow.Context, in api.Decision) (T, error) {
			if d.took(ctx) {
				return state(), nil
			}
			in.Verb = v.name
			for _, a := range d.answers(v.name, in) {
				if d.half(ctx, a, in) {
					continue
				}
				d.decisions[a.Step] = both(a, in)
				d.keep(workflow.GetCurrentUpdateInfo(ctx).ID, a.Item)
			}
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

// wait parks an item until somebody decides, or until wake, asked whenever the run's state changes, says so, or a time
// has gone by. Without wake only a decision ends it. Several items may be parked at once.
func (d *desk) wait(ctx workflow.Context, item api.Attention, within time.Duration, wake func() bool) (api.Decision, bool, error) {
	if len(d.state.Attention) == 0 {
		d.calm, d.calmly = d.state.Stage, d.state.Doing
	}
	item.Since, item.Item = workflow.Now(ctx), d.identify(ctx, item)
	if item.Two {
		item = d.second(item)
	}
	d.state.Doing = "Waiting for a decision"
	d.state.Attention = append(d.state.Attention, item)
	if err := d.mark(ctx, api.StageAttention); err != nil {
		return api.Decision{}, false, err
	}
	err := d.untilDecided(ctx, item, within, wake)
	for err == nil && d.halved[item.Step] {
		delete(d.halved, item.Step)
		err = d.untilDecided(ctx, d.asking(item), within, wake)
	}
	decision, decided := d.decisions[item.Step]
	delete(d.decisions, item.Step)
	d.state.Attention = slices.DeleteFunc(d.state.Attention, func(a api.Attention) bool { return a.Step == item.Step })
	if err == nil && len(d.state.Attention) == 0 {
		d.state.Doing = d.calmly
		err = d.mark(ctx, d.calm)
	}
	return decision, decided, err
}

// untilDecided lists and tells an item, and waits until somebody decides, or the first of two has, or it is over otherwise.
func (d *desk) untilDecided(ctx workflow.Context, item api.Attention, within time.Duration, wake func() bool) error {
	stop := func() {}
	if d.attended(ctx) {
		stop = d.attend(ctx, item)
	} else if d.tell != nil {
		d.tell(ctx, item)
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

// ask parks until a person decides; after a while without a decision it answers retry by itself.
func (d *desk) ask(ctx workflow.Context, item api.Attention, again time.Duration) (api.Decision, error) {
	decision, decided, err := d.wait(ctx, item, again, func() bool { return false })
	if err == nil && !decided {
		decision = api.Decision{Verb: api.VerbRetry, By: "gatehouse"}
	}
	return decision, err
}

// do carries out one step on the run's own queue. A step that cannot go on parks until a person says retry, skip or
// abort; skipped is true if they chose to go without it.
func (d *desk) do(ctx workflow.Context, s step, in, out any) (skipped bool, err error) {
	return d.doIn(stepOptions(ctx, s), s, in, out, api.VerbRetry, api.VerbSkip, api.VerbAbort)
}

// doIn is do with activity options of the caller's, and with the decisions that make sense for the step. Without a
// decision the step is tried again after a day.
func (d *desk) doIn(ctx workflow.Context, s step, in, out any, options ...string) (skipped bool, err error) {
	return d.doAgain(ctx, s, lookAgain, in, out, options...)
}

// doAgain is doIn with a time of the caller's after which the step is tried again.
func (d *desk) doAgain(ctx workflow.Context, s step, again time.Duration, in, out any, options ...string) (skipped bool, err error) {
	for {
		// In a cancelled scope the SDK would still schedule the step, and cancel it once somebody may have begun it.
		if err := ctx.Err(); err != nil {
			return false, err
		}
		err := workflow.ExecuteActivity(ctx, s.Activity, in).Get(ctx, out)
		if err == nil || ctx.Err() != nil || temporal.IsCanceledError(err) {
			return false, err
		}
		decision, err := d.ask(ctx, failed(s, err, options...), again)
		switch {
		case err != nil:
			return false, err
		case decision.Verb == api.VerbSkip:
			d.note(ctx, s.Summary+": skipped by "+named(decision))
			return true, nil
		case decision.Verb == api.VerbAbort:
			d.note(ctx, s.Summary+": aborted by "+named(decision))
			return false, errAborted
		}
	}
}

// note adds a line to what has been done.
func (d *desk) note(ctx workflow.Context, text string) {
	d.state.Done = append(d.state.Done, text)
	d.render(ctx)
}

// doing tells the operator what the run is at.
func (d *desk) doing(ctx workflow.Context, text string) {
	d.state.Doing, d.calmly = text, text
	d.render(ctx)
}

func (d *desk) render(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, markdown(d.state))
}

// mark moves the search attributes to a stage. Every move costs an event, so only stages that operators search for
// are marked.
func (d *desk) mark(ctx workflow.Context, stage string) error {
	if d.steady && stage != api.StageAttention && len(d.state.Attention) > 0 {
		d.calm = stage
		return nil
	}
	d.state.Stage = stage
	d.render(ctx)
	if d.stage == stage {
		return nil
	}
	d.stage = stage
	return workflow.UpsertTypedSearchAttributes(ctx, append(slices.Clone(d.attributes), api.AttrStage.ValueSet(stage))...)
}

// settle waits for update handlers to answer their callers.
func (d *desk) settle(ctx workflow.Context) error {
	if err := d.unlisted(ctx); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// tellIT posts what is parked to the IT channel, once per question and day, without holding up the wait for the
// decision: it can be given whether or not the message gets through.
func (d *desk) tellIT(ctx workflow.Context, item api.Attention) { d.tellTo(ctx, item, api.AudienceIT) }

func (d *desk) tellTo(ctx workflow.Context, item api.Attention, audience api.Audience) {
	info := workflow.GetInfo(ctx)
	s := step{
		ID:       "slack.attention:" + codeOf(item) + ":" + item.Since.UTC().Format("2006-01-02T15:04"),
		Activity: api.SlackPost, Summary: "tell IT: " + item.Code,
	}
	in := api.Message{
		OnceKey: info.WorkflowExecution.ID + "/" + info.FirstRunID + "/attention/" + codeOf(item) + "/" + item.Since.UTC().Format(time.DateOnly),
		Kind:    api.MessageAttention, Audience: audience, Text: item.Text, WorkflowID: info.WorkflowExecution.ID,
		Asked: asked(item),
	}
	workflow.GoNamed(ctx, "tell "+item.Step, func(ctx workflow.Context) {
		if err := workflow.ExecuteActivity(stepOptions(ctx, s), s.Activity, in).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("attention not told", "step", item.Step, "error", err)
		}
	})
}

// errAborted ends a run because a person said so.
var errAborted = errors.New("aborted by an operator")
