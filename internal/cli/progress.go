package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// Progress tells how far a command is, on the terminal that its errors go to. Where that is a file or another program it tells
// nothing.
func Progress(cmd *cobra.Command) func(text string) {
	if !isTerminal(cmd.ErrOrStderr()) {
		return func(string) {}
	}
	return func(text string) { cmd.PrintErrln(text) }
}

// countEvery is after how many of a long list a command says how far it is.
const countEvery = 100

// Counted tells after every hundred of a long list how far a command is.
func Counted(cmd *cobra.Command, what string, all int) func(done int) {
	tell := Progress(cmd)
	return func(done int) {
		if all > countEvery && done%countEvery == 0 && done > 0 {
			tell(fmt.Sprintf("%d of %d %s", done, all, what))
		}
	}
}
