package accounts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// TestReadDecisions shows what files of decisions are told.
func TestReadDecisions(t *testing.T) {
	t.Parallel()
	head := strings.Join(decisionColumns, ",") + "\n"
	for name, c := range map[string]struct{ text, tells string }{
		"nothing":               {"", "the CSV is empty"},
		"no decision":           {"account,person\n1,workday-1\n", "has no column decision"},
		"no account":            {"decision,person\nlink,workday-1\n", "has no column account"},
		"an unknown column":     {"decision,account,colour\nlink,1,red\n", "column 3 is not one of"},
		"a word that is none":   {head + "lnik,1,workday-21001,,,,,,x\n", "line 2 of the CSV: the decision is none: write link, refuse, separate, declare"},
		"nobody decided":        {head + ",1,workday-21001,,,,,,\n", "no row of the CSV has a decision"},
		"a row that is cut off": {head + "link,1\n", "wrong number of fields"},
	} {
		path := filepath.Join(t.TempDir(), "in.csv")
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
		_, _, _, err := readDecisions(&cobra.Command{}, path)
		require.ErrorContains(t, err, c.tells, name)
	}
	path := filepath.Join(t.TempDir(), "in.csv")
	require.NoError(t, os.WriteFile(path, []byte("\ufeff"+head+"LINK,onelogin/7,workday-1,,service,'=Grace,,,why\n,8,,,,,,,\n"), 0o600))
	rows, batch, undecided, err := readDecisions(&cobra.Command{}, path)
	require.NoError(t, err)
	require.Equal(t, 1, undecided)
	require.Len(t, batch, 16)
	require.Equal(t, []decisionRow{{verb: "link", row: row{line: 2, account: "onelogin/7", person: "workday-1", reason: "why"}}}, rows,
		"what the word does not take is what was found, and left alone")
}
