package workflows

import (
	"errors"
	"strconv"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// Person looks at one person and sees to it that what follows is done: it contains a leaver at once, continues as new
// into the template that the plan calls for, waits for the next due moment, asks a person, or ends.
func Person(ctx workflow.Context, in ChainInput) (Outcome, error) {
	r, err := open(ctx, TypePerson, in)
	if err != nil {
		return Outcome{}, err
	}
	for {
		r.drain()
		if err := r.assess(ctx); err != nil {
			return r.end(ctx, err)
		}
		if r.assessment.ForwardTo != "" {
			return r.forward(ctx)
		}
		out, again, err := r.act(ctx)
		if err != nil || !again {
			return out, err
		}
	}
}

// act does what the plan calls for. Again asks for another look.
func (r *run) act(ctx workflow.Context) (out Outcome, again bool, err error) {
	plan := r.plan()
	switch plan.Verdict {
	case identity.VerdictNone:
		out, err = r.finish(ctx, "nothing to do")
		return out, false, err
	case identity.VerdictWait:
		return r.lookLater(ctx, plan.Due)
	case identity.VerdictAttention:
		return r.consult(ctx)
	case identity.VerdictJoin, identity.VerdictUndo, identity.VerdictChange, identity.VerdictLeave:
	}
	if allowed, err := r.permitted(ctx); err != nil || !allowed {
		if err != nil {
			out, err = r.end(ctx, err)
			return out, false, err
		}
		return r.lookLater(ctx, plan.Due)
	}
	if plan.Verdict == identity.VerdictLeave {
		if err := r.contain(ctx, ""); err != nil {
			out, err = r.end(ctx, err)
			return out, false, err
		}
	}
	return Outcome{}, false, r.continueAs(ctx, template(plan.Verdict))
}

// permitted says whether the template may act: at once in enforce mode, after a person's word in approve mode, and
// never in observe mode, where the plan is only recorded.
func (r *run) permitted(ctx workflow.Context) (bool, error) {
	switch r.assessment.Mode {
	case api.ModeEnforce:
		return true, nil
	case api.ModeApprove:
		return r.approved(ctx)
	case api.ModeObserve:
	}
	r.note(ctx, api.Fact{
		Step: "observe", Template: r.state.Template, Outcome: "planned, not carried out: the template observes only",
		Before: r.assessment.Account, After: r.plan(), Finished: workflow.Now(ctx),
	}, "planned, not carried out: "+r.plan().Reason)
	return false, nil
}

func (r *run) approved(ctx workflow.Context) (bool, error) {
	want := string(r.plan().Verdict) + "/" + strconv.Itoa(r.assessment.Episode)
	if r.in.Approved == want {
		return true, nil
	}
	d, decided, err := r.parkUntil(ctx, Attention{
		Step: "approve", Code: "approval_needed",
		Text:    "This template asks before it acts. Planned: " + r.plan().Reason,
		Options: []string{VerbAllow, VerbReject},
	}, r.hintArrived)
	if err != nil || !decided {
		return false, err
	}
	r.note(ctx, api.Fact{
		Step: "approve", Template: r.state.Template, Outcome: d.Verb, Actor: d.By, Cause: d.Reason,
		After: r.plan(), Finished: workflow.Now(ctx),
	}, d.Verb+" by "+d.By)
	if d.Verb == VerbAllow {
		r.in.Approved = want
		return true, nil
	}
	return false, nil
}

// lookLater waits for the next due moment or a hint, and ends the run where there is neither.
func (r *run) lookLater(ctx workflow.Context, due time.Time) (Outcome, bool, error) {
	if due.IsZero() {
		out, err := r.finish(ctx, r.plan().Reason)
		return out, false, err
	}
	wait := due.Sub(workflow.Now(ctx))
	if wait <= 0 {
		return Outcome{}, true, nil
	}
	if err := r.flush(ctx); err != nil {
		return Outcome{}, false, err
	}
	if r.busy && wait > longWait {
		// A wait of weeks is entered by a run without history, so that a deploy in the meantime meets little of it.
		return Outcome{}, false, r.continueAs(ctx, TypePerson)
	}
	r.state.Due = due
	r.doing(ctx, "Nothing to do before the next look")
	if err := r.mark(ctx, StageWaiting); err != nil {
		return Outcome{}, false, err
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      wait,
		TimerOptions: workflow.TimerOptions{Summary: "next look"},
	}, r.hintArrived)
	if err != nil {
		return Outcome{}, false, err
	}
	r.state.Due = noTime
	r.doing(ctx, "Looking at HR, OneLogin and orders")
	return Outcome{}, true, nil
}

// consult parks on the notices that block the plan until a person decides, a hint arrives or a day has gone by.
func (r *run) consult(ctx workflow.Context) (Outcome, bool, error) {
	notice := blocking(r.plan())
	wait := r.hintArrived
	due := r.plan().Due
	item := Attention{
		Step: "plan", Code: notice.Code, Text: r.plan().Reason + " (" + notice.Code + ")", Owner: notice.Owner,
		Options: optionsFor(notice.Code),
	}
	if !due.IsZero() && due.Sub(workflow.Now(ctx)) < lookAgain {
		// The plan can change by itself before the day is over.
		timer := workflow.NewTimerWithOptions(ctx, max(due.Sub(workflow.Now(ctx)), time.Second),
			workflow.TimerOptions{Summary: "next look"})
		wait = func() bool { return r.hintArrived() || timer.IsReady() }
	}
	d, decided, err := r.parkUntil(ctx, item, wait)
	if err != nil {
		return Outcome{}, false, err
	}
	if !decided {
		if r.busy && !r.hintArrived() {
			if err := r.flush(ctx); err != nil {
				return Outcome{}, false, err
			}
			return Outcome{}, false, r.continueAs(ctx, TypePerson)
		}
		return Outcome{}, true, nil
	}
	s := step{ID: "person.decide", Activity: api.PersonDecide, Summary: d.Verb + " by " + d.By}
	if _, err := r.do(ctx, s, api.DecideInput{
		Key: r.in.Key, Episode: r.assessment.Episode, Code: notice.Code, Source: r.assessment.Source, Decision: d,
	}, nil); err != nil {
		out, err := r.end(ctx, err)
		return out, false, err
	}
	if d.Verb == VerbReject || d.Verb == VerbAbort {
		out, err := r.finish(ctx, notice.Code+": "+d.Verb)
		return out, false, err
	}
	return Outcome{}, true, nil
}

// forward sends the hint on to the person this record belongs to.
func (r *run) forward(ctx workflow.Context) (Outcome, error) {
	s := step{ID: "person.forward", Activity: api.PersonForward, Summary: "hint the person this record belongs to"}
	if _, err := r.do(ctx, s, api.ForwardInput{Key: r.assessment.ForwardTo, Hint: r.lastHint}, nil); err != nil {
		return r.end(ctx, err)
	}
	r.facts = nil // the person it was forwarded to keeps the evidence
	return r.finish(ctx, "belongs to "+r.assessment.ForwardTo)
}

// end turns an operator's abort into a regular end; everything else is passed on.
func (r *run) end(ctx workflow.Context, err error) (Outcome, error) {
	if errors.Is(err, errAborted) {
		return r.finish(ctx, errAborted.Error())
	}
	return Outcome{}, err
}

// hintArrived takes waiting hints and reports whether the person should be looked at again.
func (r *run) hintArrived() bool {
	r.drainInto()
	return r.hinted
}

// blocking returns the first notice that holds the plan up.
func blocking(p identity.Plan) identity.Notice {
	for _, n := range p.Notices {
		if n.Blocking {
			return n
		}
	}
	if len(p.Notices) > 0 {
		return p.Notices[0]
	}
	return identity.Notice{Code: "attention"}
}

// optionsFor lists the decisions that make sense for a notice.
func optionsFor(code string) []string {
	switch code {
	case api.NoticeBudgetContain, api.NoticeBudgetReactivate:
		return []string{VerbAllow, VerbReject, VerbRetry}
	case api.NoticePossibleDuplicate:
		return []string{VerbLink, VerbSeparate, VerbRetry}
	}
	return []string{VerbRetry, VerbAbort}
}
