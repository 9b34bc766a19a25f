package systems

import (
	"context"

	"gatehouse/identity"
	books "gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
)

// itemOwners is the class of the item about accounts that are no person's, and whose owner has left.
const itemOwners = "system_owners_left"

// askOwners keeps that item in step. Such an account is never closed with its owner: somebody else has to look after it, and change what
// the owner knows.
func (sw *sweep) askOwners(ctx context.Context) error {
	var owned []books.Account
	var owners []string
	for _, kind := range []identity.AccountKind{identity.KindService, identity.KindShared, identity.KindBreakGlass} {
		page := books.Page{Limit: matchPage}
		for {
			rows, err := sw.Ledger.Inventory().List(ctx, books.Filter{System: sw.name, Kind: kind}, page)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if row.Owner != "" && row.Status != identity.AccountSuspended {
					owned, owners = append(owned, row), append(owners, row.Owner)
				}
			}
			if len(rows) < page.Limit {
				break
			}
			page.After = rows[len(rows)-1].Ref
		}
	}
	people, err := sw.Ledger.People().Some(ctx, owners)
	if err != nil {
		return err
	}
	var left []books.Account
	for _, row := range owned {
		if p, known := people.People[row.Owner]; known && !p.Employed && p.Episode > 0 {
			left = append(left, row)
		}
	}
	return sw.tellWhose(ctx, itemOwners, worklist.SeverityWarning, "security", left)
}
