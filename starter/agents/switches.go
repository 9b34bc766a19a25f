package agents

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/killswitch"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
	"gatehouse/starter/cmdline"
)

// scope is what a switch is about: one of its flags is given.
type scope struct {
	agent, tool string
	all         bool
}

func (s *scope) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.agent, "agent", "", "the agent of this `name`")
	cmd.Flags().StringVar(&s.tool, "tool", "", "one `tool`, whichever agent asks: "+strings.Join(agent.Tools(), ", "))
	cmd.Flags().BoolVar(&s.all, "all", false, "every agent and every tool")
	cmd.MarkFlagsOneRequired("agent", "tool", "all")
	cmd.MarkFlagsMutuallyExclusive("agent", "tool", "all")
}

func (s *scope) of() (string, error) {
	switch {
	case s.agent != "":
		return ledgeragents.OfAgent(s.agent), nil
	case s.tool == "":
		return ledgeragents.All, nil
	case !slices.Contains(agent.Tools(), s.tool):
		return "", fmt.Errorf("--tool %s is none: write one of %s", s.tool, strings.Join(agent.Tools(), ", "))
	}
	return ledgeragents.OfTool(s.tool), nil
}

func off(p *cmdline.Program) *cobra.Command {
	var what scope
	var reason string
	cmd := &cobra.Command{
		Use:   "off",
		Short: "Stop an agent, a tool, or all of them, at once",
		Long: `Stop an agent, a tool, or all of them, at once.

It is read right before every answer, and right before every write to a vendor that an order of the agent leads to. What has begun by then
ends. Orders that were not carried out wait; what was carried out stays. A list item for security says what is off.`,
		Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			name, err := what.of()
			if err != nil {
				return err
			}
			fresh, err := killswitch.Off(cmd.Context(), a.Ledger, ledgeragents.Switch{Scope: name, By: cmdline.Operator(), Reason: reason})
			switch {
			case err != nil:
				return err
			case !fresh:
				cmd.Printf("%s was off already.\n", name)
			default:
				cmd.Printf("%s is off.\n", name)
			}
			return nil
		}),
	}
	what.flags(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever wants to switch it on again")
	cmdline.Must(cmd.MarkFlagRequired("reason"))
	return cmd
}

func on(p *cmdline.Program) *cobra.Command {
	var what scope
	cmd := &cobra.Command{
		Use: "on", Short: "Let an agent, a tool, or all of them, go on after off or a quarantine", Args: cobra.NoArgs,
		RunE: p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			name, err := what.of()
			if err != nil {
				return err
			}
			waited, err := killswitch.On(cmd.Context(), a.Ledger, name)
			if err != nil {
				return err
			}
			cmd.Printf("%s is on.\n", name)
			for _, key := range waited {
				if _, err := a.Launch.Send(cmd.Context(), key, api.Hint{Source: "operator", Cause: "agent on"}); err != nil {
					return fmt.Errorf("have those assessed for whom orders waited; the next comparison does it within the hour: %w", err)
				}
			}
			if len(waited) > 0 {
				cmd.Printf("%s, for whom orders waited, %s assessed now.\n", cmdline.CountPeople(len(waited)), map[bool]string{true: "is", false: "are"}[len(waited) == 1])
			}
			return nil
		}),
	}
	what.flags(cmd)
	return cmd
}
