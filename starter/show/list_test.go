package show

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
)

// page is a page of runs, with what the next one is asked for by.
func page(next string, ids ...string) *workflowservice.ListWorkflowExecutionsResponse {
	p := &workflowservice.ListWorkflowExecutionsResponse{NextPageToken: []byte(next)}
	for _, id := range ids {
		p.Executions = append(p.Executions, &workflowpb.WorkflowExecutionInfo{
			Execution: &commonpb.WorkflowExecution{WorkflowId: id}, Type: &commonpb.WorkflowType{Name: "Of tomorrow"},
			Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		})
	}
	return p
}

// TestListRunsGoesThroughAllPages, no further than it is asked to, and says whether there is more.
func TestListRunsGoesThroughAllPages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit int
		pages []*workflowservice.ListWorkflowExecutionsResponse
		want  string
		more  bool
	}{
		"none":                  {10, []*workflowservice.ListWorkflowExecutionsResponse{page("")}, "", false},
		"all of two pages":      {0, []*workflowservice.ListWorkflowExecutionsResponse{page("2", "a", "b"), page("", "c")}, "a b c", false},
		"an empty page between": {0, []*workflowservice.ListWorkflowExecutionsResponse{page("2", "a"), page("3"), page("", "b")}, "a b", false},
		"as many as there are":  {2, []*workflowservice.ListWorkflowExecutionsResponse{page("", "a", "b")}, "a b", false},
		"fewer than there are":  {2, []*workflowservice.ListWorkflowExecutionsResponse{page("2", "a", "b")}, "a b", true},
		"over two pages":        {3, []*workflowservice.ListWorkflowExecutionsResponse{page("2", "a", "b"), page("3", "c")}, "a b c", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			asked := 0
			for _, p := range c.pages {
				d.temporal.On("ListWorkflow", mock.Anything, mock.MatchedBy(func(r *workflowservice.ListWorkflowExecutionsRequest) bool {
					return r.GetQuery() == "Stage = 'attention'" && (c.limit == 0 || int(r.GetPageSize()) <= c.limit)
				})).Run(func(mock.Arguments) { asked++ }).Return(p, nil).Once()
			}
			var found []string
			more, err := listRuns(t.Context(), &app.App{Temporal: d.temporal}, "Stage = 'attention'", c.limit, func(e *workflowpb.WorkflowExecutionInfo) {
				found = append(found, e.GetExecution().GetWorkflowId())
			})
			require.NoError(t, err)
			require.Equal(t, c.want, strings.Join(found, " "))
			require.Equal(t, c.more, more)
			require.Equal(t, len(c.pages), asked)
		})
	}
}

// TestListRunsFailsWithWhatWasRead: a page that does not come does not end the list.
func TestListRunsFailsWithWhatWasRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.temporal.On("ListWorkflow", mock.Anything, mock.Anything).Return(page("2", "a"), nil).Once()
	d.temporal.On("ListWorkflow", mock.Anything, mock.Anything).Return(nil, errors.New("broken"))
	_, err := listRuns(t.Context(), &app.App{Temporal: d.temporal}, "", 0, func(*workflowpb.WorkflowExecutionInfo) {})
	require.ErrorContains(t, err, "list runs: broken")
}

// TestPlanRefuses what does not go together, and a verdict, an age or a file that there is not.
func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for args, want := range map[string]string{
		"":                                      "write one of --person, --all",
		"--person workday-21001 --all":          "do not go together",
		"--person workday-21001 --policy p":     "--policy belongs to --all",
		"--person workday-21001 --verdict join": "--verdict belongs to --all",
		"--person workday-21001 --csv f":        "--csv belongs to --all",
		"--person workday-21001 --max-age 1h":   "--max-age belongs to --all",
		"--all --max-age -1h":                   "--max-age -1h0m0s: write how old the inventory may be",
		"--all --verdict resign":                "--verdict resign: write one of",
		"--all --csv /nowhere/at/all.csv":       "--csv",
		"--all --policy /nowhere/policy.yaml":   "--policy",
		"--person Nobody":                       "nobody that Gatehouse knows has this name",
	} {
		require.Empty(t, d.refuses(Plan, args, want).out, args)
	}
}

// TestTemplatesShowsHowFarEachMayGo, by the policy file, and fails where there is none that can be read.
func TestTemplatesShowsHowFarEachMayGo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got := d.commands(Templates)
	require.Equal(t, cli.ExitDone, got.code, got.refused)
	for _, want := range []string{"Onboarding", "Offboarding", "Role change", "Access review", "MFA compliance", "enforce"} {
		require.Contains(t, got.out, want)
	}
	require.NotContains(t, got.out, "AccountSweep")
	require.Contains(t, d.commands(Templates, "--all").out, "AccountSweep")

	d.write("policy.yaml", "company: {}\n")
	require.Empty(t, d.refuses(Templates, "", "policy.yaml").out)
}
