package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/cli"
	"gatehouse/ledger/worklist"
)

// printing are the commands that print data, and the parts that each prints: the first is what CSV has. The keys of all parts are
// in docs/output.md.
var printing = map[string][]string{
	"account list":   {"accounts"},
	"account show":   {"account"},
	"adopt":          {"accounts"},
	"attention list": {"items"},
	"attention show": {"item", "waiting", "held", "decisions"},
	"authorise list": {"lists"},
	"authorise plan": {"list"},
	"decide":         {"questions"},
	"doctor":         {"findings"},
	"evidence":       {"evidence"},
	"holds":          {"holds", "people"},
	"list":           {"runs"},
	"mfa status":     {"accounts", "counts"},
	"order list":     {"orders"},
	"plan":           {"plan"},
	"policy roles":   {"roles"},
	"policy show":    {"processes", "file"},
	"records":        {"findings", "doubts"},
	"show":           {"questions", "run", "person"},
	"status":         {"parts", "sources", "overdue", "runs", "person"},
	"templates":      {"templates"},
}

// withOutput gives each command that prints data the flag -o.
func withOutput(root *cobra.Command) {
	for path, parts := range printing {
		cmd, rest, err := root.Find(strings.Fields(path))
		if err == nil && len(rest) > 0 {
			panic("there is no command " + path)
		}
		must(err)
		cli.Prints(cmd, parts...)
	}
}

// questionLine is a question of a run as a program reads it.
type questionLine struct {
	Workflow string    `json:"workflow"`
	Item     string    `json:"item"`
	Code     string    `json:"code"`
	Step     string    `json:"step"`
	Since    time.Time `json:"since"`
	Text     string    `json:"text"`
	Plan     []string  `json:"plan"`
	PlanHash string    `json:"plan_hash"`
	Answers  []string  `json:"answers"`
}

func questionLines(workflow string, items []api.Attention) []questionLine {
	out := make([]questionLine, 0, len(items))
	for _, a := range items {
		out = append(out, questionLine{
			Workflow: workflow, Item: a.Item, Code: a.Code, Step: a.Step, Since: a.Since.UTC(), Text: a.Text,
			Plan: neverNull(a.Plan), PlanHash: a.PlanHash, Answers: neverNull(a.Options),
		})
	}
	return out
}

// neverNull is a list that is never null in JSON.
func neverNull(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}

// itemLine is an item of the list of what needs a person, as a program reads it.
type itemLine struct {
	Item     string `json:"item"`
	Severity string `json:"severity"`
	Owner    string `json:"owner"`
	System   string `json:"system"`
	Class    string `json:"class"`
	Object   string `json:"object"`
	Text     string `json:"text"`
	Next     string `json:"next"`
	State    string `json:"state"`
	Waiting  int    `json:"waiting"`
	Since    string `json:"since"`
	Renewed  string `json:"renewed"`
	Deadline string `json:"deadline"`
	TakenBy  string `json:"taken_by"`
	Until    string `json:"accepted_until"`
}

func itemLines(all []worklist.Item) []itemLine {
	out := make([]itemLine, 0, len(all))
	for _, i := range all {
		line := itemLine{
			Item: i.ID, Severity: i.Severity.String(), Owner: i.Owner, System: i.System, Class: i.Class, Object: i.Object, Text: i.Text,
			Next: i.Next, State: "open", Waiting: i.Holders, Since: stamp(i.RaisedAt), Renewed: stamp(i.RenewedAt), Deadline: stamp(i.Deadline),
		}
		switch {
		case !i.ClosedAt.IsZero():
			line.State = "closed"
		case i.Accepted != nil:
			line.State, line.Until = "accepted", stamp(i.Accepted.Until)
		case !i.TakenAt.IsZero():
			line.State, line.TakenBy = "taken", i.TakenBy
		}
		out = append(out, line)
	}
	return out
}

// unknownCount is a number that could not be read: null in JSON.
type unknownCount struct{}

func (unknownCount) String() string { return "not known" }

// Unknown says that there is no value.
func (unknownCount) Unknown() bool { return true }
