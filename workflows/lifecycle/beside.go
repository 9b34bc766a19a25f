package lifecycle

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// beside reports that this run tells people beside its work and writes its evidence as it goes. Runs whose assessment
// was made before that was so go on as they began.
func (r *run) beside() bool { return r.assessment.Beside }

// message is a word to one audience about the person of this run.
func (r *run) message(id, summary string, in api.Message) api.Word {
	in.Key, in.WorkflowID = r.in.Key, api.PersonID(r.in.Key)
	return api.Word{Step: id, Summary: summary, Template: r.State.Template, Episode: r.assessment.Episode, Message: &in}
}

// ticket is a word to whoever works on tickets. Its key is kept in the run's input.
func (r *run) ticket(id, summary string, in api.TicketInput) api.Word {
	in.Key, in.WorkflowID = r.in.Key, api.PersonID(r.in.Key)
	return api.Word{Step: id, Summary: summary, Template: r.State.Template, Episode: r.assessment.Episode, Ticket: &in}
}

// deliver tells people what there is to tell, and returns at once: nothing in a run waits for a word. One that is refused
// becomes an item of its own, which a person can have tried again or skipped and which is tried again every day; it holds
// up neither the other words nor the run. What is not delivered when the run hands over is carried on by the next one.
// A run that began before words went beside waits for each as it did then.
func (r *run) deliver(ctx workflow.Context, words ...api.Word) error {
	if r.beside() {
		for _, w := range words {
			r.speak(w)
		}
		return nil
	}
	branches := make([]func(workflow.Context) error, len(words))
	for i, w := range words {
		branches[i] = func(ctx workflow.Context) error { return r.deliverInLine(ctx, w) }
	}
	return r.sideBySide(ctx, branches...)
}

// deliverInLine tells one word and waits until that is done or somebody chose to go without it.
func (r *run) deliverInLine(ctx workflow.Context, w api.Word) error {
	s := step.Delivery(w)
	_, err := r.runStep(ctx, s)
	r.keep(s.Activity.Result())
	return err
}

// keep remembers what the rest of the run wants to know of a word that was delivered.
func (r *run) keep(delivered any) {
	if made, ok := delivered.(*api.Ticket); ok && made.Key != "" {
		r.in.Ticket = made.Key
	}
}

// speak starts to deliver a word.
func (r *run) speak(said api.Word) {
	say, fresh := step.Distinct(r.words, said)
	if !fresh {
		return
	}
	scope, stop := workflow.WithCancel(r.root)
	w := &step.Word{Word: say, Stop: stop}
	r.words = append(r.words, w)
	workflow.GoNamed(scope, "tell "+w.Step, func(ctx workflow.Context) {
		if r.untilDelivered(ctx, w.Word) {
			r.words = slices.DeleteFunc(r.words, func(other *step.Word) bool { return other == w })
		}
		w.Resting = true
	})
}

// untilDelivered delivers a word. Done is false if it was stopped before that.
func (r *run) untilDelivered(ctx workflow.Context, w api.Word) (done bool) {
	s := step.Delivery(w)
	fact := api.Fact{Step: s.ID, Template: w.Template, Episode: w.Episode, Started: workflow.Now(ctx)}
	for ctx.Err() == nil {
		err := s.Execute(step.DeliveryOptions(ctx, s))
		if err == nil {
			r.keep(s.Activity.Result())
			fact.Outcome, fact.After, fact.Finished = "done", s.Activity.Result(), workflow.Now(ctx)
			r.recordFact(ctx, fact, s.Summary)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		d, decided, err := r.parkUntil(ctx, step.Failed(s, err, api.VerbRetry, api.VerbSkip), step.ReassessAfter, func() bool { return false })
		if err != nil {
			return false
		}
		if !decided {
			continue
		}
		fact.Actor, fact.Cause, fact.Finished = d.By, d.Reason, workflow.Now(ctx)
		if d.Verb == api.VerbSkip {
			fact.Outcome = "skipped"
			r.recordFact(ctx, fact, s.Summary+": skipped by "+d.By)
			return true
		}
		fact.Outcome = "retried"
		r.recordFact(ctx, fact, "")
		fact = api.Fact{Step: s.ID, Template: w.Template, Episode: w.Episode, Started: workflow.Now(ctx)}
	}
	return false
}

// untilHeard does a template's work and then gives what it tells a little time, so that on a good day nothing is left for
// the next run. What takes longer is stopped, to be carried on there.
func (r *run) untilHeard(ctx workflow.Context, work func(workflow.Context) error) error {
	if err := work(ctx); err != nil || len(r.words) == 0 || r.State.Template == api.TypePerson {
		return err
	}
	if !r.lookAfter {
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: step.Heard, TimerOptions: workflow.TimerOptions{Summary: "until everybody has been told"},
		}, func() bool { return len(r.words) == 0 || r.lookAfter }); err != nil {
			return err
		}
	}
	return r.hush(ctx)
}

// hush stops whatever is still being told, and waits for an attempt that is under way: the next run must not tell the
// same thing at the same time.
func (r *run) hush(ctx workflow.Context) error {
	for _, w := range r.words {
		w.Stop()
	}
	return workflow.Await(ctx, func() bool {
		return !slices.ContainsFunc(r.words, func(w *step.Word) bool { return !w.Resting })
	})
}

// fallSilent stops what is still being told because the run is cancelled, and notes what nobody heard.
func (r *run) fallSilent(ctx workflow.Context) error {
	if err := r.hush(ctx); err != nil {
		return err
	}
	for _, w := range r.words {
		r.noteUnsaid(ctx, w, "not delivered: the run was cancelled")
	}
	return nil
}

func (r *run) noteUnsaid(ctx workflow.Context, w *step.Word, outcome string) {
	r.recordFact(ctx, api.Fact{
		Step: w.Step, Template: w.Template, Episode: w.Episode, Outcome: outcome, Finished: workflow.Now(ctx),
	}, w.Summary+": "+outcome)
}

// owed is what the next run of the chain has to go on telling. What was to be told of somebody's start or move is
// withdrawn when they leave: it is not true any more.
func (r *run) owed(ctx workflow.Context, next string) []api.Word {
	var owed []api.Word
	for _, w := range r.words {
		if next == api.TypeOffboarding && (w.Template == api.TypeOnboarding || w.Template == api.TypeRoleChange) {
			r.noteUnsaid(ctx, w, "withdrawn: they are leaving")
			continue
		}
		owed = append(owed, w.Word)
	}
	return owed
}

// owes reports that somebody has yet to be told something, to replace a credential, or to decide about a withdrawn departure, or that
// something goes on in another system.
func (r *run) owes() bool {
	return r.systems.open() || len(r.words)+len(r.credentials.open) > 0 || r.undoing.wanted != "" && r.undoing.wanted != r.undoing.settled
}

// conclude ends a template's run. One that still owes somebody a word leaves that to Person, which also sees to whatever
// else comes up meanwhile.
func (r *run) conclude(ctx workflow.Context, result string) (api.Outcome, error) {
	if r.owes() {
		return api.Outcome{}, r.continueAsPerson(ctx)
	}
	return r.finish(ctx, result)
}

// rest ends a Person run once nobody is owed a word. Again asks for another assessment because of a hint.
func (r *run) rest(ctx workflow.Context, result string) (out api.Outcome, again bool, err error) {
	if heard, err := r.untilTold(ctx); err != nil || !heard {
		return api.Outcome{}, true, err
	}
	if len(r.systems.accounts) > 0 && r.hints.arrived() {
		return api.Outcome{}, true, nil
	}
	out, err = r.finish(ctx, result)
	return out, false, err
}

// untilTold waits until nobody is owed a word and what somebody said of accounts is carried out; heard is false if something else has
// to be done first.
func (r *run) untilTold(ctx workflow.Context) (heard bool, err error) {
	settles := r.doubts.settling > 0 && workflow.GetVersion(ctx, step.ChangeSettledFirst, workflow.DefaultVersion, 1) != workflow.DefaultVersion
	owes := func() bool { return r.owes() || settles && r.doubts.settling > 0 }
	if !owes() {
		return true, nil
	}
	if err := r.flush(ctx); err != nil {
		return false, err
	}
	r.SetStatus(ctx, "Everything is done but what somebody has yet to be told")
	err = workflow.Await(ctx, func() bool {
		return !owes() || r.hints.arrived() || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
	})
	return !owes(), err
}
