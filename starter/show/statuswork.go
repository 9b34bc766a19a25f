package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/internal/census"
	"gatehouse/internal/cli"
	"gatehouse/internal/codec"
	"gatehouse/ledger/budgets"
	"gatehouse/policy"
	"gatehouse/starter/orders"
)

// readPolicyFile says which policy is in the file, and how far it lets Gatehouse go.
func (s *survey) readPolicyFile() *policy.Policy {
	p, err := s.app.LoadPolicy(s.app.Config.Policy)
	if err != nil {
		s.add(part{
			name: "policy file", state: "THE FILE CANNOT BE USED: " + strings.SplitN(err.Error(), "\n", 2)[0], standing: wrong,
			todo: "correct it; a running worker keeps the last good one",
		})
		return nil
	}
	m := p.Modes()
	s.add(part{name: "policy file", state: p.Hash() + "; starter plan --all says what it does"})
	s.add(part{name: "modes", state: fmt.Sprintf("onboarding %s, offboarding %s, role change %s, MFA %s", m.Onboarding, m.Offboarding, m.RoleChange, m.MFA)})
	return p
}

// readBudgets says how much of the safety budgets is used.
func (s *survey) readBudgets(p *policy.Policy) {
	const name = "safety budgets"
	if p == nil {
		s.add(unknown(name, errors.New("the policy cannot be read")))
		return
	}
	ctx, window := s.cmd.Context(), p.Safety().Window
	uses, err := s.app.Ledger.Budgets().Uses(ctx, s.now.Add(-window))
	if err != nil {
		s.add(unknown(name, err))
		return
	}
	limits := census.Limits(p)
	var parts []string
	full := false
	for _, u := range uses {
		kind, source, _ := strings.Cut(u.Budget, "/")
		limit, has := limits[kind]
		text := fmt.Sprintf("%s %d", u.Budget, u.Used)
		if has {
			active, err := s.app.Ledger.Roster().ActivePeople(ctx, source)
			if err != nil {
				s.add(unknown(name, err))
				return
			}
			allowed := budgets.Limit{Count: limit.Count, Percent: limit.Percent, Of: active}.Allowed()
			text += fmt.Sprintf(" of %d", allowed)
			full = full || u.Used >= allowed
		}
		if u.Held > 0 {
			text += fmt.Sprintf(", %d HELD", u.Held)
			full = true
		}
		parts = append(parts, text)
	}
	one := part{name: name, state: cmp.Or(strings.Join(parts, "; "), "nothing used") + " in " + cli.Span(window)}
	if full {
		one.standing, one.todo = wrong, "starter holds, starter list --attention"
	}
	s.add(one)
}

const (
	// mostAsked is how many runs are asked what they are trying.
	mostAsked = 200
	// oftenTried is from which attempt on a step counts as failing.
	oftenTried = 3
)

// readFailing says which steps are being tried over and over.
func (s *survey) readFailing() {
	const name = "failing steps"
	if !s.temporal {
		s.add(unknown(name, errSilent))
		return
	}
	runs, more, err := s.working()
	if err != nil {
		s.add(unknown(name, err))
		return
	}
	counts, err := s.failing(runs)
	switch {
	case err != nil:
		s.add(unknown(name, err))
	case len(counts) == 0 && more:
		s.add(part{name: name, state: fmt.Sprintf("none in %d runs; further ones were not asked", mostAsked)})
	case len(counts) == 0:
		s.add(part{name: name, state: "none"})
	}
	for _, c := range counts {
		s.add(part{
			name: "failing: " + c.step, state: fmt.Sprintf("%d RUNS, attempt %d and more: %s", c.runs, c.attempt, c.why), standing: wrong,
			todo: "starter list; it is tried again by itself, and goes on once the cause is gone",
		})
	}
}

// working lists the runs that are at work, and says whether there are more of them.
func (s *survey) working() (ids []string, more bool, err error) {
	err = s.within(func(ctx context.Context) error {
		found, err := s.app.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query:    fmt.Sprintf("ExecutionStatus = 'Running' AND Stage IN ('%s', '%s')", api.StageWorking, api.StageAttention),
			PageSize: mostAsked,
		})
		for _, e := range found.GetExecutions() {
			ids = append(ids, e.GetExecution().GetWorkflowId())
		}
		more = len(found.GetNextPageToken()) > 0
		return err
	})
	return ids, more, err
}

// failingStep is a step that keeps failing for one reason.
type failingStep struct {
	step, why string
	runs      int
	attempt   int32
}

// failing asks runs what they keep trying in vain.
func (s *survey) failing(ids []string) ([]failingStep, error) {
	_, failures := codec.Converters(s.app.Codec())
	found := make([][]failingStep, len(ids))
	err := s.within(func(ctx context.Context) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(8)
		for i, id := range ids {
			group.Go(func() error {
				d, err := s.app.Temporal.DescribeWorkflowExecution(ctx, id, "")
				if err != nil {
					return err
				}
				for _, a := range d.GetPendingActivities() {
					if a.GetAttempt() < oftenTried || a.GetLastFailure() == nil || a.GetState() == enumspb.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED {
						continue
					}
					found[i] = append(found[i], failingStep{
						step: a.GetActivityType().GetName(), why: orders.Plain(failures.FailureToError(a.GetLastFailure())).Error(), runs: 1, attempt: a.GetAttempt(),
					})
				}
				return nil
			})
		}
		return group.Wait()
	})
	if err != nil {
		return nil, err
	}
	return gathered(slices.Concat(found...)), nil
}

// gathered counts the steps that fail alike: by their name, with the first reason.
func gathered(all []failingStep) []failingStep {
	byStep := map[string]*failingStep{}
	var out []*failingStep
	for _, f := range all {
		known := byStep[f.step]
		if known == nil {
			byStep[f.step] = &f
			out = append(out, &f)
			continue
		}
		known.runs, known.attempt = known.runs+1, min(known.attempt, f.attempt)
	}
	slices.SortFunc(out, func(a, b *failingStep) int { return cmp.Or(b.runs-a.runs, strings.Compare(a.step, b.step)) })
	steps := make([]failingStep, len(out))
	for i, f := range out {
		steps[i] = *f
	}
	return steps
}
