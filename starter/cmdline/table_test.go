package cmdline

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli"
)

// TestTablesFitATerminal: what is too wide is wrapped there, and is one line in a file.
func TestTablesFitATerminal(t *testing.T) {
	print := func(columns string) []string {
		t.Setenv("COLUMNS", columns)
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&out)
		s := NewSheet(cmd, "parts", "part", "state", "what to do")
		s.Add("schedule hr-sync-workday", strings.Repeat("held since yesterday ", 12), "temporal schedule toggle --unpause --schedule-id hr-sync-workday")
		s.Add("workers", "at work", "")
		s.Render()
		return strings.Split(strings.TrimSpace(out.String()), "\n")
	}
	for _, line := range print("80") {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 80)
	}
	require.Equal(t, []string{"PART", "STATE", "WHAT TO DO"}, strings.Split(print("")[0], "\t"))
	require.Len(t, print(""), 3, "one line for each row, and no borders")
}

// TestTablesKeepWords: a column is narrowed to its longest word before any word is broken.
func TestTablesKeepWords(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	s := NewSheet(cmd, "parts", "part", "state", "what to do")
	s.Add("offboarding-of-contractors", strings.Repeat("acknowledged ", 9), strings.Repeat("reassessment notwithstanding ", 6))
	require.False(t, s.Crowded())
	s.Render()
	require.Contains(t, out.String(), "offboarding-of-contractors")
	require.Equal(t, 9, strings.Count(out.String(), "acknowledged"))
	require.Equal(t, 6, strings.Count(out.String(), "reassessment"))
	require.Equal(t, 6, strings.Count(out.String(), "notwithstanding"))
	s.Add(strings.Repeat("x", 60), "", "")
	require.True(t, s.Crowded(), "a word has to be broken")
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		24 * time.Hour: "24h", 15 * time.Minute: "15m", 90 * time.Second: "1m30s", time.Hour + time.Second: "1h0m1s", 0: "0s", 70 * time.Minute: "1h10m", 10 * time.Second: "10s",
	} {
		require.Equal(t, want, cli.Span(d))
	}
}
