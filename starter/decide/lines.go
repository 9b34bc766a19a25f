package decide

import (
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/cli"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
)

// collectDecisions gives the decisions about an item to what is printed as JSON.
func collectDecisions(cmd *cobra.Command, all []worklist.CauseDecision) {
	if !cli.Collects(cmd) {
		return
	}
	t := cmdline.NewSheet(cmd, "decisions", "verb", "by", "decided", "carried", "holders", "refused")
	for _, d := range all {
		t.Add(d.Verb, d.By, cli.At(d.DecidedAt), cli.At(d.CarriedAt), d.Holders, d.Refused)
	}
	t.Render()
}

// collectPolicyFile gives what is known of the policy file to what is printed as JSON.
func collectPolicyFile(cmd *cobra.Command, path string, pol *policy.Policy, err error) {
	file := struct {
		Path  string `json:"path"`
		Hash  string `json:"hash"`
		Error string `json:"error"`
	}{Path: path}
	if err != nil {
		file.Error = err.Error()
	} else {
		file.Hash = pol.Hash()
	}
	cli.Value(cmd, "file", file)
}

// collectList gives what a list would do to what is printed as JSON.
func collectList(cmd *cobra.Command, l authorised, due time.Time, people int, hash string) {
	cli.Value(cmd, "list", struct {
		Kind   string `json:"kind"`
		Source string `json:"hr_source"`
		Moment string `json:"moment"`
		People int    `json:"people"`
		Hash   string `json:"hash"`
	}{l.kind, l.source, cmdline.Stamp(due), people, hash})
}

// QuestionLine is a question of a run as a program reads it.
type QuestionLine struct {
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

// QuestionLines are the questions of a run as a program reads them.
func QuestionLines(workflow string, items []api.Attention) []QuestionLine {
	out := make([]QuestionLine, 0, len(items))
	for _, a := range items {
		out = append(out, QuestionLine{
			Workflow: workflow, Item: a.Item, Code: a.Code, Step: a.Step, Since: a.Since.UTC(), Text: a.Text,
			Plan: cmdline.NeverNull(a.Plan), PlanHash: a.PlanHash, Answers: cmdline.NeverNull(a.Options),
		})
	}
	return out
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
			Next: i.Next, State: "open", Waiting: i.Holders, Since: cmdline.Stamp(i.RaisedAt), Renewed: cmdline.Stamp(i.RenewedAt), Deadline: cmdline.Stamp(i.Deadline),
		}
		switch {
		case !i.ClosedAt.IsZero():
			line.State = "closed"
		case i.Accepted != nil:
			line.State, line.Until = "accepted", cmdline.Stamp(i.Accepted.Until)
		case !i.TakenAt.IsZero():
			line.State, line.TakenBy = "taken", i.TakenBy
		}
		out = append(out, line)
	}
	return out
}
