package show

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/starter/accounts"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/orders"
)

// personLine is what is on record about one person, as a program reads it: keys and ids, and no name or address.
type personLine struct {
	Person   string        `json:"person"`
	Employed bool          `json:"employed"`
	Episode  int           `json:"episode"`
	Records  []recordLine  `json:"records"`
	Orders   []orderLine   `json:"orders"`
	Accounts []accountSeen `json:"accounts"`
	Deleted  []deletedLine `json:"deleted_accounts"`
	// Deletes is when the accounts on record are deleted, empty if they are not.
	Deletes string    `json:"deletes"`
	Out     []outLine `json:"out"`
	Run     *runLine  `json:"run"`
}

type recordLine struct {
	Source     string `json:"hr_source"`
	EmployeeID string `json:"employee_id"`
	Since      string `json:"since"`
}

type orderLine struct {
	Order string `json:"order"`
	Kind  string `json:"kind"`
	By    string `json:"by"`
	Given string `json:"given"`
}

type accountSeen struct {
	Account      string `json:"account"`
	State        string `json:"state"`
	Kind         string `json:"kind"`
	Use          string `json:"use"`
	SuspendedFor string `json:"suspended_for"`
	ContainedAt  string `json:"contained_at"`
	Status       string `json:"status"`
	ReadAt       string `json:"read_at"`
}

// outLine is by when somebody has to be out.
type outLine struct {
	By      string `json:"by"`
	Overdue bool   `json:"overdue"`
	Because string `json:"because_of"`
}

// runLine is what a run is at.
type runLine struct {
	Workflow string `json:"workflow"`
	Template string `json:"template"`
	Stage    string `json:"stage"`
	Doing    string `json:"doing"`
}

// collectPerson gives what is on record about a person to what is printed as JSON or CSV. The run is null where it has none or none
// answers.
func collectPerson(cmd *cobra.Command, a *app.App, key string, d ledger.Dossier) error {
	l := personLine{
		Person: key, Employed: d.Person.Employed, Episode: d.Person.Episode,
		Records: []recordLine{}, Orders: []orderLine{}, Accounts: []accountSeen{}, Out: []outLine{}, Run: runOf(cmd, a, key),
	}
	for _, r := range d.Links {
		l.Records = append(l.Records, recordLine{r.Source, r.EmployeeID, cmdline.Stamp(r.FirstSeen)})
	}
	deciders := orders.HoldDeciders(a)
	for _, o := range d.Orders {
		o = orders.Shown(o, cmdline.Operator(), deciders)
		l.Orders = append(l.Orders, orderLine{o.ID, orders.Asked(o), orders.Author(o), cmdline.Stamp(o.At)})
	}
	for _, account := range d.Accounts {
		s := accounts.Summary(account)
		l.Accounts = append(l.Accounts, accountSeen{s.Account, s.State, s.Kind, s.Use, s.SuspendedFor, s.ContainedAt, s.Status, s.ReadAt})
	}
	var err error
	if l.Deleted, l.Deletes, err = deletionsOf(cmd, a, key); err != nil {
		return err
	}
	err = eachDue(cmd, a, key, func(due persons.Departure, late bool) {
		l.Out = append(l.Out, outLine{cmdline.Stamp(due.DueAt), late, because(due)})
	})
	cli.Value(cmd, "person", l)
	return err
}

// runOf asks a person's latest run what it is at.
func runOf(cmd *cobra.Command, a *app.App, key string) *runLine {
	ctx, cancel := context.WithTimeout(cmd.Context(), 2*cmdline.AskWithin)
	defer cancel()
	id := api.PersonID(key)
	value, err := a.Temporal.QueryWorkflow(ctx, id, "", api.QueryState)
	var state api.State
	if err != nil || value.Get(&state) != nil {
		return nil
	}
	return &runLine{id, state.Template, state.Stage, state.Doing}
}

// eachDue gives each open departure of a person, and whether they had to be out by now.
func eachDue(cmd *cobra.Command, a *app.App, key string, take func(due persons.Departure, late bool)) error {
	open, err := a.Ledger.People().OpenDepartures(cmd.Context(), time.Now())
	if err != nil {
		return err
	}
	rules, err := a.Ledger.People().DepartureRules(cmd.Context())
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.Key == key {
			take(d, (d.Order != "" || !rules.Observe) && time.Since(d.DueAt) > rules.ContainWithin)
		}
	}
	return nil
}
