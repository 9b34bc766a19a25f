package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/cli"
)

// newSheet begins one part of what a command prints. A column is its head, which in lower case and with underscores is its key in
// JSON and CSV, or "key|head" where the key is another.
func newSheet(cmd *cobra.Command, part string, columns ...string) *cli.Sheet {
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

// told prints a text behind a mark: wrapped on a terminal, in one line elsewhere.
func told(cmd *cobra.Command, mark, text string) {
	if cli.LineWidth(cmd) == 0 {
		cmd.Println(mark + text)
		return
	}
	hanging(cmd, mark, text)
}

// people is a number of people.
func countPeople(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func ago(at time.Time) string { return cli.Ago(at) }

func span(d time.Duration) string { return cli.Span(d) }
