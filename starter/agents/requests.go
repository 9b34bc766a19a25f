package agents

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/agents/request"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/starter/cmdline"
)

func requests(p *cmdline.Program) *cobra.Command {
	var agent string
	var since time.Duration
	cmd := &cobra.Command{
		Use: "requests", Short: "List what agents asked to have changed, who decided and what came of it, the newest first", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if since <= 0 {
				return fmt.Errorf("--since is %s: write how far to look back, such as 24h", since)
			}
			found, err := a.Ledger.Agents().Requests(cmd.Context(), agent, time.Now().Add(-since), mostCalls)
			if err != nil {
				return err
			}
			sheet := cmdline.NewSheet(cmd, "requests", "filed_at", "agent", "tool", "person", "state", "result", "decided_by", "reason", "request")
			for _, r := range found {
				asked, came, err := request.Read(r)
				if err != nil {
					return err
				}
				sheet.Add(cli.At(r.FiledAt), r.Agent, r.Tool, r.Subject, r.State, came.Result, came.DecidedBy, asked.Reason, r.ID)
			}
			sheet.Render()
			if len(found) == mostCalls {
				cmd.Printf("These are the newest %d: there may be more. --since looks back less far.\n", mostCalls)
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&agent, "agent", "", "only those of the agent of this `name`")
	cmd.Flags().DurationVar(&since, "since", 30*24*time.Hour, "how far to look back")
	return cmd
}
