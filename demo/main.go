// Command demo plays Gatehouse's stories against a simulated tenant: real Temporal, real worker and gateway, real HTTP.
//
// It starts everything, tells what happened with a link into the Temporal UI for each story, and stays up for a look
// around. With --once it exits instead, non-zero if a story did not end as it should.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/cli"
)

// playTime bounds all stories together.
const playTime = 5 * time.Minute

func main() { os.Exit(cli.Main(command())) }

func command() *cobra.Command {
	var dir, pictures string
	var once bool
	cmd := &cobra.Command{
		Use: "demo", Short: "Play Gatehouse's stories against a simulated tenant", Args: cobra.NoArgs,
		Long: `Play Gatehouse's stories against a simulated tenant.

It starts everything, tells what happened with a link into the Temporal UI for each story, and stays up for a look around.`,
		Example: `  go run ./demo
  go run ./demo --once
  go run ./demo --dir var/another`,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), dir, pictures, once) },
	}
	cmd.Flags().BoolVar(&once, "once", false, "exit after the stories, non-zero if one did not end as it should")
	cmd.Flags().StringVar(&dir, "dir", "var/demo", "`directory` where the demo keeps its files; emptied at every start")
	cmd.Flags().StringVar(&pictures, "screenshots", "", "after the stories, make the pictures of the documentation in this `directory` and exit")
	return cmd
}

func run(ctx context.Context, dir, pictures string, once bool) (err error) {
	h, err := build(ctx, dir)
	defer func() { err = errors.Join(err, h.tearDown()) }()
	if err != nil {
		return err
	}
	h.welcome()
	play, cancel := context.WithTimeout(ctx, playTime)
	defer cancel()
	failed := h.playAll(play)
	left, openErr := h.leaveOpen(play)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if pictures != "" {
		if err := h.photograph(ctx, pictures); err != nil {
			return err
		}
		once = true
	}
	h.farewell(failed)
	if openErr != nil {
		openErr = fmt.Errorf("what is left open for a person did not come about: %w", openErr)
	}
	if !once {
		h.invite(left, openErr)
		<-ctx.Done()
		fmt.Println("\nstopping everything")
	}
	if failed > 0 {
		return fmt.Errorf("%d stories did not end as they should; see %s for the logs", failed, dir)
	}
	return openErr
}
