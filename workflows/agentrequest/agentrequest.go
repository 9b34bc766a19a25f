package agentrequest

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

const (
	// remindAfter is when people are asked once more, escalateAfter when security is told as well, and expireAfter when nobody is
	// waited for any longer.
	remindAfter   = 4 * time.Hour
	escalateAfter = 24 * time.Hour
	expireAfter   = 72 * time.Hour
	// lookFirst is when the orders are first looked at, and lookAtMost the longest wait between two looks.
	lookFirst  = 250 * time.Millisecond
	lookAtMost = 5 * time.Minute
)

// AgentRequest sees one request through. It is what the agent's own id of it stands for, so that a request which is sent twice is
// one. What a person approves is the plan that they were shown: if it is another one by then they are asked again.
func AgentRequest(ctx workflow.Context, in api.AgentRequestInput) (api.AgentRequestOutcome, error) {
	r, err := open(ctx, in)
	if err != nil {
		return api.AgentRequestOutcome{}, err
	}
	for {
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return api.AgentRequestOutcome{}, r.continueAsNew(ctx)
		}
		over, err := r.round(ctx)
		switch {
		case err != nil:
			return api.AgentRequestOutcome{}, err
		case over:
			return r.end(ctx)
		}
	}
}

// run is one run of AgentRequest.
type run struct {
	*step.Console
	*step.Asides
	in     api.AgentRequestInput
	judged api.AgentJudged
	// presses counts those that were taken up, so that the questions about them have names of their own. showing counts messages whose
	// outcome is being shown.
	presses, showing, shows int
	// said is what was decided, and plan what it was about.
	said string
	plan []string
	// began is when the run first asked, so that waiting ends.
	began time.Time
	wait  time.Duration
}

func open(ctx workflow.Context, in api.AgentRequestInput) (*run, error) {
	d, err := step.Open(ctx, api.TypeAgentRequest, "Judging the request of an agent")
	if err != nil {
		return nil, err
	}
	d.Stage, d.Taken = cmp.Or(in.Stage, api.StageWorking), in.Decided
	r := &run{Console: d, Asides: step.NewAsides(ctx, d), in: in, began: in.Began, wait: lookFirst}
	if r.began.IsZero() {
		r.began = workflow.GetInfo(ctx).WorkflowStartTime
	}
	d.Tell = func(ctx workflow.Context, item api.Attention) {
		if item.Code == api.CodeAgentRequest {
			r.post(ctx, item)
			return
		}
		d.TellIT(ctx, item)
	}
	for _, w := range in.Words {
		r.Say(w)
	}
	return r, r.handlePresses(ctx)
}

// round judges the request and takes it one state on.
func (r *run) round(ctx workflow.Context) (over bool, err error) {
	var judged api.AgentJudged
	judge := api.Call.AgentRequestJudge(api.AgentRequestRef{ID: r.in.ID}, &judged)
	if err := r.inLedger(ctx, step.Step{ID: "request.judge", Activity: judge, Summary: "judge the request by the policy"}); err != nil {
		return false, err
	}
	r.judged, r.Subject = judged, judged.Barred
	switch {
	case r.judged.Over:
		return true, nil
	case r.judged.Again:
		return false, r.pause(ctx)
	case r.judged.State == api.RequestWorking:
		return r.watch(ctx)
	case r.judged.Ask:
		return r.ask(ctx)
	}
	return r.carry(ctx, api.Decision{})
}

// inLedger has an activity of the ledger done, in the workflow task where that is quick.
func (r *run) inLedger(ctx workflow.Context, s step.Step) error {
	err := step.Quickly(ctx, s)
	if err != nil && ctx.Err() == nil {
		_, err = r.RunWith(step.Options(ctx, s), s, api.VerbRetry)
	}
	return err
}

// ask asks people, and does what they say about the plan that they were shown.
func (r *run) ask(ctx workflow.Context) (over bool, err error) {
	item := api.Attention{
		Step: "request.approve", Code: api.CodeAgentRequest, Text: r.question(), Plan: r.judged.Plan, PlanHash: r.judged.Hash, Two: r.judged.Two,
		Options: []string{api.VerbAllow, api.VerbReject},
	}
	item.Item = r.Identify(ctx, item)
	r.plan = r.judged.Plan
	next := r.remind(ctx, item)
	d, decided, err := r.Wait(ctx, item, next.Sub(workflow.Now(ctx)), func() bool { return false })
	if decided {
		r.said = saidBy(d.Verb, step.Named(d))
		r.show(ctx, r.said, false)
	}
	switch {
	case err != nil:
		return false, err
	case !decided && !workflow.Now(ctx).Before(r.began.Add(expireAfter)):
		return r.finish(ctx, api.AgentEnd{ID: r.in.ID, State: api.RequestExpired, Result: "nobody decided within " + expireAfter.String()})
	case !decided:
		return false, nil // It is judged again, and those who are asked are reminded.
	case d.Verb == api.VerbReject:
		return r.finish(ctx, api.AgentEnd{ID: r.in.ID, State: api.RequestRejected, By: step.Named(d), Result: "a person rejected it"})
	}
	r.Log(ctx, "approved by "+step.Named(d))
	return r.carry(ctx, d)
}

func saidBy(verb, who string) string {
	return map[string]string{api.VerbAllow: "Allowed by ", api.VerbReject: "Rejected by "}[verb] + who
}

func (r *run) question() string {
	if r.judged.Two {
		return "Agent " + r.judged.Agent + " asks, by the tool " + r.judged.Tool + ", for what stands below. It is done if two people allow it."
	}
	return "Agent " + r.judged.Agent + " asks, by the tool " + r.judged.Tool + ", for what stands below. It is done if you allow it."
}

// carry gives the orders. A plan that has changed is judged again, and who has allowed the one before is asked again.
func (r *run) carry(ctx workflow.Context, d api.Decision) (over bool, err error) {
	in := api.AgentCarry{ID: r.in.ID, Hash: r.judged.Hash, By: d.By, Reason: d.Reason, Proof: d.Proof}
	if d.By != "" {
		in.By = step.Named(d)
	}
	for {
		var carried api.AgentCarried
		s := step.Step{ID: "request.carry", Activity: api.Call.AgentRequestCarry(in, &carried), Summary: "give the orders if the plan is still the same"}
		if err := r.inLedger(ctx, s); err != nil {
			return false, err
		}
		switch {
		case carried.Over:
			return true, nil
		case carried.Changed:
			r.Log(ctx, "the plan has changed: it is judged again")
			return false, nil
		case carried.State != api.RequestHeld:
			r.wait = lookFirst
			return false, nil
		case !workflow.Now(ctx).Before(r.began.Add(expireAfter)):
			return r.finish(ctx, api.AgentEnd{ID: r.in.ID, State: api.RequestExpired, By: in.By, Result: carried.Result})
		}
		r.SetStatus(ctx, "Held: the agent or the tool is switched off")
		if err := r.pause(ctx); err != nil {
			return false, err
		}
	}
}

// watch waits until the runs of people have carried the orders out.
func (r *run) watch(ctx workflow.Context) (over bool, err error) {
	r.SetStatus(ctx, "Waiting until the orders are carried out")
	for !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		if err := r.pause(ctx); err != nil {
			return false, err
		}
		var seen api.AgentSeen
		s := step.Step{ID: "request.watch", Activity: api.Call.AgentRequestWatch(api.AgentRequestRef{ID: r.in.ID}, &seen), Summary: "look how far the orders have got"}
		if err := r.inLedger(ctx, s); err != nil || seen.Over {
			r.judged.State, r.judged.Result = seen.State, seen.Result
			return seen.Over, err
		}
		r.SetStatus(ctx, "The orders are given: "+seen.Result)
	}
	return false, nil
}

// pause waits a while, longer each time.
func (r *run) pause(ctx workflow.Context) error {
	wait := r.wait
	r.wait = min(2*r.wait, lookAtMost)
	return workflow.Sleep(ctx, wait)
}

// finish ends the request without anything being done.
func (r *run) finish(ctx workflow.Context, in api.AgentEnd) (over bool, err error) {
	var seen api.AgentSeen
	s := step.Step{ID: "request.end", Activity: api.Call.AgentRequestEnd(in, &seen), Summary: "write down what became of the request"}
	if err := r.inLedger(ctx, s); err != nil {
		return false, err
	}
	r.judged.State, r.judged.Result = seen.State, seen.Result
	return seen.Over, nil
}

func (r *run) end(ctx workflow.Context) (api.AgentRequestOutcome, error) {
	if r.said == "" || r.judged.State != api.RequestRejected {
		r.show(ctx, strings.TrimPrefix(r.said+". ", ". ")+r.judged.State+": "+r.judged.Result, false)
	}
	if err := errors.Join(r.shown(ctx), r.Leave(ctx, step.Heard), r.Settle(ctx)); err != nil {
		return api.AgentRequestOutcome{}, err
	}
	r.SetStatus(ctx, r.judged.State+": "+r.judged.Result)
	return api.AgentRequestOutcome{ID: r.in.ID, State: r.judged.State, Result: r.judged.Result}, r.SetStage(ctx, api.StageDone)
}

// continueAsNew goes on as a run without history.
func (r *run) continueAsNew(ctx workflow.Context) error {
	if err := errors.Join(r.shown(ctx), r.Hush(ctx), r.Settle(ctx)); err != nil {
		return err
	}
	next := r.in
	next.Stage, next.Words, next.Decided, next.Began = r.Stage, r.Owed(), r.Taken, r.began
	return workflow.NewContinueAsNewError(ctx, api.TypeAgentRequest, next)
}
