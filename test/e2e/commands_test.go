package e2e

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// use is a command line of starter, what it exits with, and what it says.
type use struct {
	args string
	code []int
	says string
}

// commands are all commands that the help of the program names, by asking the program.
func commands(d *kit.Desk, path ...string) []string {
	help := d.MustRun(append(slices.Clone(path), "--help")...)
	_, listed, found := strings.Cut(help, "Available Commands:\n")
	if !found {
		return []string{strings.Join(path, " ")}
	}
	var all []string
	for _, line := range strings.Split(listed, "\n") {
		if strings.TrimSpace(line) == "" {
			break
		}
		all = append(all, commands(d, append(slices.Clone(path), strings.Fields(line)[0])...)...)
	}
	return all
}

// TestEveryCommandRuns: each command of starter is run against a real server, with a worker and a tenant, and exits as it should. One
// that is new and is not here fails the test. What prints data does so in each format, under keys that docs/output.md names, and
// with nobody's address.
func TestEveryCommandRuns(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	daily := s.Account("workday-21011")
	second := itoa(s.Second(daily, control.Fields{"username": "x1", "email": "x1@else.example", "roles": []string{"AWS Admin"}}).ID)
	s.Hint("workday-21012", "webhook")
	s.Outcome("workday-21012")
	item := worklist.Item{System: "gatehouse", Class: "commands", Severity: worklist.SeverityWarning, Owner: "it", Text: "a test", Next: "starter status"}
	require.NoError(t, s.App.Ledger.Worklist().RaiseItem(t.Context(), item))
	d := s.Desk(func(text string) string { return kit.Replace(t, text, "listen: 127.0.0.1:8480", "listen: 192.0.2.1:0") })
	home, list := t.TempDir(), filepath.Join(t.TempDir(), "people.csv")
	d.Env = append(d.Env, "XDG_CONFIG_HOME="+home, "HOME="+home, "COLUMNS=")
	require.NoError(t, os.WriteFile(list, []byte("person\nworkday-21013\n"), 0o600))
	var items []struct{ Item, Class string }
	require.NoError(t, json.Unmarshal([]byte(d.MustRun("attention", "list", "-o", "json")), &items))
	raised := items[slices.IndexFunc(items, func(i struct{ Item, Class string }) bool { return i.Class == "commands" })].Item
	filing := " --csv " + list + " --source workday --kind contain --at " + time.Now().Add(48*time.Hour).UTC().Format(time.RFC3339)
	const why, ok, failed = " --reason test --by grace", 0, 1
	done := map[string]bool{}
	for _, u := range []use{
		{"account link --account " + second + " --person workday-21011 --use secondary" + why, []int{ok}, ""},
		{"account list", []int{ok}, "accounts"},
		{"account show " + second, []int{ok}, "workday-21011"},
		{"account separate --account " + second + " --person workday-21011" + why, []int{ok}, ""},
		{"account refuse --account " + second + " --person workday-21011" + why, []int{ok}, ""},
		{"account declare --account " + second + " --kind service --owner workday-21012" + why, []int{ok}, ""},
		{"account unlink --person workday-21012" + why, []int{ok}, ""},
		{"adopt", []int{ok}, "Nothing was changed"},
		{"agents token --agent nobody", []int{failed}, "the policy has no agent"},
		{"agents tokens", []int{ok}, ""},
		{"agents revoke 3f9a2c71d0e4 --agent nobody", []int{failed}, "revoke token"},
		{"agents off --all --reason test", []int{ok}, "all is off"},
		{"agents on --all", []int{ok}, "all is on"},
		{"agents calls", []int{ok}, ""},
		{"agents requests", []int{ok}, ""},
		{"sponsor add --first-name Carla --last-name Rossi --email c@auditors.example --sponsor workday-21001 --until 2030-01-31" + why, []int{failed}, "the policy has no sponsored people"},
		{"sponsor list", []int{ok}, ""},
		{"sponsor show --person sponsored-s1", []int{failed}, "there is no sponsored person"},
		{"sponsor extend --person sponsored-s1 --until 2030-01-31" + why, []int{failed}, "there is no sponsored person"},
		{"sponsor change --person sponsored-s1 --department Sales" + why, []int{failed}, "there is no sponsored person"},
		{"sponsor end --person sponsored-s1" + why, []int{failed}, "there is no sponsored person"},
		{"sponsor transfer --person sponsored-s1 --to workday-21001" + why, []int{failed}, "there is no sponsored person"},
		{"sponsor confirm --person sponsored-s1" + why, []int{failed}, "there is no sponsored person"},
		{"agents review", []int{ok}, ""},
		{"agents review --agent nobody --answer keep", []int{failed}, "no review asks"},
		{"agents report --agent nobody", []int{failed}, "no agent"},
		{"attention list", []int{ok}, raised},
		{"attention show " + raised, []int{ok}, raised},
		{"attention take " + raised + " --by grace", []int{ok}, "taken by grace"},
		{"attention accept " + raised + why + " --until " + time.Now().Add(72*time.Hour).Format(time.DateOnly), []int{ok}, "accepted by grace"},
		{"authorise plan" + filing, []int{ok}, "1 people of workday"},
		{"authorise file --id berlin" + filing + why, []int{ok}, "filed berlin"},
		{"authorise list", []int{ok}, "berlin"},
		{"authorise approve --id berlin --hash none --by ada", []int{failed}, "is not that of the list"},
		{"authorise withdraw --id berlin --by grace", []int{ok}, "withdrawn"},
		{"codec", []int{failed}, "encryption is not configured"},
		{"completion bash", []int{ok}, "starter"},
		{"completion zsh", []int{ok}, "starter"},
		{"completion fish", []int{ok}, "starter"},
		{"completion powershell", []int{ok}, "starter"},
		{"decide --person workday-21012", []int{ok, failed}, ""},
		{"doctor", []int{ok, failed, 2}, "fine"},
		{"evidence --person workday-21012", []int{ok}, "EPISODE"},
		{"help", []int{ok}, "Available Commands"},
		{"help exit-codes", []int{ok}, "130"},
		{"holds", []int{ok}, ""},
		{"key --address grace@acme.example", []int{ok}, ""},
		{"list --all --run-id", []int{ok}, "RUN ID"},
		{"login", []int{failed}, "deciders.issuer is not set"},
		{"mfa scan", []int{ok}, "started"},
		{"mfa status", []int{ok}, "accounts can sign in"},
		{"mfa extend --person workday-21012 --until 14d" + why, []int{failed}, "no grace period runs"},
		{"mfa exempt --person workday-21012 --until 14d" + why, []int{ok, failed}, "exempt"},
		{"reassess --person workday-21012", []int{ok}, "hinted"},
		{"order give --person workday-21014 --kind freeze --id freeze-1" + why, []int{ok}, "freeze-1 recorded"},
		{"order give --person workday-21014 --kind deny --roles GitHub --id deny-1" + why, []int{ok}, "deny-1 recorded"},
		{"order give --person workday-21014 --kind set --set title=Head --until 72h --id set-1" + why, []int{ok}, "set-1 recorded"},
		{"order give --person workday-21014 --kind enable --id enable-1" + why, []int{ok}, "enable-1 recorded"},
		{"order list", []int{ok}, "freeze-1"},
		{"order release freeze-1" + why, []int{ok}, "released freeze-1"},
		{"offboard --person workday-21015 --now" + why, []int{ok}, "suspended at"},
		{"release --person workday-21015" + why, []int{ok}, "released"},
		{"plan --person workday-21012", []int{ok}, "verdict"},
		{"plan --all", []int{ok}, "Nothing was changed"},
		{"policy show", []int{ok}, "is policy"},
		{"policy roles", []int{ok}, "HOLDERS"},
		{"policy accept --hash none" + why, []int{failed}, "nothing was accepted"},
		{"records --source workday", []int{ok}, "RECORD"},
		{"review", []int{ok}, "is on it"},
		{"serve", []int{failed}, "put a TLS proxy in front and pass --public"},
		{"show --person workday-21012", []int{ok, failed}, "person"},
		{"status", []int{ok}, "PART"},
		{"systems", []int{ok}, "There is none"},
		{"sweep --system google", []int{failed}, "no section systems.google"},
		{"templates", []int{ok}, "TEMPLATE"},
	} {
		p := d.Run(strings.Fields(u.args)...)
		require.Contains(t, u.code, p.Code, "starter %s: %s", u.args, p.Err)
		require.Contains(t, p.Out+p.Err, u.says, "starter %s", u.args)
		path := named(u.args)
		done[path] = true
		if help := d.MustRun(append(strings.Fields(path), "--help")...); strings.Contains(help, "--output") {
			formats(t, d, u, path, p.Out)
		}
	}
	// The shell completes the keys of people on record, which the ledger has, and no name.
	offered := d.MustRun("__completeNoDesc", "show", "--person", "workday-2101")
	require.Contains(t, offered, "workday-21011\n")
	require.NotContains(t, offered, daily.LastName)
	require.NotContains(t, d.MustRun("__completeNoDesc", "show", "--person", "bamboohr-"), "workday-")
	for _, path := range commands(d) {
		require.True(t, done[path], "starter %s is run by nobody: give it a line here", path)
	}
}

// named is the command of a command line.
func named(args string) string {
	words := strings.Fields(args)
	at := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") || regexp.MustCompile(`\d`).MatchString(w) })
	if at >= 0 {
		words = words[:at]
	}
	return strings.Join(words, " ")
}

// address is what an e-mail address looks like.
var address = regexp.MustCompile(`[a-z0-9._-]+@(?:acme|else)\.example`)

// formats runs a command that prints data again, as JSON and as CSV.
func formats(t *testing.T, d *kit.Desk, u use, path, table string) {
	t.Helper()
	args := strings.Fields(u.args)
	p := d.Run(append(slices.Clone(args), "-o", "json")...)
	require.Contains(t, u.code, p.Code, u.args)
	if p.Out == "" && p.Code != 0 {
		return // It failed before it knew anything, and said why.
	}
	var value any
	require.NoError(t, json.Unmarshal([]byte(p.Out), &value), "starter %s -o json: %s", u.args, p.Out)
	page, err := os.ReadFile(filepath.Join(kit.Root(), "docs", "output.md"))
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `" + path + "` \\|.*$").FindString(string(page))
	require.NotEmpty(t, row, "docs/output.md has no row for %s", path)
	for _, key := range keys(value) {
		require.Contains(t, row, "`"+key+"`", "docs/output.md does not name a key of %s", path)
	}
	c := d.Run(append(slices.Clone(args), "-o", "csv")...)
	require.Contains(t, u.code, c.Code, u.args)
	if c.Out != "" {
		all, err := csv.NewReader(strings.NewReader(c.Out)).ReadAll()
		require.NoError(t, err, u.args)
		for _, key := range all[0] {
			require.Contains(t, row, "`"+key+"`", "docs/output.md does not name a column of %s", path)
		}
	}
	for _, personal := range address.FindAllString(p.Out+c.Out, -1) {
		require.Contains(t, table, personal, "starter %s has more about people in JSON or CSV than in its table", u.args)
	}
	if other := d.Run(append(slices.Clone(args), "-o", "xml")...); other.Code != 1 || !strings.Contains(other.Err, "write one of table, json, csv") {
		require.Fail(t, "a format that there is none of is refused", u.args)
	}
}

// keys are the keys of an object, or of the first of a list, and those of the lists of objects in it.
func keys(value any) []string {
	var out []string
	switch v := value.(type) {
	case []any:
		if len(v) > 0 {
			out = keys(v[0])
		}
	case map[string]any:
		for key, of := range v {
			out = append(out, key)
			out = append(out, keys(of)...)
		}
	}
	return out
}
