package activities_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// beats counts what activities tell Temporal of their progress.
type beats struct {
	interceptor.WorkerInterceptorBase
	n atomic.Int64
}

func (b *beats) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &beatsIn{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, b: b}
}

type beatsIn struct {
	interceptor.ActivityInboundInterceptorBase
	b *beats
}

func (i *beatsIn) Init(next interceptor.ActivityOutboundInterceptor) error {
	return i.Next.Init(&beatsOut{ActivityOutboundInterceptorBase: interceptor.ActivityOutboundInterceptorBase{Next: next}, b: i.b})
}

type beatsOut struct {
	interceptor.ActivityOutboundInterceptorBase
	b *beats
}

func (o *beatsOut) RecordHeartbeat(ctx context.Context, details ...any) {
	o.b.n.Add(1)
	o.Next.RecordHeartbeat(ctx, details...)
}

// TestAPageThatTakesLongIsNotTakenForStuck: at a large company a page of hints can take longer than a heartbeat may when
// Temporal is slow. No more hints than are under way at a time are ever sent between two beats.
func TestAPageThatTakesLongIsNotTakenForStuck(t *testing.T) {
	t.Parallel()
	const people, mostUnderWay = 40, 8
	r := newRig(t, rigOptions{people: 120})
	first := r.collect("workday", "1")
	r.settle("workday", "1", first.Cursor)
	r.clock.Advance(time.Hour)
	for i := range people {
		r.hr("workday", "change", strconv.Itoa(21001+i), control.Fields{"title": "Tester " + strconv.Itoa(i)})
	}
	report := r.collect("workday", "2")
	staged := report.Changed + report.Leavers
	require.GreaterOrEqual(t, staged, people)

	var b beats
	var sent, most atomic.Int64
	r.temporal = &mocks.Client{}
	r.temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Run(func(mock.Arguments) {
		silent := sent.Add(1) - b.n.Load()
		for seen := most.Load(); silent > seen && !most.CompareAndSwap(seen, silent); seen = most.Load() {
		}
	}).Return(startedRun{}, nil)
	r.restart()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&b}})
	env.RegisterActivityWithOptions(r.vendors.Activities.Sync.Hint, activity.RegisterOptions{Name: api.SyncHint})
	_, err := env.ExecuteActivity(api.SyncHint, api.BatchInput{Source: "workday", Batch: "2"})
	require.NoError(t, err)
	require.EqualValues(t, staged, sent.Load())
	require.LessOrEqual(t, most.Load(), int64(mostUnderWay), "hints were sent without a beat")
}
