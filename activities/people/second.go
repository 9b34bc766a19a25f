package people

import (
	"context"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// furtherAccount asks about an account that may be the one of somebody employed whom neither an external id nor the work address has led
// to: one under an older address, with their name and username. The inventory knows; before it is filled, OneLogin is asked for the
// name. Nobody's departure comes here.
func (p *Person) furtherAccount(ctx context.Context, client *onelogin.Client, pol *policy.Policy, h Human, r identity.Record) ([]identity.Notice, error) {
	rows, err := p.Ledger.Inventory().Find(ctx, p.accountTraces(pol, h))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if id, ok := row.Ref.OneLogin(); ok && !row.ObservedAt.IsZero() && row.MissingSince.IsZero() {
			if notices, err := p.perhapsTheirs(ctx, pol, h, id, row.Document, row); len(notices) > 0 || err != nil {
				return notices, err
			}
		}
	}
	if fresh, err := p.fresh(ctx); err != nil || fresh {
		return nil, err
	}
	for _, first := range givenNames(r) {
		users, err := client.UsersByName(ctx, first, r.LastName)
		if err != nil {
			return nil, err
		}
		for _, user := range users {
			account, row, err := p.meet(ctx, client, h, user.ID)
			if err != nil {
				return nil, err
			}
			if account == nil {
				continue
			}
			if notices, err := p.perhapsTheirs(ctx, pol, h, account.ID, *account, row); len(notices) > 0 || err != nil {
				return notices, err
			}
		}
	}
	return nil, nil
}

// perhapsTheirs asks about an account that nobody has on record and that more than a name ties to somebody employed.
func (p *Person) perhapsTheirs(ctx context.Context, pol *policy.Policy, h Human, id int64, account identity.Account, row inventory.Account) ([]identity.Notice, error) {
	if row.Belongs() || NoPersons(row.Kind) || pol.ServiceAccount(account) != "" || pol.Protected(account) != "" {
		return nil, nil
	}
	tied, err := p.Tie(ctx, pol, h, account, row)
	if err != nil || tied.Tie != match.TieCandidate {
		return nil, err
	}
	return Doubtful(pol, h.Key, id, tied), nil
}
