package agents

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/starter/cmdline"
)

// mostCalls bounds what calls prints.
const mostCalls = 1000

func calls(p *cmdline.Program) *cobra.Command {
	var agent string
	var since time.Duration
	cmd := &cobra.Command{
		Use: "calls", Short: "List what agents asked, and what came of it, the newest first", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if since <= 0 {
				return fmt.Errorf("--since is %s: write how far to look back, such as 24h", since)
			}
			found, err := a.Ledger.Agents().Calls(cmd.Context(), agent, time.Now().Add(-since), mostCalls)
			if err != nil {
				return err
			}
			sheet := cmdline.NewSheet(cmd, "calls", "at", "agent", "tool", "verdict", "denied_by", "rule", "times", "request", "effect")
			for _, c := range found {
				sheet.Add(cli.At(c.At), c.Agent, c.Tool, c.Verdict, c.DeniedBy, c.Rule, c.Times, c.Request, c.Effect)
			}
			sheet.Render()
			if len(found) == mostCalls {
				cmd.Printf("These are the newest %d: there may be more. --since looks back less far.\n", mostCalls)
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&agent, "agent", "", "only those of the agent of this `name`")
	cmd.Flags().DurationVar(&since, "since", 24*time.Hour, "how far to look back")
	return cmd
}
