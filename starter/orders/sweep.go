package orders

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Sweep makes the command sweep.
func Sweep(p *cmdline.Program) *cobra.Command {
	var in api.SystemSweepRequest
	var keyFile string
	var changes bool
	cmd := &cobra.Command{
		Use: "sweep", Short: "Read the accounts of a system beside OneLogin now", Args: cobra.NoArgs,
		Long: `Read the accounts of a system beside OneLogin now.

Everything is read, and compared with what is on record; whoever has other accounts or memberships than before is assessed. With
--changes only what was changed since the last reading is read, where the system can say that. It writes to no account.

A reading that does not show more than a few accounts or memberships which are known is quarantined (system_not_believed). With
--accept-missing you say that they were really deleted: this reading takes accounts that are not shown, and of which the system says
that they do not exist, off the record at once. First make sure that the credential has not lost the right to see them. Say why with
--reason. Where the policy names who may decide, that takes a signature of somebody who may decide about "identity".`,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			switch {
			case !slices.Contains(config.SystemNames(), in.System):
				return fmt.Errorf("--system %q is none: write one of %s", in.System, strings.Join(config.SystemNames(), ", "))
			case in.AcceptMissing && strings.TrimSpace(in.Reason) == "":
				return errors.New("--accept-missing takes accounts off the record: say why with --reason")
			case !in.AcceptMissing && (in.Reason != "" || keyFile != ""):
				return errors.New("--reason and --key go with --accept-missing: any other reading needs none")
			}
			return nil
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			if !a.Config.Systems.Has(in.System) {
				return fmt.Errorf("gatehouse.yaml has no section systems.%s", in.System)
			}
			in.Full = !changes
			if err := acceptAs(cmd, a, &in, keyFile); err != nil {
				return err
			}
			id, err := a.Launch.SystemSweep(cmd.Context(), in)
			if err != nil {
				return err
			}
			cmd.Printf("%s is on it\n", id)
			return nil
		})),
	}
	cmd.Flags().StringVar(&in.System, "system", "", "the system: "+strings.Join(config.SystemNames(), ", "))
	cmd.Flags().BoolVar(&changes, "changes", false, "only what was changed since the last reading")
	cmd.Flags().BoolVar(&in.AcceptMissing, "accept-missing", false, "what is not shown any more was really deleted")
	cmd.Flags().StringVar(&in.By, "by", cmdline.Operator(), "who says so with --accept-missing, kept with the run")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why, with --accept-missing, kept with the run")
	sign.KeyFlag(cmd, &keyFile)
	cmd.MarkFlagsMutuallyExclusive("changes", "accept-missing")
	cmdline.Must(cmd.MarkFlagRequired("system"))
	return cmd
}

// acceptAs has somebody say that what is not shown was deleted. A reading that says nothing of the kind is nobody's word.
func acceptAs(cmd *cobra.Command, a *app.App, in *api.SystemSweepRequest, keyFile string) error {
	if !in.AcceptMissing {
		in.By = ""
		return nil
	}
	said, err := sign.AuthorOf(cmd, a, in.By, keyFile)
	if err != nil {
		return err
	}
	in.By = said.By
	if in.Proof, err = said.Prove(decider.AccountWord("accept-missing", in.By, in.Reason, in.System)); err != nil {
		return sign.Refused(err, "read")
	}
	return nil
}
