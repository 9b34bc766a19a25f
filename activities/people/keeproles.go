package people

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// KeepRoles lets somebody who moves keep roles for a while: a grant that ends by itself. The ledger notes at once that
// the grant has given them, so that their end takes them away, and so that they do not stay a second time.
func (p *Person) KeepRoles(ctx context.Context, in api.KeepRolesInput) error {
	order := identity.Order{
		ID: in.OrderID, Key: in.Key, Kind: identity.OrderGrant, Roles: in.Roles, At: in.At, Until: in.Until,
		By: api.ByGatehouse, Rule: identity.RuleOverlap, Reason: "old access stays for a while after a move",
	}
	return p.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if err := l.Orders().Put(ctx, order); err != nil {
			return err
		}
		return l.Orders().NoteGiven(ctx, in.OrderID, in.Roles)
	})
}

// managerAccount is the OneLogin user of a person's manager, 0 if there is none. One that nobody has
// assessed yet is on record for everybody else in the team afterwards.
func (p *Person) managerAccount(ctx context.Context, rec identity.Record) (int64, error) {
	key, err := p.managerKey(ctx, rec)
	if err != nil || key == "" {
		return 0, err
	}
	return p.AccountOfKey(ctx, key)
}
