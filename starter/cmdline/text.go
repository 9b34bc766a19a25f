package cmdline

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const (
	// TerminalWidth is how wide a report for the terminal is at most.
	TerminalWidth = 80
	// RowsShown is how many rows of a section are printed.
	RowsShown = 5
)

// Wrapped prints a text in lines that fit a terminal.
func Wrapped(cmd *cobra.Command, indent, text string) { folded(cmd, indent, indent, text) }

// Hanging is Wrapped with a mark before the first line, under which the others begin.
func Hanging(cmd *cobra.Command, mark, text string) {
	folded(cmd, mark, strings.Repeat(" ", len([]rune(mark))), text)
}

// Advice prints what to do: a command in one line, ready to paste, however long it is.
func Advice(cmd *cobra.Command, indent, text string) {
	if text == "" {
		return
	}
	for _, program := range []string{"starter ", "schedules ", "temporal "} {
		if strings.HasPrefix(text, program) && !strings.ContainsAny(text, ";,") {
			cmd.Println(indent + "-> " + text)
			return
		}
	}
	Hanging(cmd, indent+"-> ", text)
}

func folded(cmd *cobra.Command, first, indent, text string) {
	line, empty := first, true
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+len([]rune(word)) > TerminalWidth && !empty {
			cmd.Println(strings.TrimRight(line, " "))
			line = indent
		}
		line, empty = line+word+" ", false
	}
	if !empty {
		cmd.Println(strings.TrimRight(line, " "))
	}
}

// Clip cuts a text to a number of characters.
func Clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Stamp is a moment as programs read it, empty for none.
func Stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// Clock is a moment to the second, as a sentence has it.
func Clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 MST") }
