package show

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/ledger/journal"
	"gatehouse/starter/cmdline"
)

// List makes the command list.
func List(p *cmdline.Program) *cobra.Command {
	var who string
	var all, attention, runID bool
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List runs: open ones, those that need a decision, or a person's whole chain", Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			if limit < 0 {
				return fmt.Errorf("--limit %d: write how many runs to list, or 0 for all", limit)
			}
			return nil
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			var terms []string
			if who != "" {
				key, err := cmdline.Find(cmd.Context(), a, who)
				if err != nil {
					return err
				}
				terms = append(terms, fmt.Sprintf("PersonKey = '%s'", strings.ReplaceAll(key, "'", "")))
			}
			if attention {
				terms = append(terms, fmt.Sprintf("Stage = '%s'", api.StageAttention))
			}
			if !all && who == "" {
				terms = append(terms, "ExecutionStatus = 'Running'")
			}
			columns := []string{"workflow id", "type", "stage", "status", "started"}
			if runID {
				columns = append(columns, "run id")
			}
			t := cmdline.NewSheet(cmd, "runs", columns...)
			more, err := listRuns(cmd.Context(), a, strings.Join(terms, " AND "), limit, func(e *workflowpb.WorkflowExecutionInfo) {
				var stage string
				if field := e.GetSearchAttributes().GetIndexedFields()["Stage"]; field != nil {
					stage = strings.Trim(string(field.GetData()), `"`)
				}
				cells := []any{e.GetExecution().GetWorkflowId(), e.GetType().GetName(), stage, e.GetStatus(), cli.At(e.GetStartTime().AsTime())}
				if runID {
					cells = append(cells, e.GetExecution().GetRunId())
				}
				t.Add(cells...)
			})
			if err != nil {
				return err
			}
			t.Render()
			if more {
				cmd.Printf("These are the first %d, and there are more: --limit 0 lists all\n", t.Length())
			}
			cmd.Printf("In the UI: %s/namespaces/%s/workflows\n", strings.TrimSuffix(a.Config.Temporal.UI, "/"), a.Config.Temporal.Namespace)
			return nil
		})),
	}
	cmd.Flags().StringVar(&who, "person", "", "the chain of one person, closed runs included: key, e-mail address or name")
	cmd.Flags().BoolVar(&attention, "attention", false, "only runs that need a decision")
	cmd.Flags().BoolVar(&all, "all", false, "closed runs too")
	cmd.Flags().BoolVar(&runID, "run-id", false, "also show the run id, by which Temporal tells the runs of one workflow apart")
	cmd.Flags().IntVar(&limit, "limit", 1000, "how many to list; 0 lists all")
	return cmd
}

// runsAtOnce is how many runs are asked for in one call.
const runsAtOnce = 500

// listRuns gives the runs that a query finds, page by page, and says whether there are more than the limit.
func listRuns(ctx context.Context, a *app.App, query string, limit int, take func(*workflowpb.WorkflowExecutionInfo)) (more bool, err error) {
	var next []byte
	for n := 0; ; {
		size := runsAtOnce
		if limit > 0 {
			size = min(size, limit-n)
		}
		found, err := a.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: query, PageSize: int32(size), NextPageToken: next,
		})
		if err != nil {
			return false, fmt.Errorf("list runs: %w", err)
		}
		for _, e := range found.GetExecutions() {
			take(e)
		}
		n += len(found.GetExecutions())
		if next = found.GetNextPageToken(); len(next) == 0 || limit > 0 && n >= limit {
			return len(next) > 0, nil
		}
	}
}

// Evidence makes the command evidence.
func Evidence(p *cmdline.Program) *cobra.Command {
	var who string
	cmd := &cobra.Command{
		Use: "evidence", Short: "Show what was done about a person, why and by whom", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			key, err := cmdline.FindOwner(cmd.Context(), a, who)
			if err != nil {
				return err
			}
			rows, err := a.Ledger.Journal().EvidenceOf(cmd.Context(), key)
			if err != nil {
				return err
			}
			t := cmdline.NewSheet(cmd, "evidence", "at", "episode", "template", "step", "outcome", "cause", "by|by (unverified)", "policy")
			if !cli.Collects(cmd) {
				for i := range rows {
					rows[i].Step, rows[i].Outcome = readable(rows[i])
				}
			}
			for _, e := range rows {
				t.Add(
					cli.Moment(e.FinishedAt), e.Episode, e.Template, e.Step, e.Outcome, e.Cause, e.Actor, e.PolicyHash,
				)
			}
			if t.Crowded() {
				printEvidence(cmd, rows)
				return nil
			}
			t.Render()
			return nil
		}),
	}
	cmdline.PersonFlag(cmd, &who)
	cmdline.Must(cmd.MarkFlagRequired("person"))
	return cmd
}

// printEvidence prints evidence where its table has no room.
func printEvidence(cmd *cobra.Command, rows []journal.Evidence) {
	for _, e := range rows {
		cmdline.Hanging(cmd, e.FinishedAt.Format("2006-01-02 15:04:05")+"  ", e.Step+": "+e.Outcome)
		var more []string
		for _, part := range []struct{ name, value string }{
			{"because of", e.Cause}, {"by", e.Actor}, {"template", e.Template}, {"policy", e.PolicyHash},
		} {
			if part.value != "" {
				more = append(more, part.name+" "+part.value)
			}
		}
		cmdline.Wrapped(cmd, strings.Repeat(" ", 21), strings.Join(append(more, fmt.Sprintf("episode %d", e.Episode)), ", "))
	}
}
