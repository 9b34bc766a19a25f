// Package agentrequests judges the requests of agents, and has those carried out that may be. It writes to no vendor: it gives orders,
// which the runs of people carry out.
package agentrequests

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/agents/request"
	"gatehouse/agents/subject"
	"gatehouse/identity"
	"gatehouse/ledger"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

// Requests sees the requests of agents through.
type Requests struct {
	Ledger *ledger.Ledger
	Policy func() *policy.Policy
	Clock  func() time.Time
	// Give and Release give and end orders about people.
	Give    func(context.Context, api.GiveOrder) (api.OrderGiven, error)
	Release func(context.Context, api.ReleaseOrder) (api.OrderReleased, error)
	Launch  api.Launcher
	// Provision has somebody looked at now, or sponsored, and returns their key. A [Refused] says why not, for good.
	Provision func(ctx context.Context, a request.Asked, by string, proof *api.Proof) (key string, err error)
	// Reread reads accounts of OneLogin anew, into the inventory.
	Reread func(ctx context.Context, accounts []int64) error
}

// Refused says for good why somebody is not provisioned.
type Refused string

// Error implements error.
func (r Refused) Error() string { return string(r) }

// held is a request as it stands: what was asked for, and what came of it.
type held struct {
	ledgeragents.Request
	asked   request.Asked
	outcome request.Outcome
}

func (r *Requests) read(ctx context.Context, id string) (held, error) {
	stored, found, err := r.Ledger.Agents().Request(ctx, id)
	if err != nil {
		return held{}, err
	}
	if !found {
		return held{}, step.NonRetryable(api.ErrInvalid, "there is no request "+id)
	}
	h := held{Request: stored}
	h.asked, h.outcome, err = request.Read(stored)
	return h, err
}

// move writes down how far a request has got.
func (r *Requests) move(ctx context.Context, h *held, state string, over bool) error {
	text, err := json.Marshal(h.outcome)
	if err != nil {
		return fmt.Errorf("write down request %s: %w", h.ID, err)
	}
	h.State, h.Over = state, over
	return r.Ledger.Agents().Moved(ctx, h.ID, state, over, text)
}

// plan works out what a request comes to, from accounts that were read right before: what the inventory had may be hours old.
func (r *Requests) plan(ctx context.Context, h held) (request.Plan, error) {
	if err := r.reread(ctx, h); err != nil {
		return request.Plan{}, err
	}
	planner := request.Planner{Ledger: r.Ledger, Policy: r.Policy, Clock: r.Clock}
	plan, err := planner.Plan(ctx, h.asked)
	if err == nil && !plan.Denied() {
		plan, err = r.ended(ctx, h, plan)
	}
	return plan, err
}

// about is the key of the person whom the policy judges: of somebody whom HR does not have, whoever answers for them.
func (h held) about() string {
	if h.asked.Person != nil {
		return h.asked.Person.Sponsor
	}
	return h.asked.Subject
}

func (r *Requests) reread(ctx context.Context, h held) error {
	of, _, err := subject.Read(ctx, r.Ledger, h.about())
	if err != nil {
		return err
	}
	ids := of.OneLogin()
	if len(ids) == 0 {
		return nil
	}
	return r.Reread(ctx, ids)
}

// ended refuses what belongs to an agent that is no agent any more, or nobody's. That it is outside its hours only keeps it from
// asking.
func (r *Requests) ended(ctx context.Context, h held, plan request.Plan) (request.Plan, error) {
	a, _ := r.Policy().Agent(h.Agent)
	owner, err := r.Ledger.Owner(ctx, a.Owner)
	if err != nil {
		return plan, err
	}
	switch why := a.Refuses(r.Clock()); {
	case !owner.Employed:
		plan.DeniedBy, plan.Why = "owner", "the owner of the agent does not work here"
	case why != "" && why != agent.RefusedHours:
		plan.DeniedBy, plan.Why = why, "the agent is "+why
	case a.Mode != agent.ModeEnforce:
		plan.DeniedBy, plan.Why = string(a.Mode), "the agent's requests are not carried out (mode "+string(a.Mode)+")"
	}
	return plan, nil
}

// Judge says what a request comes to, and writes it down. It may be repeated.
func (r *Requests) Judge(ctx context.Context, in api.AgentRequestRef) (api.AgentJudged, error) {
	h, err := r.read(ctx, in.ID)
	if err != nil {
		return api.AgentJudged{}, err
	}
	out := api.AgentJudged{State: h.State, Over: h.Over, Result: h.outcome.Result, Key: h.asked.Subject, Agent: h.Agent, Tool: h.Tool}
	if h.Over || h.State == api.RequestWorking {
		return out, nil
	}
	plan, err := r.plan(ctx, h)
	if err != nil {
		return api.AgentJudged{}, err
	}
	if plan.DeniedBy == request.DeniedNoAccount {
		if out.Again, err = r.search(ctx, h); out.Again || err != nil {
			return out, err
		}
	}
	h.outcome.Plan = plan
	out.Plan, out.Hash, out.Two, out.Barred = plan.Steps, plan.Hash, plan.Two, plan.Barred
	state, over := api.RequestWaiting, false
	switch {
	case plan.Denied():
		state, over, h.outcome.Result = api.RequestDenied, true, plan.Why
	case plan.Already:
		state, over, h.outcome.Result = api.RequestDone, true, "nothing to do: "+strings.Join(plan.Steps, "; ")
	case plan.Verdict != agent.Ask:
		state = api.RequestFiled
	}
	if err := r.move(ctx, &h, state, over); err != nil {
		return api.AgentJudged{}, err
	}
	out.State, out.Over, out.Result, out.Ask = state, over, h.outcome.Result, state == api.RequestWaiting
	out.Lines = r.lines(h)
	return out, nil
}

// search has somebody looked at of whom no account is known: that there is none is believed only after that.
func (r *Requests) search(ctx context.Context, h held) (looking bool, err error) {
	looks, err := r.Ledger.People().AssessedOf(ctx, []string{h.about()})
	if err != nil || looks[h.about()].At.After(h.FiledAt) {
		return false, err
	}
	_, err = r.Launch.Send(ctx, h.about(), api.Hint{Source: "agent", Cause: "look"})
	return true, err
}

// lines are what whoever decides has to know: who asks, and what it says why. What an agent says is its own word, shown as such.
func (r *Requests) lines(h held) []api.Line {
	a, _ := r.Policy().Agent(h.Agent)
	lines := []api.Line{
		{Label: "Agent", Value: h.Agent + ", " + a.Purpose},
		{Label: "Whose agent", Value: a.Owner},
		{Label: "The agent says why", Value: cmp.Or(h.asked.Reason, "nothing")},
	}
	if p := h.asked.Person; p != nil {
		lines = append(lines, api.Line{Label: "Who", Value: p.FirstName + " " + p.LastName + ", " + p.Email},
			api.Line{Label: "Position", Value: strings.Join([]string{p.Title, p.Department, p.Company, p.Location}, ", ")}, api.Line{Label: "Answered for by", Value: p.Sponsor})
	}
	if h.asked.Ticket != "" {
		lines = append(lines, api.Line{Label: "The agent names the ticket", Value: h.asked.Ticket})
	}
	return lines
}

// Carry gives the orders of a request if its plan is still the one that may be carried out. Repeating it gives nothing twice: each
// order has an id of its own.
func (r *Requests) Carry(ctx context.Context, in api.AgentCarry) (api.AgentCarried, error) {
	h, err := r.read(ctx, in.ID)
	if err != nil {
		return api.AgentCarried{}, err
	}
	if h.Over || h.State == api.RequestWorking {
		return api.AgentCarried{State: h.State, Over: h.Over, Result: h.outcome.Result}, nil
	}
	plan, err := r.plan(ctx, h)
	if err != nil {
		return api.AgentCarried{}, err
	}
	if plan.Hash != in.Hash || plan.Denied() || plan.Already || plan.Verdict == agent.Ask && in.By == "" {
		return api.AgentCarried{State: h.State, Changed: true}, nil
	}
	h.outcome.Plan, h.outcome.DecidedBy = plan, in.By
	scope, err := r.Ledger.Agents().Off(ctx, h.Agent, h.Tool)
	if err != nil {
		return api.AgentCarried{}, err
	}
	if scope != "" {
		h.outcome.Result = "held: " + scope + " is switched off"
		err := r.move(ctx, &h, api.RequestHeld, false)
		return api.AgentCarried{State: api.RequestHeld, Result: h.outcome.Result}, err
	}
	h.outcome.Orders, h.outcome.Result = nil, "the orders are given"
	for _, o := range plan.Orders {
		if err := r.give(ctx, in, o, plan.Rule); err != nil {
			return api.AgentCarried{}, err
		}
		h.outcome.Orders = append(h.outcome.Orders, o.ID)
	}
	if plan.Provision {
		key, err := r.Provision(ctx, h.asked, r.by(in, h.Agent), in.Proof)
		var refused Refused
		if errors.As(err, &refused) {
			h.outcome.Result = refused.Error()
			err := r.move(ctx, &h, api.RequestNotDone, true)
			return api.AgentCarried{State: api.RequestNotDone, Over: true, Result: h.outcome.Result}, err
		}
		if err != nil {
			return api.AgentCarried{}, err
		}
		h.outcome.Key, h.outcome.Result = key, "their run looks now"
	}
	for _, id := range plan.Releases {
		release := api.ReleaseOrder{ID: id, Key: h.asked.Subject, By: r.by(in, h.Agent), Reason: h.asked.Reason, Proof: in.Proof}
		if _, err := r.Release(ctx, release); err != nil {
			return api.AgentCarried{}, err
		}
	}
	err = r.move(ctx, &h, api.RequestWorking, false)
	return api.AgentCarried{State: api.RequestWorking, Result: h.outcome.Result}, err
}

// by is in whose name an order is given.
func (r *Requests) by(in api.AgentCarry, name string) string { return cmp.Or(in.By, "agent "+name) }

// give gives one order. One that nobody has approved has the rule that allows it, so that it draws on the safety budgets.
func (r *Requests) give(ctx context.Context, in api.AgentCarry, o identity.Order, rule string) error {
	o.By, o.At = r.by(in, o.Agent), r.Clock()
	if stored, found, err := r.Ledger.Orders().ByID(ctx, o.ID); err != nil || found && !stored.Released.IsZero() {
		return err // It was given before, and carried out.
	}
	if in.By == "" {
		o.Rule = "agent/" + o.Agent + "/" + rule
	}
	_, err := r.Give(ctx, api.GiveOrder{Order: o, Hint: api.Hint{Source: "agent", Cause: o.Tool}, Proof: in.Proof})
	return err
}

// Watch says how far the orders of a request have got. It may be repeated.
func (r *Requests) Watch(ctx context.Context, in api.AgentRequestRef) (api.AgentSeen, error) {
	h, err := r.read(ctx, in.ID)
	if err != nil || h.Over || h.State != api.RequestWorking {
		return api.AgentSeen{State: h.State, Over: h.Over, Result: h.outcome.Result}, err
	}
	state, results := api.RequestDone, []string{}
	if h.outcome.Plan.Provision {
		one, result, err := r.provisioned(ctx, h)
		if err != nil {
			return api.AgentSeen{}, err
		}
		state, results = one, append(results, result)
	}
	for _, o := range h.outcome.Plan.Orders {
		one, result, err := r.became(ctx, o)
		if err != nil {
			return api.AgentSeen{}, err
		}
		results = append(results, result)
		if one == api.RequestWorking || one == api.RequestNotDone && state == api.RequestDone {
			state = one
		}
	}
	for _, id := range h.outcome.Plan.Releases {
		ended, _, err := r.Ledger.Orders().ByID(ctx, id)
		if err != nil {
			return api.AgentSeen{}, err
		}
		one, result, err := r.looked(ctx, h.asked.Subject, ended.Released)
		if err != nil {
			return api.AgentSeen{}, err
		}
		results = append(results, result)
		if one == api.RequestWorking {
			state = one
		}
	}
	out := api.AgentSeen{State: state, Over: state != api.RequestWorking, Result: strings.Join(results, "; ")}
	if !out.Over && h.outcome.Result == out.Result {
		return out, nil
	}
	h.outcome.Result = out.Result
	return out, r.move(ctx, &h, state, out.Over)
}

// provisioned says whether somebody has an account, and nothing is left to do.
func (r *Requests) provisioned(ctx context.Context, h held) (state, result string, err error) {
	state, result, err = r.looked(ctx, h.outcome.Key, h.FiledAt)
	if err != nil || state == api.RequestWorking {
		return state, result, err
	}
	d, _, err := r.Ledger.Dossier(ctx, h.outcome.Key)
	if err != nil || d.Person.AccountID != 0 {
		return state, h.outcome.Key + ": " + result, err
	}
	return api.RequestWorking, h.outcome.Key + " has no account yet: it is made before the first day", nil
}

// became says what became of an order: from the ledger if it was carried out once, and from the account as it was read last if it
// stands.
func (r *Requests) became(ctx context.Context, given identity.Order) (state, result string, err error) {
	o, found, err := r.Ledger.Orders().ByID(ctx, given.ID)
	if err != nil || !found {
		return api.RequestWorking, "order " + given.ID + " is not there", err
	}
	switch released := !o.Released.IsZero(); {
	case released && (!o.Kind.Response() || o.ReleasedBy != api.ByGatehouse):
		// By whom and why is for people.
		return api.RequestNotDone, "the order was released", nil
	case released && strings.HasPrefix(o.ReleaseReason, "not done"):
		return api.RequestNotDone, o.ReleaseReason, nil
	case released:
		return api.RequestDone, o.ReleaseReason, nil
	case o.Kind.Response():
		return api.RequestWorking, "the order is still to be carried out", nil
	case !o.InForce(r.Clock()):
		return api.RequestNotDone, "the order has lapsed", nil
	}
	return r.stands(ctx, o.Order)
}

// stands says whether a standing order is carried out. Nothing is given to somebody who has left.
func (r *Requests) stands(ctx context.Context, o identity.Order) (state, result string, err error) {
	d, _, err := r.Ledger.Dossier(ctx, o.Key)
	if err != nil {
		return "", "", err
	}
	if gives := o.Kind == identity.OrderGrant || o.Kind == identity.OrderSet; gives && d.Person.Episode > 0 && !d.Person.Employed {
		return api.RequestNotDone, "the person has left", nil
	}
	return r.looked(ctx, o.Key, o.At)
}

// looked says whether somebody has looked at a person since an instant and found nothing left to do. Nobody looks by themselves after
// the work, so that a look is asked for.
func (r *Requests) looked(ctx context.Context, key string, since time.Time) (state, result string, err error) {
	looks, err := r.Ledger.People().AssessedOf(ctx, []string{key})
	if err != nil {
		return "", "", err
	}
	switch last := looks[key]; {
	case !last.At.After(since):
		result = "nobody has looked since"
	case len(last.Holding) > 0:
		result = "it is held: " + strings.Join(last.Holding, ", ")
	case len(last.Steps) > 0:
		result = "it is being done"
	default:
		return api.RequestDone, "it is so, as was read at " + last.At.UTC().Format("2006-01-02 15:04:05 MST"), nil
	}
	_, err = r.Launch.Send(ctx, key, api.Hint{Source: "agent", Cause: "look"})
	return api.RequestWorking, result, err
}

// Who says under which name somebody decides who has pressed a button: that of the policy where it names who may, and else their
// address in Slack.
func (r *Requests) Who(_ context.Context, in api.AgentPresser) (api.AgentDecider, error) {
	people := r.Policy().Deciders()
	at := slices.IndexFunc(people, func(d policy.Decider) bool { return d.Slack != "" && d.Slack == in.User })
	switch {
	case at >= 0:
		return api.AgentDecider{By: people[at].Address, Named: true}, nil
	case len(people) > 0:
		return api.AgentDecider{Why: "no entry of deciders.people has your Slack user, " + in.User}, nil
	case in.Email == "":
		return api.AgentDecider{Why: "Slack does not say your address: use `starter decide`"}, nil
	}
	return api.AgentDecider{By: in.Email}, nil
}

// End ends a request that nobody carries out. One that is over, or is being carried out, stays as it is.
func (r *Requests) End(ctx context.Context, in api.AgentEnd) (api.AgentSeen, error) {
	h, err := r.read(ctx, in.ID)
	if err != nil {
		return api.AgentSeen{}, err
	}
	if !h.Over && h.State != api.RequestWorking {
		h.outcome.DecidedBy, h.outcome.Result = in.By, in.Result
		err = r.move(ctx, &h, in.State, true)
	}
	return api.AgentSeen{State: h.State, Over: h.Over, Result: h.outcome.Result}, err
}
