package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/census"
	"gatehouse/internal/cli"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// collectDecisions gives the decisions about an item to what is printed as JSON.
func collectDecisions(cmd *cobra.Command, all []worklist.CauseDecision) {
	if !cli.Collects(cmd) {
		return
	}
	t := newSheet(cmd, "decisions", "verb", "by", "decided", "carried", "holders", "refused")
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

// mfaCounted is how many have a second factor, as a program reads it.
type mfaCounted struct {
	Active  int `json:"active"`
	Some    int `json:"some"`
	None    int `json:"none"`
	Exempt  int `json:"exempt"`
	Unknown int `json:"unknown"`
}

func mfaCounts(c mfa.Counts) mfaCounted {
	return mfaCounted{Active: c.Active, Some: c.Some, None: c.None, Exempt: c.Exempt, Unknown: c.Unknown}
}

// mfaLine is how an account stands with second factors, as a program reads it.
type mfaLine struct {
	Account   int64  `json:"account"`
	Active    bool   `json:"active"`
	Factor    string `json:"factor"`
	Source    string `json:"source"`
	Checked   string `json:"checked"`
	Stage     string `json:"stage"`
	Clock     int    `json:"clock"`
	Reminders int    `json:"reminders"`
	Row       int    `json:"row"`
	Since     string `json:"since"`
	Extended  string `json:"extended"`
	Exempt    string `json:"exempt"`
	Deadline  string `json:"deadline"`
}

func mfaLines(all []mfa.State) []mfaLine {
	out := make([]mfaLine, 0, len(all))
	for _, s := range all {
		out = append(out, mfaLine{
			Account: s.AccountID, Active: s.Active, Factor: string(s.Factor), Source: s.Source, Checked: stamp(s.CheckedAt), Stage: s.Stage,
			Clock: s.Clock, Reminders: s.Reminders, Row: s.Row, Since: stamp(s.Since), Extended: stamp(s.ExtendedUntil),
			Exempt: stamp(s.ExemptUntil), Deadline: stamp(s.Deadline),
		})
	}
	return out
}

// collectList gives what a list would do to what is printed as JSON.
func collectList(cmd *cobra.Command, l authorised, due time.Time, people int, hash string) {
	cli.Value(cmd, "list", struct {
		Kind   string `json:"kind"`
		Source string `json:"hr_source"`
		Moment string `json:"moment"`
		People int    `json:"people"`
		Hash   string `json:"hash"`
	}{l.kind, l.source, stamp(due), people, hash})
}

// collectAdoption gives the rows of a report, or of one section, to what is printed as CSV: what the terminal shows of them.
func collectAdoption(cmd *cobra.Command, r *census.Report, section string) {
	t := newSheet(cmd, "accounts", "section", "account", "person", "status", "kind", "privileged", "last_sign_in", "roles", "why", "also")
	for _, s := range r.Sections {
		if section != "" && s.Name != section {
			continue
		}
		for _, row := range s.Rows {
			t.Add(s.Name, row.Account, row.Person, row.Status, string(row.Kind), row.Privileged, row.LastSignIn, row.Roles, row.Why, row.Also)
		}
	}
	t.Render()
}

func collectSummary(cmd *cobra.Command, s census.Summary) {
	cli.Value(cmd, "plan", s)
	t := newSheet(cmd, "plan", "verdict", "people", "mode")
	for _, v := range s.Verdicts {
		t.Add(string(v.Verdict), v.People, string(v.Mode))
	}
	t.Render()
}

func collectDifference(cmd *cobra.Command, d census.Difference) {
	cli.Value(cmd, "plan", d)
	t := newSheet(cmd, "plan", "person", "from", "to", "steps", "rules")
	for _, c := range d.Changed {
		t.Add(c.Person, string(c.From), string(c.To), c.Steps, c.Rules)
	}
	t.Render()
}

// planLine is the plan of one person, as a program reads it: what the terminal shows, and no name or address.
type planLine struct {
	Person   string   `json:"person"`
	SameAs   string   `json:"same_as"`
	Standing string   `json:"standing"`
	Episode  int      `json:"episode"`
	Account  int64    `json:"account"`
	Status   string   `json:"status"`
	Group    string   `json:"group"`
	Roles    []string `json:"roles"`
	Verdict  string   `json:"verdict"`
	Reason   string   `json:"reason"`
	PlanHash string   `json:"plan_hash"`
	Next     string   `json:"next"`
	Found    []string `json:"found"`
	Steps    []string `json:"steps"`
	Notices  []string `json:"notices"`
	Others   []int64  `json:"other_accounts"`
	Mode     string   `json:"mode"`
	Policy   string   `json:"policy"`
}

func collectPlan(cmd *cobra.Command, a api.Assessment) {
	l := planLine{
		Person: a.Key, SameAs: a.ForwardTo, Standing: string(a.Person.Standing), Episode: a.Episode, Roles: []string{}, Verdict: string(a.Plan.Verdict),
		Reason: a.Plan.Reason, PlanHash: a.PlanHash, Next: stamp(a.Plan.Due), Found: neverNull(a.Plan.Found), Steps: []string{}, Notices: []string{},
		Others: []int64{}, Mode: string(a.Mode), Policy: a.Plan.PolicyHash,
	}
	if a.Account != nil {
		l.Account, l.Status, l.Group, l.Roles = a.Account.ID, a.Account.Status.String(), a.Account.Group, neverNull(a.Account.Roles)
	}
	for _, s := range a.Plan.Steps {
		l.Steps = append(l.Steps, s.String())
	}
	for _, n := range a.Plan.Notices {
		l.Notices = append(l.Notices, strings.TrimSuffix(n.Code+": "+n.Text, ": "))
	}
	for _, other := range a.Others {
		l.Others = append(l.Others, other.ID)
	}
	cli.Value(cmd, "plan", l)
}

// collectParts gives all parts to what is printed as JSON or CSV.
func (s *survey) collectParts() {
	if !cli.Collects(s.cmd) {
		return
	}
	words := map[standing]string{inStep: "in_step", notKnown: "not_known", wrong: "wrong"}
	t := newSheet(s.cmd, "parts", "part", "standing", "state", "todo")
	for _, p := range s.parts {
		t.Add(p.name, words[p.standing], p.state, p.todo)
	}
	t.Render()
}
