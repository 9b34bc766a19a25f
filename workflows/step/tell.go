package step

import (
	"cmp"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// Asides are the words of a run that is not about one person. Nothing in the run waits for them.
type Asides struct {
	d     *Console
	Root  workflow.Context
	Words []*Word
	// Told is called when a word was delivered, or skipped by somebody; nil if nobody wants to know.
	Told func(ctx workflow.Context, w *Word, skippedBy string)
}

// NewAsides keeps what is told beside the work.
func NewAsides(ctx workflow.Context, d *Console) *Asides { return &Asides{d: d, Root: ctx} }

// Say tells something beside the run's work. The same thing twice is one.
func (a *Asides) Say(say api.Word) {
	say, fresh := Distinct(a.Words, say)
	if !fresh {
		return
	}
	scope, stop := workflow.WithCancel(a.Root)
	said := &Word{Word: say, Stop: stop}
	a.Words = append(a.Words, said)
	workflow.GoNamed(scope, "tell "+said.Step, func(ctx workflow.Context) {
		heard, by := a.d.tellUntilHeard(ctx, said)
		if heard {
			a.Words = slices.DeleteFunc(a.Words, func(o *Word) bool { return o == said })
		}
		if heard && a.Told != nil {
			a.Told(ctx, said, by)
		}
		said.Resting = true
	})
}

// tellUntilHeard delivers a word, and what is to be told instead where it reaches nobody. One that is refused is an item of
// its own, which a person can have tried again or skipped, and is tried again every day by itself. Heard is false if it was
// stopped before; by names who skipped it.
func (d *Console) tellUntilHeard(ctx workflow.Context, w *Word) (heard bool, by string) {
	for ctx.Err() == nil {
		s := Delivery(w.Word)
		err := s.Execute(DeliveryOptions(ctx, s))
		if err == nil && !reached(s.Activity.Result()) && w.Otherwise != nil {
			w.Word = *w.Otherwise
			continue
		}
		if err == nil {
			w.Got = s.Activity.Result()
			d.Log(ctx, s.Summary)
			return true, ""
		}
		if ctx.Err() != nil {
			return false, ""
		}
		w.parked, w.Refused = true, true
		decision, err := d.Ask(ctx, Failed(s, err, api.VerbRetry, api.VerbSkip), ReassessAfter)
		w.parked = false
		switch {
		case err != nil:
			return false, ""
		case decision.Verb == api.VerbSkip:
			d.Log(ctx, s.Summary+": skipped by "+Named(decision))
			return true, Named(decision)
		}
	}
	return false, ""
}

// Busy reports that something is being told, and not refused.
func (a *Asides) Busy() bool {
	return slices.ContainsFunc(a.Words, func(w *Word) bool { return !w.parked && !w.Resting })
}

// Withdraw gives up what is not true any more, and returns it.
func (a *Asides) Withdraw() []api.Word {
	gone := a.Owed()
	for _, w := range a.Words {
		w.Stop()
	}
	a.Words = nil
	return gone
}

// Hush stops what is being told and waits for an attempt that is under way, so that nobody else tells the same thing at
// the same time.
func (a *Asides) Hush(ctx workflow.Context) error {
	for _, w := range a.Words {
		w.Stop()
	}
	return workflow.Await(ctx, func() bool {
		return !slices.ContainsFunc(a.Words, func(w *Word) bool { return !w.Resting })
	})
}

// Owed is what is still to be told.
func (a *Asides) Owed() []api.Word {
	var owed []api.Word
	for _, w := range a.Words {
		owed = append(owed, w.Word)
	}
	return owed
}

// Leave has each word that could not be told by now told by a run of its own, so that this one can end. On a good day there
// is none.
func (a *Asides) Leave(ctx workflow.Context, within time.Duration) error {
	if a.Busy() {
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: within, TimerOptions: workflow.TimerOptions{Summary: "until everybody has been told"},
		}, func() bool { return !a.Busy() }); err != nil {
			return err
		}
	}
	if err := a.Hush(ctx); err != nil {
		return err
	}
	info := workflow.GetInfo(ctx)
	for _, w := range a.Owed() {
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
	d, err := Open(ctx, api.TypeTell, "Telling what could not be told")
	if err != nil {
		return api.Told{}, err
	}
	d.Stage, d.Taken = cmp.Or(in.Stage, api.StageWorking), in.Decided
	d.Tell = func(ctx workflow.Context, item api.Attention) { d.tellElsewhere(ctx, in.Word, item) }
	w := &Word{Word: in.Word}
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
	if err := d.Settle(ctx); err != nil {
		return api.Told{}, err
	}
	if !done {
		in.Stage, in.Decided = d.Stage, d.Taken
		return api.Told{}, workflow.NewContinueAsNewError(ctx, api.TypeTell, in)
	}
	out := api.Told{Result: "told"}
	if by != "" {
		out.Result = "skipped by " + by
	}
	d.SetStatus(ctx, out.Result)
	return out, d.SetStage(ctx, api.StageDone)
}

// tellElsewhere says that somebody cannot be told something: to security if it is IT, else to IT.
func (d *Console) tellElsewhere(ctx workflow.Context, w api.Word, item api.Attention) {
	audience := api.AudienceIT
	if w.Message != nil && w.Message.Audience == api.AudienceIT {
		audience = api.AudienceSecurity
	}
	d.tellTo(ctx, item, audience)
}
