package lifecycle

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

const (
	// owedAfter is how long a step in another system is tried before it is a debt.
	owedAfter = 10 * time.Minute
	// pendingFirst and pendingMost are how soon it is asked whether a transfer is done.
	pendingFirst = time.Minute
	pendingMost  = 15 * time.Minute
	// silentFor is how long a step of several exchanges says nothing before its worker counts as dead.
	silentFor = 30 * time.Second
)

// carried is what trying a step came to.
type carried int

const (
	// stepStopped: the run goes on otherwise, and the step is begun again if it is still due.
	stepStopped carried = iota
	stepDone
	// stepPending: the system is still at it.
	stepPending
	// stepOwed: it failed for as long as it was tried.
	stepOwed
	// stepRefused: only a person can help.
	stepRefused
	// stepOvertaken: the plan does not hold any more.
	stepOvertaken
)

// carryInOrder carries out the step at hand. GoOn is false if those that follow it have to wait.
func (r *run) carryInOrder(ctx workflow.Context, a *systemAccount, s *systemStep) (goOn bool) {
	if s.Kind == identity.SystemReleaseLicences && a.has(identity.SystemTransfer) {
		r.goOnBehind(a, s, stepPending, nil)
		return true
	}
	if s.since.IsZero() {
		s.since = workflow.Now(ctx)
	}
	state, err := r.tryStep(ctx, a, s, owedAfter)
	for state == stepOwed && a.until.After(workflow.Now(ctx)) {
		r.owe(ctx, a, s, err)
		state, err = r.tryStep(ctx, a, s, a.until.Sub(workflow.Now(ctx)))
	}
	switch {
	case state == stepDone:
		return true
	case state == stepStopped, state == stepOvertaken:
		return false
	case state == stepOwed && !a.plan.Leaving:
		r.owe(ctx, a, s, err)
		if (refusedWords(err) != "" || s.Kind.ReturnsMailbox()) && independent(ctx, a, s) {
			return true // The system answers, or it is mail that does not, which is another service than the accounts.
		}
		r.leaveRest(ctx, a, s)
		return false
	}
	r.goOnBehind(a, s, state, err)
	return independent(ctx, a, s)
}

// has reports that a step of a kind is at hand, or goes on behind the others.
func (a *systemAccount) has(kind identity.SystemStepKind) bool {
	return a.now != nil && a.now.Kind == kind || slices.ContainsFunc(a.behind, func(s *systemStep) bool { return s.Kind == kind })
}

// leaveRest notes which steps of an account are left because the one before them has failed. The next assessment plans them again.
func (r *run) leaveRest(ctx workflow.Context, a *systemAccount, failed *systemStep) {
	for _, s := range a.queue {
		a.owed = append(a.owed, s)
		r.systems.keep(s, api.SystemOwed)
		r.recordFact(ctx, r.systemFact(ctx, a, s, "owed: waits for "+string(failed.Kind)), "")
	}
	a.queue = nil
}

// goOnBehind sees a step through while the run goes on.
func (r *run) goOnBehind(a *systemAccount, s *systemStep, state carried, why error) {
	a.behind = append(a.behind, s)
	r.inScope(a, string(s.Kind)+" behind", func(ctx workflow.Context) {
		state := r.seeThrough(ctx, a, s, state, why)
		a.behind = noLonger(a.behind, s)
		if state == stepStopped {
			return
		}
		r.tellLeft(ctx, a)
		r.tellOpenedAgain(ctx, a)
		if !a.plan.Leaving && len(a.queue) > 0 {
			r.pass(a)
		}
		r.wake()
	})
}

// seeThrough tries a step until it is done, or somebody has decided to go without it.
func (r *run) seeThrough(ctx workflow.Context, a *systemAccount, s *systemStep, state carried, err error) carried {
	for wait := pendingFirst; ctx.Err() == nil; {
		budget := owedAfter
		switch state {
		case stepDone, stepOvertaken, stepStopped:
			return state
		case stepPending:
			if s.late {
				r.tellLeft(ctx, a)
			}
			if r.untilAskedAgain(ctx, a, s, wait) != nil {
				return stepStopped
			}
			wait = min(2*wait, pendingMost)
		case stepOwed:
			r.owe(ctx, a, s, err)
			r.tellLeft(ctx, a)
			if !a.plan.Leaving {
				if !independent(ctx, a, s) {
					r.leaveRest(ctx, a, s)
				}
				return state
			}
			budget = step.Patience
		case stepRefused:
			if tryAgain := r.askAboutStep(ctx, a, s, err); !tryAgain {
				return stepDone
			}
		}
		if s.since.IsZero() {
			s.since = workflow.Now(ctx)
		}
		state, err = r.tryStep(ctx, a, s, budget)
	}
	return stepStopped
}

// untilAskedAgain waits until a system is asked whether it is done. What needs the account as it is waits for a transfer.
func (r *run) untilAskedAgain(ctx workflow.Context, a *systemAccount, s *systemStep, wait time.Duration) error {
	if s.Kind == identity.SystemTransfer {
		return workflow.NewTimerWithOptions(ctx, wait, workflow.TimerOptions{Summary: "until " + a.plan.System + " has handed over"}).Get(ctx, nil)
	}
	return workflow.Await(ctx, func() bool { return !a.has(identity.SystemTransfer) })
}

// tryStep tries a step for a time, and notes what it came to.
func (r *run) tryStep(ctx workflow.Context, a *systemAccount, s *systemStep, budget time.Duration) (carried, error) {
	if ctx.Err() != nil {
		return stepStopped, ctx.Err()
	}
	var state api.SystemState
	call := step.Step{
		ID: r.systemID(a, s), Summary: systemWords(a, s), Activity: api.Call.SystemsCarry(api.SystemInput{
			Key: r.in.Key, Episode: a.episode, System: a.plan.System, Account: a.ref.ID, Step: s.SystemStep, Leaving: a.plan.Leaving, At: a.at,
		}, &state),
	}
	err := call.Execute(systemOptions(ctx, call, s.Kind, budget))
	switch {
	case err == nil && state.Pending:
		if s.debt {
			r.settle(ctx, a, s)
		}
		r.recordFact(ctx, r.systemFact(ctx, a, s, "in progress"), "")
		s.late = len(state.Left) > 0
		for _, text := range state.Left {
			r.leave(a, s, text)
		}
		return stepPending, nil
	case err == nil:
		r.carriedOut(ctx, a, s, state)
		return stepDone, nil
	case ctx.Err() != nil || temporal.IsCanceledError(err):
		return stepStopped, err
	case step.IsSuperseded(err):
		r.supersede(ctx, a, s)
		return stepOvertaken, err
	case isFinal(err):
		r.recordFact(ctx, r.systemFact(ctx, a, s, "refused: "+step.Failed(call, err).Code), "")
		r.leave(a, s, "refused: "+step.Failed(call, err).Text)
		return stepRefused, err
	}
	return stepOwed, err
}

// isFinal reports that trying again cannot help.
func isFinal(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) &&
		(app.NonRetryable() || slices.Contains([]string{api.ErrInvalid, api.ErrConflict, api.ErrRefused}, app.Type()))
}

// carriedOut takes over that a step is done.
func (r *run) carriedOut(ctx workflow.Context, a *systemAccount, s *systemStep, state api.SystemState) {
	if s.Kind == identity.SystemCreate && state.Ref.ID != "" {
		a.ref = state.Ref
	}
	if s.debt {
		r.settle(ctx, a, s)
		r.comment(ctx, a, []string{systemWords(a, s) + ": done after all."})
	}
	fact := r.systemFact(ctx, a, s, "done")
	if state.Gone {
		fact.Outcome = api.OutcomeGone
	}
	fact.After = systemDone{s.SystemStep, state}
	r.recordFact(ctx, fact, systemWords(a, s))
	a.done, a.owed = append(a.done, s), noLonger(a.owed, s)
	for _, text := range state.Left {
		r.leave(a, s, text)
	}
	if state.Recovery {
		r.leave(a, s, "it has an address or a number for recovery, by which another password could have been set: remove that by hand")
	}
	if s.Kind == identity.SystemSuspend && !state.Gone {
		a.ended = true
	}
	if s.Kind == identity.SystemTransfer && a.handingOver {
		a.handingOver = false
		r.removeCarried(ctx, a)
	}
	if ctx.Err() == nil {
		r.systems.keep(s, api.SystemDone)
	}
}

// systemDone is the evidence of a step: what was asked for, and what it left.
type systemDone struct {
	Step identity.SystemStep `json:"step"`
	api.SystemState
}

// supersede has the run look again: the plan of the account does not hold any more.
func (r *run) supersede(ctx workflow.Context, a *systemAccount, s *systemStep) {
	r.recordFact(ctx, r.systemFact(ctx, a, s, "not done: the plan was outdated"), "")
	a.queue = nil
	if r.State.Template == api.TypePerson {
		r.systems.overtaken = true
		return
	}
	r.lookAfter = true
}

// owe writes down, where others find it, that a step could not be carried out for now.
func (r *run) owe(ctx workflow.Context, a *systemAccount, s *systemStep, why error) {
	code, refused := step.Failed(step.Step{}, why).Code, refusedWords(why)
	fact := r.systemFact(ctx, a, s, "owed: "+code)
	r.recordFact(ctx, fact, systemWords(a, s)+": owed")
	if !slices.Contains(a.owed, s) {
		a.owed = append(a.owed, s)
		r.leave(a, s, "owed ("+code+")"+refused+". It is tried again by itself")
	}
	s.debt = true
	r.systems.keep(s, api.SystemOwed)
	r.noteDebt(ctx, a, s, code+refused)
}

// refusedWords name what was refused of a step of which the rest is done, and are empty for any other.
func refusedWords(err error) string {
	var app *temporal.ApplicationError
	var refused api.Refused
	if !errors.As(err, &app) || !app.HasDetails() || app.Details(&refused) != nil || refused.Objects == "" {
		return ""
	}
	return api.RefusedWord + refused.Objects
}

// settle strikes a debt.
func (r *run) settle(ctx workflow.Context, a *systemAccount, s *systemStep) {
	s.debt = false
	r.noteDebt(ctx, a, s, "")
}

func (r *run) noteDebt(ctx workflow.Context, a *systemAccount, s *systemStep, why string) {
	in := api.OweInput{SystemInput: api.SystemInput{
		Key: r.in.Key, Episode: a.episode, System: a.plan.System, Account: a.ref.ID, Step: s.SystemStep, Leaving: a.plan.Leaving, At: a.at,
	}, Why: why, Since: s.since}
	owe := step.Step{
		ID: r.usedOnce("owe:"+string(s.Kind), systemPlace(a, s)), Activity: api.Call.SystemsOwe(in), Summary: "write down what is owed in " + a.plan.System,
	}
	if err := owe.Execute(stepsBy(ctx, owe)); err != nil {
		workflow.GetLogger(ctx).Warn("what is owed was not written down", "step", owe.ID, "error", err)
	}
}

// askAboutStep asks about a step that a system refuses. It holds up nothing else, and is tried again every day by itself.
func (r *run) askAboutStep(ctx workflow.Context, a *systemAccount, s *systemStep, why error) (tryAgain bool) {
	asked := step.Step{ID: string(s.Kind) + systemPlace(a, s), Summary: systemWords(a, s)}
	d, decided, err := r.parkUntil(ctx, step.Failed(asked, why, api.VerbRetry, api.VerbSkip, api.VerbAbort), step.ReassessAfter, func() bool { return false })
	if err != nil {
		return true // The context has ended.
	}
	if !decided {
		return true
	}
	fact := r.systemFact(ctx, a, s, "retried")
	fact.Actor, fact.Cause = d.By, d.Reason
	if d.Verb == api.VerbRetry {
		r.recordFact(ctx, fact, "")
		return true
	}
	fact.Outcome = "skipped"
	without := []*systemStep{s}
	if d.Verb == api.VerbAbort {
		fact.Outcome = "aborted"
		without, a.queue = append(without, a.queue...), nil
	}
	for _, each := range without {
		r.systems.keep(each, api.SystemSkipped)
	}
	r.recordFact(ctx, fact, systemWords(a, s)+": "+fact.Outcome+" by "+step.Named(d))
	if s.Kind == identity.SystemTransfer && a.handingOver {
		a.handingOver = false
		r.removeCarried(ctx, a)
	}
	return false
}

// askBack asks about steps that were carried out and are due again: something undoes them, or the system does not keep them.
func (r *run) askBack(a *systemAccount, back []*systemStep) {
	if len(back) == 0 {
		return
	}
	words := systemWords(a, back[0])
	if n := len(back) - 1; n > 0 {
		words += ", and " + strconv.Itoa(n) + " more"
	}
	for _, s := range back {
		a.asking = append(a.asking, s.digest)
	}
	item := api.Attention{
		Step: string(back[0].Kind) + systemPlace(a, back[0]), Code: "not_as_planned",
		Text:    "It was carried out, and is due again: " + words + ". Look for what undoes it, then retry.",
		Options: []string{api.VerbRetry, api.VerbSkip},
	}
	r.inScope(a, "ask what undoes steps", func(ctx workflow.Context) {
		d, _, err := r.parkUntil(ctx, item, step.ReassessAfter, func() bool { return false })
		a.asking = slices.DeleteFunc(a.asking, func(digest string) bool {
			return slices.ContainsFunc(back, func(s *systemStep) bool { return s.digest == digest })
		})
		if err != nil {
			return
		}
		fact := r.systemFact(ctx, a, back[0], "not as planned: "+d.Verb)
		fact.Actor, fact.Cause = d.By, d.Reason
		r.recordFact(ctx, fact, "")
		for _, s := range back {
			r.systems.forget(s.digest)
			if d.Verb == api.VerbSkip {
				r.systems.keep(s, api.SystemSkipped)
			}
		}
		r.systems.rounds = 0
		r.wake()
	})
}

// systemOptions are for a step in another system: short exchanges where it can be, and a time after which it is a debt.
func systemOptions(ctx workflow.Context, s step.Step, kind identity.SystemStepKind, budget time.Duration) workflow.Context {
	o := workflow.ActivityOptions{
		ActivityID: s.ID, Summary: s.Summary, TaskQueue: api.QueueTemplates,
		StartToCloseTimeout: 30 * time.Second, ScheduleToCloseTimeout: budget, WaitForCancellation: true,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	}
	switch kind {
	case identity.SystemRemoveGroups, identity.SystemAddGroups, identity.SystemRemoveRoles, identity.SystemAddRoles,
		identity.SystemAssignLicences, identity.SystemReleaseLicences, identity.SystemRevokeGrants:
		o.StartToCloseTimeout, o.HeartbeatTimeout = 2*time.Minute, silentFor // One exchange for each name.
	case identity.SystemTransfer:
		o.StartToCloseTimeout = 2 * time.Minute // Two workers at once would ask for two transfers: the first one's time has to be over.
	case identity.SystemCreate, identity.SystemResume, identity.SystemWriteProfile, identity.SystemMove, identity.SystemSuspend,
		identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemDemote, identity.SystemAutoReply, identity.SystemDelegate,
		identity.SystemEndReply, identity.SystemUndelegate:
	}
	if budget > owedAfter {
		o.RetryPolicy.MaximumInterval = 5 * time.Minute
	}
	return workflow.WithActivityOptions(ctx, o)
}
