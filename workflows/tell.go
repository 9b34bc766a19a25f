package workflows

import (
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// asides are the words of a run that is not about one person. Nothing in the run waits for them.
type asides struct {
	d     *desk
	root  workflow.Context
	words []*word
	// told is called when a word was delivered, or skipped by somebody; nil if nobody wants to know.
	told func(ctx workflow.Context, w *word, skippedBy string)
}

func newAsides(ctx workflow.Context, d *desk) *asides { return &asides{d: d, root: ctx} }

// say tells something beside the run's work. The same thing twice is one.
func (a *asides) say(say api.Word) {
	say, fresh := distinct(a.words, say)
	if !fresh {
		return
	}
	scope, stop := workflow.WithCancel(a.root)
	said := &word{Word: say, stop: stop}
	a.words = append(a.words, said)
	workflow.GoNamed(scope, "tell "+said.Step, func(ctx workflow.Context) {
		heard, by := a.d.tellUntilHeard(ctx, said)
		if heard {
			a.words = slices.DeleteFunc(a.words, func(o *word) bool { return o == said })
		}
		if heard && a.told != nil {
			a.told(ctx, said, by)
		}
		said.resting = true
	})
}

// tellUntilHeard delivers a word, and what is to be told instead where it reaches nobody. One that is refused is an item of
// its own, which a person can have tried again or skipped, and is tried again every day by itself. Heard is false if it was
// stopped before; by names who skipped it.
func (d *desk) tellUntilHeard(ctx workflow.Context, w *word) (heard bool, by string) {
	for ctx.Err() == nil {
		s, in, out := call(w.Word)
		err := workflow.ExecuteActivity(callOptions(ctx, s), s.Activity, in).Get(ctx, out)
		if err == nil && !reached(out) && w.Otherwise != nil {
			w.Word = *w.Otherwise
			continue
		}
		if err == nil {
			w.got = out
			d.note(ctx, s.Summary)
			return true, ""
		}
		if ctx.Err() != nil {
			return false, ""
		}
		w.parked, w.refused = true, true
		decision, err := d.ask(ctx, failed(s, err, api.VerbRetry, api.VerbSkip), lookAgain)
		w.parked = false
		switch {
		case err != nil:
			return false, ""
		case decision.Verb == api.VerbSkip:
			d.note(ctx, s.Summary+": skipped by "+named(decision))
			return true, named(decision)
		}
	}
	return false, ""
}

// busy reports that something is being told, and not refused.
func (a *asides) busy() bool {
	return slices.ContainsFunc(a.words, func(w *word) bool { return !w.parked && !w.resting })
}

// withdraw gives up what is not true any more, and returns it.
func (a *asides) withdraw() []api.Word {
	gone := a.owed()
	for _, w := range a.words {
		w.stop()
	}
	a.words = nil
	return gone
}

// hush stops what is being told and waits for an attempt that is under way, so that nobody else tells the same thing at
// the same time.
func (a *asides) hush(ctx workflow.Context) error {
	for _, w := range a.words {
		w.stop()
	}
	return workflow.Await(ctx, func() bool {
		return !slices.ContainsFunc(a.words, func(w *word) bool { return !w.resting })
	})
}

// owed is what is still to be told.
func (a *asides) owed() []api.Word {
	var owed []api.Word
	for _, w := range a.words {
		owed = append(owed, w.Word)
	}
	return owed
}

// leave has each word that could not be told by now told by a run of its own, so that this one can end. On a good day there
// is none.
func (a *asides) leave(ctx workflow.Context, within time.Duration) error {
	if a.busy() {
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: within, TimerOptions: workflow.TimerOptions{Summary: "until everybody has been told"},
		}, func() bool { return !a.busy() }); err != nil {
			return err
		}
	}
	if err := a.hush(ctx); err != nil {
		return err
	}
	info := workflow.GetInfo(ctx)
	for _, w := range a.owed() {
		child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
			WorkflowID: api.TellID(info.WorkflowExecution.ID, info.FirstRunID, w.Step), TaskQueue: api.QueueSweep,
			ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
			StaticSummary:         w.Summary,
			TypedSearchAttributes: temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
		})
		err := workflow.ExecuteChildWorkflow(child, api.TypeTell, api.TellInput{Word: w}).GetChildWorkflowExecution().Get(ctx, nil)
		// After a Reset it is being told already.
		if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return err
		}
	}
	return nil
}

// Tell tells what a run could not before it ended, for as long as it takes. What is refused is an item that a person
// decides about, and is told where else somebody may read it.
func Tell(ctx workflow.Context, in api.TellInput) (api.Told, error) {
	d, err := openDesk(ctx, api.TypeTell, "Telling what could not be told")
	if err != nil {
		return api.Told{}, err
	}
	d.stage, d.taken = first(in.Stage, api.StageWorking), in.Decided
	d.tell = func(ctx workflow.Context, item api.Attention) { d.tellElsewhere(ctx, in.Word, item) }
	w := &word{Word: in.Word}
	scope, stop := workflow.WithCancel(ctx)
	defer stop()
	done, by := false, ""
	workflow.GoNamed(scope, "tell "+w.Step, func(ctx workflow.Context) {
		_, by = d.tellUntilHeard(ctx, w)
		done = true
	})
	if err := workflow.Await(ctx, func() bool {
		return done || w.parked && workflow.GetInfo(ctx).GetContinueAsNewSuggested()
	}); err != nil {
		return api.Told{}, err
	}
	if err := d.settle(ctx); err != nil {
		return api.Told{}, err
	}
	if !done {
		in.Stage, in.Decided = d.stage, d.taken
		return api.Told{}, workflow.NewContinueAsNewError(ctx, api.TypeTell, in)
	}
	out := api.Told{Result: "told"}
	if by != "" {
		out.Result = "skipped by " + by
	}
	d.doing(ctx, out.Result)
	return out, d.mark(ctx, api.StageDone)
}

// tellElsewhere says that somebody cannot be told something: to security if it is IT, else to IT.
func (d *desk) tellElsewhere(ctx workflow.Context, w api.Word, item api.Attention) {
	audience := api.AudienceIT
	if w.Message != nil && w.Message.Audience == api.AudienceIT {
		audience = api.AudienceSecurity
	}
	d.tellTo(ctx, item, audience)
}
