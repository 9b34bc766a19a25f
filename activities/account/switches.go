package account

import (
	"context"
	"time"

	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
	"gatehouse/ledger"
)

// switchWithin bounds how long a switch may take to be read: what was read longer ago than this is not true enough to write by.
const switchWithin = 500 * time.Millisecond

// asked is the input of a step that may be done for agents.
type asked interface{ AskedBy() []identity.Asker }

// UnlessOff has a step that agents asked for read their switches before it begins and right before each request that changes
// something: each attempt, each repetition and each write of several asks again. A step that is stopped says that its plan no longer
// holds; the person is assessed again, and the rest of the plan is carried out.
func UnlessOff[In asked, Out any](t *Target, do func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		askers := in.AskedBy()
		if len(askers) == 0 {
			return do(ctx, in)
		}
		allOn := func(ctx context.Context) error { return allOn(ctx, t.Ledger, askers) }
		if err := allOn(ctx); err != nil {
			var none Out
			return none, err
		}
		return do(httpx.WithPermit(ctx, allOn), in)
	}
}

// allOn returns an error unless everybody who has asked is known to be on.
func allOn(ctx context.Context, l *ledger.Ledger, askers []identity.Asker) error {
	ctx, cancel := context.WithTimeout(ctx, switchWithin)
	defer cancel()
	for _, a := range askers {
		scope, err := l.Agents().Off(ctx, a.Agent, a.Tool)
		switch {
		case err != nil:
			step.Log(ctx).Warn("the switch of an agent cannot be read", "agent", a.Agent, "error", err)
			return step.RetryAfter("the switch of agent "+a.Agent+" cannot be read: nothing is done for it until it can", time.Second)
		case scope != "":
			return step.Superseded(scope + " is switched off")
		}
	}
	if err := ctx.Err(); err != nil {
		return step.RetryAfter("the switches of agents took too long to be read: nothing is done for them", time.Second)
	}
	return nil
}
