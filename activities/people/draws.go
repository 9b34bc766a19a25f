package people

import (
	"context"

	"gatehouse/identity"
	"gatehouse/ledger/budgets"
)

// Draws says on which budgets somebody's change of position, access or profile is about to draw.
func (p *Person) Draws(ctx context.Context, key string) (wants []budgets.Reservation, of string, err error) {
	a, err := p.Preview(ctx, key)
	if err == nil && a.ForwardTo != "" {
		a, err = p.Preview(ctx, a.ForwardTo)
	}
	if err != nil || a.ForwardTo != "" || a.Plan.Verdict != identity.VerdictChange {
		return nil, "", err
	}
	d, _, err := p.Ledger.Dossier(ctx, a.Key)
	if err != nil {
		return nil, "", err
	}
	wants, err = p.keeper().Reservations(ctx, p.Policy(), &a, d.Orders)
	return wants, a.Key, err
}
