package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// What a program exits with. Scripts and monitors rely on these numbers.
const (
	// ExitDone is success.
	ExitDone = 0
	// ExitFailed is every failure that has no number of its own.
	ExitFailed = 1
	// ExitLeaverMayStay is starter doctor's: a leaver could keep access.
	ExitLeaverMayStay = 2
	// ExitInterrupted is a command that was stopped before it was done, as shells have it for Ctrl-C.
	ExitInterrupted = 130
)

// ExitMeaning is an exit code in words.
type ExitMeaning struct {
	Code    int
	Meaning string
}

// ExitMeanings are all exit codes in words, in the order of their numbers.
func ExitMeanings() []ExitMeaning {
	return []ExitMeaning{
		{ExitDone, "The command did everything that it was asked for. Of starter status --check and starter doctor: everything was read and is well."},
		{ExitFailed, "The command failed, or the command line was wrong. The error says what was and was not done. Of starter policy show: " +
			"the policy file is not valid. Of starter offboard --now: it is not proven that access has ended. Of starter status --check: " +
			"something has to be seen to, or could not be read. Of starter doctor: there are warnings, or something could not be checked."},
		{ExitLeaverMayStay, "Only of starter doctor: something would keep a leaver from being shut out, or doctor itself could not run."},
		{ExitInterrupted, "The command was stopped by Ctrl-C or SIGTERM before it was done. What was recorded before that stands."},
	}
}

// exit is a failure with an exit code of its own.
type exit struct {
	code int
	error
}

// Unwrap is the failure itself.
func (e exit) Unwrap() error { return e.error }

// Exit gives a failure an exit code of its own.
func Exit(code int, err error) error { return exit{code, err} }

// ExitCode is what a program exits with after an error.
func ExitCode(err error) int {
	var own exit
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &own):
		return own.code
	}
	return ExitFailed
}

// HasExitCode reports that a failure has an exit code of its own.
func HasExitCode(err error) bool {
	var own exit
	return errors.As(err, &own)
}

// ExitCodes is the topic "exit-codes" of a program's help.
func ExitCodes() *cobra.Command {
	topic := &cobra.Command{Use: "exit-codes", Short: "What the commands exit with"}
	var text strings.Builder
	text.WriteString(topic.Short + ".\n")
	for _, m := range ExitMeanings() {
		fmt.Fprintf(&text, "\n  %-4d%s\n", m.Code, strings.Join(Folded(m.Meaning, terminalWidth-6), "\n      "))
	}
	topic.Long = text.String()
	return topic
}
