package lifecycle

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// digestOf tells one step of a plan from another. When it is due makes no difference.
func digestOf(plan identity.SystemPlan, s identity.SystemStep) string {
	s.After = step.NoTime
	return shortDigest(plan.System, plan.Account, s)
}

// shortDigest writes structs as JSON, whose order of fields and keys is fixed.
//
//workflowcheck:ignore
func shortDigest(of ...any) string {
	text, err := json.Marshal(of)
	if err != nil {
		panic("gatehouse: a plan cannot be written as JSON: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// triedBefore is what the chain knows of a step that it has tried, nil if it has not.
func (s *systems) triedBefore(digest string) *api.SystemTried {
	for i := range s.tried {
		if s.tried[i].Digest == digest {
			return &s.tried[i]
		}
	}
	return nil
}

// finished reports that nothing more is done about a step.
func (s *systems) finished(digest string) bool {
	tried := s.triedBefore(digest)
	return tried != nil && tried.Outcome != api.SystemOwed
}

// keep remembers what became of a step.
func (s *systems) keep(of *systemStep, outcome string) {
	if of.infix != "" {
		return // A repetition says nothing of the plan.
	}
	tried := s.triedBefore(of.digest)
	if tried == nil {
		s.tried = append(s.tried, api.SystemTried{Digest: of.digest})
		tried = &s.tried[len(s.tried)-1]
	}
	tried.Outcome, tried.Since = outcome, of.since
	if outcome == api.SystemDone {
		tried.Times++
	}
}

func (s *systems) forget(digest string) {
	s.tried = slices.DeleteFunc(s.tried, func(t api.SystemTried) bool { return t.Digest == digest })
}

// progress is what the next run of the chain has to know, nil if that is nothing.
func (s *systems) progress() *api.SystemsProgress {
	if len(s.tried)+len(s.unread)+len(s.allowed) == 0 && s.result == "" {
		return nil
	}
	return &api.SystemsProgress{Allowed: s.allowed, Tried: s.tried, Unread: s.unread, Result: s.result}
}

// systemPlace ends the name of a step: the account, or the system where one is made.
func systemPlace(a *systemAccount, s *systemStep) string {
	if s.Kind == identity.SystemCreate || a.ref.ID == "" {
		return "@" + a.plan.System
	}
	return "@" + a.ref.String()
}

// systemID is the id of an attempt at a step, such as suspend@google/1234. Those after the first are numbered.
func (r *run) systemID(a *systemAccount, s *systemStep) string {
	return r.usedOnce(string(s.Kind)+s.infix, systemPlace(a, s))
}

// usedOnce numbers an id that the run has used before.
func (r *run) usedOnce(name, place string) string {
	if r.systems.used == nil {
		r.systems.used = map[string]int{}
	}
	r.systems.used[name+place]++
	if n := r.systems.used[name+place]; n > 1 {
		name += ":" + strconv.Itoa(n)
	}
	return name + place
}

// systemName names an account as people read it.
func systemName(a *systemAccount) string {
	return strings.TrimSpace(a.plan.System + " account " + a.ref.ID)
}

// systemWords say what a step does where.
func systemWords(a *systemAccount, s *systemStep) string {
	return systemName(a) + ": " + cmp.Or(s.Kind.Words(), string(s.Kind))
}

// systemFact is the evidence of a step.
func (r *run) systemFact(ctx workflow.Context, a *systemAccount, s *systemStep, outcome string) api.Fact {
	return api.Fact{
		Step: string(s.Kind) + s.infix + systemPlace(a, s), Template: r.State.Template, Episode: a.episode, Outcome: outcome,
		Started: s.since, Finished: workflow.Now(ctx),
	}
}

// notePlan keeps what a plan holds that is not carried out: each distinct one once.
func (r *run) notePlan(ctx workflow.Context, a *systemAccount) {
	place := systemPlace(a, &systemStep{})
	note := func(about, outcome string, what any) {
		code := "systems-" + about + place + "/" + shortDigest(what)
		if r.told.knows(code) {
			return
		}
		r.told.add(code)
		r.recordFact(ctx, api.Fact{
			Step: about + place, Template: r.State.Template, Episode: a.episode, Outcome: outcome, After: what, Finished: workflow.Now(ctx),
		}, systemName(a)+": "+outcome)
	}
	if a.plan.Observe && len(a.plan.Steps) > 0 {
		note("observe", "planned, not carried out: it is only observed", a.plan.Steps)
	}
	if len(a.plan.Held) > 0 {
		note("held", "held: there is no room for it in a safety budget", a.plan.Held)
	}
	for _, n := range a.plan.Notices {
		note("notice", n.Code, n)
	}
}

// noteUncarried keeps what a template that only observes would have had carried out in other systems.
func (r *run) noteUncarried(ctx workflow.Context) {
	for _, plan := range r.assessment.Systems {
		plan.Observe = true
		r.notePlan(ctx, r.systemAccount(r.assessment, plan))
	}
}

// systemsShown is what the state says of other systems.
func (r *run) systemsShown() []api.SystemShown {
	var shown []api.SystemShown
	for _, a := range r.systems.accounts {
		out := api.SystemShown{System: a.plan.System, Account: a.ref.ID, Observe: a.plan.Observe}
		for _, s := range a.done {
			out.Done = append(out.Done, string(s.Kind))
		}
		for _, s := range slices.Concat(a.owed, a.behind) {
			if kind := string(s.Kind); !slices.Contains(out.Owed, kind) {
				out.Owed = append(out.Owed, kind)
			}
		}
		for _, s := range a.plan.Held {
			out.Held = append(out.Held, string(s.Kind))
		}
		for _, n := range a.plan.Notices {
			out.Notices = append(out.Notices, n.Code)
		}
		shown = append(shown, out)
	}
	return shown
}
