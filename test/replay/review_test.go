package replay

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/test/kit"
)

// recordReview records the run that hands over, and the review itself with a step that a person had to unblock.
func recordReview(t *testing.T) {
	s := kit.New(t, kit.Options{})
	due, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "access-review-due", TaskQueue: api.QueueSweep},
		api.TypeAccessReview, api.ReviewRequest{Campaign: "2026-11"})
	require.NoError(t, err)
	require.NoError(t, due.Get(t.Context(), nil))
	s.Until("the review waits for the first reading of HR", func() bool {
		value, err := s.Temporal.QueryWorkflow(t.Context(), api.ReviewID("2026-11"), "", api.QueryState)
		var state api.State
		return err == nil && value.Get(&state) == nil && state.Stage == api.StageAttention
	})
	s.Baseline()
	require.NoError(t, s.Decide(api.ReviewID("2026-11"), api.VerbRetry))
	var out api.ReviewOutcome
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.ReviewID("2026-11"), "").Get(t.Context(), &out))
	require.Equal(t, "reviewed", out.Result)
	write(s, monthlyReview+"-due", "access-review-due")
	write(s, monthlyReview, api.ReviewID("2026-11"))
}
