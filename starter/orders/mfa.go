package orders

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/ledger/mfa"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// MFA makes the commands mfa.
func MFA(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{Use: "mfa", Short: "Second factors: how people stand, longer grace, exemptions"}
	cmd.AddCommand(mfaStatus(p), mfaScan(p),
		mfaException(p, api.VerbExtend, "Give a person longer to enrol a second factor", "extended"),
		mfaException(p, api.VerbExempt, "Excuse a person from enrolling a second factor, until a day", "exempt"))
	return cmd
}

// mfaException sends an exception to the person's grace period, and starts one where none runs.
func mfaException(p *cmdline.Program, verb, short, done string) *cobra.Command {
	var who, until, keyFile string
	var d api.MFADecision
	cmd := &cobra.Command{
		Use: verb, Short: short, Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) (err error) {
			d.Until, err = moment(until, time.Now())
			return err
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			key, err := cmdline.FindOwner(cmd.Context(), a, who)
			if err != nil {
				return err
			}
			if err := cmdline.RefuseUnknown(cmd, a, key); err != nil {
				return err
			}
			states, err := a.Ledger.MFA().StatesOf(cmd.Context(), key)
			if err != nil {
				return err
			}
			input := api.GraceInput{Key: key}
			if len(states) > 0 {
				input.AccountID = states[0].AccountID
			}
			said, err := sign.AuthorOf(cmd, a, d.By, keyFile)
			if err != nil {
				return err
			}
			d.By = said.By
			if d.Proof, err = said.Prove(decider.MFAWord(api.MFAGraceID(key), verb, d)); err != nil {
				return sign.Refused(err, "decided")
			}
			if err := a.Launch.Except(cmd.Context(), verb, input, d); err != nil {
				return err
			}
			cmd.Printf("%s: %s until %s by %s\n", key, done, d.Until.UTC().Format("2006-01-02 15:04 MST"), said.Name())
			return nil
		})),
	}
	cmdline.PersonFlag(cmd, &who)
	cmd.Flags().StringVar(&until, "until", "", "a day (2026-01-31, its end), a moment (2026-01-31T18:00:00Z) or a number of days (14d)")
	cmd.Flags().StringVar(&d.By, "by", cmdline.Operator(), "who decides, for the evidence")
	sign.KeyFlag(cmd, &keyFile)
	cmd.Flags().StringVar(&d.Reason, "reason", "", "why, for the evidence")
	cmdline.Must(errors.Join(cmd.MarkFlagRequired("person"), cmd.MarkFlagRequired("until"), cmd.MarkFlagRequired("reason")))
	return cmd
}

// moment reads an end that somebody typed.
func moment(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at.Add(24*time.Hour - time.Second), nil
	}
	var days int
	if n, err := fmt.Sscanf(text+"\n", "%dd\n", &days); err == nil && n == 1 && days > 0 {
		return now.Add(time.Duration(days) * 24 * time.Hour), nil
	}
	return time.Time{}, fmt.Errorf("--until %q is not a valid end: write a day like 2026-01-31, a moment like 2026-01-31T18:00:00Z, or 14d", text)
}

func mfaStatus(p *cmdline.Program) *cobra.Command {
	var who string
	cmd := &cobra.Command{
		Use: "status", Short: "Show how everybody stands, or one person", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if who == "" {
				c, err := a.Ledger.MFA().Count(cmd.Context())
				if err != nil {
					return err
				}
				cli.Only(cmd, "counts")
				cli.Value(cmd, "counts", mfaCounts(c))
				cmd.Printf("%d accounts can sign in: %d have a second factor, %d have none, %d are exempt, %d are not read yet\n",
					c.Active, c.Some, c.None, c.Exempt, c.Unknown)
				return nil
			}
			key, err := cmdline.FindOwner(cmd.Context(), a, who)
			if err != nil {
				return err
			}
			states, err := a.Ledger.MFA().StatesOf(cmd.Context(), key)
			if err != nil {
				return err
			}
			if len(states) == 0 {
				return fmt.Errorf("no scan has seen an account of %s yet: run `starter mfa scan`, or check the key", key)
			}
			cli.Only(cmd, "accounts")
			cli.Value(cmd, "accounts", mfaLines(states))
			for _, s := range states {
				printMFA(cmd, s)
			}
			return nil
		}),
	}
	cmdline.PersonFlag(cmd, &who)
	return cmd
}

func printMFA(cmd *cobra.Command, s mfa.State) {
	line := func(name string, at time.Time) {
		if !at.IsZero() {
			cmd.Printf("%-10s%s\n", name, at.UTC().Format("2006-01-02 15:04 MST"))
		}
	}
	cmd.Printf("account   OneLogin %d, can sign in: %t\nfactor    %s, read by %s\n", s.AccountID, s.Active, s.Factor, s.Source)
	if has := uncounted(s); has != "" {
		cmd.Printf("uncounted %s; every kind counts but %s\n", has, strings.Join(s.Weak, ", "))
	}
	if kind := identity.AccountKind(s.Kind).Title(); kind != "" {
		cmd.Printf("kind      %s\n", kind)
	}
	line("checked", s.CheckedAt)
	if s.Clock > 0 {
		cmd.Printf("stage     %s, clock %d, %d reminders, row %d of the tracking sheet\n", s.Stage, s.Clock, s.Reminders, s.Row)
	}
	line("since", s.Since)
	line("extended", s.ExtendedUntil)
	line("exempt", s.ExemptUntil)
	line("deadline", s.Deadline)
}

func mfaScan(p *cmdline.Program) *cobra.Command {
	var everybody bool
	cmd := &cobra.Command{
		Use: "scan", Short: "Read now who has a second factor, as the schedule does every week", Args: cobra.NoArgs,
		RunE: p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			id, err := a.Launch.Scan(cmd.Context(), everybody)
			if err != nil {
				return err
			}
			cmd.Printf("started %s; follow it with: temporal workflow show -w %s\n", id, id)
			return nil
		}),
	}
	cmd.Flags().BoolVar(&everybody, "everybody", false, "read everybody again, instead of those who changed")
	return cmd
}
