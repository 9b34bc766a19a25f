package account

import (
	"context"
	"slices"

	"gatehouse/identity"
)

// notDenied divides roles into those that may be given and those that an order denies by now: the plan may be days old.
func (o *OneLogin) notDenied(ctx context.Context, key string, roles []string) (given, denied []string, err error) {
	if len(roles) == 0 {
		return nil, nil, nil
	}
	d, _, err := o.Ledger.Dossier(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	now := o.Clock()
	for _, role := range roles {
		if slices.ContainsFunc(d.Orders, func(order identity.Order) bool {
			return order.Kind == identity.OrderDeny && order.InForce(now) && slices.Contains(order.Roles, role)
		}) {
			denied = append(denied, role)
			continue
		}
		given = append(given, role)
	}
	return given, denied, nil
}
