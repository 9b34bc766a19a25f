package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
)

func (p *program) list() *cobra.Command {
	var who string
	var all, attention bool
	cmd := &cobra.Command{
		Use: "list", Short: "List runs: open ones, those that need a decision, or a person's whole chain", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			var terms []string
			if who != "" {
				key, err := find(cmd.Context(), a, who)
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
			found, err := a.Temporal.ListWorkflow(cmd.Context(), &workflowservice.ListWorkflowExecutionsRequest{
				Query: strings.Join(terms, " AND "), PageSize: 100,
			})
			if err != nil {
				return fmt.Errorf("list runs: %w", err)
			}
			t := newTable(cmd, "workflow id", "type", "stage", "status", "started", "run id")
			for _, e := range found.GetExecutions() {
				var stage string
				if field := e.GetSearchAttributes().GetIndexedFields()["Stage"]; field != nil {
					stage = strings.Trim(string(field.GetData()), `"`)
				}
				t.AppendRow(table.Row{
					e.GetExecution().GetWorkflowId(), e.GetType().GetName(), stage, e.GetStatus(),
					ago(e.GetStartTime().AsTime()), e.GetExecution().GetRunId(),
				})
			}
			t.Render()
			cmd.Printf("In the UI: %s/namespaces/%s/workflows\n", strings.TrimSuffix(a.Config.Temporal.UI, "/"), a.Config.Temporal.Namespace)
			return nil
		}),
	}
	cmd.Flags().StringVar(&who, "person", "", "the chain of one person, closed runs included: key, e-mail address or name")
	cmd.Flags().BoolVar(&attention, "attention", false, "only runs that need a decision")
	cmd.Flags().BoolVar(&all, "all", false, "closed runs too")
	return cmd
}

func (p *program) evidence() *cobra.Command {
	var who string
	cmd := &cobra.Command{
		Use: "evidence", Short: "Show what was done about a person, why and by whom", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			key, err := findOwner(cmd.Context(), a, who)
			if err != nil {
				return err
			}
			rows, err := a.Ledger.EvidenceOf(cmd.Context(), key)
			if err != nil {
				return err
			}
			t := newTable(cmd, "at", "episode", "template", "step", "outcome", "cause", "by (unverified)", "policy")
			for _, e := range rows {
				t.AppendRow(table.Row{
					e.FinishedAt.Format("2006-01-02 15:04:05"), e.Episode, e.Template, e.Step, e.Outcome, e.Cause, e.Actor, e.PolicyHash,
				})
			}
			t.Render()
			return nil
		}),
	}
	personFlag(cmd, &who)
	must(cmd.MarkFlagRequired("person"))
	return cmd
}

func newTable(cmd *cobra.Command, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(cmd.OutOrStdout())
	t.SetStyle(table.StyleLight)
	t.AppendHeader(header)
	return t
}

func ago(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return time.Since(at).Round(time.Second).String() + " ago"
}
