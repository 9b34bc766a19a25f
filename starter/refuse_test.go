package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli"
	"gatehouse/sandbox/server"
)

// TestCommandsRefuse shows what a command of the first day that cannot be meant is told, as main prints it.
func TestCommandsRefuse(t *testing.T) {
	t.Parallel()
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	for _, c := range []struct {
		args  []string
		tells string
	}{
		{[]string{"plan"}, "write one of --person, --all, --system; --help says what each of them is"},
		{[]string{"plan", "--all", "--person", "workday-21001"}, "--all and --person do not go together: write one of them"},
		{[]string{"plan", "--person", "workday-21001", "--verdict", "leave"}, "--verdict belongs to --all"},
		{[]string{"plan", "--all", "--verdict", "gone"}, "--verdict gone: write one of none, wait, join"},
		{[]string{"plan", "--all", "--max-age", "-1h"}, "--max-age -1h0m0s: write how old"},
		{[]string{"plan", "--all", "--csv", d.path("no/such.csv")}, "there is no directory "},
		{[]string{"plan", "--all", "--policy", d.path("no.yaml")}, "--policy: read policy"},
		{[]string{"authorise", "plan", "--csv", d.path("no.csv"), "--source", "workday", "--kind", "contain", "--at", "2030-01-31T18:00:00+01:00"}, "no.csv: there is no such file"},
		{[]string{"show"}, "write one of --person, --workflow"},
		{[]string{"show", "--person", "a", "--workflow", "b"}, "--person and --workflow do not go together"},
		{[]string{"show", "--person", "workday-21001"}, "there is no ledger at"},
		{[]string{"doctor", "now"}, `unknown command "now"`},
		{[]string{"doctor", "--fix"}, "unknown flag: --fix"},
		{[]string{"decide"}, "write one of --person, --workflow, --cause"},
		{[]string{"decide", "--person", "workday-21001", "--verb", "explode"}, `--verb "explode" answers nothing: write one of`},
		{[]string{"decide", "--cause", "00", "--workflow", "x", "--verb", "retry"}, "--cause and --workflow do not go together"},
		{[]string{"records"}, "--source is missing"},
		{[]string{"holds", "--source", "workday"}, "there is no ledger at"},
		{[]string{"attention", "list", "--severity", "loud"}, `--severity "loud" is none: write one of critical, info, warning`},
		{[]string{"attention", "list", "--accepted", "--closed"}, "--accepted and --closed do not go together"},
		{[]string{"attention", "show"}, "accepts 1 arg(s)"},
		{[]string{"attention", "accept", "00", "--until", "2027-01-31"}, "--reason is empty"},
		{[]string{"attention", "accept", "00", "--until", "soon", "--reason", "x"}, `--until "soon" is no day: write it as 2027-01-31`},
		{[]string{"release", "--person", "workday-21001"}, "--reason is missing"},
		{[]string{"status", "--check", "now"}, `unknown command "now"`},
	} {
		_, _, err := d.run(c.args...)
		require.Error(t, err, "%v", c.args)
		require.ErrorContains(t, cli.Plainly(err), c.tells, "%v", c.args)
	}
}
