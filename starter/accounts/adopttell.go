package accounts

import (
	"context"
	"strings"

	"gatehouse/internal/app"
	"gatehouse/ledger/worklist"
)

// mostTold is from how many decisions on an import does not tell the runs of people who work here and about whom nothing is asked.
// Each of them would read OneLogin, and a first import about a whole company would use up its quota for the hour; the next
// comparison of everybody finds whatever is to be done.
const mostTold = 100

// bystanders says of whom an import of so many decisions tells nobody.
func bystanders(ctx context.Context, a *app.App, decisions int) (func(key string) bool, error) {
	if decisions <= mostTold {
		return func(string) bool { return false }, nil
	}
	here := map[string]bool{}
	for _, source := range a.Config.Sources() {
		rows, err := a.Ledger.Roster().Rows(ctx, source)
		if err != nil {
			return nil, err
		}
		for id, row := range rows {
			here[source+"-"+id] = row.Active
		}
	}
	open, err := a.Ledger.Worklist().Items(ctx, worklist.ItemFilter{})
	if err != nil {
		return nil, err
	}
	for _, item := range open {
		if _, key, found := strings.Cut(item.Object, "@"); found {
			delete(here, key[strings.LastIndex(key, "@")+1:])
		}
	}
	return func(key string) bool { return here[key] }, nil
}
