package eventwatch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
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
	d, err := step.Open(ctx, api.TypeEventWatch, "Reading OneLogin's events")
	if err != nil {
		return api.WatchOutcome{}, err
	}
	d.Taken, d.Stage, d.Steady = in.Decided, cmp.Or(in.Stage, d.Stage), in.Beside
	w := &watch{
		Console: d, in: in, words: step.NewAsides(ctx, d), asked: map[string]string{}, pokes: workflow.GetSignalChannel(ctx, api.SignalPoke),
	}
	if in.Scheduled {
		s := step.Step{ID: "events.poke", Activity: api.Call.EventsPoke(), Summary: "have the one reader read"}
		if err := w.runSweep(ctx, s); err != nil {
			return w.end(ctx, "ended", err)
		}
		return w.end(ctx, "handed over to "+api.EventWatchID, nil)
	}
	for {
		w.drain()
		if err := w.round(ctx); err != nil {
			return w.end(ctx, "ended", err)
		}
		if w.out.Rounds >= maxRounds || w.Crowded(ctx) || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			if err := w.Settle(ctx); err != nil {
				return w.out, err
			}
			return w.out, w.continueAsNew(ctx)
		}
		if err := w.rest(ctx); err != nil {
			return w.end(ctx, "ended", err)
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
	*step.Console
	pokes workflow.ReceiveChannel
	in    api.WatchInput
	out   api.WatchOutcome
	told  []string
	// words are told beside the readings.
	words *step.Asides
	// unfit are the rules that the last reading could not use, asked those that somebody is asked about, and why.
	unfit []api.UnfitRule
	asked map[string]string
}

func (w *watch) drain() {
	for w.pokes.ReceiveAsync(nil) {
		w.Signals++
	}
}

// round reads once and evaluates what was new.
func (w *watch) round(ctx workflow.Context) error {
	w.out.Rounds++
	w.SetStatus(ctx, "Reading OneLogin's events")
	var read api.CollectReport
	s := step.Step{ID: "events.collect", Activity: api.Call.EventsCollect(&read), Summary: "read OneLogin's events"}
	if err := w.runSweep(ctx, s); err != nil {
		return err
	}
	if w.in.Beside {
		w.unfit = read.Unfit
		w.askAboutRules(ctx)
	}
	if read.Off {
		return nil
	}
	w.out.New += read.New
	if !w.in.Beside {
		if err := w.complain(ctx, read); err != nil {
			return err
		}
	}
	w.SetStatus(ctx, "Applying the rules")
	var found api.EvaluateReport
	s = step.Step{ID: "events.evaluate", Activity: api.Call.EventsEvaluate(&found), Summary: "apply the rules and tell the incidents"}
	if err := w.runSweep(ctx, s); err != nil {
		return err
	}
	w.out.Opened += found.Opened
	if read.New > 0 {
		w.Log(ctx, fmt.Sprintf("%d new events, %d cases opened, %d changed", read.New, found.Opened, found.Changed))
	}
	if err := w.sayUnjudged(ctx, found); err != nil || !w.in.Beside {
		return err
	}
	return w.complain(ctx, read)
}

// sayUnjudged tells IT, once a day, whose events were read and could not be judged.
func (w *watch) sayUnjudged(ctx workflow.Context, found api.EvaluateReport) error {
	n := len(found.Unjudged)
	if n == 0 {
		return nil
	}
	return w.say(ctx, "events_unjudged", fmt.Sprintf("What was counted cannot be judged, so that no incident can come of it, for %d: %s. The log of "+
		"the worker says why. All others are judged, and these again at each reading.", n, strings.Join(found.Unjudged[:min(n, 10)], ", ")))
}

// askAboutRules shows each rule that cannot be used as an item of its own, until it can be or an operator has put it away.
// The other rules are read for as ever.
func (w *watch) askAboutRules(ctx workflow.Context) {
	for _, r := range w.unfit {
		if w.asked[r.Rule] == r.Why || slices.Contains(w.in.PutAway, r) {
			continue
		}
		w.asked[r.Rule] = r.Why
		item := api.Attention{
			Step: "events.rule:" + r.Rule, Code: "event_rule_unfit", Options: []string{api.VerbSkip},
			Text: "Event rule " + r.Rule + " counts nothing: " + r.Why + ". All other rules are at work. It is taken up as soon as the policy is corrected.",
		}
		workflow.GoNamed(ctx, item.Step, func(ctx workflow.Context) {
			corrected := func() bool { return !slices.Contains(w.unfit, r) }
			var decided bool
			for err := error(nil); err == nil && !decided && !corrected(); {
				_, decided, err = w.Wait(ctx, item, step.Patience, corrected)
			}
			if decided {
				w.in.PutAway = append(w.in.PutAway, r)
			}
			if w.asked[r.Rule] == r.Why {
				delete(w.asked, r.Rule)
			}
		})
	}
}

// rest stays open for the rules that cannot be used, until there are new events to read. Without any, the run may end as
// soon as nothing is left to be told by it.
func (w *watch) rest(ctx workflow.Context) error {
	if len(w.unfit) == 0 {
		return w.words.Leave(ctx, step.Heard)
	}
	w.SetStatus(ctx, "In step, but for rules that cannot be used")
	return workflow.Await(ctx, func() bool { return w.pokes.Len() > 0 })
}

// runSweep runs a sweep activity. Where it cannot go on, it parks and looks again by itself: a policy that has been corrected
// needs nobody to say so.
func (w *watch) runSweep(ctx workflow.Context, s step.Step) error {
	for {
		err := s.Execute(step.SweepOptions(ctx, s))
		if err == nil || ctx.Err() != nil || temporal.IsCanceledError(err) {
			return err
		}
		decision, err := w.Ask(ctx, step.Failed(s, err, api.VerbRetry, api.VerbAbort), watchAgain)
		switch {
		case err != nil:
			return err
		case decision.Verb == api.VerbAbort:
			return step.ErrAborted
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return w.continueAsNew(ctx)
		}
	}
}

// continueAsNew goes on as a fresh run.
func (w *watch) continueAsNew(ctx workflow.Context) error {
	if err := w.words.Leave(ctx, step.Heard); err != nil {
		return err
	}
	next := api.WatchInput{Rounds: w.in.Rounds + w.out.Rounds, Decided: w.Taken}
	if w.in.Beside {
		next.Beside, next.Stage, next.PutAway = true, w.Stage, w.in.PutAway
	}
	return workflow.NewContinueAsNewError(ctx, api.TypeEventWatch, next)
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
	if w.in.Beside {
		code += ":" + workflow.Now(ctx).UTC().Format(time.DateOnly)
	}
	if slices.Contains(w.told, code) {
		return nil
	}
	w.told = append(w.told, code)
	if w.in.Beside {
		w.words.Say(api.Word{Step: "slack." + code, Summary: "tell IT: " + code, Template: api.TypeEventWatch, Message: &api.Message{
			OnceKey: api.EventWatchID + "/" + strings.Replace(code, ":", "/", 1), Kind: api.MessageAttention, Audience: api.AudienceIT,
			Text: text, WorkflowID: api.EventWatchID,
		}})
		return nil
	}
	post := api.Call.SlackPost(api.Message{
		OnceKey: api.EventWatchID + "/" + code + "/" + workflow.Now(ctx).UTC().Format(time.DateOnly),
		Kind:    api.MessageAttention, Audience: api.AudienceIT, Text: text, WorkflowID: api.EventWatchID,
	}, nil)
	s := step.Step{ID: "slack." + code, Activity: post, Summary: "tell IT: " + code}
	_, err := w.RunWith(step.SweepOptions(ctx, s), s, api.VerbRetry, api.VerbSkip)
	return err
}

// end turns an operator's word into a regular end.
func (w *watch) end(_ workflow.Context, result string, err error) (api.WatchOutcome, error) {
	if errors.Is(err, step.ErrAborted) {
		result, err = step.ErrAborted.Error(), nil
	}
	w.out.Result = result
	return w.out, err
}
