package kit

import (
	"context"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/internal/hints"
	"gatehouse/ledger"
	"gatehouse/sandbox/control"
	"gatehouse/workflows"
)

// WithoutFactors takes somebody's second factors away and returns their account.
func (s *Stack) WithoutFactors(key string) control.Person {
	s.T.Helper()
	account := s.Account(key)
	factors, err := s.Vendors.OneLogin.Factors(s.T.Context(), account.ID)
	require.NoError(s.T, err)
	for _, f := range factors {
		require.NoError(s.T, s.Vendors.OneLogin.RemoveFactor(s.T.Context(), account.ID, f.ID))
	}
	return account
}

// ScanMFA reads who has a second factor, as the schedule would, and returns what came of it.
func (s *Stack) ScanMFA() workflows.ScanOutcome {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	run, err := s.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.MFAComplianceID, TaskQueue: api.QueueSweep,
	}, workflows.TypeMFACompliance, workflows.ScanRequest{})
	require.NoError(s.T, err)
	var out workflows.ScanOutcome
	require.NoError(s.T, run.Get(ctx, &out))
	return out
}

// Grace is what the ledger knows about an account's second factors.
func (s *Stack) Grace(account int64) ledger.MFAState {
	s.T.Helper()
	state, _, err := s.App.Ledger.MFA(s.T.Context(), account)
	require.NoError(s.T, err)
	return state
}

// Except sends an exception to somebody's grace course, and starts one where none runs, as `starter mfa` does.
func (s *Stack) Except(key, verb string, d api.MFADecision) error {
	start := s.Temporal.NewWithStartWorkflowOperation(hints.GraceOptions(key), workflows.TypeMFAGrace, workflows.GraceInput{Key: key})
	handle, err := s.Temporal.UpdateWithStartWorkflow(s.T.Context(), client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: verb, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return err
	}
	return handle.Get(s.T.Context(), nil)
}
