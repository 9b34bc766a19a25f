package main

import (
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"gatehouse/gateway"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
)

func codecServer(p *cmdline.Program) *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "codec",
		Short: "Open sealed payloads for the Temporal UI and CLI on this machine",
		Long: `Open sealed payloads for the Temporal UI and CLI on this machine.

Give its address to the UI under "Codec server", or to the CLI as --codec-endpoint. It needs the encryption keys and
nothing else. Whoever reaches it reads personal data, so it listens on the own machine only.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(p.Config, config.Needs{})
			if err != nil {
				return err
			}
			keys, err := app.Codec(cfg)
			if err != nil {
				return err
			}
			if keys == nil {
				return errors.New("encryption is not configured, so that nothing is sealed: the UI needs no help")
			}
			if err := cmdline.LoopbackOnly("--listen", listen, false); err != nil {
				return err
			}
			endpoint, err := keys.Endpoint(cfg.Temporal.UI)
			if err != nil {
				return err
			}
			var config net.ListenConfig
			listener, err := config.Listen(cmd.Context(), "tcp", listen)
			if err != nil {
				return fmt.Errorf("listen for the Temporal UI: %w", err)
			}
			cmd.Printf("opening payloads at http://%s for %s\n", listener.Addr(), cfg.Temporal.UI)
			return gateway.Serve(cmd.Context(), listener, endpoint)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8234", "address on this machine")
	return cmd
}
