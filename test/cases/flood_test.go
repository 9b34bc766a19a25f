package cases

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_R10_TenThousandHintsToOneRun: a leaver is watched for a day, and an HR system gone mad hints them without end.
// The server takes 10,000 signals for one run. Nobody is refused, and what happens after the flood is seen.
func TestCase_R10_TenThousandHintsToOneRun(t *testing.T) {
	t.Parallel()
	const key, id = "workday-21005", "21005"
	s := kit.New(t, kit.Options{Policy: func(p string) string {
		return kit.Replace(t, p, "verify_after: [1s]", "verify_after: [24h]")
	}})
	s.Baseline()
	account := s.Account(key)
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	require.Equal(t, http.StatusAccepted, s.WorkdayWebhook(id))
	s.AwaitShut(account.ID)
	s.AwaitStage(key, api.StageWatching)

	var refused atomic.Int64
	var webhooks errgroup.Group
	webhooks.SetLimit(64)
	for range 3000 {
		webhooks.Go(func() error {
			if s.WorkdayWebhook(id) != http.StatusAccepted {
				refused.Add(1)
			}
			return nil
		})
	}
	// Other processes know nothing of what this gateway bundles.
	var others errgroup.Group
	others.SetLimit(16)
	for range 10_500 {
		others.Go(func() error {
			return s.Temporal.SignalWorkflow(t.Context(), api.PersonID(key), "", api.SignalHint, api.Hint{Source: "workday", Cause: "webhook"})
		})
	}
	require.NoError(t, webhooks.Wait())
	require.NoError(t, others.Wait())
	require.Zero(t, refused.Load(), "webhooks that were not accepted")

	s.AwaitStage(key, api.StageWatching)
	t.Logf("the chain had %d runs", len(s.Runs(key)))
	opened, err := s.Sandbox.EditAccount(t.Context(), account.ID, control.Fields{"status": 1, "roles": []string{"Finance"}})
	require.NoError(t, err)
	require.True(t, kit.Open(opened), "somebody has opened the account again")
	require.Equal(t, http.StatusAccepted, s.WorkdayWebhook(id))
	s.AwaitShut(account.ID)
}
