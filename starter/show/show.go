package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/launch"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/decide"
)

// shown is whose run, or which run, the command show shows.
type shown struct {
	who, workflow string
	within        time.Duration
}

// Show makes the command show.
func Show(p *cmdline.Program) *cobra.Command {
	var s shown
	cmd := &cobra.Command{
		Use: "show", Short: "Show one run or person: what is known, what is asked and why, and the command for each answer",
		Long: `Show one run or person: what is known, what is asked and why, and the command for each answer.

With --person it begins with what the ledger has: records, orders, accounts, by when they must be out. Each question comes
with its reason, its steps, and the command for each of its answers, ready to paste. What the run is at, a worker has to
say: where none answers within --wait, that is said, and the rest is shown all the same.`,
		Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			if s.within <= 0 {
				return fmt.Errorf("--wait %s: write how long to wait for a worker, such as 15s", s.within)
			}
			return nil
		}, p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error { return s.run(cmd, a) })),
	}
	cmdline.PersonFlag(cmd, &s.who)
	cmd.Flags().StringVar(&s.workflow, "workflow", "", "a workflow id instead, for runs that are not about a person")
	cmd.Flags().DurationVar(&s.within, "wait", 15*time.Second, "how long to wait for a worker to answer")
	cmd.MarkFlagsOneRequired("person", "workflow")
	cmd.MarkFlagsMutuallyExclusive("person", "workflow")
	return cmd
}

func (s shown) run(cmd *cobra.Command, a *app.App) error {
	if s.who == "" {
		return showQuestions(cmd, a, s.workflow, "--workflow "+s.workflow, s.within)
	}
	key, err := cmdline.FindOwner(cmd.Context(), a, s.who)
	if err != nil {
		return err
	}
	if err := printPerson(cmd, a, key); err != nil {
		return err
	}
	err = showQuestions(cmd, a, api.PersonID(key), "--person "+key, s.within)
	if errors.Is(err, launch.ErrNoRun) {
		// Most people have none, and nobody has to decide about them. Of a run that somebody names it is a mistake.
		cmd.Println("\nNothing waits for a decision about them.")
		return nil
	}
	return err
}

// showQuestions prints what a run asks, with the command for each answer.
func showQuestions(cmd *cobra.Command, a *app.App, workflow, target string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), within)
	defer cancel()
	state, err := a.Launch.Waiting(ctx, workflow)
	if err != nil {
		return fmt.Errorf("what it asks is not known: %w", err)
	}
	cli.Value(cmd, "run", runLine{workflow, state.Template, state.Stage, state.Doing})
	cli.Value(cmd, "questions", decide.QuestionLines(workflow, state.Attention))
	cmd.Printf("\n%s, %s\n", workflow, strings.TrimSuffix(cmp.Or(state.Stage, "working")+": "+state.Doing, ": "))
	if len(state.Attention) == 0 {
		cmd.Println("It waits for no decision.")
		return nil
	}
	for _, item := range state.Attention {
		printQuestion(cmd, target, item)
	}
	return nil
}

func printQuestion(cmd *cobra.Command, target string, item api.Attention) {
	cmd.Printf("\nASKS, since %s ago: %s\n", time.Since(item.Since).Round(time.Second), item.Code)
	cmdline.Wrapped(cmd, "  ", item.Text)
	if item.Two && len(item.AllowedBy) == 0 {
		cmd.Println("  Two people have to allow it.")
	}
	for _, step := range item.Plan {
		cmdline.Wrapped(cmd, "  step  ", step)
	}
	for _, verb := range item.Options {
		cmd.Printf("  %-9s %s\n", verb, answerCommand(target, item, verb))
	}
}

// answerCommand is what answers a question, ready to paste.
func answerCommand(target string, item api.Attention, verb string) string {
	which := "--item " + item.Item
	if item.Item == "" {
		which = "--step " + item.Step
	}
	return strings.Join([]string{"starter decide", target, which, "--verb", verb, `--reason "..."`}, " ")
}
