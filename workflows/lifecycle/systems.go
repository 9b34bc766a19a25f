package lifecycle

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// roundsAtMost is how often in a row Person carries out what is due in systems beside OneLogin before it asks: what was carried
// out ought not to be due again.
const roundsAtMost = 5

// systems is how a run stands with what is done in systems beside OneLogin. A run that has nothing to do there schedules nothing
// because of it.
type systems struct {
	// scope ends with stop, and with the run; alive counts what goes on in it.
	scope workflow.Context
	stop  workflow.CancelFunc
	alive int
	// accounts are those that came up, in that order.
	accounts []*systemAccount
	// tried are the steps that the chain has tried and not forgotten.
	tried []api.SystemTried
	// unread are accounts that the run before was reading back.
	unread []identity.Ref
	// used counts the ids of activities, of which no two may be alike.
	used map[string]int
	// rounds counts how often in a row something was carried out without a hint. overtaken says that a step found its plan outdated.
	rounds    int
	overtaken bool
	// after says that what OneLogin still gives is taken first.
	after    bool
	removing workflow.Mutex
	// allowed are steps that somebody has allowed, where a template asks before it acts; rejected is a plan that was not.
	allowed  []string
	rejected string
	// result is what a template came to, where other systems follow it.
	result string
	// notReady are the systems for which an invitation waited in vain.
	notReady []string
}

// systemAccount is one account, or one that has to be made, and what goes on about it.
type systemAccount struct {
	plan identity.SystemPlan
	// ref is the account: of one that was made, the new one.
	ref     identity.Ref
	episode int
	at      time.Time
	// until is how long a step is tried again that others wait for.
	until time.Time
	scope workflow.Context
	stop  workflow.CancelFunc
	// passing says that steps are carried out in their order. Those that have yet to be are in queue, the one at hand is now, and those
	// that go on behind the others are in behind.
	passing     bool
	queue       []*systemStep
	now         *systemStep
	behind      []*systemStep
	done, owed  []*systemStep
	asking      []string
	reading     bool
	handingOver bool
	// ended says that sign-in was ended there, and so has to stay; ending is what does that.
	ended  bool
	ending []identity.SystemStep
	// left is what somebody has yet to be told is left to do.
	left []string
}

// systemStep is a step on its way.
type systemStep struct {
	identity.SystemStep
	digest string
	// infix tells a repetition from the step itself.
	infix string
	since time.Time
	// debt says that the ledger has it as owed.
	debt bool
	// late says that the system is still at it after a time in which somebody should hear of it.
	late bool
	left []string
}

// open reports that something goes on about the account.
func (a *systemAccount) open() bool {
	return a.passing || a.reading || len(a.behind)+len(a.asking) > 0
}

// knows reports that a step is on its way.
func (a *systemAccount) knows(digest string) bool {
	is := func(s *systemStep) bool { return s.digest == digest }
	return a.now != nil && a.now.digest == digest || slices.ContainsFunc(a.queue, is) || slices.ContainsFunc(a.behind, is) ||
		slices.Contains(a.asking, digest)
}

// open reports that something goes on in a system, or waits for somebody.
func (s *systems) open() bool { return s.alive > 0 }

// passing reports that steps are carried out that the run waits for.
func (s *systems) passing() bool {
	return slices.ContainsFunc(s.accounts, func(a *systemAccount) bool { return a.passing })
}

// account finds an account.
func (s *systems) account(plan identity.SystemPlan) *systemAccount {
	for _, a := range s.accounts {
		if a.plan.System == plan.System && (a.plan.Account == plan.Account || a.ref.ID == plan.Account) {
			return a
		}
	}
	return nil
}

// beginSystems starts what plans want done in systems beside OneLogin: systems and accounts side by side, the steps of an account in
// order. It waits for nothing. With again, a step that was carried out before and is due once more has not had its effect; without,
// the plans are those that the run before has begun with.
func (r *run) beginSystems(ctx workflow.Context, found api.Assessment, plans []identity.SystemPlan, again bool) {
	for _, plan := range plans {
		plan = r.systems.allowedOf(plan)
		if known := r.systems.account(plan); plan.Observe && known != nil && known.open() && !known.plan.Observe {
			r.withdraw(known) // From now on it is only observed.
		}
		a := r.systemAccount(found, plan)
		r.notePlan(ctx, a)
		if plan.Observe {
			continue
		}
		r.raiseNotices(ctx, a)
		fresh, back := r.sort(a, again)
		a.queue = append(a.queue, fresh...)
		if len(a.queue) > 0 && mayPass(ctx, a) {
			r.pass(a)
		}
		r.askBack(a, back)
		r.askCarried(a)
	}
}

// systemAccount takes a plan over. Work for the same account that was to give something is withdrawn when access has to end, and the
// other way round.
func (r *run) systemAccount(found api.Assessment, plan identity.SystemPlan) *systemAccount {
	a := r.systems.account(plan)
	if a != nil && (a.scope.Err() != nil || a.open() && a.plan.Leaving != plan.Leaving) {
		r.withdraw(a)
		a = nil
	}
	if a == nil {
		a = &systemAccount{ref: plan.Ref()}
		a.scope, a.stop = workflow.WithCancel(r.systemsScope())
		r.systems.accounts = append(r.systems.accounts, a)
	}
	a.episode, a.at = found.Episode, found.Person.AsOf
	r.takePlan(a, plan)
	return a
}

// takePlan takes over what is wanted about an account. What ends sign-in there is remembered, to be repeated if that comes back.
func (r *run) takePlan(a *systemAccount, plan identity.SystemPlan) {
	underWay := a.handingOver && a.has(identity.SystemTransfer)
	waits := len(plan.Carried) > 0 && !plan.Observe && !r.systems.finished(digestOf(plan, transferOf(plan)))
	switch {
	case underWay:
		plan.Carried = append(a.plan.Carried[:len(a.plan.Carried):len(a.plan.Carried)], without(plan.Carried, a.plan.Carried)...)
	case a.handingOver && !waits:
		plan.Carried = a.plan.Carried
		r.inScope(a, "remove what carries it", func(ctx workflow.Context) { r.removeCarried(ctx, a) })
	}
	a.plan, a.handingOver = plan, underWay || waits
	if !plan.Leaving {
		a.ending, a.ended = nil, false
		return
	}
	for _, s := range plan.Steps {
		ends := s.Kind == identity.SystemSuspend || s.Kind == identity.SystemEndSessions
		if ends && !slices.ContainsFunc(a.ending, func(known identity.SystemStep) bool { return known.Kind == s.Kind }) {
			a.ending = append(a.ending, s)
		}
	}
}

// systemsScope is the context of all that goes on in systems beside OneLogin.
func (r *run) systemsScope() workflow.Context {
	if r.systems.scope == nil || r.systems.scope.Err() != nil && r.root.Err() == nil {
		r.systems.scope, r.systems.stop = workflow.WithCancel(r.root)
	}
	return r.systems.scope
}

// withdraw stops what goes on about an account. What is under way comes to its end by itself.
func (r *run) withdraw(a *systemAccount) {
	a.stop()
	r.systems.accounts = slices.DeleteFunc(r.systems.accounts, func(other *systemAccount) bool { return other == a })
}

// sort says which steps of an account's plan are to be begun, and which have had no effect.
func (r *run) sort(a *systemAccount, again bool) (fresh, back []*systemStep) {
	for _, each := range a.plan.Steps {
		s := &systemStep{SystemStep: each, digest: digestOf(a.plan, each)}
		if a.knows(s.digest) {
			continue
		}
		tried := r.systems.triedBefore(s.digest)
		switch {
		case tried == nil && r.systems.rounds < roundsAtMost:
			fresh = append(fresh, s)
		case tried == nil:
			back = append(back, s)
		case tried.Outcome == api.SystemOwed && a.plan.Leaving:
			s.since, s.debt = tried.Since, true
			fresh = append(fresh, s)
		case tried.Outcome == api.SystemDone && again && a.plan.Leaving && tried.Times < 2:
			fresh = append(fresh, s)
		case tried.Outcome == api.SystemDone && again:
			back = append(back, s)
		case tried.Outcome == api.SystemDone && s.Kind == identity.SystemSuspend:
			a.ended = true
		}
	}
	return fresh, back
}

// inScope has something go on about an account.
func (r *run) inScope(a *systemAccount, name string, work func(workflow.Context)) {
	r.systems.alive++
	workflow.GoNamed(a.scope, name+" "+a.ref.String(), func(ctx workflow.Context) {
		defer func() { r.systems.alive-- }()
		work(ctx)
	})
}

// carrySystems has Person carry out what is due, and waits until each step was tried. Again asks for another assessment: what was
// carried out is not due any more, and another step may be.
func (r *run) carrySystems(ctx workflow.Context) (again bool, err error) {
	r.systems.overtaken = false
	r.forgetSettled()
	r.beginSystems(ctx, r.assessment, r.assessment.Systems, true)
	if !r.systems.passing() {
		r.systems.rounds = 0
		return r.askSystems(ctx)
	}
	r.SetStatus(ctx, "Carrying out what is due in other systems")
	if err := workflow.Await(ctx, func() bool { return !r.systems.passing() || r.hints.arrived() }); err != nil {
		return false, err
	}
	r.systems.rounds++
	if r.systems.overtaken && !r.hints.arrived() {
		return false, r.reconsider(ctx)
	}
	return true, nil
}

// forgetSettled takes over what an assessment does not want any more: it has had its effect, or somebody has seen to it.
func (r *run) forgetSettled() {
	wanted := map[string]bool{}
	for _, plan := range r.assessment.Systems {
		for _, s := range plan.Steps {
			wanted[digestOf(plan, s)] = true
		}
		for _, n := range plan.Notices {
			wanted[noticeDigest(plan, n.Code)] = true
		}
	}
	r.systems.tried = slices.DeleteFunc(r.systems.tried, func(t api.SystemTried) bool { return !wanted[t.Digest] })
	r.systems.allowed = slices.DeleteFunc(r.systems.allowed, func(digest string) bool { return !wanted[digest] })
	for _, a := range slices.Clone(r.systems.accounts) {
		unwanted := func(s *systemStep) bool { return !wanted[s.digest] }
		if !a.passing && (slices.ContainsFunc(a.behind, unwanted) ||
			slices.ContainsFunc(a.asking, func(digest string) bool { return !wanted[digest] })) {
			r.withdraw(a)
		}
	}
}

// forgetOwed has what failed be tried again, because something has happened.
func (s *systems) forgetOwed() {
	s.rounds = 0
	s.tried = slices.DeleteFunc(s.tried, func(t api.SystemTried) bool { return t.Outcome == api.SystemOwed })
}

// systemsDue is the next moment at which a step about somebody who stays becomes due. Nobody's run waits for those of a departure:
// Reconcile finds them.
func (r *run) systemsDue(ctx workflow.Context) (due time.Time) {
	for _, plan := range r.assessment.Systems {
		if plan.Leaving || plan.Observe || !plan.Due.After(workflow.Now(ctx)) {
			continue
		}
		if due.IsZero() || plan.Due.Before(due) {
			due = plan.Due
		}
	}
	return due
}

// due is the next moment at which the plan changes by itself, or what is to be done in a system.
func (r *run) due(ctx workflow.Context) time.Time {
	due, there := r.plan().Due, r.systemsDue(ctx)
	if due.IsZero() || !there.IsZero() && there.Before(due) {
		return there
	}
	return due
}

// leavingOnly are the plans that end access.
func leavingOnly(plans []identity.SystemPlan) []identity.SystemPlan {
	return slices.DeleteFunc(slices.Clone(plans), func(p identity.SystemPlan) bool { return !p.Leaving })
}

// pass carries out the queue of an account.
func (r *run) pass(a *systemAccount) {
	if a.passing {
		return
	}
	a.passing, r.busy = true, true
	r.inScope(a, "carry out", func(ctx workflow.Context) {
		defer func() { a.passing = false }()
		if workflow.Await(ctx, func() bool { return !r.systems.after }) != nil {
			return
		}
		for ctx.Err() == nil && len(a.queue) > 0 {
			a.now, a.queue = a.queue[0], a.queue[1:]
			goOn := r.carryInOrder(ctx, a, a.now)
			a.now = nil
			if !goOn {
				break
			}
		}
		r.tellLeft(ctx, a)
		r.tellOpenedAgain(ctx, a)
	})
}

// wake has the run look again once something has come to its end that it did not wait for.
func (r *run) wake() {
	if r.State.Template == api.TypePerson {
		r.hints.unanswered = true
	}
}

// noLonger says that nothing of a step is left to do.
func noLonger(steps []*systemStep, s *systemStep) []*systemStep {
	return slices.DeleteFunc(steps, func(other *systemStep) bool { return other == s })
}

// stepsBy names the queue of a run's steps in other systems: that of templates, whoever has them done.
func stepsBy(ctx workflow.Context, s step.Step) workflow.Context {
	return workflow.WithTaskQueue(step.Options(ctx, s), api.QueueTemplates)
}
