package lifecycle

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// stepSettle keeps somebody's word on an account.
const stepSettle = "person.settle"

// closeDecided closes an account that somebody said is theirs.
func (r *run) closeDecided(ctx workflow.Context, c closing) error {
	id := c.account.ID
	r.doubts.closing[id] = true
	defer delete(r.doubts.closing, id)
	return r.close(ctx, c)
}

// undecided are the accounts about which nobody has said yet whose they are.
func (r *run) undecided() (open []api.Doubt) {
	for _, d := range r.in.Doubts {
		if !r.doubts.closing[d.Account.ID] {
			open = append(open, d)
		}
	}
	return open
}

// untilSettled waits until what somebody said of accounts is carried out. Where nothing of that is under way but a closing, which the
// next run begins again, or what waits for a person, it gives way to whatever asks for another look, and to a departure. Somebody is
// then asked again what could not be kept.
func (r *run) untilSettled(ctx workflow.Context) error {
	settled := func() bool { return r.doubts.settling == 0 }
	givesWay := func() bool {
		return r.doubts.settling == len(r.doubts.closing)+r.settlingParked() && (r.departs() || r.lookAfter || r.hints.arrived())
	}
	err := r.untilOr(ctx, settled, givesWay)
	if err == nil && !settled() {
		r.hints.unanswered = true // What is not closed yet is found by the look that the next run begins with.
	}
	return err
}

// untilOr waits for the one or, in a run that knows of it, the other.
func (r *run) untilOr(ctx workflow.Context, settled, givesWay func() bool) error {
	err := workflow.Await(ctx, func() bool { return settled() || givesWay() })
	if err != nil || settled() || workflow.GetVersion(ctx, step.ChangeSettlingGivesWay, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		return err
	}
	return workflow.Await(ctx, settled)
}

// departs reports that this run has found a departure that it has to carry out or to hand over.
func (r *run) departs() bool {
	v := r.plan().Verdict
	return r.State.Template == api.TypePerson && (v == identity.VerdictLeave || v == identity.VerdictSuspend || v == identity.VerdictUndo)
}

// settlingParked counts the decisions that cannot be kept until a person helps.
func (r *run) settlingParked() (n int) {
	for _, a := range r.State.Attention {
		if strings.HasPrefix(a.Step, stepSettle+"@") {
			n++
		}
	}
	return n
}
