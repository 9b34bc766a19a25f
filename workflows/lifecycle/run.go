package lifecycle

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// run is one run in a person's chain. Its parts are declared where what they do is: hints in hints.go, evidence in evidence.go, told
// in decisions.go, doubts in elsewhere.go, credentials in owned.go, undoing in undo.go, returning and readBacks in returning.go and returned.go, systems in
// systems.go.
type run struct {
	step.Console
	in         api.ChainInput
	assessment api.Assessment
	// root is the run's own context, for what must not end with the work that began it.
	root workflow.Context

	hints    hints
	evidence evidence
	told     told
	// words are what somebody has yet to be told.
	words []*step.Word
	// latest is the last assessment that was made, at seenAt; what a template works on may be an older one.
	latest api.Assessment
	seenAt time.Time
	// calls are the activities of this run by their ids.
	calls map[string]*call
	// busy says that this run has history behind it, so that a long wait is better entered by a fresh one.
	busy bool
	// lookAfter asks for a fresh look once the work is done.
	lookAfter bool
	// paused counts suspensions for an order in a row; responding says that responses are under way.
	paused     int
	responding bool
	// renamed is the username that a mover's account has got.
	renamed string
	// readdressed are the address that a mover's account had and the one that it has got.
	readdressed [2]string

	// What follows is about leavers.
	doubts      doubts
	credentials credentials
	returning   returning
	undoing     undoing
	readBacks   readBacks
	// unclosed are the further accounts that this run has taken on and has not closed yet.
	unclosed map[int64]bool
	// systems is what is done beside OneLogin, about anybody.
	systems systems
	// atOnce says that this run takes a leaver's access away by one activity and reads back within its task.
	atOnce bool
	// warned are the departures of which security was told that they are overdue.
	warned map[int]bool
}

// open sets up the messages of a run before anything else happens, so that none is missed.
func open(ctx workflow.Context, template string, in api.ChainInput) (*run, error) {
	r := &run{
		Console:   step.New(api.State{Key: in.Key, Template: template, Doing: "Looking at HR, OneLogin and orders"}),
		in:        in,
		root:      ctx,
		evidence:  evidence{facts: in.Facts, writing: workflow.NewMutex(ctx)},
		told:      told{codes: in.Told, underway: map[string]bool{}},
		doubts:    doubts{elsewhere: map[identity.Ref]string{}, closing: map[int64]bool{}},
		returning: returning{asking: map[string]bool{}, by: map[string]string{}},
		readBacks: readBacks{confirmed: map[identity.Ref]bool{}},
		unclosed:  map[int64]bool{},
		calls:     map[string]*call{},
		warned:    map[int]bool{},
	}
	// A run of before could hand over one check too few, and an account twice.
	r.in.Check, r.in.Others = max(in.Check, 0), distinct(in.Others)
	r.Tell, r.Lists = r.tellAttention, r.listsWaiting
	if p := in.Systems; p != nil {
		r.systems.tried, r.systems.allowed = p.Tried, p.Allowed
		if template == api.TypePerson {
			// A template comes to something of its own, also where a hint interrupts it.
			r.systems.result = p.Result
		}
	}
	r.Stage, r.Taken = cmp.Or(in.Stage, api.StageWorking), in.Decided
	if in.Assessment != nil {
		r.assessment = *in.Assessment
		r.saw(r.assessment, earlier(r.assessment.Person.AsOf, workflow.Now(ctx)))
	}
	r.hints = hints{last: in.Hint, unanswered: in.Hinted, taken: &r.Signals}
	r.hints.channel = workflow.GetSignalChannelWithOptions(ctx, api.SignalHint, workflow.SignalChannelOptions{
		Description: "Look at this person again. Carries no facts; hints that arrive together count as one.",
	})
	if err := step.ServeState(ctx, func() (api.State, error) { return r.shown(), nil }); err != nil {
		return nil, err
	}
	if err := step.HandleDecisions(ctx, &r.Console, func() api.State { return r.State }); err != nil {
		return nil, err
	}
	r.Render(ctx)
	workflow.GoNamed(ctx, "evidence", r.keepEvidence)
	for _, w := range in.Words {
		r.speak(w)
	}
	for _, d := range in.Doubts {
		r.decideBeside(ctx, d)
	}
	return r, nil
}

// saw notes what an assessment found, and when.
func (r *run) saw(a api.Assessment, at time.Time) {
	r.latest, r.seenAt = a, at
	r.about(a)
	r.State.Episode, r.Steady = a.Episode, a.Beside
}

// assess looks at the person, and has the run work on what it finds.
func (r *run) assess(ctx workflow.Context) error {
	a, err := r.look(ctx)
	if err == nil {
		r.assessment = a
	}
	return err
}

// look looks at the person. It does not fail: if neither the quick nor the patient attempt gets through, it asks. A
// hint cuts both the patience and the question short, because it may be an order, which needs nothing that is down.
func (r *run) look(ctx workflow.Context) (api.Assessment, error) {
	for {
		var a api.Assessment
		in := api.AssessInput{Key: r.in.Key, Hint: r.hints.last, Open: r.openDoubts()}
		s := step.Step{ID: "person.assess", Activity: api.Call.PersonAssess(in, &a), Summary: "read HR, account and orders"}
		again, err := false, step.Quickly(ctx, s)
		if err != nil && ctx.Err() == nil {
			again, err = r.assessPatiently(ctx, s, step.Failed(s, err).Text)
		}
		switch {
		case err != nil:
			return a, err
		case !again:
			r.saw(a, workflow.Now(ctx))
			if a.OverdueAt.IsZero() {
				r.inTime(ctx)
			}
			return a, nil
		}
		if r.Crowded(ctx) {
			return a, step.ErrCrowded
		}
	}
}

// assessPatiently goes on where a quick assessment has failed. Meanwhile it is watched that nobody stays in who must be
// out. Again asks for another assessment.
func (r *run) assessPatiently(ctx workflow.Context, s step.Step, why string) (again bool, err error) {
	defer r.watchDeparture(ctx, why)()
	err = r.unlessHinted(ctx, s)
	if err == nil || ctx.Err() != nil {
		return false, err
	}
	if r.hints.drain() {
		return true, nil
	}
	d, _, err := r.parkUntil(ctx, step.Failed(s, err, api.VerbRetry, api.VerbAbort), step.ReassessAfter, r.hints.arrived)
	if err != nil {
		return false, err
	}
	r.hints.drain()
	if d.Verb == api.VerbAbort {
		return false, step.ErrAborted
	}
	return true, nil
}

// unlessHinted runs a step patiently until it succeeds, fails or a hint arrives.
func (r *run) unlessHinted(ctx workflow.Context, s step.Step) error {
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	result := r.begin(step.Options(scope, s), s)
	if err := workflow.Await(ctx, func() bool { return result.IsReady() || r.hints.arrived() }); err != nil {
		return err
	}
	r.cut(cancel)
	return result.Get(ctx, s.Activity.Result())
}

// runStep carries out one step. A step that cannot go on parks the run until a person says retry, skip or abort; skipped is
// true if they chose to go without it.
func (r *run) runStep(ctx workflow.Context, s step.Step) (skipped bool, err error) {
	return r.runStepWith(step.Options(ctx, s), s)
}

func (r *run) runStepWith(ctx workflow.Context, s step.Step) (skipped bool, err error) {
	r.busy = true
	started := workflow.Now(ctx)
	for {
		// In a cancelled scope the SDK would still schedule the step, and cancel it once somebody may have begun it.
		if err := ctx.Err(); err != nil {
			return false, err
		}
		err := r.execute(ctx, s)
		if err == nil {
			r.noteDone(ctx, s, started, s.Activity.Result())
			return false, nil
		}
		fact := api.Fact{Step: s.ID, Template: r.State.Template, Started: started, Finished: workflow.Now(ctx)}
		if ctx.Err() != nil || temporal.IsCanceledError(err) {
			return false, err
		}
		if step.IsSuperseded(err) {
			return false, err
		}
		d, err := r.park(ctx, step.Failed(s, err, api.VerbRetry, api.VerbSkip, api.VerbAbort))
		if err != nil {
			return false, err
		}
		fact.Actor, fact.Cause, fact.Finished = d.By, d.Reason, workflow.Now(ctx)
		switch d.Verb {
		case api.VerbRetry:
			fact.Outcome = "retried"
			r.recordFact(ctx, fact, "")
			started = workflow.Now(ctx)
		case api.VerbSkip:
			fact.Outcome = "skipped"
			r.recordFact(ctx, fact, s.Summary+": skipped by "+step.Named(d))
			return true, nil
		case api.VerbAbort:
			fact.Outcome = "aborted"
			r.recordFact(ctx, fact, s.Summary+": aborted by "+step.Named(d))
			return false, step.ErrAborted
		}
	}
}

// finish ends the run, or hands over to a fresh look if a hint has arrived. Nothing between the last drain and the
// return may yield, or a hint could be lost.
func (r *run) finish(ctx workflow.Context, result string) (api.Outcome, error) {
	told, err := r.untilTold(ctx)
	switch {
	case err != nil:
		return api.Outcome{}, err
	case !told:
		return api.Outcome{}, r.continueAsPerson(ctx)
	}
	if err := r.flush(ctx); err != nil {
		return api.Outcome{}, err
	}
	if err := r.Settle(ctx); err != nil {
		return api.Outcome{}, err
	}
	r.State.Stage, r.State.Doing, r.State.Due = api.StageDone, result, step.NoTime
	r.Render(ctx)
	if r.hints.drain() || r.lookAfter || r.doubts.settling > 0 || r.Crowded(ctx) {
		return api.Outcome{}, r.continueAs(ctx, api.TypePerson)
	}
	return api.Outcome{
		Key: r.in.Key, Template: r.State.Template, Episode: r.assessment.Episode, Result: result, Ticket: r.in.Ticket,
	}, nil
}

// continueAs hands the chain over to a workflow type. Hints that have arrived travel along as Hinted.
func (r *run) continueAs(ctx workflow.Context, workflowType string) error {
	if err := r.untilSettled(ctx); err != nil {
		return err
	}
	if err := r.hushUndo(ctx); err != nil {
		return err
	}
	if err := r.hushSystems(ctx); err != nil {
		return err
	}
	if err := r.hush(ctx); err != nil {
		return err
	}
	if workflowType != api.TypeOffboarding {
		if err := r.Unlisted(ctx); err != nil {
			return err
		}
	}
	words := r.owed(ctx, workflowType)
	r.hints.take()
	r.hints.unanswered = r.Crowded(ctx) || r.hints.unanswered
	next := api.ChainInput{
		Key:        r.in.Key,
		Hint:       r.hints.last,
		Assessment: &r.assessment,
		Facts:      r.evidence.unrecorded(),
		Hinted:     r.hints.unanswered,
		Told:       r.told.codes,
		Check:      r.in.Check,
		Watching:   r.in.Watching,
		CheckAt:    r.in.CheckAt,
		Approved:   r.in.Approved,
		Ticket:     r.in.Ticket,
		Overdue:    r.in.Overdue,
		Stage:      r.Stage,

		Reconsidered: r.in.Reconsidered,
		Words:        words,
		Decided:      r.Taken,
		Returns:      r.in.Returns,
		Systems:      r.systems.progress(),
	}
	if workflowType == api.TypeOffboarding {
		next.Others, next.Doubts = r.closed(), r.undecided()
	}
	if workflowType == api.TypePerson {
		// Person looks for itself; what an earlier look found would only be stale.
		next.Assessment, next.Hinted, next.Watching, next.Check, next.CheckAt, next.Ticket = nil, false, false, 0, step.NoTime, ""
	}
	queue := api.QueueTemplates
	if workflowType == api.TypePerson {
		queue = api.QueuePeople
	}
	return workflow.NewContinueAsNewError(workflow.WithWorkflowTaskQueue(ctx, queue), workflowType, next)
}

// accountInput names the OneLogin account that the assessment found.
func (r *run) accountInput() api.AccountInput {
	in := api.AccountInput{Key: r.in.Key, Asked: r.plan().Askers()}
	if r.assessment.Account != nil {
		in.AccountID, in.Lifted = r.assessment.Account.ID, r.assessment.Account.Lifted
	}
	if s, ok := r.plan().Step(identity.StepSuspend); ok && len(s.Orders) > 0 {
		in.Order, in.Foreign = s.Orders[0], lockedElsewhere(r.assessment)
	}
	return in
}

// lockedElsewhere reports that somebody else had locked the account before Gatehouse suspends it.
func lockedElsewhere(a api.Assessment) bool {
	return a.Account != nil && a.Account.Status == identity.AccountLocked && a.Account.LockedFor == "" &&
		(a.Account.LockedUntil.IsZero() || a.Account.LockedUntil.After(a.Person.AsOf))
}

// effect is the idempotency key of a step that must happen once per episode. It survives retries, continue-as-new
// and Reset, and changes with a second departure years later.
func (r *run) effect(name string) string {
	return step.EffectKey(r.in.Key, r.assessment.Episode, name)
}

func (r *run) plan() identity.Plan { return r.assessment.Plan }
