package hrsync

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// Hold asks a person about those whom a safety budget keeps back. The poll that found them has ended long ago: the list
// is in the ledger, and each poll brings it up to date. A decision is about the list that was shown. One that was rejected
// is asked about again every day for as long as HR says the same; nothing is ever let through by time.
func Hold(ctx workflow.Context, in api.HoldInput) (api.HoldOutcome, error) {
	h, err := openHold(ctx, in)
	if err != nil {
		return api.HoldOutcome{}, err
	}
	for {
		err := h.readBatch(ctx)
		switch {
		case err != nil:
			return api.HoldOutcome{}, err
		case !h.shown.Found:
			if err := errors.Join(h.Leave(ctx, step.Heard), h.Settle(ctx)); err != nil {
				return api.HoldOutcome{}, err
			}
			// Nothing yields between this and the end, so that no list is lost.
			if h.changed() {
				continue
			}
			return h.end(ctx)
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return api.HoldOutcome{}, h.continueAsNew(ctx)
		case h.quietUntil().After(workflow.Now(ctx)):
			err = h.rest(ctx)
		default:
			err = h.decide(ctx)
		}
		if err != nil {
			return api.HoldOutcome{}, err
		}
	}
}

// hold is one run of Hold.
type hold struct {
	*step.Console
	*step.Asides
	in    api.HoldInput
	shown api.HoldShown
	lists workflow.ReceiveChannel
	// list is the hash that the latest poll spoke of.
	list   string
	result string
	// grown counts how often the list was found to grow.
	grown int
}

func openHold(ctx workflow.Context, in api.HoldInput) (*hold, error) {
	d, err := step.Open(ctx, api.TypeHold, "Looking at who is held")
	if err != nil {
		return nil, err
	}
	d.Stage, d.Steady, d.Taken = cmp.Or(in.Stage, api.StageWorking), true, in.Decided
	d.Attributes = []temporal.SearchAttributeUpdate{api.AttrSource.ValueSet(in.Source)}
	h := &hold{
		Console: d, Asides: step.NewAsides(ctx, d), in: in, result: "nobody is held any more",
		lists: workflow.GetSignalChannel(ctx, api.SignalHold),
	}
	d.Tell = func(ctx workflow.Context, item api.Attention) {
		// What waits for a decision is told as a word of its own; here only what an operator has to mend.
		if item.Code != h.code() {
			d.TellIT(ctx, item)
		}
	}
	for _, w := range in.Words {
		h.Say(w)
	}
	return h, nil
}

// changed takes what the polls have said and reports whether the list is another one than the one shown.
func (h *hold) changed() bool {
	for h.lists.ReceiveAsync(&h.list) {
		continue
	}
	return h.list != h.shown.Hash
}

func (h *hold) readBatch(ctx workflow.Context) error {
	h.changed()
	if err := h.gather(ctx); err != nil {
		return err
	}
	var shown api.HoldShown
	show := api.Call.HoldsShow(api.HoldRef{Source: h.in.Source, Kind: h.in.Kind}, &shown)
	s := step.Step{ID: "hold.show", Activity: show, Summary: "who is held"}
	err := step.LocalFirst(ctx, s)
	if err != nil && ctx.Err() == nil {
		_, err = h.RunWith(step.Options(ctx, s), s, api.VerbRetry)
	}
	h.shown, h.list = shown, shown.Hash
	return err
}

// quietUntil is when a list that somebody has rejected is asked about again.
func (h *hold) quietUntil() time.Time {
	if !h.shown.Rejected {
		return step.NoTime
	}
	return h.shown.RejectedAt.Add(step.ReassessAfter)
}

// rest waits while a list is rejected, until it is another one or a day has gone by.
func (h *hold) rest(ctx workflow.Context) error {
	h.State.Due = h.quietUntil()
	h.SetStatus(ctx, fmt.Sprintf("%s: rejected by %s, and %s", h.count(), h.shown.RejectedBy, h.still()))
	if err := h.SetStage(ctx, api.StageWaiting); err != nil {
		return err
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      h.State.Due.Sub(workflow.Now(ctx)),
		TimerOptions: workflow.TimerOptions{Summary: "ask again"},
	}, h.changed)
	h.State.Due = step.NoTime
	return err
}

func (h *hold) count() string {
	return fmt.Sprintf("%d people of %s held", h.shown.People, h.in.Source)
}

// decide asks a person, and carries out what they say if the list is still the one that they saw.
func (h *hold) decide(ctx workflow.Context) error {
	short := h.shown.Hash[:min(12, len(h.shown.Hash))]
	item := api.Attention{
		Step: "hold." + short, Code: h.code(), Text: h.question(), PlanHash: h.shown.Hash,
		Options: []string{api.VerbAllow, api.VerbReject},
	}
	item.Two = step.TakesTwo(h.shown.Two, item)
	h.announce(ctx, item)
	stop := h.keepDeadline(ctx)
	item.Overdue = h.State.Overdue
	d, decided, err := h.Wait(ctx, item, step.ReassessAfter, h.changed)
	stop()
	h.State.Overdue = step.NoTime
	if err != nil || !decided {
		return err
	}
	var out api.HoldDecided
	carry := api.Call.HoldsDecide(api.HoldDecision{
		Source: h.in.Source, Kind: h.in.Kind, Hash: h.shown.Hash, Verb: d.Verb, By: d.By, Reason: d.Reason, At: workflow.Now(ctx),
	}, &out)
	s := step.Step{ID: "hold." + d.Verb + ":" + short, Activity: carry, Summary: d.Verb + " by " + step.Named(d)}
	if _, err := h.RunWith(step.SweepOptions(ctx, s), s, api.VerbRetry); err != nil {
		return err
	}
	if !out.Current {
		h.Log(ctx, d.Verb+" by "+step.Named(d)+": the list had changed, it is asked about again")
		return nil
	}
	h.Log(ctx, fmt.Sprintf("%s by %s: %d people", d.Verb, step.Named(d), out.People))
	h.result = "nobody is held any more"
	if d.Verb == api.VerbAllow {
		h.result = "let through by " + step.Named(d)
	}
	return nil
}

// keepDeadline has security told, once for each list, if nobody has decided when the first of those who are held had to
// be out. Stop it when the question is over.
func (h *hold) keepDeadline(ctx workflow.Context) (stop func()) {
	by := h.shown.OverdueAt
	switch {
	case by.IsZero():
		return func() {}
	case !by.After(workflow.Now(ctx)):
		h.sayOverdue(ctx, by)
		return func() {}
	}
	scope, cancel := workflow.WithCancel(ctx)
	workflow.GoNamed(scope, "deadline", func(ctx workflow.Context) {
		if step.UntilOverdue(ctx, by) {
			h.sayOverdue(ctx, by)
		}
	})
	return cancel
}

// sayOverdue counts people and names nobody: who is held is read with `starter holds`.
func (h *hold) sayOverdue(ctx workflow.Context, by time.Time) {
	h.ShowOverdue(ctx, by)
	if h.in.Overdue == h.shown.Hash {
		return
	}
	h.in.Overdue = h.shown.Hash
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	h.Say(api.Word{
		Step: "slack.overdue:" + h.shown.Hash[:min(12, len(h.shown.Hash))], Summary: "warn security: people who are held are overdue", Template: api.TypeHold,
		Message: &api.Message{
			OnceKey: id + "/" + h.shown.Hash + "/overdue", Kind: api.MessageHoldOverdue, Audience: api.AudienceSecurity,
			Text: h.in.Source + ": " + h.question(), WorkflowID: id,
		},
	})
	if h.shown.Pages {
		h.Say(h.paged(id))
	}
}

// announce tells IT that there is something to decide, once for each list and day.
func (h *hold) announce(ctx workflow.Context, item api.Attention) {
	now := workflow.Now(ctx)
	if h.in.Told == h.shown.Hash && now.Sub(h.in.ToldAt) < step.ReassessAfter-time.Hour {
		return
	}
	h.in.Told, h.in.ToldAt = h.shown.Hash, now
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	item.Item = h.Identify(ctx, item)
	h.Say(api.Word{
		Step: "slack.held:" + now.UTC().Format("2006-01-02T15:04:05"), Summary: "tell IT that people are held", Template: api.TypeHold,
		Message: &api.Message{
			OnceKey: id + "/" + h.shown.Hash + "/" + now.UTC().Format(time.DateOnly), Kind: api.MessageSyncHeld, Audience: api.AudienceIT,
			Text: h.in.Source + ": " + item.Text, WorkflowID: id, Asked: step.Asked(item),
		},
	})
}

// continueAsNew continues as a run without history.
func (h *hold) continueAsNew(ctx workflow.Context) error {
	if err := errors.Join(h.Hush(ctx), h.Settle(ctx)); err != nil {
		return err
	}
	next := h.in
	next.Stage, next.Words, next.Decided = h.Stage, h.Owed(), h.Taken
	return workflow.NewContinueAsNewError(ctx, api.TypeHold, next)
}

func (h *hold) end(ctx workflow.Context) (api.HoldOutcome, error) {
	h.SetStatus(ctx, h.result)
	return api.HoldOutcome{Source: h.in.Source, Kind: h.in.Kind, Result: h.result}, h.SetStage(ctx, api.StageDone)
}
