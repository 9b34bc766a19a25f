package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// pokeGap is the shortest time between two readings of one run: a burst of webhooks must not use up the quota.
const pokeGap = 5 * time.Second

// watchAgain is how long a reading that cannot go on waits before it tries again by itself.
const watchAgain = 10 * time.Minute

// maxRounds is how many readings a run does before it goes on as another.
const maxRounds = 100

// EventWatch reads OneLogin's events from where the last reading ended, applies the rules and tells the incidents. One
// run reads at a time: all that poke it share its id. A schedule gives its runs names of their own, so a scheduled run
// only pokes the one that reads. Pokes that arrive during a reading count as one.
func EventWatch(ctx workflow.Context, in api.WatchInput) (api.WatchOutcome, error) {
	d, err := openDesk(ctx, api.TypeEventWatch, "Reading OneLogin's events")
	if err != nil {
		return api.WatchOutcome{}, err
	}
	d.taken = in.Decided
	w := &watch{desk: d, pokes: workflow.GetSignalChannel(ctx, api.SignalPoke), before: in.Rounds}
	if in.Scheduled {
		s := step{ID: "events.poke", Activity: api.EventsPoke, Summary: "have the one reader read"}
		if err := w.do(ctx, s, nil); err != nil {
			return w.end(ctx, "ended", err)
		}
		return w.end(ctx, "handed over to "+api.EventWatchID, nil)
	}
	for {
		w.drain()
		if err := w.round(ctx); err != nil {
			return w.end(ctx, "ended", err)
		}
		if w.out.Rounds >= maxRounds || w.crowded(ctx) || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			if err := w.settle(ctx); err != nil {
				return w.out, err
			}
			return w.out, w.goOn(ctx)
		}
		if w.pokes.Len() == 0 {
			// Nothing yields between this look and the end, so that no poke is lost.
			return w.end(ctx, "in step", nil)
		}
		if err := workflow.Sleep(ctx, pokeGap); err != nil {
			return w.end(ctx, "ended", err)
		}
	}
}

// watch is one run of EventWatch.
type watch struct {
	*desk
	pokes workflow.ReceiveChannel
	out   api.WatchOutcome
	told  []string
	// before counts the readings of the runs before this one.
	before int
}

func (w *watch) drain() {
	for w.pokes.ReceiveAsync(nil) {
		w.signals++
	}
}

// round reads once and evaluates what was new.
func (w *watch) round(ctx workflow.Context) error {
	w.out.Rounds++
	w.doing(ctx, "Reading OneLogin's events")
	var read api.CollectReport
	s := step{ID: "events.collect", Activity: api.EventsCollect, Summary: "read OneLogin's events"}
	if err := w.do(ctx, s, &read); err != nil || read.Off {
		return err
	}
	w.out.New += read.New
	if err := w.complain(ctx, read); err != nil {
		return err
	}
	w.doing(ctx, "Applying the rules")
	var found api.EvaluateReport
	s = step{ID: "events.evaluate", Activity: api.EventsEvaluate, Summary: "apply the rules and tell the incidents"}
	if err := w.do(ctx, s, &found); err != nil {
		return err
	}
	w.out.Opened += found.Opened
	if read.New > 0 {
		w.note(ctx, fmt.Sprintf("%d new events, %d cases opened, %d changed", read.New, found.Opened, found.Changed))
	}
	return nil
}

// do runs a sweep activity. Where it cannot go on, it parks and looks again by itself: a policy that has been corrected
// needs nobody to say so.
func (w *watch) do(ctx workflow.Context, s step, out any) error {
	for {
		err := workflow.ExecuteActivity(sweepOptions(ctx, s), s.Activity, api.Nothing{}).Get(ctx, out)
		if err == nil || ctx.Err() != nil || temporal.IsCanceledError(err) {
			return err
		}
		decision, err := w.ask(ctx, failed(s, err, api.VerbRetry, api.VerbAbort), watchAgain)
		switch {
		case err != nil:
			return err
		case decision.Verb == api.VerbAbort:
			return errAborted
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return w.goOn(ctx)
		}
	}
}

// goOn goes on as a fresh run.
func (w *watch) goOn(ctx workflow.Context) error {
	return workflow.NewContinueAsNewError(ctx, api.TypeEventWatch, api.WatchInput{Rounds: w.before + w.out.Rounds, Decided: w.taken})
}

// complain tells IT, once a day, of what a reading could not use.
func (w *watch) complain(ctx workflow.Context, read api.CollectReport) error {
	if read.Unreadable > 0 {
		text := fmt.Sprintf("OneLogin sent %d events without a usable id or time. They were left out; all others were read.", read.Unreadable)
		if err := w.say(ctx, "events_unreadable", text); err != nil {
			return err
		}
	}
	if len(read.Failed) == 0 {
		return nil
	}
	return w.say(ctx, "event_rule_failed", fmt.Sprintf("The condition of event rule %s fails for some events, which it therefore "+
		"did not count. Correct it in the policy.", strings.Join(read.Failed, ", ")))
}

func (w *watch) say(ctx workflow.Context, code, text string) error {
	if slices.Contains(w.told, code) {
		return nil
	}
	w.told = append(w.told, code)
	s := step{ID: "slack." + code, Activity: api.SlackPost, Summary: "tell IT: " + code}
	in := api.Message{
		OnceKey: api.EventWatchID + "/" + code + "/" + workflow.Now(ctx).UTC().Format(time.DateOnly),
		Kind:    api.MessageAttention, Audience: api.AudienceIT, Text: text, WorkflowID: api.EventWatchID,
	}
	_, err := w.doIn(sweepOptions(ctx, s), s, in, nil, api.VerbRetry, api.VerbSkip)
	return err
}

// end turns an operator's word into a regular end.
func (w *watch) end(_ workflow.Context, result string, err error) (api.WatchOutcome, error) {
	if errors.Is(err, errAborted) {
		result, err = errAborted.Error(), nil
	}
	w.out.Result = result
	return w.out, err
}
