package incidents

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/policy"
	"gatehouse/policy/detect"
)

// Evaluate brings the cases in step with the events and tells the incidents of those that changed. A case that changed is
// marked in the ledger until its incident was told, so that a crash in between tells it again instead of never.
func (e *Events) Evaluate(ctx context.Context, _ api.Nothing) (api.EvaluateReport, error) {
	var report api.EvaluateReport
	failed, err := e.evaluate(ctx, func(changed []incidents.Case) {
		report.Subjects++
		for _, c := range changed {
			if c.Revision == 1 {
				report.Opened++
			} else {
				report.Changed++
			}
		}
		step.Beat(ctx, report.Subjects)
	})
	if err != nil {
		return report, err
	}
	if err := e.tell(ctx, &report); err != nil || len(failed) == 0 {
		return report, err
	}
	unjudged := errors.Join(slices.Collect(maps.Values(failed))...)
	if step.Attempt(ctx) < judgeAttempts {
		return report, unjudged
	}
	step.Log(ctx).Error("what was counted cannot be judged", "error", unjudged)
	report.Unjudged = slices.Sorted(maps.Keys(failed))
	return report, nil
}

// judgeAttempts is how often a subject is tried before somebody is told that it cannot be judged and the next events are read:
// a ledger that was busy for a moment is nobody's business.
const judgeAttempts = 3

// EvaluateAll brings the cases in step with the events and tells nobody.
func (e *Events) EvaluateAll(ctx context.Context) error {
	failed, err := e.evaluate(ctx, func([]incidents.Case) {})
	return errors.Join(append(slices.Collect(maps.Values(failed)), err)...)
}

// evaluate judges every subject that has new matches, and hands on the cases of each that changed. One that cannot be judged
// stops no other: it stays marked and is returned, by rule and subject, with the reason.
func (e *Events) evaluate(ctx context.Context, judged func(changed []incidents.Case)) (failed map[string]error, err error) {
	const page = 200
	p := e.Policy()
	failed = map[string]error{}
	for {
		touched, err := e.Ledger.Incidents().TouchedSubjects(ctx, page+len(failed))
		if err != nil {
			return nil, err
		}
		touched = slices.DeleteFunc(touched, func(t incidents.Touched) bool { return failed[t.Rule+"/"+t.Subject] != nil })
		if len(touched) == 0 {
			return failed, nil
		}
		for _, t := range touched {
			changed, err := evaluateSubject(ctx, e.Ledger, p, t)
			switch {
			case err == nil:
				judged(changed)
			case ctx.Err() != nil:
				return nil, err
			default:
				failed[t.Rule+"/"+t.Subject] = fmt.Errorf("judge rule %s for %s: %w", t.Rule, t.Subject, err)
			}
		}
	}
}

// evaluateSubject has the policy judge what is new about a subject. What was counted for a rule that no longer exists
// changes nothing.
func evaluateSubject(ctx context.Context, l *ledger.Ledger, p *policy.Policy, t incidents.Touched) ([]incidents.Case, error) {
	rule, exists := p.Detection().Rule(t.Rule)
	window, quiet := rule.Reach()
	return l.Incidents().EvaluateSubject(ctx, t.Rule, t.Subject, incidents.Span{Window: window, Quiet: quiet}, func(stored []incidents.Hit) ([]incidents.Case, error) {
		if !exists {
			return nil, nil
		}
		hits := make([]detect.Hit, len(stored))
		for i, h := range stored {
			hits[i] = detect.Hit{Event: h.Event, At: h.At}
			if len(h.Place) > 0 {
				if err := json.Unmarshal(h.Place, &hits[i].Place); err != nil {
					return nil, fmt.Errorf("read where event %d was: %w", h.Event, err)
				}
			}
		}
		var cases []incidents.Case
		for _, c := range rule.Cases(hits) {
			cases = append(cases, incidents.Case{
				FirstEvent: c.FirstEvent, FirstAt: c.FirstAt, LastEvent: c.LastEvent, LastAt: c.LastAt, Events: c.Events,
			})
		}
		return cases, nil
	})
}

func (e *Events) tell(ctx context.Context, report *api.EvaluateReport) error {
	for {
		untold, err := e.Ledger.Incidents().UntoldCases(ctx, 100)
		if err != nil || len(untold) == 0 {
			return err
		}
		if joined, err := e.join(ctx, untold); err != nil {
			return err
		} else if joined {
			continue
		}
		// One that cannot be told stops no other of the page: the attempt that follows tells it.
		var group errgroup.Group
		group.SetLimit(8)
		for _, c := range untold {
			group.Go(func() error { return e.tellOne(ctx, c) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		report.Told += len(untold)
		step.Beat(ctx, report.Told)
	}
}

func (e *Events) tellOne(ctx context.Context, c incidents.Case) error {
	lead, ref := c, refOf(c)
	if c.Joined() {
		ref.Rule, ref.Number = c.JoinedRule, c.JoinedNumber
		var err error
		if lead, err = e.known(ctx, ref); err != nil {
			return err
		}
	}
	// A case that was merged before anybody heard of it is nobody's business.
	if c.MergedInto == 0 || c.Told > 0 {
		if err := e.Launch.Incident(ctx, ref, lead.Told > 0 && lead.Open()); err != nil {
			return err
		}
	}
	return e.Ledger.Incidents().CaseTold(ctx, c)
}

// Poke has the one run that reads events read soon. A schedule starts runs under names of its own, so that it cannot
// start that run itself.
func (e *Events) Poke(ctx context.Context, _ api.Nothing) error {
	return e.Launch.Poke(ctx)
}

// latestEvents is how many events of a case its ticket names.
const latestEvents = 10

// Case returns what is known of a case and what the policy wants done about it. It is where policy enters an incident.
func (e *Events) Case(ctx context.Context, ref api.CaseRef) (api.CaseState, error) {
	c, err := e.known(ctx, ref)
	if err != nil {
		return api.CaseState{}, err
	}
	p := e.Policy()
	state := api.CaseState{
		DedupKey: c.DedupKey, Status: c.Status, Revision: c.Revision, Events: c.Events, First: c.FirstAt, Last: c.LastAt,
		MergedInto: c.MergedInto, StatusAt: c.StatusAt, Shown: c.Shown, Ticket: c.Ticket, AccountID: accountOf(c.Subject), Pager: detect.PagerNone, UpdateEvery: p.Detection().Settings().UpdateEvery,
	}
	joined, err := e.Ledger.Incidents().JoinedTo(ctx, c)
	if err != nil {
		return api.CaseState{}, err
	}
	latest, err := e.latest(ctx, &state, c, joined)
	if err != nil {
		return api.CaseState{}, err
	}
	for _, event := range latest {
		state.Latest = append(state.Latest, event.ID)
	}
	if state.Happened, err = shownOf(latest, p.Detection().Settings().Show); err != nil {
		return api.CaseState{}, err
	}
	if rule, found := p.Detection().Rule(c.Rule); found {
		state.Severity, state.Quiet = rule.Severity, rule.ReopenAfter
		if e.Paging {
			state.Pager = rule.Pager
		}
		addResponses(&state, rule, c.Answered)
	}
	e.addJoined(&state, c, joined)
	addReasons(&state.Happened, p.Detection(), append([]string{c.Rule}, state.Also...))
	if state.AccountID == 0 {
		state.Respond = nil
		return state, nil
	}
	if err := e.addKind(ctx, p, &state); err != nil {
		return api.CaseState{}, err
	}
	state.PersonKey, err = e.Person.KeyOfAccount(ctx, state.AccountID)
	return state, err
}

func (e *Events) known(ctx context.Context, ref api.CaseRef) (incidents.Case, error) {
	c, found, err := e.Ledger.Incidents().Case(ctx, ref.Rule, ref.Subject, ref.Number)
	if err == nil && !found {
		err = step.NonRetryable(api.ErrNotFound, fmt.Sprintf("the ledger has no case %s/%s/%d", ref.Rule, ref.Subject, ref.Number))
	}
	return c, err
}

// Note records what became of a case.
func (e *Events) Note(ctx context.Context, in api.NoteCase) error {
	c, err := e.known(ctx, in.CaseRef)
	if err != nil {
		return err
	}
	if in.Ticket != "" {
		err = e.Ledger.Incidents().CaseTicket(ctx, c, in.Ticket)
	}
	if err == nil && in.Shown != 0 {
		err = e.Ledger.Incidents().CaseShown(ctx, c, in.Shown)
	}
	if err == nil && in.Answered != "" {
		err = e.Ledger.Incidents().CaseAnswered(ctx, c, in.Answered)
	}
	if err == nil && in.Status != "" {
		err = e.Ledger.Incidents().CaseStatus(ctx, c, in.Status, in.At)
	}
	if err == nil && e.closes(c, in.Status, in.Answered) {
		err = e.accept(ctx, in)
	}
	return err
}

// Approver says whether a person may decide about a response: the policy has to list them, an account of theirs is in use,
// and nobody decides about themselves, under another account of theirs neither.
func (e *Events) Approver(ctx context.Context, in api.ApproverInput) (api.ApproverVerdict, error) {
	by, why := e.named(in)
	if why != "" {
		return api.ApproverVerdict{Why: why}, nil
	}
	in.Email = cmp.Or(by, in.Email)
	why, err := e.unfitToApprove(ctx, in)
	return api.ApproverVerdict{Allowed: why == "" && err == nil, Why: why, By: by}, err
}

// named is the address under which the policy names whoever decides, or why they do not count. Empty is as they say, where
// the policy names nobody or a worker has judged what they have signed.
func (e *Events) named(in api.ApproverInput) (by, why string) {
	people := e.Policy().Deciders()
	if len(people) == 0 || in.Proven {
		return "", ""
	}
	if in.Slack == "" {
		return "", "the policy names who may decide (deciders.people), and nothing shows who this is: press the button again, or use `starter decide`"
	}
	at := slices.IndexFunc(people, func(d policy.Decider) bool { return d.Slack == in.Slack })
	if at < 0 || !people[at].MayAbout(policy.MayResponse) {
		return "", "no entry of deciders.people that may decide about responses has your Slack user, " + in.Slack
	}
	return people[at].Address, ""
}

// unfitToApprove returns why a person may not decide, "" if they may. Somebody waits for the answer, so it does not
// stand back for people's work as a sweep does.
func (e *Events) unfitToApprove(ctx context.Context, in api.ApproverInput) (string, error) {
	listed := slices.ContainsFunc(e.Policy().Detection().Settings().Approvers, func(a string) bool { return strings.EqualFold(a, in.Email) })
	if in.Email == "" || !listed {
		return "you are not on the list of approvers in the policy (events.approvers)", nil
	}
	users, err := e.Person.OneLogin.UsersByEmail(ctx, in.Email)
	if err != nil {
		return "", err
	}
	named, err := e.Person.OneLogin.UsersByUsername(ctx, in.Email)
	if err != nil {
		return "", err
	}
	users = append(users, named...)
	inUse := func(u onelogin.User) bool { return identity.AccountStatus(u.Status) == identity.AccountActive }
	if !slices.ContainsFunc(users, inUse) {
		return "no OneLogin account that is in use has your address", nil
	}
	subject := accountOf(in.Subject)
	if subject == 0 {
		return "", nil
	}
	about, err := e.Person.MayBe(ctx, subject)
	if err != nil {
		return "", err
	}
	for _, u := range users {
		keys, err := e.Person.MayBe(ctx, u.ID)
		if err != nil {
			return "", err
		}
		if u.ID == subject || slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(about, k) }) {
			return "this is about your own account: somebody else has to decide", nil
		}
	}
	return "", nil
}
