package decide

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/ledger/roster"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Records makes the command records.
func Records(p *cmdline.Program) *cobra.Command {
	var source string
	var reassess bool
	var word acceptance
	cmd := &cobra.Command{
		Use: "records", Short: "Show what is quarantined of a source, and records that need somebody",
		Long: `Show what is quarantined of a source, and records that need somebody: those that could not be read or may be of one
human, who had left before the first reading, and who holds access beyond the policy.

Each thing for which the last reading is quarantined has a code. --accept takes what is shown under a code for right: the poll
reads the source once more, and goes by it if it still says the same. Another report is asked about anew. Who has left by
their own record waits for none of this.`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		word.source = source
		switch {
		case reassess:
			return p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error { return hintLeftBefore(cmd, a, source) })(cmd, args)
		case word.code != "":
			return cmdline.Checked(word.check, p.With(config.Needs{}, word.accept))(cmd, args)
		}
		return p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error { return showRecords(cmd, a, source) })(cmd, args)
	}
	cmd.Flags().StringVar(&source, "source", "", "the HR source: workday or bamboohr")
	cmd.Flags().BoolVar(&reassess, "reassess", false, "look now at everybody who had left before the first reading")
	cmd.Flags().StringVar(&word.code, "accept", "", "take what is shown under this code for right")
	cmd.Flags().StringVar(&word.by, "by", cmdline.Operator(), "who accepts it, for the record")
	sign.KeyFlag(cmd, &word.keyFile)
	cmd.Flags().StringVar(&word.reason, "reason", "", "why, for the record")
	cmd.Flags().DurationVar(&word.within, "wait", 15*time.Second, "how long to wait for a worker to answer")
	cmd.MarkFlagsMutuallyExclusive("reassess", "accept")
	cmdline.Must(cmd.MarkFlagRequired("source"))
	return cmd
}

// showRecords shows what is quarantined of a source, and the records that need somebody.
func showRecords(cmd *cobra.Command, a *app.App, source string) error {
	if err := cmdline.KnownSource(a, source); err != nil {
		return err
	}
	if err := showDoubts(cmd, a.Ledger, source); err != nil {
		return err
	}
	t := cmdline.NewSheet(cmd, "findings", "record", "what", "why", "has left", "times", "since", "last")
	for _, kind := range []string{
		roster.FindingHeldBack, roster.FindingSetAside, roster.FindingOddDelivery, roster.FindingLeftBefore, roster.FindingDuplicate,
		roster.FindingBeyondPolicy,
	} {
		found, err := a.Ledger.Roster().Findings(cmd.Context(), source, kind)
		if err != nil {
			return err
		}
		for _, f := range found {
			t.Add(f.Subject, strings.ReplaceAll(f.Kind, "_", " "), f.Why, f.Left, f.Times, cli.At(f.First), cli.At(f.Latest))
		}
	}
	t.Render()
	return nil
}

// hintLeftBefore hints everybody who had left before the first reading. Their own runs see to the safety budget.
func hintLeftBefore(cmd *cobra.Command, a *app.App, source string) error {
	if err := cmdline.KnownSource(a, source); err != nil {
		return err
	}
	found, err := a.Ledger.Roster().Findings(cmd.Context(), source, roster.FindingLeftBefore)
	if err != nil {
		return err
	}
	tell := cli.Counted(cmd, "people hinted", len(found))
	for i, f := range found {
		tell(i)
		key, linked, err := a.Ledger.People().Resolve(cmd.Context(), source, f.Subject)
		if err != nil {
			return err
		}
		if !linked {
			key = source + "-" + f.Subject
		}
		if _, err := a.Launch.Send(cmd.Context(), key, api.Hint{Source: "operator", Cause: "poll"}); err != nil {
			return fmt.Errorf("%d of %d hinted: %w", i, len(found), err)
		}
		if err := a.Ledger.Roster().SettleFinding(cmd.Context(), source, f.Kind, f.Subject); err != nil {
			return err
		}
	}
	cmd.Printf("hinted %d people who had left before the first reading of %s; follow them with: starter list\n", len(found), source)
	return nil
}
