package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/census"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/starter/cmdline"
	"gatehouse/test/kit"
)

// desk is starter beside a tenant, with neither a worker nor a ledger.
type desk struct {
	t       *testing.T
	dir     string
	sandbox *control.Client
}

func newDesk(t *testing.T, o server.Options) *desk {
	t.Helper()
	tenant := server.New(o)
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { tenant.Close(); site.Close() })
	d := &desk{t: t, dir: t.TempDir(), sandbox: control.New(site.URL)}
	text, err := os.ReadFile(filepath.Join(kit.Root(), "demo", "gatehouse.yaml"))
	require.NoError(t, err)
	d.write("gatehouse.yaml", strings.ReplaceAll(string(text), "http://127.0.0.1:8484", site.URL))
	d.write("policy.yaml", kit.Policy(t))
	return d
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) write(name, text string) {
	d.t.Helper()
	require.NoError(d.t, os.WriteFile(d.path(name), []byte(text), 0o600))
}

// run runs a command and returns what it printed.
func (d *desk) run(args ...string) (out, errs string, err error) {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := command()
	cmd.SetArgs(append([]string{"--config", d.path("gatehouse.yaml")}, args...))
	cmd.SetOut(&stdout)
	cmd.SetErr(&stderr)
	err = cmd.ExecuteContext(d.t.Context())
	return stdout.String(), stderr.String(), err
}

func (d *desk) mustRun(args ...string) string {
	d.t.Helper()
	out, _, err := d.run(args...)
	require.NoError(d.t, err)
	return out
}

// truth is the HR records of the human behind each account, by the sandbox's own knowledge.
func (d *desk) truth() map[string]control.Person {
	d.t.Helper()
	accounts, err := d.sandbox.Accounts(d.t.Context())
	require.NoError(d.t, err)
	byRef := map[string]control.Person{}
	for _, a := range accounts {
		byRef["onelogin/"+strconv.FormatInt(a.ID, 10)] = a
	}
	return byRef
}

func (d *desk) records() map[string]string {
	d.t.Helper()
	var state struct {
		HR map[string][]struct {
			EmployeeID string `json:"employee_id"`
			Human      string `json:"human"`
		} `json:"hr"`
	}
	require.NoError(d.t, d.sandbox.State(d.t.Context(), &state))
	human := map[string]string{}
	for source, list := range state.HR {
		for _, r := range list {
			human[source+"-"+r.EmployeeID] = r.Human
		}
	}
	require.NotEmpty(d.t, human)
	return human
}

// TestAdoptSaysWhoseEveryAccountIs compares the report with the sandbox's own knowledge: every account is in one section,
// none is said to be certain that is somebody else's, and nothing was changed.
func TestAdoptSaysWhoseEveryAccountIs(t *testing.T) {
	t.Parallel()
	d := newDesk(t, server.Options{People: 400, Seed: 7, Quota: 100_000, Legacy: true})
	human := d.records()
	// Somebody has left and gets in, somebody else's second account is open, and one has no account at all.
	before := d.truth()
	var leaver, joiner string
	_, err := d.sandbox.HR(t.Context(), "workday", "terminate", "21005", control.Fields{"last_day": "today-3"}, true)
	require.NoError(t, err)
	leaver = "workday-21005"
	joiner, err = d.sandbox.Hire(t.Context(), "workday", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin", "hire_date": "today-2",
		"work_email": "ada.byron@acme.example",
	})
	require.NoError(t, err)
	human["workday-"+joiner] = "ada"
	mark, err := d.sandbox.Mark(t.Context())
	require.NoError(t, err)

	out := d.mustRun("adopt", "--csv", d.path("d.csv"), "--html", d.path("r.html"))
	for _, line := range strings.Split(out, "\n") {
		require.LessOrEqual(t, len([]rune(strings.ReplaceAll(line, d.dir, "."))), cmdline.TerminalWidth, line)
	}
	effects, err := d.sandbox.Journal(t.Context(), mark, true)
	require.NoError(t, err)
	require.Empty(t, effects, "it only reads")
	_, err = os.Stat(d.path("ledger.db"))
	require.ErrorIs(t, err, os.ErrNotExist, "and makes no ledger")
	for _, name := range []string{"d.csv", "r.html"} {
		info, err := os.Stat(d.path(name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	page, err := os.ReadFile(d.path("r.html"))
	require.NoError(t, err)
	require.NotRegexp(t, `(?i)<script|https?://`, string(page), "the page loads nothing from anywhere")

	var report census.Report
	require.NoError(t, json.Unmarshal([]byte(d.mustRun("adopt", "--json")), &report))
	require.True(t, report.Complete)
	seen := map[string]string{}
	for _, s := range report.Sections {
		for _, row := range s.Rows {
			require.Empty(t, row.Name+row.Username, "names go into files only")
			if row.Account == "" || s.Name == census.SectionBeyond {
				continue
			}
			require.Empty(t, seen[row.Account], row.Account)
			seen[row.Account] = s.Name
			if s.Name == census.SectionLinked || s.Name == census.SectionLeft {
				require.Equal(t, before[row.Account].Owner, human[row.Person], "%s is said to be %s's for certain", row.Account, row.Person)
			}
			require.NotContains(t, out, before[row.Account].LastName+",")
		}
	}
	require.Len(t, seen, len(before), "every account is in one section")
	for ref, a := range before {
		if a.Owner != "" && human[leaver] == a.Owner && a.Kind == "person" {
			require.Contains(t, []string{census.SectionLeft, census.SectionMaybeLeft, census.SectionNameOnly}, seen[ref], "the account %s of somebody who has left", ref)
		}
		if a.Kind != "person" && strings.HasPrefix(a.Username, "svc-") {
			require.Equal(t, census.SectionService, seen[ref], ref)
		}
	}
	none := report.Section(census.SectionNone).Rows
	require.Contains(t, keysOf(none), "workday-"+joiner)

	file, err := os.Open(d.path("d.csv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(rows), len(before))
}

func keysOf(rows []census.Row) []string {
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.Person)
	}
	return keys
}

// TestAdoptSaysWhatItDidNotRead: a reading that was cut off is quarantined.
func TestAdoptSaysWhatItDidNotRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, server.Options{People: 60, Seed: 7, Quota: 100_000})
	require.NoError(t, d.sandbox.Workday(t.Context(), map[string]any{"drop_columns": []string{"Hire_Date"}}))
	out, _, err := d.run("adopt")
	require.ErrorContains(t, err, "not everything was read in full")
	require.Contains(t, out, "NOT COMPLETE")
}

// TestAdoptRefuses shows what a command that cannot be meant is told.
func TestAdoptRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, server.Options{People: 30, Seed: 7, Quota: 100_000})
	const head = "decision,account,person,use,kind,owner,purpose,ends,reason\n"
	for name, c := range map[string]struct {
		args  []string
		file  string
		tells string
	}{
		"a dry run of nothing":             {args: []string{"--dry-run"}, tells: "belong to --import"},
		"one file for two":                 {args: []string{"--csv", d.path("x"), "--html", d.path("x")}, tells: "name one file"},
		"a negative age":                   {args: []string{"--max-age", "-1h"}, tells: "--max-age -1h0m0s"},
		"a section that is none":           {args: []string{"--section", "leavers"}, tells: "write one of left, may_have_left, disputed"},
		"a page in no directory":           {args: []string{"--html", d.path("no/such/d.html")}, tells: "--html "},
		"suggestions for nobody":           {args: []string{"--suggest"}, tells: "belongs to --csv"},
		"a directory that is not there":    {args: []string{"--csv", d.path("no/such/d.csv")}, tells: "there is no directory "},
		"a report and an import":           {args: []string{"--import", d.path("in.csv"), "--csv", d.path("x")}, tells: "none of the others can be"},
		"an import without a ledger":       {args: []string{"--import", d.path("in.csv")}, file: head + "link,1,workday-21001,,,,,,x\n", tells: "there is no ledger at"},
		"an import by nobody":              {args: []string{"--import", d.path("in.csv"), "--by", ""}, file: head + "link,1,workday-21001,,,,,,x\n", tells: "--by is empty"},
		"an import of a file that is none": {args: []string{"--import", d.path("nothing.csv")}, tells: "--import " + d.path("nothing.csv") + ": there is no such file"},
		"an import of a directory":         {args: []string{"--import", d.dir}, tells: "that is a directory"},
		"a dry run of a file that is none": {args: []string{"--import", d.path("nothing.csv"), "--dry-run"}, tells: "there is no such file"},
	} {
		if c.file != "" {
			d.write("in.csv", c.file)
		}
		_, _, err := d.run(append([]string{"adopt"}, c.args...)...)
		require.ErrorContains(t, err, c.tells, name)
	}
}
