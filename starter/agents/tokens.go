package agents

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/agents"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/policyfile"
	"gatehouse/starter/cmdline"
)

// mostTokenLife bounds how long a token lives: one that nobody renews goes.
const mostTokenLife = 365 * 24 * time.Hour

func token(p *cmdline.Program) *cobra.Command {
	var agent string
	var life time.Duration
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make a token for an agent, and show it once",
		Long: `Make a token for an agent, and show it once.

The ledger keeps a digest of it and nothing more. Where an identity provider makes the tokens of agents, none of these is needed.`,
		Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if life <= 0 || life > mostTokenLife {
				return fmt.Errorf("--for is %s: write at most %d days, such as 2160h for 90 days", life, int(mostTokenLife.Hours()/24))
			}
			policy, err := policyfile.Load(a.Config.Policy, app.Installed(a.Config))
			if err != nil {
				return err
			}
			if _, known := policy.Agent(agent); !known {
				return fmt.Errorf("the policy has no agent %q: write it into the section agents first", agent)
			}
			secret := agents.TokenPrefix + rand.Text() + rand.Text()
			made, err := a.Ledger.Agents().AddToken(cmd.Context(), secret, agent, cmdline.Operator(), time.Now().Add(life))
			if err != nil {
				return err
			}
			cmd.Printf("Token %s of agent %s, good until %s. It is shown this once:\n\n%s\n", made.ID, agent, cmdline.Stamp(made.EndsAt), secret)
			return nil
		}),
	}
	cmd.Flags().StringVar(&agent, "agent", "", "its `name` in the policy")
	cmd.Flags().DurationVar(&life, "for", 90*24*time.Hour, "how long it is good")
	cmdline.Must(cmd.MarkFlagRequired("agent"))
	return cmd
}

func tokens(p *cmdline.Program) *cobra.Command {
	var agent string
	cmd := &cobra.Command{
		Use: "tokens", Short: "List the tokens that Gatehouse made for agents", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			all, err := a.Ledger.Agents().Tokens(cmd.Context(), agent)
			if err != nil {
				return err
			}
			sheet := cmdline.NewSheet(cmd, "tokens", "token", "agent", "made_by", "made", "ends", "revoked")
			for _, t := range all {
				sheet.Add(t.ID, t.Agent, t.MadeBy, cli.At(t.MadeAt), cli.At(t.EndsAt), cli.At(t.RevokedAt))
			}
			sheet.Render()
			return nil
		}),
	}
	cmd.Flags().StringVar(&agent, "agent", "", "only those of the agent of this `name`")
	return cmd
}

func revoke(p *cmdline.Program) *cobra.Command {
	var agent string
	cmd := &cobra.Command{
		Use: "revoke TOKEN", Short: "End a token by the id that tokens shows", Args: cobra.ExactArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if err := a.Ledger.Agents().RevokeToken(cmd.Context(), agent, args[0]); err != nil {
				return err
			}
			cmd.Printf("Token %s of agent %s is over.\n", args[0], agent)
			return nil
		})(cmd, args)
	}
	cmd.Flags().StringVar(&agent, "agent", "", "whose it is, by the `name` in the policy")
	cmdline.Must(cmd.MarkFlagRequired("agent"))
	return cmd
}
