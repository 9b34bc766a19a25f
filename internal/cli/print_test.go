package cli_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli"
)

// printed runs a command that prints two parts, and returns what it prints.
func printed(t *testing.T, run func(cmd *cobra.Command) error, args ...string) (string, error) {
	t.Helper()
	cmd := &cobra.Command{Use: "x", SilenceErrors: true, SilenceUsage: true, RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd) }}
	cmd.Flags().Bool("json", false, "")
	cli.Prints(cmd, "rows", "more")
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

var moment = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

func rows(cmd *cobra.Command) error {
	s := cli.NewSheet(cmd, "rows", cli.Column{Key: "what"}, cli.Column{Key: "since_when", Head: "since"}, cli.Column{Key: "left"}, cli.Column{Key: "verbs"})
	s.Add("=1+1", cli.At(moment), true, []string{"retry", "skip"})
	s.Add("tab\there\nand a line", cli.At{}, false, []string(nil))
	s.Render()
	cmd.Println("2 rows in all")
	return nil
}

// TestAPipeGetsOneLineForEachRow: no border, no padding, and a tab between the cells only.
func TestAPipeGetsOneLineForEachRow(t *testing.T) {
	t.Parallel()
	out, err := printed(t, rows)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 4)
	require.Equal(t, "WHAT\tSINCE\tLEFT\tVERBS", lines[0])
	require.Regexp(t, `^=1\+1\t[0-9hms]+ ago\tyes\tretry, skip$`, lines[1])
	require.Equal(t, "tab here and a line\tnever\t\t", lines[2])
}

// TestJSONHasTheValues: moments, truths and lists are what they are, and what is for a person is left out.
func TestJSONHasTheValues(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-o", "json"}, {"--json"}, {"--json", "-o", "json"}} {
		out, err := printed(t, rows, args...)
		require.NoError(t, err)
		require.JSONEq(t, `{"rows": [
			{"what": "=1+1", "since_when": "2026-11-28T03:00:00Z", "left": true, "verbs": ["retry", "skip"]},
			{"what": "tab\there\nand a line", "since_when": null, "left": false, "verbs": []}], "more": []}`, out)
	}
}

// TestCSVIsSafeInASpreadsheet: a cell that begins as a formula does is a text there.
func TestCSVIsSafeInASpreadsheet(t *testing.T) {
	t.Parallel()
	out, err := printed(t, rows, "-o", "csv")
	require.NoError(t, err)
	all, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"what", "since_when", "left", "verbs"}, {"'=1+1", "2026-11-28T03:00:00Z", "true", "retry; skip"}, {"tab\there\nand a line", "", "false", ""},
	}, all)
}

// TestAFailureKeepsWhatIsKnown: what was found out before a command failed is printed, and the failure stays one; a command that
// came to nothing prints nothing that could be taken for an empty list.
func TestAFailureKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	out, err := printed(t, func(cmd *cobra.Command) error { return errors.Join(rows(cmd), broken) }, "-o", "json")
	require.ErrorIs(t, err, broken)
	require.True(t, json.Valid([]byte(out)))
	out, err = printed(t, func(*cobra.Command) error { return broken }, "-o", "json")
	require.ErrorIs(t, err, broken)
	require.Empty(t, out)
}

// TestFormatsAreChecked before anything is read.
func TestFormatsAreChecked(t *testing.T) {
	t.Parallel()
	never := func(*cobra.Command) error { panic("the command ran") }
	_, err := printed(t, never, "-o", "xml")
	require.EqualError(t, err, "-o xml: write one of table, json, csv")
	_, err = printed(t, never, "--json", "-o", "csv")
	require.ErrorContains(t, err, "do not go together")
}

// TestValues: a value is its JSON, and in CSV a row for each of its objects; one part can be asked for alone, and a command can
// write its JSON by itself.
func TestValues(t *testing.T) {
	t.Parallel()
	type line struct {
		Account string   `json:"account"`
		Roles   []string `json:"roles"`
		N       int      `json:"n"`
	}
	value := func(cmd *cobra.Command) error {
		cli.Only(cmd, "more")
		require.True(t, cli.Value(cmd, "more", []line{{"onelogin/1", []string{"a", "b"}, 7}, {"onelogin/2", nil, 0}}))
		return nil
	}
	out, err := printed(t, value, "-o", "json")
	require.NoError(t, err)
	require.JSONEq(t, `[{"account": "onelogin/1", "roles": ["a", "b"], "n": 7}, {"account": "onelogin/2", "roles": null, "n": 0}]`, out)
	out, err = printed(t, value, "-o", "csv")
	require.NoError(t, err)
	require.Equal(t, "account,roles,n\nonelogin/1,a; b,7\nonelogin/2,,0\n", out)
	out, err = printed(t, func(cmd *cobra.Command) error {
		cli.Only(cmd, "more")
		cli.Value(cmd, "more", []line{})
		return nil
	}, "-o", "csv")
	require.NoError(t, err)
	require.Equal(t, "account,roles,n\n", out, "an empty list has the same head")
	out, err = printed(t, func(cmd *cobra.Command) error {
		_, err := cli.Stream(cmd, func(w io.Writer) error { _, err := io.WriteString(w, "{}\n"); return err })
		return err
	}, "-o", "json")
	require.NoError(t, err)
	require.Equal(t, "{}\n", out)
}

// TestProgressIsForATerminal: what is read by a program or a file has no word of it.
func TestProgressIsForATerminal(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetErr(&errs)
	cli.Progress(cmd)("halfway")
	count := cli.Counted(cmd, "rows", 1000)
	for i := range 1000 {
		count(i)
	}
	require.Empty(t, errs.String())
}

// TestCSVOfNothingIsEmpty: a command that fails before it knows a column prints no empty line for one.
func TestCSVOfNothingIsEmpty(t *testing.T) {
	t.Parallel()
	out, err := printed(t, func(*cobra.Command) error { return errors.New("nobody answered") }, "-o", "csv")
	require.ErrorContains(t, err, "nobody answered")
	require.Empty(t, out)
	out, err = printed(t, func(cmd *cobra.Command) error {
		cli.Value(cmd, "rows", struct{}{})
		return errors.New("nobody answered")
	}, "-o", "csv")
	require.ErrorContains(t, err, "nobody answered")
	require.Empty(t, out)
}
