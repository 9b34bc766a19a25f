package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/ledger/budgets"
)

// Long because the list and who is on it are one answer.
func (p *program) holds() *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use: "holds", Short: "Show what the safety budgets hold until somebody decides", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			if source != "" {
				if err := knownSource(a, source); err != nil {
					return err
				}
			}
			all, err := a.Ledger.Budgets().Holds(cmd.Context())
			if err != nil {
				return err
			}
			var decide []string
			t := newSheet(cmd, "holds", "HR source", "change", "people", "held since", "state")
			for _, h := range all {
				if source != "" && h.Source != source {
					continue
				}
				t.Add(h.Source, h.Kind, h.People, cli.At(h.Since), heldState(h))
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
			people := newSheet(cmd, "people", "change", "person_episode|person/episode", "what is called for")
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
					people.Add(h.Kind, row[0], row[1])
				}
			}
			people.Render()
			return nil
		}),
	}
	cmd.Flags().StringVar(&source, "source", "", "one HR source, and who is held there")
	return cmd
}

// kindCalls is what each kind of hold calls for, where nothing is known of the person.
var kindCalls = map[string]string{
	api.HoldLeaver:     "end all access",
	api.HoldJoin:       "make or open an account",
	api.HoldDelete:     "undo the hire",
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

// heldState says what somebody has decided about a hold.
func heldState(h budgets.Hold) string {
	if !h.Rejected() {
		return "nobody has decided"
	}
	return "rejected by " + h.RejectedBy + " " + ago(h.RejectedAt) + ", and HR still says so"
}
