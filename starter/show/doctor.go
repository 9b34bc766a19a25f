package show

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/doctor"
	"gatehouse/starter/cmdline"
)

// Doctor makes the command doctor.
func Doctor(p *cmdline.Program) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "What would keep a leaver from being shut out? Checks everything, changes nothing",
		Long: `What would keep a leaver from being shut out? Checks everything, changes nothing.

Credentials and what they may do, owners of credentials who leave, mappings and directories that give access back, HR
reports and their columns, Slack's channels, Jira, schedules, workers on each queue, clocks. Each finding has a code that
never changes its meaning, and says what to do. HR is read in full, and OneLogin is asked a dozen questions.

A configuration that cannot be used is GH-D01, a ledger that cannot be opened or written GH-D02; --json prints JSON then as well.

It exits with 0 if all is well, with 1 if there are warnings or something could not be checked, and with 2 if anything
keeps a leaver from being shut out.`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		examine := func(d *doctor.Doctor) error {
			d.Now, d.Tell = time.Now, cli.Progress(cmd)
			found := d.Examine(cmd.Context())
			if !cli.Value(cmd, "findings", found) {
				printResults(cmd, found, all)
			}
			return verdictOf(found)
		}
		opened := false
		err := p.Open(config.Needs{}, app.Options{LedgerIfAny: true, Ailing: true, Lenient: true}, func(_ *cobra.Command, a *app.App) error {
			opened = true
			_, incomplete := config.Load(p.Config, config.Needs{Vendors: true})
			return examine(&doctor.Doctor{App: a, Incomplete: incomplete})
		})(cmd, args)
		if err != nil && !opened {
			err = examine(&doctor.Doctor{Broken: err})
		}
		if err != nil && !cli.HasExitCode(err) {
			return cli.Exit(doctor.ExitFailures, err)
		}
		return err
	}
	cmd.Flags().Bool("json", false, "print every finding as JSON")
	cmd.Flags().BoolVar(&all, "all", false, "also print what is fine")
	return cmd
}

// verdictOf is the error that all findings come to, nil if all is well.
func verdictOf(found []doctor.Result) error {
	counts := count(found)
	switch code := doctor.Exit(found); code {
	case doctor.ExitFailures:
		return cli.Exit(code, fmt.Errorf("%d would keep a leaver from being shut out, or somebody from hearing of it", counts[doctor.Failure]))
	case doctor.ExitWarnings:
		return cli.Exit(code, fmt.Errorf("%s, %d could not be checked", several(counts[doctor.Warning], "warning"), counts[doctor.Unknown]))
	}
	return nil
}

// several is a number of things.
func several(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func count(found []doctor.Result) map[doctor.State]int {
	counts := map[doctor.State]int{}
	for _, r := range found {
		counts[r.State]++
	}
	return counts
}

func printResults(cmd *cobra.Command, found []doctor.Result, all bool) {
	words := map[doctor.State]string{doctor.Fine: "fine", doctor.Warning: "WARNING", doctor.Unknown: "NOT KNOWN", doctor.Failure: "FAILURE"}
	for i := 0; i < len(found); i++ {
		r := found[i]
		if r.State == doctor.Fine && !all {
			continue
		}
		code, what, first := r.Code, r.What, i
		for i+1 < len(found) && r.Mend == doctor.SeeConfiguration && found[i+1].Mend == r.Mend {
			i++
			code, what = r.Code+" to "+found[i].Code, several(i-first+1, "check")
		}
		cmd.Printf("%s  %-9s  %s\n", code, words[r.State], what)
		cmdline.Wrapped(cmd, "        ", r.Found)
		cmdline.Advice(cmd, "        ", r.Mend)
	}
	counts := count(found)
	cmd.Printf("%d fine, %s, %d not known, %s\n", counts[doctor.Fine], several(counts[doctor.Warning], "warning"), counts[doctor.Unknown], several(counts[doctor.Failure], "failure"))
}
