package show

import (
	"cmp"
	"encoding/csv"
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
	"gatehouse/internal/cli"
	"gatehouse/policy"
	"gatehouse/starter/accounts"
	"gatehouse/starter/cmdline"
)

// planAll is what the command plan was asked for about everybody.
type planAll struct {
	all bool
	// system is the one beside OneLogin that is planned for, instead of OneLogin.
	system               string
	policy, verdict, csv string
	maxAge               time.Duration
}

// Verdicts are what can come of a plan.
var Verdicts = []string{
	string(identity.VerdictNone), string(identity.VerdictWait), string(identity.VerdictJoin), string(identity.VerdictChange), string(identity.VerdictLeave),
	string(identity.VerdictSuspend), string(identity.VerdictLift), string(identity.VerdictRespond), string(identity.VerdictUndo), string(identity.VerdictDelete),
	string(identity.VerdictAttention),
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
	case o.verdict != "" && !slices.Contains(Verdicts, o.verdict):
		return fmt.Errorf("--verdict %s: write one of %s", o.verdict, strings.Join(Verdicts, ", "))
	}
	return cmdline.Writable("csv", o.csv)
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
	data, err := accounts.ReadAll(cmd.Context(), cmd, a, o.maxAge)
	if err != nil {
		return err
	}
	if o.system != "" {
		return o.inSystem(cmd, a, data, inForce)
	}
	if err := other.CheckTenant(data.Roles, data.Groups); err != nil && len(data.Roles) > 0 {
		return err
	}
	var found planned
	err = o.writing(func(write func(*census.Planned)) {
		found = o.plan(census.New(data, inForce), data, other, write)
	})
	if err != nil {
		return err
	}
	switch {
	case cli.Collects(cmd) && found.differs != nil:
		collectDifference(cmd, *found.differs)
	case cli.Collects(cmd):
		collectSummary(cmd, found.summary)
	case found.differs != nil:
		accounts.PrintCoverage(cmd, data.Coverage)
		printDifference(cmd, *found.differs)
	default:
		accounts.PrintCoverage(cmd, data.Coverage)
		printSummary(cmd, found.summary)
	}
	if o.verdict != "" && !cli.Collects(cmd) {
		printPeople(cmd, found.people, o.verdict)
	}
	return incomplete(data.Coverage)
}

// incomplete says what was not read in full, nil if everything was.
func incomplete(all []census.Coverage) error {
	var what []string
	for _, c := range all {
		for _, problem := range c.Problems {
			what = append(what, c.What+": "+problem)
		}
	}
	if len(what) == 0 {
		return nil
	}
	return fmt.Errorf("not everything was read in full: %s", strings.Join(what, "; "))
}

// planned is what is kept of everybody's plans: a hundred thousand plans are not.
type planned struct {
	summary census.Summary
	// differs compares two policies, nil if there is one.
	differs *census.Difference
	// people are those with the verdict that was asked for.
	people []plannedPerson
}

type plannedPerson struct{ key, account, steps string }

// plan plans for everybody, by another policy as well if one was given, and hands over each plan.
func (o planAll) plan(inForce *census.Census, data *census.Data, other *policy.Policy, also func(*census.Planned)) planned {
	var out planned
	each := func(p *census.Planned) {
		also(p)
		if string(p.Plan.Verdict) == o.verdict {
			out.people = append(out.people, plannedPerson{p.Key, cmp.Or(accountOf(p), "no account"), strings.Join(stepsOf(p), "; ")})
		}
	}
	if o.policy != "" {
		d := census.Compare(inForce, census.New(data, other), each)
		out.differs = &d
		return out
	}
	counting := census.NewCounting(inForce.Policy)
	for p := range inForce.Plans() {
		counting.Add(p)
		each(p)
	}
	out.summary = counting.Summary()
	return out
}

// accountOf names the account that a plan is about, if there is one.
func accountOf(p *census.Planned) string {
	if p.Account == nil {
		return ""
	}
	return identity.OneLoginRef(p.Account.ID).String()
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
	for _, c := range d.Changed[:min(len(d.Changed), cmdline.RowsShown)] {
		cmd.Printf("  %-20s %s, then %s\n", c.Person, c.From, c.To)
		cmdline.Wrapped(cmd, "      ", strings.Join(c.Steps, "; "))
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

func printPeople(cmd *cobra.Command, people []plannedPerson, verdict string) {
	cmd.Printf("\n%s:\n", strings.ToUpper(verdict))
	for _, p := range people {
		cmd.Printf("  %-20s %s\n", p.key, p.account)
		cmdline.Wrapped(cmd, "      ", p.steps)
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
	cmd.Println(strings.TrimRight(fmt.Sprintf("  %-42s %7d  %s", cmdline.Clip(name, 42), number, cmdline.Clip(word, cmdline.TerminalWidth-53)), " "))
}

// writing writes everybody's plan without names into the file of --csv, if there is one, as the plans are made.
func (o planAll) writing(plans func(write func(*census.Planned))) error {
	if o.csv == "" {
		plans(func(*census.Planned) {})
		return nil
	}
	return cmdline.WritePrivate(o.csv, func(f *os.File) error {
		w := csv.NewWriter(f)
		err := w.Write([]string{"person", "source", "department", "standing", "account", "verdict", "mode", "steps", "rules"})
		plans(func(p *census.Planned) {
			cells := []string{
				p.Key, p.Source(), p.Person.Record.Department, string(p.Person.Standing), accountOf(p), string(p.Plan.Verdict), string(p.Mode),
				strings.Join(stepsOf(p), "; "), strings.Join(p.Plan.Desired.Rules, "; "),
			}
			for i, cell := range cells {
				cells[i] = cmdline.Harmless(cell)
			}
			err = cmp.Or(err, w.Write(cells))
		})
		w.Flush()
		return cmp.Or(err, w.Error())
	})
}
