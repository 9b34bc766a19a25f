package launch_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/internal/launch"
)

// TestAWordAboutWhatIsMissingIsNotLostInAnOpenReading holds that such a reading joins none.
func TestAWordAboutWhatIsMissingIsNotLostInAnOpenReading(t *testing.T) {
	t.Parallel()
	for _, in := range []api.SystemSweepRequest{{System: "ldap", Full: true}, {System: "ldap", Full: true, AcceptMissing: true}} {
		c, options := &mocks.Client{}, client.StartWorkflowOptions{}
		c.On("ExecuteWorkflow", mock.Anything, mock.Anything, api.TypeSystemSweep, in).
			Run(func(args mock.Arguments) { options = args.Get(1).(client.StartWorkflowOptions) }).Return(nil, started())
		_, err := launch.New(c, false).SystemSweep(t.Context(), in)
		require.ErrorContains(t, err, "system-sweep-ldap is still open")
		require.Equal(t, in.AcceptMissing, options.WorkflowExecutionErrorWhenAlreadyStarted)
		require.Equal(t, in.AcceptMissing, options.WorkflowIDConflictPolicy == enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
	}
}
