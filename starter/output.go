package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/cli"
	"gatehouse/starter/cmdline"
)

// printing are the commands that print data, and the parts that each prints: the first is what CSV has. The keys of all parts are
// in docs/output.md.
var printing = map[string][]string{
	"account list":    {"accounts"},
	"account show":    {"account"},
	"adopt":           {"accounts"},
	"agents calls":    {"calls"},
	"agents requests": {"requests"},
	"agents tokens":   {"tokens"},
	"attention list":  {"items"},
	"attention show":  {"item", "waiting", "held", "decisions"},
	"authorise list":  {"lists"},
	"authorise plan":  {"list"},
	"decide":          {"questions"},
	"doctor":          {"findings"},
	"evidence":        {"evidence"},
	"holds":           {"holds", "people"},
	"list":            {"runs"},
	"mfa status":      {"accounts", "counts"},
	"order list":      {"orders"},
	"plan":            {"plan"},
	"policy roles":    {"roles"},
	"policy show":     {"processes", "file"},
	"records":         {"findings", "doubts"},
	"show":            {"questions", "run", "person"},
	"status":          {"parts", "sources", "overdue", "runs", "person"},
	"systems":         {"systems", "owed"},
	"templates":       {"templates"},
	"sponsor list":    {"sponsored"},
	"sponsor show":    {"sponsored", "said"},
	"agents report":   {"agents"},
	"agents review":   {"reviews"},
}

// withOutput gives each command that prints data the flag -o.
func withOutput(root *cobra.Command) {
	for path, parts := range printing {
		cmd, rest, err := root.Find(strings.Fields(path))
		if err == nil && len(rest) > 0 {
			panic("there is no command " + path)
		}
		cmdline.Must(err)
		cli.Prints(cmd, parts...)
	}
}
