package lifecycle

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// Person looks at one person and sees to it that what follows is done: it contains a leaver at once, continues as new
// into the template that the plan calls for, waits for the next due moment, asks a person, or ends.
func Person(ctx workflow.Context, in api.ChainInput) (api.Outcome, error) {
	r, err := open(ctx, api.TypePerson, in)
	if err != nil {
		return api.Outcome{}, err
	}
	for {
		if r.hints.drain() {
			r.systems.forgetOwed()
		}
		if err := r.assess(ctx); err != nil {
			return r.end(ctx, err)
		}
		if r.assessment.ForwardTo != "" {
			return r.forward(ctx)
		}
		if err := r.takeWord(ctx, r.assessment.Settled); err != nil {
			return r.end(ctx, err)
		}
		if err := r.attendOwned(ctx, r.assessment); err != nil {
			return r.end(ctx, err)
		}
		r.attendUndo(r.assessment)
		out, again, err := r.dispatch(ctx)
		if err != nil {
			return r.end(ctx, err)
		}
		if !again {
			return out, nil
		}
		if r.Crowded(ctx) {
			return api.Outcome{}, r.handOver(ctx)
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return api.Outcome{}, r.continueAsPerson(ctx)
		}
	}
}

// dispatch does what the plan calls for. Again asks for another look.
func (r *run) dispatch(ctx workflow.Context) (out api.Outcome, again bool, err error) {
	plan := r.plan()
	if plan.Verdict != identity.VerdictSuspend {
		r.paused = 0
	}
	switch plan.Verdict {
	case identity.VerdictNone, identity.VerdictWait:
		return r.idle(ctx)
	case identity.VerdictAttention:
		r.beginSystems(ctx, r.assessment, leavingOnly(r.assessment.Systems), true)
		if len(r.assessment.Doubts) > 0 {
			return r.decideAll(ctx)
		}
		return r.awaitDecision(ctx)
	case identity.VerdictSuspend, identity.VerdictLift, identity.VerdictRespond:
		return r.byOrder(ctx)
	case identity.VerdictJoin, identity.VerdictChange:
		r.in.Returns = nil
	case identity.VerdictUndo, identity.VerdictLeave, identity.VerdictDelete:
	}
	allowed, decided, err := r.permitted(ctx)
	switch {
	case err != nil:
		return api.Outcome{}, false, err
	case !decided:
		return r.reassessNow(ctx)
	case !allowed:
		if r.assessment.Mode == api.ModeObserve {
			r.noteUncarried(ctx)
		}
		// Responses about somebody who has left are closed all the same.
		if err := r.respond(ctx, r.assessment); err != nil {
			return api.Outcome{}, false, err
		}
		return r.waitUntilDue(ctx, plan.Due)
	}
	if plan.Verdict == identity.VerdictDelete {
		return r.deleteAccounts(ctx)
	}
	if plan.Verdict == identity.VerdictLeave {
		r.haltSystems()
		if err := r.contain(ctx, ""); err != nil {
			return api.Outcome{}, false, err
		}
	}
	return api.Outcome{}, false, r.continueAs(ctx, template(plan.Verdict))
}

// idle has nothing to do at OneLogin now: it sees to other systems, and then waits for the next moment or ends.
func (r *run) idle(ctx workflow.Context) (out api.Outcome, again bool, err error) {
	waits := r.plan().Verdict == identity.VerdictWait
	if waits {
		if err := r.warnOfContract(ctx); err != nil {
			return api.Outcome{}, false, err
		}
	}
	if again, err := r.endSessions(ctx); err != nil || again {
		return api.Outcome{}, again, err
	}
	if !waits {
		r.noteSearched(ctx)
	}
	if again, err := r.carrySystems(ctx); err != nil || again {
		return api.Outcome{}, again, err
	}
	if waits {
		return r.waitUntilDue(ctx, r.due(ctx))
	}
	if due := r.systemsDue(ctx); !due.IsZero() {
		return r.waitUntilDue(ctx, due)
	}
	return r.rest(ctx, cmp.Or(r.systems.result, "nothing to do"))
}

// permitted says whether the template may act: at once in enforce mode, after a person's word in approve mode, and
// never in observe mode, where the plan is only recorded. Decided is false while nobody has said anything.
func (r *run) permitted(ctx workflow.Context) (allowed, decided bool, err error) {
	switch r.assessment.Mode {
	case api.ModeEnforce:
		return true, true, nil
	case api.ModeApprove:
		return r.approved(ctx)
	case api.ModeObserve:
	}
	r.recordFact(ctx, api.Fact{
		Step: "observe", Template: r.State.Template, Outcome: "planned, not carried out: the template observes only",
		Before: r.assessment.Account, After: r.plan(), Finished: workflow.Now(ctx),
	}, "planned, not carried out: "+r.plan().Reason)
	return false, true, nil
}

// approved asks for a person's word about the plan. It is good for this plan, and for one try to carry it out. In a chain
// whose assessments have no hash it is good for every plan of the verdict.
func (r *run) approved(ctx workflow.Context) (allowed, decided bool, err error) {
	want := string(r.plan().Verdict) + "/" + strconv.Itoa(r.assessment.Episode)
	bound := r.assessment.PlanHash != ""
	if !bound && r.in.Approved == want {
		return true, true, nil
	}
	defer r.keepDeadline(ctx, "the template asks before it acts, and nobody has answered")()
	item := r.showing(api.Attention{
		Step: "approve", Code: "approval_needed",
		Text:    "This template asks before it acts. Planned: " + r.plan().Reason,
		Options: []string{api.VerbAllow, api.VerbReject},
	}, r.plan().Steps)
	if item.PlanHash != "" {
		item.Plan = append(item.Plan, wordsOfSystems(r.assessment.Systems)...)
	}
	d, decided, err := r.parkUntil(ctx, item, step.ReassessAfter, r.hints.arrived)
	if err != nil || !decided {
		return false, false, err
	}
	r.recordFact(ctx, api.Fact{
		Step: "approve", Template: r.State.Template, Outcome: d.Verb, Actor: d.By, Cause: d.Reason,
		After: r.plan(), Finished: workflow.Now(ctx),
	}, d.Verb+" by "+step.Named(d))
	if d.Verb == api.VerbAllow {
		if !bound {
			r.in.Approved = want
		}
		r.systems.allow(r.assessment.Systems)
		return true, true, nil
	}
	return false, true, nil
}

// showing binds a question to the steps that a decision lets happen.
func (r *run) showing(item api.Attention, steps []identity.Step) api.Attention {
	if r.assessment.PlanHash != "" && len(steps) > 0 {
		item.PlanHash, item.Plan = r.assessment.PlanHash, identity.Words(steps)
		for _, other := range r.assessment.Others {
			item.Plan = append(item.Plan, "end the access of "+identity.OneLoginRef(other.ID).String()+" as well")
		}
	}
	return item
}

// warnOfContract tells the manager that the contract of somebody in their team ends, each time the policy says so. Nobody
// else is told who it is.
func (r *run) warnOfContract(ctx workflow.Context) error {
	a := r.assessment
	notice, warned := a.Plan.Notice(noticeContractEnds)
	if !warned || !r.beside() {
		return nil
	}
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	name := strings.TrimSpace(a.Person.Record.FirstName + " " + a.Person.Record.LastName)
	once, kind := "slack-contract/"+day(a.Person.LeaveAt)+"/"+day(a.Person.WarnAt), api.MessageContractEnds
	switch {
	case a.Person.Record.Unconfirmed:
		// Whoever answered for them may have been told of the same day before.
		once, kind = once+"/"+a.ManagerKey, api.MessageSponsorGone
	case a.Person.Record.Source == identity.SourceSponsored:
		kind = api.MessageSponsoredEnds
	}
	return r.deliver(ctx, r.message("slack.contract", "tell the manager that a contract ends", api.Message{
		OnceKey: r.effect(once), Kind: kind,
		Audience: api.AudienceManager, ManagerKey: a.ManagerKey, Owner: a.FallbackOwner, Text: notice.Text,
		Lines: []api.Line{{Label: "Name", Value: name}, {Label: "Last day", Value: string(cmp.Or(a.Person.Record.LastDay, a.Person.Record.TerminationDate))}},
	}))
}

// noticeContractEnds is the policy's code of a contract that ends soon.
const noticeContractEnds = "contract_ends"

// noticeDepartmentUnmapped is the policy's code of a department that no rule is for.
const noticeDepartmentUnmapped = "department_unmapped"

// reassessNow looks again at once, in a fresh run if a day has gone by without an answer.
func (r *run) reassessNow(ctx workflow.Context) (api.Outcome, bool, error) {
	if r.busy && !r.hints.arrived() {
		return api.Outcome{}, false, r.continueAsPerson(ctx)
	}
	return api.Outcome{}, true, nil
}

// waitUntilDue waits for the next due moment or a hint, and ends the run where there is neither.
func (r *run) waitUntilDue(ctx workflow.Context, due time.Time) (api.Outcome, bool, error) {
	if due.IsZero() {
		return r.rest(ctx, r.plan().Reason)
	}
	wait := due.Sub(workflow.Now(ctx))
	if wait <= 0 {
		return api.Outcome{}, true, nil
	}
	if err := r.flush(ctx); err != nil {
		return api.Outcome{}, false, err
	}
	if r.busy && wait > step.LongWait && len(r.words) == 0 && !r.systems.open() {
		// A wait of weeks is entered by a run without history, so that a deploy in the meantime meets little of it.
		return api.Outcome{}, false, r.continueAs(ctx, api.TypePerson)
	}
	r.State.Due = due
	r.SetStatus(ctx, "Nothing to do before the next look")
	if err := r.SetStage(ctx, api.StageWaiting); err != nil {
		return api.Outcome{}, false, err
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      wait,
		TimerOptions: workflow.TimerOptions{Summary: "next look"},
	}, r.hints.arrived)
	if err != nil {
		return api.Outcome{}, false, err
	}
	r.State.Due = step.NoTime
	r.SetStatus(ctx, "Looking at HR, OneLogin and orders")
	return api.Outcome{}, true, nil
}

// awaitDecision parks on the notices that block the plan until a person decides, a hint arrives or a day has gone by.
func (r *run) awaitDecision(ctx workflow.Context) (api.Outcome, bool, error) {
	notice := blocking(r.plan())
	item := r.showing(api.Attention{
		Step: "plan", Code: notice.Code, Text: cmp.Or(notice.Text, r.plan().Reason), Owner: notice.Owner,
		Options: optionsFor(notice.Code),
	}, r.assessment.Held)
	item.About, item.Policy = r.sharedCause(notice.Code)
	within := step.ReassessAfter
	if due := r.plan().Due; !due.IsZero() {
		// The plan can change by itself before the day is over.
		within = min(within, max(due.Sub(workflow.Now(ctx)), time.Second))
	}
	stop := r.keepDeadline(ctx, item.Text)
	d, decided, err := r.parkUntil(ctx, item, within, r.hints.arrived)
	stop()
	if err != nil {
		return api.Outcome{}, false, err
	}
	if !decided {
		return r.reassessNow(ctx)
	}
	decide := api.Call.PersonDecide(api.DecideInput{
		Key: r.in.Key, Episode: r.assessment.Episode, Code: notice.Code, Source: r.assessment.Source, Decision: d, Want: r.assessment.Want,
	})
	s := step.Step{ID: "person.decide", Activity: decide, Summary: d.Verb + " by " + d.By}
	s = s.Noting(func(f *api.Fact) { f.Actor, f.Cause, f.Outcome = d.By, d.Reason, d.Verb+": "+notice.Code })
	if _, err := r.runStep(ctx, s); err != nil {
		return api.Outcome{}, false, err
	}
	if d.Verb == api.VerbReject || d.Verb == api.VerbAbort {
		return r.rest(ctx, notice.Code+": "+d.Verb)
	}
	return api.Outcome{}, true, nil
}

// sharedCause is what others may wait because of as well, and the policy that would have to be another one.
func (r *run) sharedCause(code string) (about, policy string) {
	switch code {
	case noticeDepartmentUnmapped:
		return r.assessment.Person.Record.Department, r.plan().PolicyHash
	case api.NoticeColumnHidden:
		return r.assessment.Person.Record.Source, ""
	}
	return "", ""
}

// forward sends the hint on to the person this record belongs to.
func (r *run) forward(ctx workflow.Context) (api.Outcome, error) {
	send := api.Call.PersonForward(api.ForwardInput{Key: r.assessment.ForwardTo, Hint: r.hints.last})
	s := step.Step{ID: "person.forward", Activity: send, Summary: "hint the person this record belongs to"}
	if _, err := r.runStep(ctx, s); err != nil {
		return r.end(ctx, err)
	}
	r.evidence.facts = nil // the person it was forwarded to keeps the evidence
	return r.finish(ctx, "belongs to "+r.assessment.ForwardTo)
}

// end turns an operator's word into a regular end; everything else is passed on. A run that is cancelled records what
// it did first.
func (r *run) end(ctx workflow.Context, err error) (api.Outcome, error) {
	switch {
	case errors.Is(err, step.ErrAborted):
		return r.finish(ctx, step.ErrAborted.Error())
	case errors.Is(err, errSkippedAccount):
		return r.finish(ctx, errSkippedAccount.Error())
	case errors.Is(err, step.ErrCrowded) && ctx.Err() == nil:
		return api.Outcome{}, r.handOver(ctx)
	case ctx.Err() != nil:
		last, cancel := workflow.NewDisconnectedContext(ctx)
		defer cancel()
		if failed := r.hushSystems(last); failed != nil {
			return api.Outcome{}, failed
		}
		if failed := r.fallSilent(last); failed != nil {
			return api.Outcome{}, failed
		}
		if failed := r.flush(last); failed != nil {
			return api.Outcome{}, failed
		}
		if errors.Is(err, step.ErrCrowded) {
			err = ctx.Err()
		}
	}
	return api.Outcome{}, err
}

// blocking returns the notice that holds the plan up. The later a notice was added, the more it is about the plan.
func blocking(p identity.Plan) identity.Notice {
	for _, n := range slices.Backward(p.Notices) {
		if n.Blocking {
			return n
		}
	}
	if n := len(p.Notices); n > 0 {
		return p.Notices[n-1]
	}
	return identity.Notice{Code: "attention"}
}

// optionsFor lists the decisions that make sense for a notice.
func optionsFor(code string) []string {
	switch code {
	case api.NoticeBudgetContain, api.NoticeBudgetReactivate, api.NoticeBudgetRemove, api.NoticeBudgetPrivileged,
		api.NoticeBudgetRespond, api.NoticeProvisioningDeletes:
		return []string{api.VerbAllow, api.VerbReject, api.VerbRetry}
	case api.NoticePossibleDuplicate:
		return []string{api.VerbLink, api.VerbSeparate, api.VerbRetry}
	case api.NoticeReusedID:
		return []string{api.VerbLink, api.VerbRetry}
	}
	return []string{api.VerbRetry, api.VerbAbort}
}
