package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// scheduled is a call as the server has it: one that is to be cut short is under way, and fails a moment later.
type scheduled struct {
	result workflow.Future
	cut    bool
}

// ids has calls end so, which the test environment does not, and stops a run that schedules an id of one that is under way or was
// cut short, as the SDK does.
type ids struct {
	interceptor.WorkflowOutboundInterceptorBase
	calls map[string]*scheduled
}

func (o *ids) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	id := workflow.GetActivityOptions(ctx).ActivityID
	if was := o.calls[id]; id != "" && was != nil && (was.cut || !was.result.IsReady()) {
		panic("adding duplicate command " + id)
	}
	result, settle := workflow.NewFuture(ctx)
	now := &scheduled{result: result}
	o.calls[id] = now
	inner := o.Next.ExecuteActivity(ctx, name, args...)
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := workflow.Await(ctx, inner.IsReady); err == nil {
			settle.Chain(inner)
			return
		}
		now.cut = true
		last, cancel := workflow.NewDisconnectedContext(ctx)
		defer cancel()
		if err := workflow.Sleep(last, time.Second); err != nil {
			panic(err)
		}
		settle.SetError(temporal.NewApplicationError("the vendor is down", api.ErrUnavailable))
	})
	return result
}

// TestDepartureAfterALogOutThatWasCutShort: the attempt to end sessions that a hint cut short has used up its id.
func TestDepartureAfterALogOutThatWasCutShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.strict = true
	a := left()
	a.Reach, a.Searched, a.Suspended = 2, []string{"external id"}, []identity.Account{*a.Account}
	w.failing("onelogin.log-out", 99)
	w.finds(a)
	p := w.open(start)
	p.after(5*time.Minute, func() {
		w.finds(leaver())
		p.hint()
	})
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"onelogin.suspend", "onelogin.log-out:2"}, w.did("onelogin.suspend", "onelogin.log-out", "onelogin.log-out:2"))
	require.Contains(t, factsOf(e), "onelogin.log-out: done")
}

// TestDepartureOvertakesASuspension: somebody leaves while a suspension for an order, or the end of sessions that follows it, is under
// way.
func TestDepartureOvertakesASuspension(t *testing.T) {
	t.Parallel()
	for _, pending := range []string{"onelogin.suspend", "onelogin.log-out"} {
		t.Run(pending, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.strict = true
			w.failing(pending, 99)
			w.finds(toSuspend())
			p := w.open(start)
			p.after(10*time.Second, func() {
				w.finds(leaver())
				p.hint()
			})
			e := p.person()
			require.NoError(t, e.err)
			require.Equal(t, api.TypeOffboarding, e.next)
			require.NotEmpty(t, w.did(pending+":2"))
			require.NotEmpty(t, w.did("onelogin.suspend:again"))
			require.Equal(t, "suspended", w.status())
		})
	}
}

// TestAccountInDoubtThatIsFoundWhileItIsSuspended: a search finds that an account is the leaver's while it is suspended for the doubt.
func TestAccountInDoubtThatIsFoundWhileItIsSuspended(t *testing.T) {
	t.Parallel()
	w, in := decidedWatch(t, api.NoticeLeaverDoubt, true)
	w.strict = true
	in.Assessment.VerifyAfter = []time.Duration{time.Second, 24 * time.Hour}
	w.failing("onelogin.suspend@onelogin/502", 5)
	p := w.open(start).reached(api.Found{Theirs: []identity.Account{{ID: 502}}}, new([]api.PagerEvent))
	p.after(time.Hour, func() { p.decide(api.VerbLink, api.Decision{By: "ann", Step: "account@onelogin/502"}) })
	e := p.run(api.TypeOffboarding, in)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Len(t, w.did("onelogin.suspend@onelogin/502", "onelogin.suspend@onelogin/502:2"), 2)
}
