package kit

import (
	"context"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/ledger/mfa"
	"gatehouse/sandbox/control"
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
func (s *Stack) ScanMFA() api.ScanOutcome {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	run, err := s.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: api.MFAComplianceID, TaskQueue: api.QueueSweep,
	}, api.TypeMFACompliance, api.ScanRequest{})
	require.NoError(s.T, err)
	var out api.ScanOutcome
	require.NoError(s.T, run.Get(ctx, &out))
	return out
}

// Grace is what the ledger knows about an account's second factors.
func (s *Stack) Grace(account int64) mfa.State {
	s.T.Helper()
	state, _, err := s.App.Ledger.MFA().State(s.T.Context(), account)
	require.NoError(s.T, err)
	return state
}

// Except sends an exception to somebody's grace period, and starts one where none runs, as `starter mfa` does.
func (s *Stack) Except(key, verb string, d api.MFADecision) error {
	return s.App.Launch.Except(s.T.Context(), verb, api.GraceInput{Key: key}, d)
}
