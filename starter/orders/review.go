package orders

import (
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/review"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
)

// Review makes the command review.
func Review(p *cmdline.Program) *cobra.Command {
	var campaign string
	cmd := &cobra.Command{
		Use:   "review",
		Short: "Review everybody's access now",
		Long: `Review everybody's access now.

A review has a name, and there is one review of each name. Without --campaign it is named after this minute, beside the
monthly one. With --campaign 2026-11 the review of that month is started, or joined if it is there.`,
		Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			if campaign == "" {
				campaign = time.Now().UTC().Format("2006-01-02-1504")
			}
			return review.CheckCampaign(campaign)
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			started, err := a.Launch.Review(cmd.Context(), campaign)
			if err != nil {
				return err
			}
			if !started.Fresh {
				cmd.Printf("%s is there already\n", started.WorkflowID)
				return nil
			}
			cmd.Printf("%s is on it\n", started.WorkflowID)
			return nil
		})),
	}
	cmd.Flags().StringVar(&campaign, "campaign", "", "name, such as 2026-11 or 2026-11-merger")
	return cmd
}
