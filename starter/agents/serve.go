package agents

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/agents"
	"gatehouse/gateway"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
)

// finish is how long answers that have begun may take when the server is stopped.
const finish = 5 * time.Second

// Agents serves agents, and holds the commands about them.
func Agents(p *cmdline.Program) *cobra.Command {
	var public bool
	cmd := &cobra.Command{
		Use:   "agents",
		Short: "Serve agents over MCP, and say who they are and what they did",
		Long: `Serve agents over MCP, and say who they are and what they did.

Alone it serves until it is stopped. It holds no vendor credential: what agents read is the ledger's inventory. Which agents there are,
and what each may ask about whom, is in the section agents of the policy; their tokens come from the identity provider of
agents.issuer, or from the command token.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := config.Load(p.Config, config.Needs{Agents: true})
			if err != nil {
				return err
			}
			if err := cmdline.LoopbackOnly("agents.listen", cfg.Agents.Listen, public); err != nil {
				return err
			}
			log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
			a, err := app.Open(cmd.Context(), cfg, app.Options{Log: log, Steering: true, Lenient: true, Watch: "agents"})
			if err != nil {
				return err
			}
			defer func() {
				if closing := a.Close(); err == nil {
					err = closing
				}
			}()
			handler, err := a.Agents(cmd.Context())
			if err != nil {
				return err
			}
			var listen net.ListenConfig
			listener, err := listen.Listen(cmd.Context(), "tcp", cfg.Agents.Listen)
			if err != nil {
				return fmt.Errorf("listen for agents: %w", err)
			}
			log.Info("agents served", "address", listener.Addr().String(), "url", cfg.Agents.URL)
			return gateway.Run(cmd.Context(), listener, agents.Server(handler), finish)
		},
	}
	cmd.Flags().BoolVar(&public, "public", false, "allow an address other than loopback")
	cmd.AddCommand(token(p), tokens(p), revoke(p), off(p), on(p), calls(p), requests(p))
	return cmd
}
