package launch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/internal/launch"
)

// TestDecisionSaysNoMoreThanIsKnown: a decision that nobody answered may take effect later, and one that was refused may not.
func TestDecisionSaysNoMoreThanIsKnown(t *testing.T) {
	t.Parallel()
	late := client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded)
	refused := temporal.NewApplicationError("nothing is waiting for allow here", "")
	broken := errors.New("x")
	tests := map[string]struct {
		sending, answer, want error
	}{
		"taken":                        {},
		"nobody works":                 {sending: late, want: launch.ErrUnanswered},
		"Temporal does not answer":     {sending: serviceerror.NewDeadlineExceeded("x"), want: launch.ErrUnanswered},
		"no run":                       {sending: serviceerror.NewNotFound("workflow execution already completed"), want: launch.ErrNoRun},
		"something else":               {sending: broken, want: broken},
		"refused":                      {answer: refused, want: refused},
		"accepted and then no answer":  {answer: late, want: launch.ErrUnfinished},
		"accepted, and then cancelled": {answer: context.Canceled, want: launch.ErrUnfinished},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &mocks.Client{}
			var handle any
			if tt.sending == nil {
				h := &mocks.WorkflowUpdateHandle{}
				h.On("Get", mock.Anything, nil).Return(tt.answer)
				handle = h
			}
			var deadline time.Time
			c.On("UpdateWorkflow", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
				deadline, _ = args.Get(0).(context.Context).Deadline() //nolint:forcetypeassert // the method has it
			}).Return(handle, tt.sending)
			err := launch.New(c, false).Decide(t.Context(), "person/x", api.Decision{Verb: api.VerbAllow, By: "ann", Item: "0a1b"})
			require.ErrorIs(t, err, tt.want)
			require.WithinDuration(t, time.Now().Add(15*time.Second), deadline, 5*time.Second, "nobody waits for ever")
			if tt.want != nil {
				require.ErrorContains(t, err, "allow person/x")
			}
		})
	}
}

func TestWhatWaitsIsReadInTimeOrNotAtAll(t *testing.T) {
	t.Parallel()
	for want, err := range map[error]error{
		launch.ErrUnread: serviceerror.NewDeadlineExceeded("x"), launch.ErrNoRun: serviceerror.NewNotFound("x"),
	} {
		c := &mocks.Client{}
		c.On("QueryWorkflow", mock.Anything, "person/x", "", api.QueryState).Return(nil, err)
		_, got := launch.New(c, false).Waiting(t.Context(), "person/x")
		require.ErrorIs(t, got, want)
	}
}
