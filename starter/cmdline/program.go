package cmdline

import (
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
)

// Program is what all commands share.
type Program struct{ Config string }

// With opens Gatehouse around a command.
func (p *Program) With(needs config.Needs, do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return p.Open(needs, app.Options{Steering: true}, do)
}

// Checked has the command line checked before anything is opened or asked: what is wrong with it is said wherever the command
// is run.
func Checked(check func(*cobra.Command) error, run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd); err != nil {
			return err
		}
		return run(cmd, args)
	}
}

// WithoutTemporal is With for a command that only reads the ledger, or does what it can where Temporal does not answer.
func (p *Program) WithoutTemporal(do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return p.Open(config.Needs{}, app.Options{Steering: true, Lenient: true}, do)
}

// Open opens Gatehouse around a command as the options say.
func (p *Program) Open(needs config.Needs, o app.Options, do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) (err error) {
		cfg, err := config.Load(p.Config, needs)
		if err != nil {
			return err
		}
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
		a, err := app.Open(cmd.Context(), cfg, o)
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

// Beforehand opens Gatehouse for a command that reads OneLogin and HR, and does without Temporal and without a ledger.
func (p *Program) Beforehand(do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return p.Open(config.Needs{Directory: true}, app.Options{LedgerIfAny: true, Lenient: true}, do)
}

// Must is for mistakes in this program that show at its first start.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// AskWithin bounds one question to a run: where no worker answers, the ledger still does.
const AskWithin = 2 * time.Second
