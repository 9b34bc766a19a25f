package show

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/census"
	"gatehouse/internal/cli"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/system"
	"gatehouse/starter/accounts"
	"gatehouse/starter/cmdline"
)

// change is a row of a plan of one system: what of whose account becomes what.
type change struct {
	person  string
	System  string `json:"system"`
	Account string `json:"account"`
	What    string `json:"what"`
	From    string `json:"from"`
	To      string `json:"to"`
	State   string `json:"state"`
}

// changesOf are the changes that a plan of one account comes to.
func changesOf(person string, p identity.SystemPlan, view *identity.SystemView) []change {
	var rows []change
	add := func(state string, s identity.SystemStep, what, from, to string) {
		if !s.After.IsZero() {
			state = strings.TrimSpace(state + " from " + cmdline.Stamp(s.After))
		}
		rows = append(rows, change{person, p.System, p.Account, what, from, to, state})
	}
	for _, part := range []struct {
		steps []identity.SystemStep
		state string
	}{{p.Steps, ""}, {p.Held, "held"}} {
		state := part.state
		if p.Observe {
			state = "observed"
		}
		for _, s := range part.steps {
			rowsOf(s, accountIn(view, p.Account), func(what, from, to string) { add(state, s, what, from, to) })
		}
	}
	for _, n := range p.Notices {
		rows = append(rows, change{person, p.System, p.Account, n.Code, "", "", n.Text})
	}
	return rows
}

// sentence says a change in a line.
func (c change) sentence() string {
	text := c.System + ": " + c.What
	if c.From != "" || c.To != "" {
		text += fmt.Sprintf(" %q, then %q", c.From, c.To)
	}
	if c.State != "" {
		text += " (" + c.State + ")"
	}
	return text
}

// accountIn is an account of a view, an empty one if it is not there.
func accountIn(view *identity.SystemView, id string) identity.SystemAccount {
	if view != nil {
		for _, a := range view.Accounts {
			if a.ID == id {
				return a
			}
		}
	}
	return identity.SystemAccount{}
}

// rowsOf says what a step changes from what to what.
func rowsOf(s identity.SystemStep, account identity.SystemAccount, add func(what, from, to string)) {
	each := func(what string, gives bool) {
		for _, name := range s.Names {
			if gives {
				add(what, "", name)
			} else {
				add(what, name, "")
			}
		}
	}
	switch s.Kind {
	case identity.SystemCreate:
		if s.Account != nil {
			add("account", "", s.Account.Username)
		}
	case identity.SystemResume:
		add("sign-in", account.Document.Status.String(), identity.AccountActive.String())
	case identity.SystemWriteProfile:
		for _, c := range s.Changes {
			add(c.Attribute, c.From, c.To)
		}
	case identity.SystemMove:
		add("container", account.Container, s.To)
	case identity.SystemAddGroups, identity.SystemRemoveGroups:
		each("group", s.Kind == identity.SystemAddGroups)
	case identity.SystemAddRoles, identity.SystemRemoveRoles:
		each("role", s.Kind == identity.SystemAddRoles)
	case identity.SystemAssignLicences, identity.SystemReleaseLicences:
		each("licence", s.Kind == identity.SystemAssignLicences)
	case identity.SystemSuspend:
		add("sign-in", account.Document.Status.String(), identity.AccountSuspended.String())
	case identity.SystemResetPassword:
		add("password", "", "one that nobody knows")
	case identity.SystemDelegate, identity.SystemTransfer:
		add(string(s.Kind), "", s.To)
	case identity.SystemUndelegate:
		add(string(identity.SystemDelegate), s.To, "")
	case identity.SystemAutoReply:
		add("auto-reply", "", s.Subject)
	case identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote, identity.SystemEndReply:
		add(string(s.Kind), "", "")
	}
}

// viewIn is what is known of a person in a system, nil if nothing is.
func viewIn(views []identity.SystemView, name string) *identity.SystemView {
	i := slices.IndexFunc(views, func(v identity.SystemView) bool { return v.System == name })
	if i < 0 {
		return nil
	}
	return &views[i]
}

// printChanges prints what is to be changed in a system.
func printChanges(cmd *cobra.Command, rows []change) {
	t := cmdline.NewSheet(cmd, "plan", "person", "system", "account", "what", "from", "to", "state")
	for _, r := range rows {
		t.Add(r.person, r.System, r.Account, r.What, r.From, r.To, r.State)
	}
	t.Render()
}

// inSystem plans for everybody in one system.
func (o planAll) inSystem(cmd *cobra.Command, a *app.App, data *census.Data, pol *policy.Policy) error {
	all := pol.Systems()
	i := slices.IndexFunc(all, func(s system.System) bool { return s.Name == o.system })
	if i < 0 {
		return fmt.Errorf("--system %s: the policy names %s", o.system, cmp.Or(strings.Join(systemNames(pol), ", "), "no system"))
	}
	reading, err := readingOf(cmd.Context(), a.Ledger, all[i], data.At)
	if err != nil {
		return err
	}
	everybody := census.New(data, pol)
	var rows []change
	people := 0
	for p := range everybody.Plans() {
		before := len(rows)
		for _, plan := range p.Systems {
			if plan.System == o.system {
				rows = append(rows, changesOf(p.Key, plan, viewIn(p.Person.Systems, o.system))...)
			}
		}
		if len(rows) > before {
			people++
		}
	}
	if everybody.Failed != nil {
		return everybody.Failed
	}
	read := append(slices.Clone(data.Coverage), reading)
	if !cli.Collects(cmd) {
		accounts.PrintCoverage(cmd, read)
		cmd.Println()
	}
	printChanges(cmd, rows)
	if !cli.Collects(cmd) {
		cmd.Printf("%s, %d changes in %s. Nothing was changed.\n", cmdline.CountPeople(people), len(rows), o.system)
	}
	return incomplete(read)
}

// readingOf says how far what is known of a system can be believed at a moment.
func readingOf(ctx context.Context, l *ledger.Ledger, s system.System, at time.Time) (census.Coverage, error) {
	var last inventory.Sweep
	found := false
	if l != nil {
		var err error
		if last, found, err = l.Inventory().LastSweep(ctx, s.Name, inventory.SweepFull, true); err != nil {
			return census.Coverage{}, err
		}
	}
	if !found {
		return census.Coverage{}, fmt.Errorf("%s was never read completely, so that nothing is known of its accounts: starter sweep --system %[1]s", s.Name)
	}
	c := census.Coverage{What: s.Name, From: "inventory of " + last.StartedAt.UTC().Format("2006-01-02 15:04 MST"), Read: int(last.Seen), Counted: -1}
	if !s.Fresh(identity.SystemView{ReadAt: last.StartedAt}, at) {
		c.Problems = []string{fmt.Sprintf("it was last read %s ago, and max_age is %s: that is too old to give or take anything by, so that people who are employed are not in this plan "+
			"(starter sweep --system %s)", cli.Span(at.Sub(last.StartedAt).Round(time.Minute)), cli.Span(s.MaxAge), s.Name)}
	}
	return c, nil
}

func systemNames(pol *policy.Policy) (names []string) {
	for _, s := range pol.Systems() {
		names = append(names, s.Name)
	}
	return names
}
