package hrsync

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// Authorised waits for the moment of a list that people have decided about ahead, and has it carried out if two of them have
// approved it. Without that nothing is done, whatever time it is: security is told at the moment and every day after it.
func Authorised(ctx workflow.Context, in api.AuthorisedInput) (api.AuthorisedOutcome, error) {
	d, err := step.Open(ctx, api.TypeAuthorised, "Waiting for the moment of an authorised list")
	if err != nil {
		return api.AuthorisedOutcome{}, err
	}
	d.Stage, d.Steady = cmp.Or(in.Stage, api.StageWorking), true
	words := step.NewAsides(ctx, d)
	for _, w := range in.Words {
		words.Say(w)
	}
	news := workflow.GetSignalChannel(ctx, api.SignalAuthorised)
	for {
		for news.ReceiveAsync(nil) {
			continue
		}
		var state api.AuthorisedState
		carry := api.Call.AuthorisedCarry(api.AuthorisedInput{ID: in.ID, At: in.At}, &state)
		s := step.Step{ID: "authorised.carry", Activity: carry, Summary: "carry the list out if it is approved and its moment has come"}
		if _, err := d.RunWith(step.SweepOptions(ctx, s), s, api.VerbRetry); err != nil {
			return api.AuthorisedOutcome{}, err
		}
		now := workflow.Now(ctx)
		switch {
		case state.Done || state.Withdrawn:
			result := fmt.Sprintf("carried out: %d people", state.People)
			if state.Withdrawn {
				result = "withdrawn, nothing was done"
			}
			if err := errors.Join(words.Leave(ctx, step.Heard), d.Settle(ctx)); err != nil {
				return api.AuthorisedOutcome{}, err
			}
			d.SetStatus(ctx, result)
			return api.AuthorisedOutcome{ID: in.ID, Result: result}, d.SetStage(ctx, api.StageDone)
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			if err := errors.Join(words.Hush(ctx), d.Settle(ctx)); err != nil {
				return api.AuthorisedOutcome{}, err
			}
			in.Stage, in.Words = d.Stage, words.Owed()
			return api.AuthorisedOutcome{}, workflow.NewContinueAsNewError(ctx, api.TypeAuthorised, in)
		case !in.At.After(now) && in.Told != now.UTC().Format(time.DateOnly):
			in.Told = now.UTC().Format(time.DateOnly)
			sayUnapproved(ctx, words, in, state)
		}
		wait := in.At.Sub(now)
		if wait <= 0 {
			wait = step.ReassessAfter
		}
		d.SetStatus(ctx, fmt.Sprintf("%d of 2 approvals; nothing is done before %s", state.Approvals, in.At.UTC().Format("2006-01-02 15:04 MST")))
		if err := d.SetStage(ctx, api.StageWaiting); err != nil {
			return api.AuthorisedOutcome{}, err
		}
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: wait, TimerOptions: workflow.TimerOptions{Summary: "the moment of the list"},
		}, func() bool { return news.Len() > 0 }); err != nil {
			return api.AuthorisedOutcome{}, err
		}
	}
}

// sayUnapproved tells security that a list's moment has come and that it was not carried out. It counts people and names
// nobody.
func sayUnapproved(ctx workflow.Context, words *step.Asides, in api.AuthorisedInput, state api.AuthorisedState) {
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	text := fmt.Sprintf("%s: the moment of an authorised list of %d people has come and %d of 2 people have approved it. Nothing was done. "+
		"`starter authorise list` shows it; `starter authorise approve` carries it out at once, `starter authorise withdraw` ends it.",
		state.Source, state.People, state.Approvals)
	words.Say(api.Word{
		Step: "slack.unapproved:" + in.Told, Summary: "tell security that a list was not approved in time", Template: api.TypeAuthorised,
		Message: &api.Message{
			OnceKey: id + "/unapproved/" + in.Told, Kind: api.MessageHoldOverdue, Audience: api.AudienceSecurity, Text: text, WorkflowID: id,
		},
	})
	if !state.Pages {
		return
	}
	key := id + "/unapproved"
	words.Say(api.Word{
		Step: "pagerduty.unapproved", Summary: "wake somebody: a list was not approved in time", Template: api.TypeAuthorised,
		Page: &api.PagerEvent{
			Action: api.PagerTrigger, DedupKey: key, OnceKey: key, Severity: api.SeverityCritical, Source: "gatehouse", WorkflowID: id,
			Summary: fmt.Sprintf("URGENT: a list of %d people of %s was not carried out at its moment: it is not approved by two people.", state.People, state.Source),
		},
	})
}
