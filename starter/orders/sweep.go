package orders

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
)

// Sweep makes the command sweep.
func Sweep(p *cmdline.Program) *cobra.Command {
	var system string
	var changes, accept bool
	cmd := &cobra.Command{
		Use: "sweep", Short: "Read the accounts of a system beside OneLogin now", Args: cobra.NoArgs,
		Long: `Read the accounts of a system beside OneLogin now.

Everything is read, and compared with what is on record; whoever has other accounts or memberships than before is assessed. With
--changes only what was changed since the last reading is read, where the system can say that. It writes to no account.

A reading that does not show more than a few accounts or memberships which are known is quarantined (system_not_believed). With
--accept-missing you say that they were really deleted: this reading takes accounts that are not shown, and of which the system says
that they do not exist, off the record at once. First make sure that the credential has not lost the right to see them.`,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			if !slices.Contains(config.SystemNames(), system) {
				return fmt.Errorf("--system %q is none: write one of %s", system, strings.Join(config.SystemNames(), ", "))
			}
			return nil
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			if !a.Config.Systems.Has(system) {
				return fmt.Errorf("gatehouse.yaml has no section systems.%s", system)
			}
			id, err := a.Launch.SystemSweep(cmd.Context(), api.SystemSweepRequest{System: system, Full: !changes, AcceptMissing: accept})
			if err != nil {
				return err
			}
			cmd.Printf("%s is on it\n", id)
			return nil
		})),
	}
	cmd.Flags().StringVar(&system, "system", "", "the system: "+strings.Join(config.SystemNames(), ", "))
	cmd.Flags().BoolVar(&changes, "changes", false, "only what was changed since the last reading")
	cmd.Flags().BoolVar(&accept, "accept-missing", false, "what is not shown any more was really deleted")
	cmd.MarkFlagsMutuallyExclusive("changes", "accept-missing")
	cmdline.Must(cmd.MarkFlagRequired("system"))
	return cmd
}
