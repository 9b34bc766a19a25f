package decide

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger"
	"gatehouse/ledger/roster"
	"gatehouse/starter/cmdline"
)

// acceptance is an operator's word that what of a reading is quarantined is right all the same.
type acceptance struct {
	source, code, by, reason, keyFile string
	within                            time.Duration
}

// check refuses what cannot be accepted.
func (in *acceptance) check(*cobra.Command) error {
	switch {
	case in.by == "":
		return errors.New("--by is empty: who accepts it? It is recorded")
	case in.within <= 0:
		return fmt.Errorf("--wait %s: write how long to wait for a worker, such as 15s", in.within)
	}
	return nil
}

// accept has the poll of a source take what was shown under a code. The poll answers only for what it shows itself: where
// the report has changed meanwhile, nothing is accepted.
func (in *acceptance) accept(cmd *cobra.Command, a *app.App) error {
	if err := cmdline.KnownSource(a, in.source); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), in.within)
	defer cancel()
	workflow, err := openPoll(ctx, a, in.source)
	if err != nil {
		return fmt.Errorf("nothing was accepted: %w", err)
	}
	state, err := a.Launch.Waiting(ctx, workflow)
	if err != nil {
		return fmt.Errorf("nothing was accepted: %w", err)
	}
	for _, item := range state.Attention {
		if item.Code != api.CodeSourceQuarantined || !strings.Contains(item.Text, acceptFlag(in.code)) {
			continue
		}
		d := decision{workflow: workflow, keyFile: in.keyFile, Decision: api.Decision{
			Verb: api.VerbAllow, Item: item.Item, Code: item.Code, By: in.by, Reason: in.reason,
		}}
		if err := d.sign(cmd.Context(), a, cmd.Flags().Changed("by")); err != nil {
			return err
		}
		if err := d.give(ctx, a.Launch); err != nil {
			return err
		}
		cmd.Printf("%s: %s accepted by %s. The poll reads the source again, and believes this if it still says the same.\n",
			in.source, in.code, d.name())
		return nil
	}
	return fmt.Errorf("what %s shows now is not %s: nothing was accepted; see starter records --source %s", in.source, in.code, in.source)
}

// openPoll finds the run that polls a source now.
func openPoll(ctx context.Context, a *app.App, source string) (string, error) {
	found, err := a.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running' AND Source = '%s'", api.TypeHRSync, source), PageSize: 1,
	})
	if err != nil {
		return "", fmt.Errorf("find the poll of %s: %w", source, err)
	}
	for _, e := range found.GetExecutions() {
		return e.GetExecution().GetWorkflowId(), nil
	}
	return "", fmt.Errorf("no poll of %s is open: the next one shows again what is quarantined; see starter status", source)
}

// acceptFlag is how the text of a question names what it is about.
func acceptFlag(code string) string { return "--accept " + code + "`" }

// showDoubts prints what of the last reading of a source is quarantined.
func showDoubts(cmd *cobra.Command, l *ledger.Ledger, source string) error {
	doubts, err := l.Roster().Doubts(cmd.Context(), source)
	if err != nil {
		return err
	}
	collectDoubts(cmd, doubts)
	for _, d := range doubts {
		state := "quarantined since " + cli.Ago(d.First)
		if !d.AcceptedAt.IsZero() {
			state = "accepted by " + d.AcceptedBy + " " + cli.Ago(d.AcceptedAt)
		}
		cmd.Printf("%s (%s, %d records, %s): %s\n", d.Code, d.Kind, d.Records, state, d.Why)
	}
	if len(doubts) == 0 {
		return nil
	}
	state, err := l.Roster().Source(cmd.Context(), source)
	if err != nil {
		return err
	}
	if _, how, waits := strings.Cut(state.QuarantineReason, "If all of this is right: "); waits && !state.QuarantinedAt.IsZero() {
		cmd.Printf("To accept what is quarantined, if all of it is right: %s\n", strings.Trim(how, "`."))
	}
	cmd.Println()
	return nil
}

// collectDoubts gives doubts to what is printed as JSON.
func collectDoubts(cmd *cobra.Command, doubts []roster.SourceDoubt) {
	if !cli.Collects(cmd) {
		return
	}
	t := cmdline.NewSheet(cmd, "doubts", "code", "kind", "records", "since", "accepted_by", "accepted", "why")
	for _, d := range doubts {
		t.Add(d.Code, d.Kind, d.Records, cli.At(d.First), d.AcceptedBy, cli.At(d.AcceptedAt), d.Why)
	}
	t.Render()
}
