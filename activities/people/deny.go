package people

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
)

// takeAgain has denied roles that came back be taken again, because somebody says that what gave them is stopped.
func (p *Person) takeAgain(ctx context.Context, in api.DecideInput) error {
	if in.Code != policy.NoticeDeniedReturns {
		return nil
	}
	d, _, err := p.Ledger.Dossier(ctx, in.Key)
	if err != nil {
		return err
	}
	for _, o := range d.Orders {
		if o.Kind != identity.OrderDeny {
			continue
		}
		if err := p.Ledger.Orders().ForgetTaken(ctx, o.ID); err != nil {
			return err
		}
	}
	return nil
}
