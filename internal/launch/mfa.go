package launch

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

// Scan starts a reading of everybody's second factors by hand and returns its workflow id. One that is open is an error.
func (l *Launcher) Scan(ctx context.Context, everybody bool) (string, error) {
	run, err := l.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: api.MFAComplianceID, TaskQueue: api.QueueSweep, StaticSummary: "second factors, by hand",
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, api.TypeMFACompliance, api.ScanRequest{Everybody: everybody})
	if err != nil {
		return "", fmt.Errorf("start a scan: %w", err)
	}
	return run.GetID(), nil
}

// Except carries an exception, extend or exempt, to a person's grace period, starts one where none runs, and waits
// until it is recorded.
func (l *Launcher) Except(ctx context.Context, verb string, in api.GraceInput, d api.MFADecision) error {
	in.Beside = true
	handle, err := l.client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: l.client.NewWithStartWorkflowOperation(graceOptions(in.Key), api.TypeMFAGrace, in),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: verb, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", verb, in.Key, err)
	}
	if err := handle.Get(ctx, nil); err != nil {
		return fmt.Errorf("%s %s: %w", verb, in.Key, err)
	}
	return nil
}
