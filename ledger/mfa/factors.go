package mfa

import (
	"context"
	"fmt"

	"gatehouse/ledger/engine"
)

// FactorsOf returns what is known about the second factors of accounts. Accounts nobody has looked at are left out.
func (s Store) FactorsOf(ctx context.Context, accounts []int64) (map[int64]Factor, error) {
	known := map[int64]Factor{}
	err := engine.IDChunks(accounts, func(part []any) error {
		return engine.Each(ctx, s.db.Reader(), "SELECT account_id, factor FROM mfa_state WHERE account_id IN "+engine.List(1, len(part)),
			part, func(scan func(...any) error) error {
				var id int64
				var factor string
				err := scan(&id, &factor)
				known[id] = Factor(factor)
				return err
			})
	})
	if err != nil {
		return nil, fmt.Errorf("read the second factors of %d accounts: %w", len(accounts), err)
	}
	return known, nil
}
