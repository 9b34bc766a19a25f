package agents

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/policyfile"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
	"gatehouse/starter/cmdline"
)

func report(p *cmdline.Program) *cobra.Command {
	var name string
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Sum up what each agent asked, what was refused, and what it never used",
		Long: `Sum up what each agent asked, what was refused, and what it never used.

A rule or a tool that an agent does not use is one that it can lose. Agents of the policy that asked nothing are there too; an agent that is
called "-" stands for whoever called without a token that counts.`,
		Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if since <= 0 {
				return fmt.Errorf("--since is %s: write how far to look back, such as 720h", since)
			}
			pol, err := policyfile.Load(a.Config.Policy, app.Installed(a.Config))
			if err != nil {
				return err
			}
			usage, err := a.Ledger.Agents().Usage(cmd.Context(), name, time.Now().Add(-since))
			if err != nil {
				return err
			}
			switches, err := a.Ledger.Agents().Switches(cmd.Context())
			if err != nil {
				return err
			}
			off := map[string]ledgeragents.Switch{}
			for _, sw := range switches {
				off[sw.Scope] = sw
			}
			all := reported(pol.Agents(), usage, name)
			if len(all) == 0 {
				return fmt.Errorf("no agent %q is in the policy, and none of this name has asked anything", name)
			}
			if !cli.Collects(cmd) {
				for _, each := range all {
					describe(cmd, each, usage[each.Name], standing(each, off))
				}
				return nil
			}
			t := cmdline.NewSheet(cmd, "agents", "agent", "owner", "state", "asked", "allowed", "refused", "requests", "effects", "people", "last_use", "unused_rules", "unused_tools")
			for _, each := range all {
				u := usage[each.Name]
				rules, tools := each.Unused(u.Rules, u.Tools)
				t.Add(each.Name, each.Owner, standing(each, off), u.Asked, u.Allowed, cmdline.NeverNull(counted(u.Refused)), u.Requests, cmdline.NeverNull(counted(u.Effects)),
					u.People, cli.At(u.LastUse), cmdline.NeverNull(rules), cmdline.NeverNull(tools))
			}
			t.Render()
			return nil
		}),
	}
	cmd.Flags().StringVar(&name, "agent", "", "only the agent of this `name`")
	cmd.Flags().DurationVar(&since, "since", 30*24*time.Hour, "how far to look back")
	return cmd
}

// describe sums an agent up in a few lines.
func describe(cmd *cobra.Command, each agent.Agent, u ledgeragents.Usage, state string) {
	cmd.Printf("%s: %s\n", each.Name, strings.TrimPrefix(strings.Join([]string{each.Owner, state}, ", "), ", "))
	refused := strings.Join(counted(u.Refused), ", ")
	if refused == "" {
		refused = "none"
	}
	cmdline.Told(cmd, "  asked     ", fmt.Sprintf("%d calls, %d of them allowed, about %s; refused: %s", u.Asked, u.Allowed, cmdline.CountPeople(u.People), refused))
	cmdline.Told(cmd, "  requests  ", strings.Join(append([]string{fmt.Sprint(u.Requests)}, counted(u.Effects)...), ", "))
	if !u.LastUse.IsZero() {
		cmdline.Told(cmd, "  last use  ", cli.Ago(u.LastUse))
	}
	rules, tools := each.Unused(u.Rules, u.Tools)
	if len(rules)+len(tools) > 0 {
		cmdline.Told(cmd, "  not used  ", strings.TrimPrefix("rules "+strings.Join(rules, ", ")+"; tools "+strings.Join(tools, ", "), "rules ; "))
	}
}

// reported are the agents of the policy, and those that asked something and are not there any more.
func reported(known []agent.Agent, usage map[string]ledgeragents.Usage, only string) []agent.Agent {
	var all []agent.Agent
	for _, each := range known {
		if only == "" || each.Name == only {
			all = append(all, each)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(usage)) {
		if !slices.ContainsFunc(known, func(a agent.Agent) bool { return a.Name == name }) {
			all = append(all, agent.Agent{Name: name})
		}
	}
	return all
}

// standing is how an agent stands now.
func standing(each agent.Agent, off map[string]ledgeragents.Switch) string {
	sw, is := off[ledgeragents.OfAgent(each.Name)]
	if !is {
		sw, is = off[ledgeragents.All]
	}
	switch {
	case is && sw.Cause != "":
		return "quarantined: " + sw.Cause
	case is:
		return "off"
	case each.State == "":
		return "not in the policy"
	case each.Refuses(time.Now()) != "":
		return each.Refuses(time.Now())
	}
	return string(each.State) + ", " + string(each.Mode)
}

// counted is a count for each word, the most first.
func counted(counts map[string]int) []string {
	words := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(words, func(a, b string) int { return counts[b] - counts[a] })
	for i, word := range words {
		words[i] = fmt.Sprintf("%s %d", strings.TrimSpace(word), counts[word])
	}
	return words
}
