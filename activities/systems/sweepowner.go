package systems

import (
	"context"
	"slices"

	"gatehouse/identity"
	books "gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
)

// itemOwners is the class of the item about accounts that are no person's, and whose owner has left.
const itemOwners = "system_owners_left"

// askOwners keeps that item in step, after a reading or, if a leaver is named, where one of those accounts is theirs. Such an account is never closed with its owner: somebody else has to look after it, and change what
// the owner knows.
func (s *Systems) askOwners(ctx context.Context, system, leaver string) error {
	var owned []books.Account
	var owners []string
	for _, kind := range []identity.AccountKind{identity.KindService, identity.KindShared, identity.KindBreakGlass} {
		page := books.Page{Limit: matchPage}
		for {
			rows, err := s.Ledger.Inventory().List(ctx, books.Filter{System: system, Kind: kind}, page)
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
	if leaver != "" && !slices.Contains(owners, leaver) {
		return nil
	}
	people, err := s.Ledger.People().Some(ctx, owners)
	if err != nil {
		return err
	}
	var left []books.Account
	for _, row := range owned {
		if p, known := people.People[row.Owner]; row.Owner == leaver || known && !p.Employed && p.Episode > 0 {
			left = append(left, row)
		}
	}
	return s.tellWhose(ctx, system, itemOwners, worklist.SeverityWarning, "security", left)
}
