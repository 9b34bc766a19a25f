package workflows_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/internal/templates"
)

// play is one run of a workflow in a world, on a clock that skips whatever nobody waits for.
type play struct {
	t   *testing.T
	w   *world
	env *testsuite.TestWorkflowEnvironment
	// onPeople has a template run on the people queue, as those did that began before there was a queue for them.
	onPeople bool
}

// ended is how a run ended: with an outcome, by handing over to the workflow type next, or with an error.
type ended struct {
	out   api.Outcome
	next  string
	input api.ChainInput
	err   error
	at    time.Time
}

// open prepares a run that starts at a moment.
func (w *world) open(at time.Time) *play {
	w.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(at)
	env.SetTestTimeout(20 * time.Second)
	env.SetWorkerOptions(worker.Options{
		DisableRegistrationAliasing: true,
		WorkflowPanicPolicy:         worker.FailWorkflow,
		Interceptors:                []interceptor.WorkerInterceptor{&observer{w: w}},
	})
	templates.RegisterWorkflows(env, templates.All(), "")
	w.register(env)
	w.now = env.Now
	return &play{t: w.t, w: w, env: env}
}

// queue is where runs of a type are worked on.
func queue(workflowType string) string {
	if workflowType == api.TypePerson {
		return api.QueuePeople
	}
	return api.QueueTemplates
}

// run plays a run from beginning to end.
func (p *play) run(workflowType string, in any) ended {
	p.t.Helper()
	if _, chain := in.(api.ChainInput); chain {
		options := client.StartWorkflowOptions{ID: api.PersonID(key), TaskQueue: queue(workflowType)}
		if p.onPeople {
			options.TaskQueue = api.QueuePeople
		}
		p.env.SetStartWorkflowOptions(options)
	}
	p.env.ExecuteWorkflow(workflowType, in)
	require.True(p.t, p.env.IsWorkflowCompleted())
	e := ended{at: p.env.Now().UTC(), err: p.env.GetWorkflowError()}
	var next *workflow.ContinueAsNewError
	switch {
	case errors.As(e.err, &next):
		e.next, e.err = next.WorkflowType.Name, nil
		require.Equal(p.t, queue(e.next), next.TaskQueueName)
		decode(p.t, next.Input, &e.input)
	case e.err == nil:
		require.NoError(p.t, p.env.GetWorkflowResult(&e.out))
	}
	return e
}

func decode(t *testing.T, data *commonpb.Payloads, out any) {
	t.Helper()
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(data, out))
}

// person plays one Person run of a fresh chain.
func (p *play) person() ended {
	p.t.Helper()
	return p.run(api.TypePerson, api.ChainInput{Key: key, Hint: hint()})
}

// template plays one run of a template that Person handed an assessment to.
func (p *play) template(workflowType string, a api.Assessment) ended {
	p.t.Helper()
	return p.run(workflowType, api.ChainInput{Key: key, Hint: hint(), Assessment: &a})
}

// then plays the run that another one handed over to.
func (w *world) then(e ended) ended {
	w.t.Helper()
	require.NoError(w.t, e.err)
	require.NotEmpty(w.t, e.next, "the chain has ended: %+v", e.out)
	return w.open(e.at).run(e.next, e.input)
}

func hint() api.Hint { return api.Hint{Source: "workday", Cause: "webhook"} }

// after has something happen while the run is open. Nothing else happens at that moment.
func (p *play) after(d time.Duration, what func()) { p.env.RegisterDelayedCallback(what, d) }

// hint hints the person of the open run.
func (p *play) hint() { p.env.SignalWorkflow(api.SignalHint, hint()) }

// answer is what came of a decision.
type answer struct {
	refused   error
	completed bool
}

// decide sends a decision to the open run. The answer is there once the run has gone on.
func (p *play) decide(verb string, d api.Decision) *answer { return p.update("", verb, d) }

// update is decide with the id of the update.
func (p *play) update(id, verb string, d api.Decision) *answer {
	a := &answer{}
	p.env.UpdateWorkflow(verb, id, &testsuite.TestUpdateCallback{
		OnAccept:   func() {},
		OnReject:   func(err error) { a.refused = err },
		OnComplete: func(_ any, err error) { a.completed = err == nil },
	}, d)
	return a
}

// by decides as somebody with a name.
func (p *play) by(verb string) *answer {
	return p.decide(verb, api.Decision{By: "grace", Reason: "looked into it"})
}

// state asks the open run for its state.
func (p *play) state() api.State {
	p.t.Helper()
	value, err := p.env.QueryWorkflow(api.QueryState)
	require.NoError(p.t, err)
	var s api.State
	require.NoError(p.t, value.Get(&s))
	return s
}

// details is what the UI shows about the open run.
func (p *play) details() string {
	p.t.Helper()
	value, err := p.env.QueryWorkflow("__temporal_workflow_metadata")
	require.NoError(p.t, err)
	var m sdk.WorkflowMetadata
	require.NoError(p.t, value.Get(&m))
	return m.GetCurrentDetails()
}

// observer notes what only the server would see: stages in search attributes, and timers with their summaries.
type observer struct {
	interceptor.WorkerInterceptorBase
	w *world
}

func (o *observer) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &inbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, w: o.w}
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	w *world
}

func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	if i.w.strict {
		next = &ids{WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: next}, calls: map[string]*scheduled{}}
	}
	return i.Next.Init(&outbound{WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: next}, w: i.w})
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	w *world
}

func (o *outbound) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	all := temporal.NewSearchAttributes(updates...)
	if stage, ok := all.GetKeyword(api.AttrStage); ok {
		o.w.stages = append(o.w.stages, stage)
	}
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

func (o *outbound) AwaitWithOptions(ctx workflow.Context, options workflow.AwaitOptions, condition func() bool) (bool, error) {
	o.w.timers = append(o.w.timers, options.TimerOptions.Summary+" in "+options.Timeout.String())
	return o.Next.AwaitWithOptions(ctx, options, condition)
}
