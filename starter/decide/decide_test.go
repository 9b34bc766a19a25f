package decide

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/internal/launch"
)

// asking is a run that asks two questions.
var asking = api.State{Doing: "Waiting for a decision", Attention: []api.Attention{
	{Step: "jira.ticket", Item: "aa", Code: "InvalidRequest", Text: "the project is gone", Options: []string{"retry", "skip"}},
	{Step: "approve", Item: "bb", Code: "approval_needed", Text: "planned", PlanHash: "0123456789abcdef", Plan: []string{"give roles: AWS Admin"}, Options: []string{"allow", "reject", "retry"}},
}}

func TestDecideAnswersTheOneQuestionThatIsMeant(t *testing.T) {
	t.Parallel()
	late := client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded)
	for name, tt := range map[string]struct {
		given     api.Decision
		unread    error
		sending   error
		sent      string // the item that the decision names
		want      string // what it fails with
		shows     string
		asksFirst bool
	}{
		"shown":                         {asksFirst: true, shows: "step      give roles: AWS Admin"},
		"the only one":                  {given: api.Decision{Verb: "allow"}, asksFirst: true, sent: "bb", shows: "plan      0123456789ab\n"},
		"one of two":                    {given: api.Decision{Verb: "retry"}, asksFirst: true, want: "2 questions wait for retry: name the one that you mean with --item; nothing was decided", shows: "item      aa"},
		"one of two by its step":        {given: api.Decision{Verb: "retry", Step: "jira.ticket"}, asksFirst: true, sent: "aa"},
		"none":                          {given: api.Decision{Verb: "link"}, asksFirst: true, want: "nothing is waiting for link; nothing was decided", shows: "item      bb"},
		"named":                         {given: api.Decision{Verb: "allow", Item: "cc"}, sent: "cc"},
		"nobody works":                  {given: api.Decision{Verb: "allow"}, unread: serviceerror.NewDeadlineExceeded("x"), asksFirst: true, want: "nothing was decided: ask person/workday-1 what it waits for: no worker has answered"},
		"nobody works, and it is named": {given: api.Decision{Verb: "allow", Item: "bb"}, sending: late, sent: "bb", want: "it may still take effect. Start a worker, or look why none answers; then see what became of it: starter decide --person workday-1, starter evidence --person workday-1. Giving it again with --item bb counts once"},
		"no run":                        {given: api.Decision{Verb: "allow", Item: "bb"}, sending: serviceerror.NewNotFound("x"), sent: "bb", want: "no run of that name is open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &mocks.Client{}
			value := &mocks.Value{}
			value.On("Get", mock.Anything).Run(func(args mock.Arguments) { *args.Get(0).(*api.State) = asking }).Return(nil) //nolint:forcetypeassert // the method has it
			if tt.asksFirst {
				c.On("QueryWorkflow", mock.Anything, "person/workday-1", "", api.QueryState).Return(value, tt.unread)
			}
			handle := &mocks.WorkflowUpdateHandle{}
			handle.On("Get", mock.Anything, nil).Return(nil)
			var sent api.Decision
			c.On("UpdateWorkflow", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
				sent = args.Get(1).(client.UpdateWorkflowOptions).Args[0].(api.Decision) //nolint:forcetypeassert // the method has it
			}).Return(handle, tt.sending)
			d := decision{Decision: tt.given, person: "workday-1", workflow: "person/workday-1"}
			cmd, out := &cobra.Command{}, &bytes.Buffer{}
			cmd.SetOut(out)
			err := d.advise(d.carry(t.Context(), cmd, launch.New(c, false)))
			require.Equal(t, tt.sent, sent.Item)
			require.Contains(t, out.String(), tt.shows)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
	require.NoError(t, (&decision{}).advise(nil))
	require.EqualError(t, (&decision{}).advise(errors.New("x")), "x")
}
