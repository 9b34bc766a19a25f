package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/starter/accounts"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/orders"
)

// printPerson shows what is on record about one person and what their run is at.
func printPerson(cmd *cobra.Command, a *app.App, key string) error {
	ctx := cmd.Context()
	d, known, err := a.Ledger.Dossier(ctx, key)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("nothing is known about %s yet", key)
	}
	if cli.Collects(cmd) {
		return collectPerson(cmd, a, key, d)
	}
	line := func(name, format string, args ...any) {
		cmdline.Told(cmd, fmt.Sprintf("%-10s", name), fmt.Sprintf(format, args...))
	}
	employed := "not known to be employed"
	switch {
	case d.Person.Employed:
		employed = "employed"
	case d.Person.Episode > 0:
		employed = "not employed, or ordered out"
	}
	line("person", "%s, %s, episode %d", key, employed, d.Person.Episode)
	for _, l := range d.Links {
		line("record", "%s-%s, known since %s", l.Source, l.EmployeeID, cmdline.Clock(l.FirstSeen))
	}
	deciders := orders.HoldDeciders(a)
	for _, o := range d.Orders {
		o = orders.Shown(o, cmdline.Operator(), deciders)
		held := ""
		if o.Off != "" {
			held = ", " + orders.HeldBySwitch(o)
		}
		line("order", "%s (%s by %s, %s%s)", o.ID, orders.Asked(o), orders.Author(o), cli.Ago(o.At), held)
	}
	for _, account := range d.Accounts {
		line("account", "%s", accountStands(account))
	}
	if len(d.Accounts) == 0 {
		line("account", "none on record")
	}
	if err := printOwed(cmd, a, key); err != nil {
		return err
	}
	if err := printDeletions(cmd, a, key); err != nil {
		return err
	}
	if err := printDue(cmd, a, key); err != nil {
		return err
	}
	printRun(cmd, a, key)
	return nil
}

// accountStands says in a line what is on record of an account.
func accountStands(a inventory.Account) string {
	parts := []string{a.Ref.String(), string(a.State), string(a.Kind)}
	if a.Use != "" {
		parts = append(parts, string(a.Use))
	}
	if why := accounts.SuspendedFor(a); why != "" {
		parts = append(parts, "suspended for "+why)
	}
	if !a.ContainedAt.IsZero() {
		parts = append(parts, "read back as out at "+cmdline.Clock(a.ContainedAt))
	}
	if a.ObservedAt.IsZero() {
		parts = append(parts, "status not known")
	} else {
		parts = append(parts, a.Status.String()+" when it was read "+cli.Ago(a.ObservedAt))
	}
	return strings.Join(parts, ", ")
}

// printDue says by when the person has to be out, if that is so and not done.
func printDue(cmd *cobra.Command, a *app.App, key string) error {
	return eachDue(cmd, a, key, func(due persons.Departure, overdue bool) {
		late := ""
		if overdue {
			late = "OVERDUE: "
		}
		cmd.Printf("%-10s%sby %s, because of %s\n", "out", late, cmdline.Clock(due.DueAt), because(due))
	})
}

// printRun asks the person's latest run what it is at.
func printRun(cmd *cobra.Command, a *app.App, key string) {
	ctx, cancel := context.WithTimeout(cmd.Context(), 2*cmdline.AskWithin)
	defer cancel()
	id := api.PersonID(key)
	value, err := a.Temporal.QueryWorkflow(ctx, id, "", api.QueryState)
	var none *serviceerror.NotFound
	if errors.As(err, &none) {
		cmd.Printf("%-10s%s has none\n", "run", id)
		return
	}
	var state api.State
	if err == nil {
		err = value.Get(&state)
	}
	if err != nil {
		cmd.Printf("%-10s%s: not known: %v\n", "run", id, err)
		return
	}
	cmd.Printf("%-10s%s (%s), %s: %s\n", "run", id, state.Template, cmp.Or(state.Stage, "working"), state.Doing)
	if state.Seen != nil {
		cmd.Printf("%-10sHR, OneLogin and orders were read %s: %s\n", "", cli.Ago(state.Seen.At), state.Seen.Verdict)
	}
	if len(state.Attention) > 0 {
		cmdline.Told(cmd, fmt.Sprintf("%-10s", "asks"), strings.TrimSpace(orders.Waits(state.Attention)))
		cmd.Printf("%-10sstarter show --person %s\n", "", key)
	}
}
