package inventory

import (
	"context"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
)

// clearNotCompared closes that item once a sweep has seen every account.
func (a *Accounts) clearNotCompared(ctx context.Context) error {
	open, err := a.Ledger.Worklist().Items(ctx, worklist.ItemFilter{System: identity.SystemOneLogin, Class: people.ItemNotCompared})
	if err != nil || len(open) == 0 {
		return err
	}
	return a.Ledger.Worklist().ClearItem(ctx, identity.SystemOneLogin, people.ItemNotCompared, identity.SystemOneLogin)
}
