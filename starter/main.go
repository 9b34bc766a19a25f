// Command starter serves the gateway and starts or steers runs by hand.
package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
)

func main() { os.Exit(cli.Main(command())) }

// program is what all commands share.
type program struct{ config string }

func command() *cobra.Command {
	p := &program{}
	root := &cobra.Command{
		Use: "starter", Short: "Serve the gateway, and start or steer runs by hand",
	}
	cli.ConfigFlag(root, &p.config)
	root.AddCommand(
		p.serve(), p.onboard(), p.offboard(), p.order(), p.release(), p.plan(), p.decide(), p.key(),
		p.login(), p.status(), p.list(), p.holds(), p.records(), p.evidence(), p.account(), p.unlinkAccount("unlink-account"),
		p.policy(), p.review(), p.mfa(), p.codec(), p.adopt(), p.attention(), p.authorise(), p.doctor(),
		p.show(), p.templates(), cli.ExitCodes(),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	withOutput(root)
	withExamples(root)
	p.withCompletion(root)
	return cli.Prepared(root)
}

// with opens Gatehouse around a command.
func (p *program) with(needs config.Needs, do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return p.open(needs, app.Options{Steering: true}, do)
}

// withoutTemporal is with for a command that does what it can where Temporal does not answer.
func (p *program) withoutTemporal(do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return p.open(config.Needs{}, app.Options{Steering: true, Lenient: true}, do)
}

func (p *program) open(needs config.Needs, o app.Options, do func(*cobra.Command, *app.App) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) (err error) {
		cfg, err := config.Load(p.config, needs)
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
