package show

import (
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger/persons"
	"gatehouse/starter/cmdline"
)

// showOverdue lists who had to be out by now and is not known to be. Where offboarding only observes, nobody is late.
func showOverdue(cmd *cobra.Command, a *app.App) (late int, err error) {
	rules, err := a.Ledger.People().DepartureRules(cmd.Context())
	if err != nil {
		return 0, err
	}
	all, err := a.Ledger.People().OverdueDepartures(cmd.Context(), time.Now(), rules.ContainWithin)
	if err != nil {
		return 0, err
	}
	t := cmdline.NewSheet(cmd, "overdue", "person|OVERDUE: must be out", "since", "because of", "told|told at alerts.url")
	for _, d := range all {
		if d.Order != "" || !rules.Observe {
			t.Add(d.Key, cli.At(d.DueAt), because(d), cli.At(d.AnnouncedAt))
		}
	}
	if t.Length() > 0 || cli.Collects(cmd) {
		t.Render()
	}
	return t.Length(), nil
}

// because is who wants somebody out.
func because(d persons.Departure) string {
	if d.Order != "" {
		return "order " + d.Order
	}
	return d.Source
}
