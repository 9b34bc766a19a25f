package cmdline

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/cli"
)

// NeverNull is a list that is never null in JSON.
func NeverNull(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}

// NewSheet begins one part of what a command prints. A column is its head, which in lower case and with underscores is its key in
// JSON and CSV, or "key|head" where the key is another.
func NewSheet(cmd *cobra.Command, part string, columns ...string) *cli.Sheet {
	all := make([]cli.Column, len(columns))
	for i, column := range columns {
		key, head, apart := strings.Cut(column, "|")
		if !apart {
			head = strings.ReplaceAll(column, "_", " ")
			key = strings.ReplaceAll(strings.ToLower(column), " ", "_")
		}
		all[i] = cli.Column{Key: key, Head: head}
	}
	return cli.NewSheet(cmd, part, all...)
}

// Told prints a text behind a mark: wrapped on a terminal, in one line elsewhere.
func Told(cmd *cobra.Command, mark, text string) {
	if cli.LineWidth(cmd) == 0 {
		cmd.Println(mark + text)
		return
	}
	Hanging(cmd, mark, text)
}

// CountPeople is a number of people.
func CountPeople(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
