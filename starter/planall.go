package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/census"
)

// planAll is what the command plan was asked for about everybody.
type planAll struct {
	all, asJSON          bool
	policy, verdict, csv string
	maxAge               time.Duration
}

// verdicts are what can come of a plan.
var verdicts = []string{
	string(identity.VerdictNone), string(identity.VerdictWait), string(identity.VerdictJoin), string(identity.VerdictChange), string(identity.VerdictLeave),
	string(identity.VerdictSuspend), string(identity.VerdictLift), string(identity.VerdictRespond), string(identity.VerdictUndo), string(identity.VerdictAttention),
}

// check refuses what cannot be meant.
func (o planAll) check(cmd *cobra.Command) error {
	if !o.all {
		for _, flag := range []string{"policy", "verdict", "csv", "max-age"} {
			if cmd.Flags().Changed(flag) {
				return fmt.Errorf("--%s belongs to --all", flag)
			}
		}
		return nil
	}
	switch {
	case o.maxAge < 0:
		return fmt.Errorf("--max-age %s: write how old the inventory may be, such as 1h, or 0", o.maxAge)
	case o.verdict != "" && !slices.Contains(verdicts, o.verdict):
		return fmt.Errorf("--verdict %s: write one of %s", o.verdict, strings.Join(verdicts, ", "))
	}
	return writable("csv", o.csv)
}

// run plans for everybody by the policy in force and, if there is one, by another.
func (o planAll) run(cmd *cobra.Command, a *app.App) error {
	inForce, err := a.LoadPolicy(a.Config.Policy)
	if err != nil {
		return err
	}
	other := inForce
	if o.policy != "" {
		if other, err = a.LoadPolicy(o.policy); err != nil {
			return fmt.Errorf("--policy: %w", err)
		}
	}
	data, err := readAll(cmd.Context(), cmd, a, o.maxAge)
	if err != nil {
		return err
	}
	if err := other.CheckTenant(data.Roles, data.Groups); err != nil && len(data.Roles) > 0 {
		return err
	}
	plans := census.New(data, inForce).Plan()
	summary := census.Summarise(inForce, plans)
	var differs *census.Difference
	if o.policy != "" {
		after := census.New(data, other).Plan()
		d := census.Compare(inForce, plans, other, after)
		differs, plans = &d, after
	}
	if o.csv != "" {
		if err := private(o.csv, func(f *os.File) error { return writePlans(f, plans) }); err != nil {
			return err
		}
	}
	switch {
	case o.asJSON && differs != nil:
		err = printJSON(cmd, differs)
	case o.asJSON:
		err = printJSON(cmd, summary)
	case differs != nil:
		printCoverage(cmd, data.Coverage)
		printDifference(cmd, *differs)
	default:
		printCoverage(cmd, data.Coverage)
		printSummary(cmd, summary)
	}
	if o.verdict != "" && !o.asJSON {
		printPeople(cmd, plans, identity.Verdict(o.verdict))
	}
	if err == nil && !data.Complete() {
		err = errors.New("not everything was read in full: see above")
	}
	return err
}

func printSummary(cmd *cobra.Command, s census.Summary) {
	cmd.Printf("\n%d people, policy %s. Nothing was changed.\n", s.People, s.Policy)
	head(cmd, "verdict", "people", "mode")
	for _, v := range s.Verdicts {
		mode := ""
		if v.Verdict != identity.VerdictNone && v.Verdict != identity.VerdictWait && v.Verdict != identity.VerdictAttention {
			mode = string(v.Mode)
		}
		line(cmd, string(v.Verdict), v.People, mode)
	}
	printCounts(cmd, "department, of those to be changed", s.Departments)
	if len(s.Rules) > 0 {
		head(cmd, "rule", "fits", "of them changed")
		for _, r := range s.Rules {
			line(cmd, r.Rule, r.People, strconv.Itoa(r.Changed))
		}
	}
	printRoles(cmd, s.Roles)
	printCounts(cmd, "step", s.Steps)
	printCounts(cmd, "a person has to decide first", s.Notices)
	printBudgets(cmd, "change, against the safety budgets", s.Budgets)
	cmd.Println("\nWho it is: --verdict VERDICT, or --csv FILE")
}

func printDifference(cmd *cobra.Command, d census.Difference) {
	cmd.Printf("\nPolicy %s in force, against %s: %d of %d people change.\nNothing was changed.\n", d.Old.Policy, d.New.Policy, len(d.Changed), d.New.People)
	if len(d.Changed) == 0 {
		return
	}
	head(cmd, "verdict, from and to", "people", "")
	for _, m := range d.Moves {
		line(cmd, fmt.Sprintf("%s, then %s", m.From, m.To), m.People, "")
	}
	byRule := map[string]int{}
	for _, c := range d.Changed {
		for _, rule := range c.Rules {
			byRule[rule]++
		}
	}
	if len(byRule) > 0 {
		head(cmd, "rule that fits now, or with - no more", "people", "")
		for _, rule := range slices.Sorted(maps.Keys(byRule)) {
			line(cmd, rule, byRule[rule], "")
		}
	}
	printRoles(cmd, d.Roles)
	printBudgets(cmd, "new change, against the safety budgets", d.Budgets)
	cmd.Println("\nThe first of them:")
	for _, c := range d.Changed[:min(len(d.Changed), rowsShown)] {
		cmd.Printf("  %-20s %s, then %s\n", c.Person, c.From, c.To)
		wrapped(cmd, "      ", strings.Join(c.Steps, "; "))
	}
}

func printRoles(cmd *cobra.Command, all []census.RoleChange) {
	if len(all) == 0 {
		return
	}
	head(cmd, "role", "given", "taken")
	for _, r := range all {
		taken := ""
		if r.Taken > 0 {
			taken = strconv.Itoa(r.Taken)
		}
		if r.Privileged {
			taken = strings.TrimSpace(taken + " privileged")
		}
		line(cmd, r.Role, r.Given, taken)
	}
}

func printCounts(cmd *cobra.Command, what string, all []census.Count) {
	if len(all) == 0 {
		return
	}
	head(cmd, what, "people", "")
	for _, c := range all {
		var of []string
		for _, v := range slices.Sorted(maps.Keys(c.Of)) {
			of = append(of, fmt.Sprintf("%s %d", v, c.Of[v]))
		}
		line(cmd, c.Name, c.People, strings.Join(of, ", "))
	}
}

func printBudgets(cmd *cobra.Command, what string, all []census.Budget) {
	if len(all) == 0 {
		return
	}
	head(cmd, what, "people", "allowed")
	for _, b := range all {
		allowed := "no budget"
		switch {
		case b.Held:
			allowed = fmt.Sprintf("%d: HELD until somebody decides", b.Allowed)
		case b.Allowed > 0:
			allowed = strconv.Itoa(b.Allowed)
		}
		line(cmd, b.Kind+" in "+b.Source, b.People, allowed)
	}
}

func printPeople(cmd *cobra.Command, plans []*census.Planned, v identity.Verdict) {
	cmd.Printf("\n%s:\n", strings.ToUpper(string(v)))
	for _, p := range plans {
		if p.Plan.Verdict != v {
			continue
		}
		account := "no account"
		if p.Account != nil {
			account = identity.OneLoginRef(p.Account.ID).String()
		}
		cmd.Printf("  %-20s %s\n", p.Key, account)
		wrapped(cmd, "      ", strings.Join(stepsOf(p), "; "))
	}
}

// stepsOf are the steps of a plan, what has to be decided first, and the further accounts it is about.
func stepsOf(p *census.Planned) []string {
	var out []string
	for _, s := range p.Plan.Steps {
		out = append(out, s.String())
	}
	for _, a := range p.Further {
		out = append(out, "end the access of "+identity.OneLoginRef(a.ID).String()+" as well")
	}
	for _, n := range p.Plan.Notices {
		if n.Blocking {
			out = append(out, n.Code)
		}
	}
	for _, a := range p.Doubts {
		out = append(out, identity.OneLoginRef(a.ID).String()+" may be theirs")
	}
	return out
}

// head and line print a table of a name, a number and a word that fits a terminal.
func head(cmd *cobra.Command, name, number, word string) {
	cmd.Println("\n" + strings.TrimRight(fmt.Sprintf("  %-42s %7s  %s", strings.ToUpper(name), strings.ToUpper(number), strings.ToUpper(word)), " "))
}

func line(cmd *cobra.Command, name string, number int, word string) {
	cmd.Println(strings.TrimRight(fmt.Sprintf("  %-42s %7d  %s", clip(name, 42), number, clip(word, terminalWidth-53)), " "))
}

// writePlans writes everybody's plan without names.
func writePlans(f *os.File, plans []*census.Planned) error {
	w := csv.NewWriter(f)
	if err := w.Write([]string{"person", "source", "department", "standing", "account", "verdict", "mode", "steps", "rules"}); err != nil {
		return err
	}
	for _, p := range plans {
		account := ""
		if p.Account != nil {
			account = identity.OneLoginRef(p.Account.ID).String()
		}
		cells := []string{
			p.Key, p.Source(), p.Person.Record.Department, string(p.Person.Standing), account, string(p.Plan.Verdict), string(p.Mode),
			strings.Join(stepsOf(p), "; "), strings.Join(p.Plan.Desired.Rules, "; "),
		}
		for i, cell := range cells {
			cells[i] = harmless(cell)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
