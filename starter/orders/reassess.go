package orders

import (
	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
)

// Reassess makes the command reassess, which was called onboard.
func Reassess(p *cmdline.Program) *cobra.Command {
	var who string
	cmd := &cobra.Command{
		Use: "reassess", Aliases: []string{"onboard"}, Short: "Assess a person now, whatever became of hints: a joiner who was in HR before Gatehouse was, or somebody who was forgotten", Args: cobra.NoArgs,
		RunE: p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			key, err := cmdline.Find(cmd.Context(), a, who)
			if err != nil {
				return err
			}
			sent, err := a.Launch.Send(cmd.Context(), key, api.Hint{Source: "operator", Cause: "onboard"})
			if err != nil {
				return err
			}
			cmd.Printf("hinted %s; follow it with: starter list --person %s\n", sent.WorkflowID, key)
			return nil
		}),
	}
	cmdline.PersonFlag(cmd, &who)
	cmdline.Must(cmd.MarkFlagRequired("person"))
	return cmd
}
