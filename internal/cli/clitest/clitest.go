// Package clitest holds every program to what an operator expects of its help.
package clitest

import (
	"bytes"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli"
)

// Explained checks that each command of a program has a headline and an example, that each flag says what it is, and that the
// program prints its version.
func Explained(t *testing.T, root *cobra.Command) {
	t.Helper()
	cli.Prepared(root)
	walk(root, func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		require.NotEmpty(t, cmd.Example, "%s: the help shows an example", cmd.CommandPath())
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			require.NotEmpty(t, f.Usage, "%s --%s", cmd.CommandPath(), f.Name)
		})
	})
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs([]string{"--version"})
	require.NoError(t, root.ExecuteContext(t.Context()))
	require.Equal(t, root.Name()+" "+cli.Version()+"\n", out.String())
}

func walk(cmd *cobra.Command, do func(*cobra.Command)) {
	if cmd.Name() == "help" || cmd.IsAdditionalHelpTopicCommand() {
		return // Cobra's own, and pages of the help.
	}
	do(cmd)
	for _, sub := range cmd.Commands() {
		walk(sub, do)
	}
}
