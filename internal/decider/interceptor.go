package decider

import (
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// Interceptor has a judge look at each decision before a run validates it. Temporal does not ask again when it replays a
// run, so that what was accepted stays accepted whatever the policy says later.
func Interceptor(j *Judge) interceptor.WorkerInterceptor { return &guard{judge: j} }

type guard struct {
	interceptor.WorkerInterceptorBase
	judge *Judge
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (g *guard) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &inbound{judge: g.judge}
	i.Next = next
	return i
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	judge *Judge
}

// ValidateUpdate refuses a decision that does not count.
func (i *inbound) ValidateUpdate(ctx workflow.Context, in *interceptor.UpdateInput) error {
	for _, arg := range in.Args {
		if err := i.judgeOne(workflow.GetInfo(ctx).WorkflowExecution.ID, in.Name, arg); err != nil {
			return err
		}
	}
	return i.Next.ValidateUpdate(ctx, in)
}

// judgeOne judges what an update carries to a run.
func (i *inbound) judgeOne(workflowID, name string, arg any) error {
	switch said := arg.(type) {
	case api.Decision:
		said.Verb = name
		return i.judge.Judge(workflowID, said)
	case api.MFADecision:
		return i.judge.Word(MFAWord(workflowID, name, said), said.Proof)
	case api.Click:
		return i.judge.Press(workflowID, said)
	}
	return nil
}
