// Package cli is what the command lines of all programs have in common: how they name their configuration and their
// version, how they print data, and what they exit with.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// ConfigVariable is the environment variable that names the configuration where --config does not.
const ConfigVariable = "GATEHOUSE_CONFIG"

// defaultConfig is the configuration where nothing else is named.
const defaultConfig = "gatehouse.yaml"

// ConfigFlag gives a program, and every command of it, the flag --config.
func ConfigFlag(root *cobra.Command, path *string) {
	root.PersistentFlags().StringVar(path, "config", cmp.Or(os.Getenv(ConfigVariable), defaultConfig),
		"configuration `file`; where the flag is missing, that of the environment variable "+ConfigVariable)
	must(root.MarkPersistentFlagFilename("config", "yaml", "yml"))
}

// Main runs a program until it is done or told to stop, and returns what it exits with.
func Main(root *cobra.Command) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := Prepared(root).ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	fmt.Fprintln(os.Stderr, "error:", Plainly(err))
	if ctx.Err() != nil {
		return ExitInterrupted
	}
	return ExitCode(err)
}

// Prepared gives a program what every program has: --version, and errors that are told once and in plain words.
func Prepared(root *cobra.Command) *cobra.Command {
	root.Version = Version()
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = "print the version and exit"
	root.SilenceUsage, root.SilenceErrors = true, true
	refuseUnknownTopics(root)
	root.SetOut(os.Stdout)
	return root
}

// refuseUnknownTopics has help fail about a command that there is not. The parser's own prints a usage and succeeds.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, help := range root.Commands() {
		if help.Name() != "help" {
			continue
		}
		help.Run, help.RunE = nil, func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("there is no command or topic %q: %s help lists them", strings.Join(args, " "), cmd.Root().Name())
			}
			topic.InitDefaultHelpFlag()
			topic.InitDefaultVersionFlag()
			return topic.Help()
		}
	}
}

var (
	oneOfGroup   = regexp.MustCompile(`^at least one of the flags in the group \[(.+)\] is required$`)
	together     = regexp.MustCompile(`^if any flags in the group \[.+\] are set none of the others can be; \[(.+)\] were all set$`)
	requiredFlag = regexp.MustCompile(`^required flag\(s\) (.+) not set$`)
	oneHyphen    = regexp.MustCompile(`^(?:unknown shorthand flag: '.' in|bad flag syntax:) -([a-z][a-z-]+)`)
)

// Plainly says in an operator's words what the parser of the command line says in its own.
func Plainly(err error) error {
	text := err.Error()
	flags := func(names string) []string {
		all := strings.Fields(strings.NewReplacer(`"`, "", ",", "").Replace(names))
		for i := range all {
			all[i] = "--" + all[i]
		}
		return all
	}
	switch {
	case oneOfGroup.MatchString(text):
		return fmt.Errorf("write one of %s; --help says what each of them is", strings.Join(flags(oneOfGroup.FindStringSubmatch(text)[1]), ", "))
	case together.MatchString(text):
		return fmt.Errorf("%s do not go together: write one of them", strings.Join(flags(together.FindStringSubmatch(text)[1]), " and "))
	case requiredFlag.MatchString(text):
		missing := flags(requiredFlag.FindStringSubmatch(text)[1])
		if len(missing) == 1 {
			return errors.New(missing[0] + " is missing; --help says what to write there")
		}
		return fmt.Errorf("%s are missing; --help says what to write there", strings.Join(missing, " and "))
	case oneHyphen.MatchString(text):
		name := oneHyphen.FindStringSubmatch(text)[1]
		return fmt.Errorf("-%s: a flag has two hyphens: write --%s", name, name)
	}
	return err
}

// must is for mistakes in a program that show at its first start.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
