package main

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/cli"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/persons"
	"gatehouse/sandbox/server"
)

// noServer is an address at which no Temporal answers.
const noServer = "127.0.0.1:1"

// books makes the ledger of a desk.
func (d *desk) books() *ledger.Ledger {
	d.t.Helper()
	books, err := ledger.Open(d.t.Context(), d.path("ledger.db"), ledger.Options{})
	require.NoError(d.t, err)
	return books
}

// TestReadsOfTheLedgerNeedNoTemporal: what the ledger knows is shown wherever Temporal is.
func TestReadsOfTheLedgerNeedNoTemporal(t *testing.T) {
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	t.Setenv("TEMPORAL_ADDRESS", noServer)
	const key = "workday-21001"
	ref := slices.Min(slices.Collect(maps.Keys(d.truth())))
	id, err := identity.ParseRef(ref)
	require.NoError(t, err)
	account, isOneLogin := id.OneLogin()
	require.True(t, isOneLogin)
	books, ctx := d.books(), t.Context()
	_, err = books.People().Admit(ctx, key, "workday", "21001", persons.Digests{})
	require.NoError(t, err)
	require.NoError(t, books.Inventory().SetAccount(ctx, key, account, false))
	require.NoError(t, books.Orders().Put(ctx, identity.Order{ID: "freeze-1", Key: key, Kind: identity.OrderFreeze, By: "j.doe", Reason: "an audit", At: time.Now()}))
	require.NoError(t, books.Journal().Record(ctx, []journal.Evidence{{Key: key + "/1/roles", PersonKey: key, Episode: 1, Step: "roles", Outcome: "two were given"}}))
	_, err = books.Budgets().HoldBack(ctx, budgets.HeldBack{
		Source: "workday", Kind: "remove", Person: key, Keys: []budgets.Key{{Budget: "remove/workday", Key: key + "/1"}},
	})
	require.NoError(t, err)
	require.NoError(t, books.Close())
	for _, c := range []struct {
		args  []string
		shows string
	}{
		{[]string{"holds"}, "remove"},
		{[]string{"holds", "--source", "workday"}, key},
		{[]string{"evidence", "--person", key}, "two were given"},
		{[]string{"records", "--source", "workday"}, "RECORD"},
		{[]string{"order", "list"}, "freeze-1"},
		{[]string{"order", "list", "--person", key}, "an audit"},
		{[]string{"account", "list"}, ref},
		{[]string{"account", "show", ref}, key},
		{[]string{"account", "refuse", "--account", ref, "--person", "workday-21002", "--reason", "somebody else", "--dry-run"}, "Nothing was changed."},
		{[]string{"mfa", "status"}, "0 accounts can sign in"},
	} {
		require.Contains(t, d.mustRun(c.args...), c.shows, "%v", c.args)
	}
}

// TestTheCommandLineIsCheckedFirst: what is wrong with it is said where there is neither a ledger nor a server.
func TestTheCommandLineIsCheckedFirst(t *testing.T) {
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	t.Setenv("TEMPORAL_ADDRESS", noServer)
	d.write("list.csv", "person\nworkday-21001\n")
	give := func(more ...string) []string {
		return append([]string{"order", "give", "--person", "workday-21001", "--reason", "x"}, more...)
	}
	list := func(verb string, more ...string) []string {
		return append([]string{"authorise", verb, "--csv", d.path("list.csv"), "--source", "workday"}, more...)
	}
	for _, c := range []struct {
		args  []string
		tells string
	}{
		{give("--kind", "explode"), `"explode" is no kind of order`},
		{give("--kind", "freeze", "--until", "soon"), `--until "soon": write 72h`},
		{give("--kind", "freeze", "--until", "2020-01-31"), `--until "2020-01-31" is over already`},
		{give("--kind", "grant"), "a grant order needs roles to give"},
		{give("--kind", "freeze", "--user", "100042"), "name either --person or --user"},
		{[]string{"order", "give", "--person", "workday-21001", "--kind", "freeze", "--reason", " "}, "--reason is empty"},
		{[]string{"mfa", "extend", "--person", "workday-21001", "--until", "soon", "--reason", "x"}, `--until "soon" is not a valid end`},
		{[]string{"review", "--campaign", "A b"}, "A b"},
		{[]string{"records", "--source", "workday", "--accept", "00", "--by", ""}, "--by is empty"},
		{[]string{"records", "--source", "workday", "--accept", "00", "--wait", "-1s"}, "--wait -1s: write how long to wait"},
		{list("plan", "--kind", "end", "--at", "2099-01-31T18:00:00+01:00"), `--kind is "end": write contain or move`},
		{list("plan", "--kind", "contain", "--at", "tomorrow"), `--at is "tomorrow": write a moment with its zone`},
		{list("file", "--kind", "contain", "--at", "2099-01-31T18:00:00+01:00", "--id", "A B", "--reason", "x"), `--id is "A B"`},
		{list("file", "--kind", "contain", "--at", "2099-01-31T18:00:00+01:00", "--id", "a"), "a list needs --reason and --by"},
		{[]string{"authorise", "approve", "--id", "a", "--hash", "b", "--by", ""}, "--by is empty: who approves?"},
		{[]string{"offboard", "--person", "workday-21001", "--reason", "x"}, "pass --now to say that you mean it"},
		{[]string{"offboard", "--now", "--reason", "x"}, "name either --person or --user"},
		{[]string{"show", "--person", "workday-21001", "--wait", "0s"}, "--wait 0s: write how long to wait"},
		{[]string{"policy", "accept", "--hash", "00", "--reason", " "}, "say why with --reason"},
		{[]string{"list", "--limit", "-1"}, "--limit -1: write how many runs to list"},
		{[]string{"account", "list", "--state", "odd"}, `--state "odd" is none`},
		{[]string{"account", "show", "ada"}, "write a number such as 100042"},
		{[]string{"account", "link", "--account", "ada", "--person", "workday-21001", "--reason", "x"}, "write a number such as 100042"},
		{[]string{"account", "link", "--person", "workday-21001", "--reason", "x"}, "name the account with --account"},
		{[]string{"account", "link", "--from", d.path("no.csv")}, "read the rows"},
		{[]string{"account", "unlink", "--account", "ada", "--person", "workday-21001", "--reason", "x"}, "write a number such as 100042"},
		{[]string{"help", "nosuch"}, `there is no command or topic "nosuch": starter help lists them`},
		{[]string{"help", "order", "nosuch"}, `there is no command or topic "order nosuch"`},
	} {
		_, _, err := d.run(c.args...)
		require.ErrorContains(t, err, c.tells, "%v", c.args)
		require.Equal(t, cli.ExitFailed, cli.ExitCode(err))
	}
}

// TestNothingIsOrderedWithoutTemporal: an order that no run would hear of is not recorded.
func TestNothingIsOrderedWithoutTemporal(t *testing.T) {
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	t.Setenv("TEMPORAL_ADDRESS", noServer)
	require.NoError(t, d.books().Close())
	_, _, err := d.run("order", "give", "--person", "workday-21001", "--kind", "freeze", "--reason", "an audit")
	require.ErrorContains(t, err, "connect to Temporal at "+noServer)
	books := d.books()
	open, err := books.Orders().Open(t.Context())
	require.NoError(t, err)
	require.Empty(t, open)
	require.NoError(t, books.Close())
}

// TestAnInvalidPolicyFails: what the processes have in force is shown, and that the file is wrong is an exit code.
func TestAnInvalidPolicyFails(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", noServer)
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	require.NoError(t, d.books().Close())
	require.Contains(t, d.mustRun("policy", "show"), "is policy ")
	text, err := os.ReadFile(d.path("policy.yaml"))
	require.NoError(t, err)
	d.write("policy.yaml", string(text)+"\nlever: {}\n")
	for _, format := range []string{"table", "json"} {
		out, _, err := d.run("policy", "show", "-o", format)
		require.ErrorContains(t, err, "policy.yaml, is not valid:")
		require.ErrorContains(t, err, `unknown key "lever"`)
		require.Equal(t, cli.ExitFailed, cli.ExitCode(err))
		require.NotEmpty(t, out, "what is in force is shown all the same")
	}
}

// TestTemplatesFitATerminal: a line has room on a terminal, and no word is broken.
func TestTemplatesFitATerminal(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", noServer)
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	require.NoError(t, d.books().Close())
	for _, columns := range []string{"80", "120", "200"} {
		t.Setenv("COLUMNS", columns)
		for _, args := range [][]string{{"templates"}, {"templates", "--all"}} {
			out := d.mustRun(args...)
			for _, word := range []string{"Offboarding", "password", "responses", "restriction", "MFACompliance", "compliance"} {
				require.Contains(t, out, word, "%v in %s columns:\n%s", args, columns, out)
			}
			for _, line := range strings.Split(out, "\n") {
				require.LessOrEqual(t, len([]rune(line)), atoi(t, columns), "%v:\n%s", args, out)
			}
		}
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
