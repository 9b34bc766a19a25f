package decide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/launch"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Answers are the decisions that a run may ask for.
var Answers = []string{
	api.VerbRetry, api.VerbSkip, api.VerbAbort, api.VerbAllow, api.VerbReject, api.VerbLink, api.VerbSeparate,
	api.VerbApprove, api.VerbDeny,
}

// explained are the decisions that end, give or free access, and so need a reason.
var explained = []string{api.VerbAllow, api.VerbLink, api.VerbSeparate}

// decision is what the command decide was given.
type decision struct {
	api.Decision
	person, workflow string
	within           time.Duration
	keyFile          string
	// signer is who signs the decision; nil where the policy names nobody who may decide.
	signer *sign.Signer
	// cause is an item of the list of what needs a person: the decision is for everybody who waits because of it.
	cause string
	// two says that the question takes two people.
	two bool
}

// Decide makes the command decide.
func Decide(p *cmdline.Program) *cobra.Command {
	var d decision
	cmd := &cobra.Command{
		Use: "decide", Short: "Show what a run asks, and answer it",
		Long: `Show what a run asks, and answer it.

Without --verb it shows the questions that the run waits for, each with its item, its steps and the answers to it. With
--verb it answers the question named by --item, or the only one that the answer fits, which it prints. A question that has
changed or was answered meanwhile is not answered: the command fails and shows what waits instead.

Where the policy names who may decide (deciders.people), the decision is signed with the operator's key (starter key) or
with that of a sign-in (starter login), and by is whose key that is.

Runs are asked and answered by a worker. Where none answers within --wait the command fails and says what is known: a
decision that was sent may still take effect. Giving it again with the same --item counts once.`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error { return d.check() },
		RunE: p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			if d.person != "" {
				key, err := cmdline.Find(cmd.Context(), a, d.person)
				if err != nil {
					return err
				}
				d.person, d.workflow = key, api.PersonID(key)
			}
			if err := d.named(cmd, a.Ledger); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), d.within)
			defer cancel()
			if err := d.sign(cmd.Context(), a, cmd.Flags().Changed("by")); err != nil {
				return err
			}
			return d.advise(d.carry(ctx, cmd, a.Launch))
		}),
	}
	one := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if d.cause != "" {
			return p.WithoutTemporal(d.carryToAll)(cmd, args)
		}
		return one(cmd, args)
	}
	cmdline.PersonFlag(cmd, &d.person)
	cmd.Flags().StringVar(&d.cause, "cause", "", "an item of starter attention list instead: the answer is for everybody who waits because of it")
	cmd.Flags().StringVar(&d.workflow, "workflow", "", "a workflow id instead, for runs that are not about a person")
	cmd.Flags().StringVar(&d.Verb, "verb", "", "the answer: "+strings.Join(Answers, ", ")+"; default none, which shows what is asked")
	cmd.Flags().StringVar(&d.Item, "item", "", "the question or its item, as either was shown, or the beginning; alone it says whose run is meant; default the only one that the answer fits")
	cmd.Flags().StringVar(&d.Step, "step", "", "the parked step, where several ask")
	cmd.Flags().StringVar(&d.By, "by", cmdline.Operator(), "who decides, for the evidence; with a key or after a sign-in that is its holder")
	sign.KeyFlag(cmd, &d.keyFile)
	cmd.Flags().StringVar(&d.Reason, "reason", "", "why, for the evidence")
	cmd.Flags().DurationVar(&d.within, "wait", 15*time.Second, "how long to wait for a worker to answer")
	cmd.MarkFlagsOneRequired("person", "workflow", "cause", "item")
	cmd.MarkFlagsMutuallyExclusive("person", "workflow", "cause")
	cmd.MarkFlagsMutuallyExclusive("cause", "item")
	cmd.MarkFlagsMutuallyExclusive("cause", "step")
	return cmd
}

// check refuses what no run could take.
func (d *decision) check() error {
	switch {
	case d.within <= 0:
		return fmt.Errorf("--wait %s: write how long to wait for a worker, such as 15s", d.within)
	case d.Verb != "" && !slices.Contains(Answers, d.Verb):
		return fmt.Errorf("--verb %q answers nothing: write one of %s", d.Verb, strings.Join(Answers, ", "))
	case d.cause != "" && d.Verb == "":
		return errors.New("--cause needs --verb: see what is asked with starter attention show " + d.cause)
	case d.Verb != "" && strings.TrimSpace(d.By) == "":
		return errors.New("--by is empty: who decides? It is recorded")
	case slices.Contains(explained, d.Verb) && strings.TrimSpace(d.Reason) == "":
		return fmt.Errorf("--reason is empty: why %s? It is kept as evidence", d.Verb)
	}
	return nil
}

// carry shows what a run asks, or answers it.
func (d *decision) carry(ctx context.Context, cmd *cobra.Command, l *launch.Launcher) error {
	if d.Verb == "" {
		state, err := l.Waiting(ctx, d.workflow)
		if err != nil {
			return err
		}
		printQuestions(cmd, d.workflow, state, state.Attention)
		return nil
	}
	if d.Item == "" {
		state, err := l.Waiting(ctx, d.workflow)
		if err != nil {
			return fmt.Errorf("nothing was decided: %w", err)
		}
		item, err := d.meant(state)
		if err != nil {
			printQuestions(cmd, d.workflow, state, state.Attention)
			return err
		}
		printQuestions(cmd, d.workflow, state, []api.Attention{item})
		d.Item, d.Code, d.two = item.Item, item.Code, item.Two
		if d.Item == "" {
			d.Step = item.Step // A worker of an older version names no items.
		}
	}
	if err := d.give(ctx, l); err != nil {
		return err
	}
	cmd.Printf("%s: %s by %s\n", d.workflow, d.Verb, d.name())
	if d.Verb == api.VerbAllow && d.two {
		d.bySecond(ctx, cmd, l)
	}
	return nil
}

// bySecond says that a second person has to allow what one has, where it takes two. What cannot be read now is shown by the
// command when it is asked next.
func (d *decision) bySecond(ctx context.Context, cmd *cobra.Command, l *launch.Launcher) {
	state, err := l.Waiting(ctx, d.workflow)
	if err != nil {
		return
	}
	for _, a := range state.Attention {
		if slices.ContainsFunc(a.AllowedBy, func(by string) bool { return identity.SameDecider(by, d.By) }) {
			cmd.Printf("one of two has allowed it: another person has to, as item %s\n", a.Item)
		}
	}
}

// give signs a decision where the policy asks for that, and carries it to its run.
func (d *decision) give(ctx context.Context, l *launch.Launcher) error {
	if err := d.prove(ctx, l); err != nil {
		return err
	}
	return l.Decide(ctx, d.workflow, d.Decision)
}

// name is who has decided, as far as that is known.
func (d *decision) name() string {
	return sign.Known(d.By, d.Proof != nil)
}

// meant is the one question that the answer fits.
func (d *decision) meant(state api.State) (api.Attention, error) {
	fitting := slices.DeleteFunc(slices.Clone(state.Attention), func(a api.Attention) bool {
		return !slices.Contains(a.Options, d.Verb) || d.Step != "" && d.Step != a.Step
	})
	switch len(fitting) {
	case 1:
		return fitting[0], nil
	case 0:
		return api.Attention{}, fmt.Errorf("%s: nothing is waiting for %s; nothing was decided", d.workflow, d.Verb)
	}
	return api.Attention{}, fmt.Errorf("%s: %d questions wait for %s: name the one that you mean with --item; nothing was decided",
		d.workflow, len(fitting), d.Verb)
}

// advise adds to what went wrong what an operator can do about it.
func (d *decision) advise(err error) error {
	who := "--workflow " + d.workflow
	if d.person != "" {
		who = "--person " + d.person
	}
	look := "starter decide " + who
	if d.person != "" {
		look += ", starter evidence " + who
	}
	switch {
	case errors.Is(err, launch.ErrUnread):
		return fmt.Errorf("%w. Start a worker, or look why none answers, and try again", err)
	case errors.Is(err, launch.ErrUnanswered), errors.Is(err, launch.ErrUnfinished):
		return fmt.Errorf("%w. Start a worker, or look why none answers; then see what became of it: %s. "+
			"Giving it again with --item %s counts once", err, look, d.Item)
	case errors.Is(err, launch.ErrNoRun):
		return fmt.Errorf("%w: see starter list", err)
	}
	return err
}

// printQuestions shows questions with all that a decision about them needs.
func printQuestions(cmd *cobra.Command, workflow string, state api.State, items []api.Attention) {
	if cli.Value(cmd, "questions", QuestionLines(workflow, items)) {
		return
	}
	if len(items) == 0 {
		cmd.Printf("%s waits for no decision: %s\n", workflow, state.Doing)
	}
	for _, a := range items {
		cmd.Printf("item      %s (%s, step %s, %s)\n", a.Item, a.Code, a.Step, cli.Ago(a.Since))
		cmdline.Told(cmd, "what      ", a.Text)
		if a.PlanHash != "" {
			cmd.Printf("plan      %.12s\n", a.PlanHash)
		}
		for _, step := range a.Plan {
			cmd.Printf("step      %s\n", step)
		}
		cmd.Printf("answers   %s\n\n", strings.Join(a.Options, ", "))
	}
}
