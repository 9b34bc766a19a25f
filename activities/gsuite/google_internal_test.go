package gsuite

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/step"
)

// TestACallThatTakesLongIsNotTakenForDead: a call of Google may take longer than a step may stay silent.
func TestACallThatTakesLongIsNotTakenForDead(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	alive, once := make(chan struct{}), sync.Once{}
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { once.Do(func() { close(alive) }) })
	call := func(ctx context.Context) error {
		stop := step.Pulse(ctx, time.Millisecond)
		defer stop()
		select {
		case <-alive:
			return nil
		case <-time.After(10 * time.Second):
			return context.DeadlineExceeded
		}
	}
	env.RegisterActivity(call)
	_, err := env.ExecuteActivity(call)
	require.NoError(t, err)
	step.Pulse(t.Context(), time.Millisecond)()
}

// TestTheLargestTabFitsIntoANewSpreadsheet beside the empty tab that Google makes.
func TestTheLargestTabFitsIntoANewSpreadsheet(t *testing.T) {
	t.Parallel()
	s := &Sheets{}
	for _, columns := range []int64{1, 13, 20} {
		rows := s.RowsPerTab(columns)
		require.LessOrEqual(t, rows*columns+freshCells, int64(DefaultCellLimit))
		require.Greater(t, (rows+1)*columns+freshCells, int64(DefaultCellLimit))
	}
}
