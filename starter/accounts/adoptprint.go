package accounts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/census"
	"gatehouse/starter/cmdline"
)

// printAdoption prints what an operator has to know first.
func printAdoption(cmd *cobra.Command, r *census.Report, o adoption) {
	cmd.Printf("Adoption, %s, policy %s.\nNothing was changed.\n\n", r.At.UTC().Format("2006-01-02 15:04 MST"), r.Policy)
	PrintCoverage(cmd, r.Coverage)
	cmd.Printf("\n%d people, %d accounts\n\n", r.People, r.Accounts)
	cmd.Printf("  %-40s %7s %11s  %s\n", "WHAT", "COUNT", "PRIVILEGED", "SECTION")
	for _, s := range r.Sections {
		privileged := ""
		if n := s.Privileged(); n > 0 {
			privileged = fmt.Sprint(n)
		}
		cmd.Printf("  %-40s %7d %11s  %s\n", s.Title, len(s.Rows), privileged, s.Name)
	}
	for _, s := range r.Sections {
		if len(s.Rows) > 0 && s.Next != "" {
			cmd.Println()
			printSection(cmd, s, cmdline.RowsShown)
		}
	}
	printBeyond(cmd, r.Beyond)
	cmd.Println()
	for _, line := range nextSteps(r, o) {
		cmd.Println(line)
	}
}

// PrintCoverage prints what was read, and what was not.
func PrintCoverage(cmd *cobra.Command, all []census.Coverage) {
	cmd.Printf("  %-12s %8s  %s\n", "READ", "RECORDS", "HOW")
	for _, c := range all {
		how := c.From
		if c.Counted >= 0 {
			how += fmt.Sprintf(", %d by its own count", c.Counted)
		}
		if c.SetAside > 0 {
			how += fmt.Sprintf(", %d set aside: they cannot be read or used", c.SetAside)
		}
		cmd.Printf("  %-12s %8d  %s\n", c.What, c.Read, how)
		for _, problem := range c.Problems {
			cmdline.Wrapped(cmd, "  ", "NOT COMPLETE: "+problem)
		}
	}
}

// printSection prints a section with at most so many rows, all of them with 0.
func printSection(cmd *cobra.Command, s census.Section, most int) {
	cmd.Printf("%s: %d\n", strings.ToUpper(s.Title), len(s.Rows))
	cmdline.Wrapped(cmd, "  ", strings.TrimSpace(s.Meaning+" "+s.Next))
	rows := s.Rows
	if most > 0 && len(rows) > most {
		rows = rows[:most]
	}
	for _, row := range rows {
		printRow(cmd, s, row)
	}
	if n := suggested(s); n > 0 {
		cmd.Printf("  Of %d the name and the work address agree: --suggest writes link for them.\n", n)
	}
	if n := len(s.Rows) - len(rows); n > 0 {
		cmd.Printf("  and %d more: --section %s, or --csv FILE\n", n, s.Name)
	}
}

// suggested counts the rows that most would decide alike.
func suggested(s census.Section) int {
	n := 0
	for _, row := range s.Rows {
		if row.Suggest != "" {
			n++
		}
	}
	return n
}

func printRow(cmd *cobra.Command, s census.Section, row census.Row) {
	var head []string
	for _, part := range []string{row.Account, row.Person} {
		if part != "" {
			head = append(head, fmt.Sprintf("%-16s", part))
		}
	}
	var what []string
	if row.Privileged {
		what = append(what, "PRIVILEGED")
	}
	for _, part := range []string{row.Status, string(row.Kind)} {
		if part != "" {
			what = append(what, part)
		}
	}
	if row.LastSignIn != "" {
		what = append(what, "seen "+row.LastSignIn)
	} else if row.Account != "" {
		what = append(what, "never seen")
	}
	cmd.Printf("  %s\n", strings.TrimRight(cmdline.Clip(strings.Join(append(head, strings.Join(what, ", ")), " "), cmdline.TerminalWidth-2), " "))
	why := row.Why
	if s.Name == census.SectionBeyond {
		why = "beyond the policy: " + strings.Join(row.Roles, ", ")
	}
	if len(row.Also) > 0 {
		why += "; or of " + strings.Join(row.Also[:min(len(row.Also), 3)], ", ")
	}
	if why != "" {
		cmdline.Wrapped(cmd, "      ", why)
	}
}

func printBeyond(cmd *cobra.Command, all []census.RoleCount) {
	if len(all) == 0 {
		return
	}
	cmd.Printf("\nROLES BEYOND THE POLICY\n  %-40s %8s\n", "ROLE", "ACCOUNTS")
	for _, r := range all[:min(len(all), 2*cmdline.RowsShown)] {
		var marks []string
		if r.Privileged {
			marks = append(marks, "privileged")
		}
		if r.Managed {
			marks = append(marks, "managed: it is taken")
		}
		cmd.Println(strings.TrimRight(fmt.Sprintf("  %-40s %8d  %s", cmdline.Clip(r.Role, 40), r.Accounts, strings.Join(marks, ", ")), " "))
	}
	if n := len(all) - 2*cmdline.RowsShown; n > 0 {
		cmd.Printf("  and %d more roles: --json has all of them\n", n)
	}
}

// nextSteps says what to do now.
func nextSteps(r *census.Report, o adoption) []string {
	var out []string
	open := 0
	for _, name := range []string{census.SectionMaybeLeft, census.SectionDisputed, census.SectionCandidate, census.SectionService, census.SectionUnowned} {
		open += len(r.Section(name).Rows)
	}
	switch {
	case o.csv != "":
		out = append(out, "Decide in the column decision of "+o.csv+", then:", "  starter adopt --import "+o.csv+" --dry-run")
	case open > 0:
		out = append(out, "To decide: starter adopt --csv decisions.csv, then --import decisions.csv")
	}
	if o.html != "" {
		out = append(out, "Everything, with personal data and for your eyes only: "+o.html)
	}
	return append(out, "What the policy would do: starter plan --all")
}

// checkSection refuses a section that does not exist.
func checkSection(name string) error {
	var known []string
	for _, s := range census.Sections() {
		known = append(known, s.Name)
	}
	if !slices.Contains(known, name) {
		return fmt.Errorf("--section %s: write one of %s", name, strings.Join(known, ", "))
	}
	return nil
}
