package mfa

import (
	"context"
	"fmt"

	"gatehouse/ledger/engine"
)

// Known is what is known about the second factors of an account. Uncounted are the kinds of those that do not count, where none does.
type Known struct {
	Factor    Factor
	Uncounted []string
}

// FactorsOf returns what is known about the second factors of accounts. Accounts nobody has looked at are left out.
func (s Store) FactorsOf(ctx context.Context, accounts []int64) (map[int64]Known, error) {
	known := map[int64]Known{}
	err := engine.IDChunks(accounts, func(part []any) error {
		return engine.Each(ctx, s.db.Reader(), "SELECT account_id, factor, kinds, weak FROM mfa_state WHERE account_id IN "+engine.List(1, len(part)),
			part, func(scan func(...any) error) error {
				var id int64
				var k Known
				var kinds, weak string
				err := scan(&id, &k.Factor, &kinds, &weak)
				if weak != "" {
					k.Uncounted = readKinds(kinds).Named()
				}
				known[id] = k
				return err
			})
	})
	if err != nil {
		return nil, fmt.Errorf("read the second factors of %d accounts: %w", len(accounts), err)
	}
	return known, nil
}
