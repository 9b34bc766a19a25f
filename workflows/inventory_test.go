package workflows_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/internal/templates"
)

// sweeping is a run of AccountSweep with activities of the test's own.
type sweeping struct {
	t        *testing.T
	env      *testsuite.TestWorkflowEnvironment
	did      []string
	accounts func(api.SweepAccountsInput) (api.SweptAccounts, error)
	roles    api.SweptRoles
	matched  api.MatchedAccounts
	post     func(api.Message) error
	posted   []api.Message
}

func newSweeping(t *testing.T) *sweeping {
	t.Helper()
	s := &sweeping{t: t}
	s.accounts = func(api.SweepAccountsInput) (api.SweptAccounts, error) {
		return api.SweptAccounts{Kind: "full", Seen: 9, Written: 2, Complete: true}, nil
	}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	s.env = suite.NewTestWorkflowEnvironment()
	s.env.SetStartTime(start)
	s.env.SetTestTimeout(20 * time.Second)
	s.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: api.AccountSweepID, TaskQueue: api.QueueSweep})
	s.env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
	templates.RegisterWorkflows(s.env, templates.All(), api.QueueSweep)
	add := func(name string, fn any) { s.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name}) }
	listed(add)
	add(api.AccountsSweep, func(_ context.Context, in api.SweepAccountsInput) (api.SweptAccounts, error) {
		s.did = append(s.did, "accounts "+in.Every.String())
		return s.accounts(in)
	})
	add(api.AccountsMappings, func(context.Context, api.Nothing) (api.SweptMappings, error) {
		s.did = append(s.did, "mappings")
		return api.SweptMappings{Read: 1}, nil
	})
	add(api.AccountsMatch, func(context.Context, api.Nothing) (api.MatchedAccounts, error) {
		s.did = append(s.did, "match")
		return s.matched, nil
	})
	add(api.AccountsRoles, func(_ context.Context, in api.SweepRolesInput) (api.SweptRoles, error) {
		s.did = append(s.did, "roles "+in.Each.String())
		return s.roles, nil
	})
	add(api.SlackPost, func(_ context.Context, in api.Message) (api.Posted, error) {
		s.posted = append(s.posted, in)
		if s.post != nil {
			return api.Posted{}, s.post(in)
		}
		return api.Posted{}, nil
	})
	return s
}

func (s *sweeping) run() api.AccountSweepOutcome {
	s.t.Helper()
	s.env.ExecuteWorkflow(api.TypeAccountSweep, api.AccountSweepRequest{Every: 6 * time.Hour, Each: time.Hour})
	require.True(s.t, s.env.IsWorkflowCompleted())
	require.NoError(s.t, s.env.GetWorkflowError())
	var out api.AccountSweepOutcome
	require.NoError(s.t, s.env.GetWorkflowResult(&out))
	return out
}

func TestAccountSweepReadsAllThree(t *testing.T) {
	t.Parallel()
	s := newSweeping(t)
	s.roles = api.SweptRoles{Pages: 3, Seen: 200, Written: 1}
	out := s.run()
	require.Equal(t, []string{"accounts 6h0m0s", "match", "mappings", "roles 1h0m0s"}, s.did)
	require.Equal(t, "full: 9 accounts were seen, 2 written", out.Result)
	require.Empty(t, s.posted)
}

// Accounts that one person has on record and another seems to have are told of, by their number.
func TestAccountSweepTellsOfDisputes(t *testing.T) {
	t.Parallel()
	s := newSweeping(t)
	s.matched = api.MatchedAccounts{Seen: 9, Linked: 5, Disputed: 2}
	require.Equal(t, &s.matched, s.run().Matched)
	require.Len(t, s.posted, 1)
	require.Contains(t, s.posted[0].Text, "2 accounts are on record for one person and carry the traces of another")
}

// A sweep that cannot be believed is told of, and neither that nor a message that does not get through stops the rest.
func TestAccountSweepTellsWhatItCannotBelieve(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]error{
		"told": nil, "refused": temporal.NewNonRetryableApplicationError("the channel is archived", api.ErrInvalid, nil),
		"out of reach": temporal.NewApplicationError("down", api.ErrUnavailable),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSweeping(t)
			s.post = func(api.Message) error { return fails }
			s.accounts = func(api.SweepAccountsInput) (api.SweptAccounts, error) {
				return api.SweptAccounts{Kind: "full", Seen: 9, Total: 2000, Why: "9 accounts were seen, and OneLogin counted 2000"}, nil
			}
			out := s.run()
			require.Equal(t, []string{"accounts 6h0m0s", "mappings", "roles 1h0m0s"}, s.did)
			require.Contains(t, out.Result, "quarantined as incomplete")
			require.NotEmpty(t, s.posted)
			require.Equal(t, "account-sweep/sweep_incomplete/2026-03-02", s.posted[0].OnceKey)
			require.Contains(t, s.posted[0].Text, "OneLogin counted 2000")
		})
	}
}

// OneLogin being down is told of after a while, and needs nobody to go on.
func TestAccountSweepWaitsForOneLogin(t *testing.T) {
	t.Parallel()
	s := newSweeping(t)
	s.accounts = func(_ api.SweepAccountsInput) (api.SweptAccounts, error) {
		if s.env.Now().Sub(start) < 5*time.Hour {
			return api.SweptAccounts{}, temporal.NewApplicationErrorWithOptions("HTTP 503", api.ErrUnavailable,
				temporal.ApplicationErrorOptions{NextRetryDelay: 10 * time.Minute})
		}
		return api.SweptAccounts{Kind: "changes", Complete: true}, nil
	}
	require.Equal(t, "changes: 0 accounts were seen, 0 written", s.run().Result)
	require.NotEmpty(t, s.posted)
	require.Contains(t, s.posted[0].Text, "503")
}
