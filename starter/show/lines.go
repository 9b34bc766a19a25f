package show

import (
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/census"
	"gatehouse/internal/cli"
	"gatehouse/starter/cmdline"
)

func collectSummary(cmd *cobra.Command, s census.Summary) {
	cli.Value(cmd, "plan", s)
	t := cmdline.NewSheet(cmd, "plan", "verdict", "people", "mode")
	for _, v := range s.Verdicts {
		t.Add(string(v.Verdict), v.People, string(v.Mode))
	}
	t.Render()
}

func collectDifference(cmd *cobra.Command, d census.Difference) {
	cli.Value(cmd, "plan", d)
	t := cmdline.NewSheet(cmd, "plan", "person", "from", "to", "steps", "rules")
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
	Deletes  string   `json:"deletes"`
	Found    []string `json:"found"`
	Steps    []string `json:"steps"`
	Notices  []string `json:"notices"`
	Others   []int64  `json:"other_accounts"`
	Systems  []change `json:"systems"`
	Mode     string   `json:"mode"`
	Policy   string   `json:"policy"`
}

func collectPlan(cmd *cobra.Command, a api.Assessment) {
	l := planLine{
		Person: a.Key, SameAs: a.ForwardTo, Standing: string(a.Person.Standing), Episode: a.Episode, Roles: []string{}, Verdict: string(a.Plan.Verdict),
		Reason: a.Plan.Reason, PlanHash: a.PlanHash, Next: cmdline.Stamp(a.Plan.Due), Deletes: cmdline.Stamp(a.Plan.DeleteAt), Found: cmdline.NeverNull(a.Plan.Found), Steps: []string{}, Notices: []string{},
		Others: []int64{}, Systems: []change{}, Mode: string(a.Mode), Policy: a.Plan.PolicyHash,
	}
	if a.Account != nil {
		l.Account, l.Status, l.Group, l.Roles = a.Account.ID, a.Account.Status.String(), a.Account.Group, cmdline.NeverNull(a.Account.Roles)
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
	for _, p := range a.Systems {
		l.Systems = append(l.Systems, changesOf(a.Key, p, viewIn(a.Person.Systems, p.System))...)
	}
	cli.Value(cmd, "plan", l)
}

// collectParts gives all parts to what is printed as JSON or CSV.
func (s *survey) collectParts() {
	if !cli.Collects(s.cmd) {
		return
	}
	words := map[standing]string{inStep: "in_step", notKnown: "not_known", wrong: "wrong"}
	t := cmdline.NewSheet(s.cmd, "parts", "part", "standing", "state", "todo")
	for _, p := range s.parts {
		t.Add(p.name, words[p.standing], p.state, p.todo)
	}
	t.Render()
}

// unknownCount is a number that could not be read: null in JSON.
type unknownCount struct{}

func (unknownCount) String() string { return "not known" }

// Unknown says that there is no value.
func (unknownCount) Unknown() bool { return true }
