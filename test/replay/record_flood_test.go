package replay

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// recordFlood has a leaver's watch take a thousand hints, all of them while no worker is there, and go on as a fresh run.
func recordFlood(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(p string) string {
		return kit.Replace(t, p, "verify_after: [1s]", "verify_after: [25s]")
	}})
	s.Baseline()
	const key = "bamboohr-101"
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	s.AwaitStage(key, api.StageWatching)
	s.StopWorkers()
	var hints errgroup.Group
	hints.SetLimit(16)
	for range 1000 {
		hints.Go(func() error {
			return s.Temporal.SignalWorkflow(t.Context(), api.PersonID(key), "", api.SignalHint, api.Hint{Source: "bamboohr", Cause: "webhook"})
		})
	}
	require.NoError(t, hints.Wait())
	s.StartWorkers()
	require.Equal(t, "access ended", s.Outcome(key).Result)
	require.Equal(t, []string{"Person", "Offboarding", "Offboarding:Completed"}, s.Runs(key))
	write(s, floodedWatch, api.PersonID(key))
}
