package activities

import (
	"context"

	"gatehouse/identity"
	"gatehouse/policy"
)

// second asks about an account that may be the one of somebody employed whom neither an external id nor the work address has led
// to: one under an older address, with their name and username. It reads the inventory only; nobody's departure comes here.
func (p *Person) second(ctx context.Context, pol *policy.Policy, h human) ([]identity.Notice, error) {
	rows, err := p.Ledger.FindAccounts(ctx, p.accountTraces(pol, h))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		id, ok := row.Ref.OneLogin()
		if !ok || row.ObservedAt.IsZero() || !row.MissingSince.IsZero() || row.Belongs() ||
			nobodys(row.Kind) || pol.ServiceAccount(row.Document) != "" || pol.Protected(row.Document) != "" {
			continue
		}
		tied, err := p.tie(ctx, pol, h, row.Document, row)
		if err != nil {
			return nil, err
		}
		if tied.Tie == policy.TieCandidate {
			return doubtful(pol, h.key, id, tied), nil
		}
	}
	return nil, nil
}
