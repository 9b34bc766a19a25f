package lifecycle

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// doubts is how far a run is with the decisions about accounts in doubt, which are in its input.
type doubts struct {
	// settling counts the decisions that are being carried out.
	settling int
	// closing are those of their accounts that are being closed by now.
	closing map[int64]bool
	// elsewhere is what was said of accounts in another way than by answering the question about them.
	elsewhere map[identity.Ref]string
}

// openDoubts are the accounts that this run waits for somebody to decide about, so that an assessment can tell what was
// said of them in another way.
func (r *run) openDoubts() []api.OpenDoubt {
	if !r.settles() {
		return nil
	}
	var open []api.OpenDoubt
	for _, d := range r.in.Doubts {
		open = append(open, api.OpenDoubt{Ref: d.Ref(), Code: d.Code, Evidence: d.Evidence})
	}
	return open
}

// takeWord closes the items about accounts of which somebody has said whose they are without answering, and waits until
// they are closed.
func (r *run) takeWord(ctx workflow.Context, settled []api.SettledDoubt) error {
	taken := false
	for _, s := range settled {
		if slices.ContainsFunc(r.State.Attention, func(a api.Attention) bool { return a.Step == doubtStep(s.Ref) }) {
			r.doubts.elsewhere[s.Ref], taken = s.Verb, true
		}
	}
	if !taken {
		return nil
	}
	heard := func() bool { return len(r.doubts.elsewhere) == 0 }
	carriedOut := func() bool { return heard() && (r.doubts.settling == 0 || r.State.Template == api.TypeOffboarding) }
	return r.untilOr(ctx, carriedOut, func() bool { return heard() && r.departs() })
}

// doubtStep is what the question about an account is parked under.
func doubtStep(ref identity.Ref) string { return "account@" + ref.String() }

// settledElsewhere carries out what somebody said of an account in doubt in another way than by answering. The ledger has
// their word and their name.
func (r *run) settledElsewhere(ctx workflow.Context, c closing, d api.Doubt, about, verb string) error {
	r.doubts.settling++
	defer func() { r.doubts.settling-- }()
	now := workflow.Now(ctx)
	r.recordFact(ctx, api.Fact{
		Step: about, Template: r.State.Template, Outcome: verb + ": " + d.Code, Cause: "somebody said so of the account itself", Before: d.Account, Finished: now,
	}, verb+", as somebody said of the account itself: "+d.Ref().String())
	switch {
	case verb == api.VerbLink && r.State.Template != api.TypeOffboarding:
		return nil // The assessment that found it has the account on record.
	case verb == api.VerbLink:
		c.doubt = false
		if r.dealsWith(d.Account) {
			return nil
		}
		r.takeOn(d.Account)
		return r.closeDecided(ctx, c)
	case !d.Suspend:
		return nil
	}
	open := api.Call.PersonSettle(api.SettleInput{
		Key: r.in.Key, Episode: r.assessment.Episode, Ref: d.Ref(), Code: d.Code, Evidence: d.Evidence, Suspended: true, Elsewhere: true,
		Decision: api.Decision{Verb: verb, By: "gatehouse"},
	})
	s := c.named(step.Step{ID: stepSettle, Activity: open, Summary: "open what was suspended until somebody had decided"})
	_, err := r.runStep(ctx, s)
	return err
}
