package show

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	beside "gatehouse/internal/standing"
	"gatehouse/ledger/systems"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
)

// Systems makes the command systems.
func Systems(p *cmdline.Program) *cobra.Command {
	return &cobra.Command{
		Use: "systems", Short: "Show how the systems beside OneLogin stand: mode, last reading, whose accounts, what is owed", Args: cobra.NoArgs,
		Long: `Show how the systems beside OneLogin stand: mode, last reading, whose accounts, what is owed.

  linked    a person's                      asked    perhaps a person's: somebody has to say (starter account list)
  unowned   nobody's                        owed     steps that could not be carried out so far, and since when
  believed  memberships that are not shown any more, and are believed until a reading of the account has confirmed it

It asks the ledger and none of the systems; starter doctor asks them.`,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			pol, err := a.LoadPolicy(a.Config.Policy)
			if err != nil {
				return err
			}
			all, err := beside.Of(cmd.Context(), a.Ledger, pol, a.Config.Systems.Names())
			if err != nil {
				return err
			}
			if len(all) == 0 {
				cmd.Println("There is none: gatehouse.yaml has no section systems.")
			}
			printSystems(cmd, all)
			var owed []systems.Debt
			for _, s := range all {
				owed = append(owed, s.Debts...)
			}
			printDebts(cmd, owed)
			return nil
		}),
	}
}

func printSystems(cmd *cobra.Command, all []beside.System) {
	t := cmdline.NewSheet(cmd, "systems", "system", "mode", "provisioned_by", "read", "accounts", "linked", "asked", "unowned", "disputed", "owed", "owed_since", "believed")
	for _, s := range all {
		by := ""
		if s.Policy != nil {
			by = s.Policy.ProvisionedBy
		}
		t.Add(s.Name, cmp.Or(s.Mode(), "not in the policy"), by, cli.At(s.ReadAt), s.Seen, s.States[identity.AccountLinked], s.States[identity.AccountCandidate],
			s.States[identity.AccountUnowned], s.States[identity.AccountDisputed], len(s.Debts), cli.At(s.Oldest()), s.Believed)
	}
	t.Render()
}

func printDebts(cmd *cobra.Command, owed []systems.Debt) {
	if len(owed) == 0 && !cli.Collects(cmd) {
		return
	}
	t := cmdline.NewSheet(cmd, "owed", "system", "person", "account", "step", "since", "why", "leaving")
	for _, d := range owed {
		t.Add(d.System, d.Key, d.Account, string(d.Step), cli.At(d.Since), d.Why, d.Leaving)
	}
	t.Render()
}

// lateSweep is how many readings of a system may be missed before somebody is told.
const lateSweep = 3

// readSystems says how each system beside OneLogin stands.
func (s *survey) readSystems(p *policy.Policy) {
	if p == nil {
		return // The policy file says so.
	}
	all, err := beside.Of(s.cmd.Context(), s.app.Ledger, p, s.app.Config.Systems.Names())
	if err != nil {
		s.add(unknown("systems beside OneLogin", err))
		return
	}
	for _, each := range all {
		s.add(systemPart(each, s.now, s.app.Config.Schedules.Systems))
	}
}

func systemPart(each beside.System, now time.Time, every time.Duration) part {
	one := part{name: "system " + each.Name, todo: "starter systems"}
	trigger := "temporal schedule trigger --schedule-id " + api.SystemSweepID(each.Name)
	mode := cmp.Or(each.Mode(), "not in the policy")
	switch {
	case !each.Configured:
		one.state, one.standing, one.todo = "NOT CONFIGURED, and the policy names it", wrong, "set systems."+each.Name+" in gatehouse.yaml"
		return one
	case each.ReadAt.IsZero():
		one.state, one.standing, one.todo = mode+", NEVER READ COMPLETELY", wrong, trigger
		return one
	}
	parts := []string{fmt.Sprintf("%s, %d accounts, read %s", mode, each.Seen, cli.Ago(each.ReadAt))}
	if n := each.States[identity.AccountCandidate]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d may be somebody's", n))
	}
	if n := each.Leavers(); n > 0 {
		parts, one.standing = append(parts, fmt.Sprintf("%d STEPS THAT END ACCESS ARE OWED", n)), wrong
	} else if n := len(each.Debts); n > 0 {
		parts = append(parts, fmt.Sprintf("%d steps owed since %s", n, cli.Ago(each.Oldest())))
	}
	switch {
	case each.Stale(now):
		parts, one.standing = append(parts, "TOO OLD to give or take anything by"), wrong
	case !each.TriedAt.IsZero() && now.Sub(each.TriedAt) > lateSweep*every:
		parts, one.standing, one.todo = append(parts, "LATE: due every "+cli.Span(every)), wrong, trigger
	}
	one.state = strings.Join(parts, "; ")
	return one
}

// printOwed says what of a person could not be carried out in the systems so far.
func printOwed(cmd *cobra.Command, a *app.App, key string) error {
	owed, err := a.Ledger.Systems().DebtsOf(cmd.Context(), key)
	for _, d := range owed {
		account := d.System
		if d.Account != "" {
			account = identity.Ref{System: d.System, ID: d.Account}.String()
		}
		cmdline.Told(cmd, fmt.Sprintf("%-10s", "owed"), fmt.Sprintf("%s %s, since %s: %s", account, d.Step, cmdline.Clock(d.Since), d.Why))
	}
	return err
}
