package decide

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger/budgets"
	"gatehouse/starter/cmdline"
)

// Holds makes the command holds.
// Long because the list and who is on it are one answer.
func Holds(p *cmdline.Program) *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use: "holds", Short: "Show what the safety budgets hold until somebody decides", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			// The budgets of a system beside OneLogin hold people by its name.
			beside := slices.Contains(a.Config.Systems.Names(), source)
			if source != "" && !beside {
				if err := cmdline.KnownSource(a, source); err != nil {
					return err
				}
			}
			all, err := a.Ledger.Budgets().Holds(cmd.Context())
			if err != nil {
				return err
			}
			var decide []string
			t := cmdline.NewSheet(cmd, "holds", "HR source", "change", "people", "held since", "state")
			for _, h := range all {
				if source != "" && h.Source != source {
					continue
				}
				t.Add(h.Source, h.Kind, h.People, cli.At(h.Since), HeldState(h))
				decide = append(decide, "starter show --workflow "+api.HoldID(api.HoldRef{Source: h.Source, Kind: h.Kind}))
			}
			if t.Length() == 0 {
				if cli.Collects(cmd) {
					t.Render()
				}
				cmd.Println("Nothing is held.")
				return nil
			}
			t.Render()
			cmd.Println("What is asked, and the command of each answer:")
			for _, command := range decide {
				cmd.Println("  " + command)
			}
			if source == "" {
				return nil
			}
			people := cmdline.NewSheet(cmd, "people", "change", "person_episode|person/episode", "what is called for")
			for _, h := range all {
				if h.Source != source {
					continue
				}
				if day, ahead := strings.CutPrefix(h.Kind, api.HoldAhead); ahead && day >= time.Now().Format(time.DateOnly) {
					cmd.Printf("%s: who leaves is not shown before that day\n", h.Kind)
					continue
				}
				keys, err := a.Ledger.Budgets().HeldKeys(cmd.Context(), h.Source, h.Kind)
				if err != nil {
					return err
				}
				calls, err := calledFor(cmd.Context(), a, h.Kind)
				if err != nil {
					return err
				}
				for _, row := range heldRows(h.Kind, keys, calls) {
					if beside {
						row[1] += " in " + source
					}
					people.Add(h.Kind, row[0], row[1])
				}
			}
			people.Render()
			return nil
		}),
	}
	cmd.Flags().StringVar(&source, "source", "", "one HR source or system, and who is held there")
	return cmd
}

// kindCalls is what each kind of hold calls for, where nothing is known of the person.
var kindCalls = map[string]string{
	api.HoldLeaver:     "end all access",
	api.HoldJoin:       "make or open an account",
	api.HoldDelete:     "delete the account",
	api.HoldRemove:     "take roles",
	api.HoldGrant:      "give roles",
	api.HoldPrivileged: "give privileged roles",
	api.HoldGroup:      "move to another group",
	api.HoldProfile:    "change the name or profile",
	api.HoldReactivate: "open the account again",
}

// heldRows are the people of a hold, each once, with what is called for. The digest of what a change comes to is left out of their keys: it
// tells nobody anything.
func heldRows(kind string, keys []string, calls map[string]string) (rows [][2]string) {
	for _, key := range keys {
		parts := strings.SplitN(key, "/", 3)
		call := cmp.Or(calls[parts[0]], kindCalls[kind])
		if day, ahead := strings.CutPrefix(kind, api.HoldAhead); ahead {
			call = "end all access on their last day, the first of them on " + day
		}
		row := [2]string{strings.Join(parts[:min(2, len(parts))], "/"), call}
		if !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// HeldState says what somebody has decided about a hold.
func HeldState(h budgets.Hold) string {
	if !h.Rejected() {
		return "nobody has decided"
	}
	return "rejected by " + h.RejectedBy + " " + cli.Ago(h.RejectedAt) + ", and HR still says so"
}

// calledFor is what a batch of a kind calls for, by person.
func calledFor(ctx context.Context, a *app.App, kind string) (map[string]string, error) {
	calls := map[string]string{}
	if kind != api.GapPolicy && kind != api.GapLeftBefore {
		return calls, nil
	}
	gaps, err := a.Ledger.Worklist().Gaps(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range gaps {
		if g.Kind != kind {
			continue
		}
		calls[g.Key] = strings.ReplaceAll(strings.Join(g.Steps, ", "), "_", " ")
		if len(g.Steps) == 0 {
			calls[g.Key] = "end all access"
		}
	}
	return calls, nil
}
