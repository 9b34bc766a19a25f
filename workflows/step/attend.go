package step

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// lettingGo bounds how long a run that ends waits until what it has waited with is off the list. What is left then goes when
// nobody has renewed it.
const lettingGo = 2 * time.Second

// listWithin is how long the list may take within a workflow task. What takes longer is an activity of its own.
const listWithin = 500 * time.Millisecond

// attended reports that this run lists what it waits for. A person's run began with an assessment that says so; the others
// have nothing to contain, and so may mark it where they wait.
func (d *Console) attended(ctx workflow.Context) bool {
	if d.Lists != nil {
		return d.Lists(ctx)
	}
	return workflow.GetVersion(ctx, ChangeAttended, workflow.DefaultVersion, 1) != workflow.DefaultVersion
}

// List lists a question beside the run's work for as long as it waits, and has its owner told unless one message tells
// everybody who waits because of the same. Stop it when the question is over.
func (d *Console) List(ctx workflow.Context, item api.Attention) (stop func()) {
	info := workflow.GetInfo(ctx)
	in := api.Parked{
		Workflow: info.WorkflowExecution.ID, FirstRun: info.FirstRunID, Key: d.State.Key, Step: item.Step, Item: item.Item, Code: item.Code,
		Text: item.Text, About: item.About, Options: item.Options, PlanHash: item.PlanHash, Policy: item.Policy, At: item.Since, Overdue: item.Overdue, Shut: item.Shut,
	}
	scope, cancel := workflow.WithCancel(ctx)
	stopped, over := false, false
	workflow.GoNamed(scope, "attend "+item.Step, func(scope workflow.Context) {
		defer func() {
			if over = true; stopped {
				d.leaving--
			}
		}()
		for told := false; scope.Err() == nil; told = true {
			shared, err := list(scope, in)
			if !told && d.Tell != nil && scope.Err() == nil && (err != nil || !shared) {
				d.Tell(ctx, item) // What is being told goes on when the question is over.
			}
			if err != nil && scope.Err() == nil {
				workflow.GetLogger(scope).Warn("what needs a person is not on the list yet", "step", item.Step, "error", err)
				listPatiently(scope, in)
			}
			if workflow.Sleep(scope, ReassessAfter) != nil {
				break
			}
		}
		last, done := workflow.NewDisconnectedContext(scope)
		defer done()
		s := Step{Activity: api.Call.AttentionDrop(in), Summary: "take off the list: " + item.Code}
		err := briefly(last, s)
		if err != nil {
			s.ID = "attention.drop" + listedAs(in)
			err = s.Execute(Options(last, s))
		}
		if err != nil {
			workflow.GetLogger(scope).Warn("what needs nobody any more is on the list until nobody has renewed it", "step", item.Step, "error", err)
		}
	})
	return func() {
		if stopped = true; !over {
			d.leaving++
		}
		cancel()
	}
}

// list puts a question on the list, or renews it. It takes a moment, so that its owner is told whether or not the ledger
// answers.
func list(ctx workflow.Context, in api.Parked) (shared bool, err error) {
	var listed api.Listed
	err = briefly(ctx, Step{Activity: api.Call.AttentionHold(in, &listed), Summary: "list what needs a person: " + in.Code})
	return listed.Shared, err
}

// listPatiently tries until the ledger answers, the question is over or there is no hope.
func listPatiently(ctx workflow.Context, in api.Parked) {
	s := Step{
		ID: "attention.hold" + listedAs(in), Activity: api.Call.AttentionHold(in, nil), Summary: "list what needs a person: " + in.Code,
	}
	if err := s.Execute(Options(ctx, s)); err != nil {
		workflow.GetLogger(ctx).Warn("what needs a person is not on the list", "step", in.Step, "error", err)
	}
}

// listedAs is what a question is known by in the ids of activities: it may be parked again on another day.
func listedAs(in api.Parked) string {
	return ":" + in.Item + ":" + in.At.UTC().Format("2006-01-02T15:04:05.000")
}

// briefly is Quickly with less patience: a workflow task takes along all that it has to schedule, and nothing of that waits
// for a list.
func briefly(ctx workflow.Context, s Step) error {
	return s.executeLocally(workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		Summary: s.Summary, StartToCloseTimeout: listWithin, ScheduleToCloseTimeout: listWithin,
		RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	}))
}

// Unlisted waits a moment until the list says what the run waits for. It holds up no containment: whoever goes on to one
// does not ask.
func (d *Console) Unlisted(ctx workflow.Context) error {
	if d.leaving == 0 {
		return nil
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: lettingGo, TimerOptions: workflow.TimerOptions{Summary: "until the list says so"},
	}, func() bool { return d.leaving == 0 })
	return err
}
