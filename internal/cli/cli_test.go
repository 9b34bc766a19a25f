package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli"
)

// TestTheConfigurationHasThreeNames: the flag counts more than the environment, which counts more than the usual name.
func TestTheConfigurationHasThreeNames(t *testing.T) {
	for _, c := range []struct {
		variable string
		args     []string
		want     string
	}{
		{"", nil, "gatehouse.yaml"},
		{"other.yaml", nil, "other.yaml"},
		{"other.yaml", []string{"--config", "third.yaml"}, "third.yaml"},
	} {
		t.Setenv(cli.ConfigVariable, c.variable)
		var path string
		root := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
		cli.ConfigFlag(root, &path)
		root.SetArgs(c.args)
		require.NoError(t, cli.Prepared(root).Execute())
		require.Equal(t, c.want, path)
	}
}

// TestExitCodes: a failure keeps its code however often it is wrapped, and the page says what each code means.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	require.Equal(t, cli.ExitDone, cli.ExitCode(nil))
	require.Equal(t, cli.ExitFailed, cli.ExitCode(broken))
	own := fmt.Errorf("again: %w", cli.Exit(cli.ExitLeaverMayStay, broken))
	require.Equal(t, cli.ExitLeaverMayStay, cli.ExitCode(own))
	require.ErrorIs(t, own, broken)
	require.True(t, cli.HasExitCode(own))
	require.False(t, cli.HasExitCode(broken))
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	require.NoError(t, err)
	for i, m := range cli.ExitMeanings() {
		require.Contains(t, string(page), fmt.Sprintf("| %d | %s |", m.Code, m.Meaning), "docs/operations.md has another meaning of %d", m.Code)
		require.True(t, i == 0 || cli.ExitMeanings()[i-1].Code < m.Code)
	}
}

// TestTheChangelogNamesTheNextVersion: the programs and the page name one version, which is above all that were cut.
func TestTheChangelogNamesTheNextVersion(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "CHANGELOG.md"))
	require.NoError(t, err)
	next := regexp.MustCompile(`(?m)^## \[Unreleased\]\n+The next version is (\d+\.\d+\.\d+)\.`).FindStringSubmatch(string(text))
	require.NotNil(t, next, "the section Unreleased begins with the name of the next version")
	require.Equal(t, cli.Next, next[1])
	require.True(t, strings.HasPrefix(cli.Version(), cli.Next+"-dev ("), cli.Version())
	require.NotContains(t, string(text), "## ["+cli.Next+"]", "a version that was cut is not the next one")
}

// TestPlainly: what the parser says is told in an operator's words.
func TestPlainly(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-config x":     "-config: a flag has two hyphens: write --config",
		"-check-config": "-check-config: a flag has two hyphens: write --check-config",
		"--fix":         "unknown flag: --fix",
	} {
		root := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
		root.SetArgs(strings.Fields(args))
		require.EqualError(t, cli.Plainly(cli.Prepared(root).Execute()), want)
	}
}

// TestHelpAboutNothingFails: help shows what there is, and fails about anything else.
func TestHelpAboutNothingFails(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"help": "", "help orders": "", "help orders give": "", "orders --help": "",
		"help nosuch": `there is no command or topic "nosuch": x help lists them`, "help orders nosuch": `there is no command or topic "orders nosuch": x help lists them`,
	} {
		root, orders := &cobra.Command{Use: "x"}, &cobra.Command{Use: "orders", Args: cobra.NoArgs}
		orders.AddCommand(&cobra.Command{Use: "give", RunE: func(*cobra.Command, []string) error { return nil }})
		root.AddCommand(orders)
		cli.Prepared(root)
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetArgs(strings.Fields(args))
		err := root.Execute()
		if want == "" {
			require.NoError(t, err, args)
			require.Contains(t, out.String(), "Usage:", args)
			continue
		}
		require.EqualError(t, err, want)
		require.Equal(t, cli.ExitFailed, cli.ExitCode(err))
		require.Empty(t, out.String())
	}
}
