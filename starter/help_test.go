package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli/clitest"
	"gatehouse/test/kit"
)

// every walks over all commands of starter.
func every(cmd *cobra.Command, do func(*cobra.Command)) {
	for _, sub := range cmd.Commands() {
		if sub.Name() == "help" || sub.Name() == "completion" || sub.IsAdditionalHelpTopicCommand() {
			continue // Cobra's own, and pages of the help.
		}
		do(sub)
		every(sub, do)
	}
}

// TestEveryCommandExplainsItself: --help says what a command does and what each flag is.
func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	clitest.Explained(t, command())
	every(command(), func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		require.NotEmpty(t, cmd.Short, path)
		require.NotEmpty(t, cmd.Example, "%s: the help shows an example", path)
		require.NotRegexp(t, `\.$`, cmd.Short, "%s: a headline has no full stop", path)
		if cmd.Long != "" {
			require.True(t, strings.HasPrefix(cmd.Long, cmd.Short), "%s: the long text begins with the short one", path)
		}
		for _, line := range strings.Split(cmd.Long, "\n") {
			require.LessOrEqual(t, len(line), 140, "%s: %s", path, line)
		}
		if !cmd.HasSubCommands() {
			require.NotNil(t, cmd.RunE, "%s does something, and says what went wrong", path)
			require.NotNil(t, cmd.Args, "%s refuses arguments that it does not take", path)
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			require.NotEmpty(t, f.Usage, "%s --%s", path, f.Name)
		})
		if f := cmd.Flags().Lookup("person"); f != nil {
			require.Contains(t, f.Usage, "e-mail address", "%s: people are named in the same ways everywhere", path)
		}
	})
}

// TestTheDocumentationNamesRealCommands: what an operator copies from a page is taken.
func TestTheDocumentationNamesRealCommands(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(kit.Root(), "docs", "*.md"))
	require.NoError(t, err)
	pages = append(pages, filepath.Join(kit.Root(), "README.md"))
	quoted := regexp.MustCompile("(?m)(?:`|^\\$ )(?:bin/)?starter ([^`\n]+)")
	found := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			where := filepath.Base(page) + ": starter " + m[1]
			words := strings.Fields(strings.ReplaceAll(m[1], "|", " "))
			cmd, rest, err := command().Find(withoutConfig(words))
			require.NoError(t, err, where)
			require.NotEqual(t, "starter", cmd.Name(), where)
			found++
			for _, word := range rest {
				if name, isFlag := strings.CutPrefix(word, "--"); isFlag {
					name, _, _ = strings.Cut(strings.Trim(name, ".,;:)"), "=")
					require.NotNil(t, lookup(cmd, name), "%s: --%s", where, name)
				}
			}
		}
	}
	require.Greater(t, found, 40)
}

// TestMessagesNameRealCommands: what a message tells somebody to run is taken.
func TestMessagesNameRealCommands(t *testing.T) {
	t.Parallel()
	quoted := regexp.MustCompile("`starter ([a-z][^`\n]*)`|\"starter ([a-z][^\"\n]*)\"")
	found := 0
	for _, dir := range []string{"activities", "gateway", "internal/*", "policy", "starter", "starter/*", "workflows"} {
		files, err := filepath.Glob(filepath.Join(kit.Root(), dir, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "examples.go" {
				continue // Of the examples TestExamplesAreCommands takes each line.
			}
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			// A text that goes on in the next line is one text.
			joined := regexp.MustCompile(`" ?\+\n\s*"`).ReplaceAllString(string(text), "")
			for _, m := range quoted.FindAllStringSubmatch(joined, -1) {
				said, _, _ := strings.Cut(m[1]+m[2], ", ") // Behind a comma it goes on in words.
				said, _, _ = strings.Cut(said, "; ")
				where := filepath.Base(file) + ": starter " + said
				cmd, rest, err := command().Find(strings.Fields(said))
				require.NoError(t, err, where)
				require.NotEqual(t, "starter", cmd.Name(), where)
				found++
				for _, word := range rest {
					if name, isFlag := strings.CutPrefix(word, "--"); isFlag && name != "" {
						require.NotNil(t, lookup(cmd, strings.Trim(name, ".,;:)")), "%s: --%s", where, name)
					}
				}
			}
		}
	}
	require.Greater(t, found, 20)
}

// withoutConfig leaves out the flag that stands before a command.
func withoutConfig(words []string) []string {
	if len(words) > 2 && words[0] == "--config" {
		return words[2:]
	}
	return words
}

func lookup(cmd *cobra.Command, name string) *pflag.Flag {
	if f := cmd.Flags().Lookup(name); f != nil {
		return f
	}
	return cmd.InheritedFlags().Lookup(name)
}

// TestExamplesAreCommands: each line of an example names the command that it stands under, with flags that it has, and no command
// has the example of none.
func TestExamplesAreCommands(t *testing.T) {
	t.Parallel()
	root := command()
	for path, text := range examples {
		for _, line := range strings.Split(text, "\n") {
			_, said, _ := strings.Cut(line, "starter ")
			said, _, _ = strings.Cut(said, "|")
			cmd, rest, err := root.Find(withoutConfig(strings.Fields(said)))
			require.NoError(t, err, line)
			if path != "" {
				require.True(t, strings.HasPrefix(cmd.CommandPath(), "starter "+path), "%q stands under %s", line, path)
			}
			for _, word := range rest {
				if name, isFlag := strings.CutPrefix(word, "--"); isFlag {
					require.NotNil(t, lookup(cmd, name), "%s: --%s", line, name)
				}
			}
		}
	}
}
