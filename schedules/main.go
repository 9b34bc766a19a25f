// Command schedules reconciles Temporal Schedules with the configuration.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/schedule"
)

func main() { os.Exit(cli.Main(command())) }

func command() *cobra.Command {
	var path string
	root := &cobra.Command{
		Use: "schedules", Short: "Reconcile Temporal Schedules with the configuration",
		Example: `  schedules diff
  schedules --config gatehouse.yaml apply`,
	}
	cli.ConfigFlag(root, &path)
	root.AddCommand(
		&cobra.Command{
			Use: "apply", Short: "Make the schedules what the configuration says", Args: cobra.NoArgs,
			Example: "  schedules apply",
			RunE: with(&path, func(cmd *cobra.Command, a *app.App) error {
				return show(cmd, "created", "deleted: ", "changed: ")(a.ApplySchedules(cmd.Context()))
			}),
		},
		&cobra.Command{
			Use: "diff", Short: "Show how the schedules differ from the configuration", Args: cobra.NoArgs,
			Example: "  schedules diff",
			RunE: with(&path, func(cmd *cobra.Command, a *app.App) error {
				return show(cmd, "missing", "surplus: ", "")(a.Schedules().Compare(cmd.Context()))
			}),
		},
		&cobra.Command{
			Use: "list", Short: "List the schedules of the configuration", Args: cobra.NoArgs,
			Example: "  schedules list",
			RunE: with(&path, func(cmd *cobra.Command, a *app.App) error {
				for _, p := range a.Schedules().Wanted() {
					cmd.Printf("%-20s %s\n", p.ID, p.When())
				}
				return nil
			}),
		},
	)
	return root
}

// with opens Gatehouse around a command.
func with(path *string, do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) (err error) {
		cfg, err := config.Load(*path, config.Needs{})
		if err != nil {
			return err
		}
		a, err := app.Open(cmd.Context(), cfg, app.Options{NoLedger: true})
		if err != nil {
			return err
		}
		defer func() {
			if closing := a.Close(); err == nil {
				err = closing
			}
		}()
		return do(cmd, a)
	}
}

// show prints the differences, in the words of a report or of what was done about them.
func show(cmd *cobra.Command, missing, surplus, changed string) func([]schedule.Difference, error) error {
	return func(all []schedule.Difference, err error) error {
		if err != nil {
			return err
		}
		for _, d := range all {
			switch {
			case d.Missing:
				cmd.Printf("%-20s %s\n", d.ID, missing)
			case d.Foreign:
				cmd.Printf("%-20s not ours, left alone: it starts one of Gatehouse's workflows\n", d.ID)
			case d.Surplus:
				cmd.Printf("%-20s %snothing in the configuration asks for it\n", d.ID, surplus)
			case len(d.Changes) == 0:
				cmd.Printf("%-20s in step\n", d.ID)
			}
			if d.Paused != "" {
				cmd.Printf("%-20s %s\n", d.ID, d.Paused)
			}
			for _, c := range d.Changes {
				cmd.Printf("%-20s %s%s\n", d.ID, changed, c)
			}
		}
		return nil
	}
}
