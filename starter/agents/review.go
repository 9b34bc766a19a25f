package agents

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/killswitch"
	"gatehouse/ledger"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/starter/cmdline"
)

// reviewsShown is how far back reviews are listed.
const reviewsShown = 365 * 24 * time.Hour

func review(p *cmdline.Program) *cobra.Command {
	in := ledgeragents.Review{}
	cmd := &cobra.Command{
		Use:   "review",
		Short: "List what was answered about agents in access reviews, or answer whether one is needed",
		Long: `List what was answered about agents in access reviews, or answer whether one is needed.

An access review asks the owner of each agent. --answer keep lets it be; --answer revoke switches it off at once.`,
		Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if (in.Agent == "") != (in.Verdict == "") {
				return errors.New("name the agent by --agent and say --answer keep or --answer revoke; without both the reviews are listed")
			}
			if in.Agent != "" {
				return answerReview(cmd, a, in)
			}
			found, err := a.Ledger.Agents().Reviews(cmd.Context(), time.Now().Add(-reviewsShown))
			if err != nil {
				return err
			}
			t := cmdline.NewSheet(cmd, "reviews", "review", "agent", "asked", "answer", "by", "answered", "reason")
			for _, r := range found {
				t.Add(r.Campaign, r.Agent, cli.At(r.AskedAt), r.Verdict, r.By, cli.At(r.AnsweredAt), r.Reason)
			}
			t.Render()
			return nil
		}),
	}
	cmd.Flags().StringVar(&in.Agent, "agent", "", "the agent of this `name`")
	cmd.Flags().StringVar(&in.Verdict, "answer", "", "keep or revoke")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why, for the record")
	cmd.Flags().StringVar(&in.By, "by", cmdline.Operator(), "who has answered, for the record")
	return cmd
}

func answerReview(cmd *cobra.Command, a *app.App, in ledgeragents.Review) error {
	err := a.Ledger.InTx(cmd.Context(), func(ctx context.Context, l *ledger.Ledger) error {
		if err := l.Agents().AnswerReview(ctx, in); err != nil || in.Verdict != ledgeragents.Revoke {
			return err
		}
		_, err := killswitch.Off(ctx, l, ledgeragents.Switch{Scope: ledgeragents.OfAgent(in.Agent), By: in.By, Reason: in.Reason, Cause: killswitch.CauseReview})
		return err
	})
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return fmt.Errorf("no review asks about agent %s: starter agents review lists what was asked", in.Agent)
	case err != nil:
		return err
	case in.Verdict == ledgeragents.Revoke:
		cmd.Printf("agent/%s is off; take it out of the policy, or set state: retired.\n", in.Agent)
	default:
		cmd.Printf("Agent %s is kept.\n", in.Agent)
	}
	return nil
}
