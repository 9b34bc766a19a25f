package inventory

import (
	"context"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// furtherHave is the condition of accounts that have one of some further addresses: a list of digests follows, and a parenthesis.
const furtherHave = " WHERE (a.system, a.account_id) IN (SELECT d.system, d.account_id FROM account_addresses d WHERE d.digest IN "

// furtherOf reads the digests of the further addresses of accounts that were last read at an instant: a list of ids follows.
const furtherOf = `SELECT a.account_id, COALESCE(d.digest, '') FROM accounts a
	LEFT JOIN account_addresses d ON d.system = a.system AND d.account_id = a.account_id
	WHERE a.system = $1 AND a.observed_at = $2 AND a.account_id IN `

// keepAddresses keeps digests of the further addresses of accounts whose rows were just written. What was read later stays, and what has
// not changed is not written. Users of OneLogin have no further address, and the path of a containment is theirs.
func (s Store) keepAddresses(ctx context.Context, q engine.Querier, at time.Time, rows [][]any, accounts []Account) error {
	if len(rows) == 0 || rows[0][0] == identity.SystemOneLogin {
		return nil
	}
	system, args := accounts[0].Ref.System, []any{rows[0][0], engine.Micros(at)}
	for _, row := range rows {
		args = append(args, row[1])
	}
	had := map[string][]string{}
	err := engine.Each(ctx, q, furtherOf+engine.List(3, len(rows)), args, func(scan func(...any) error) error {
		var id, digest string
		err := scan(&id, &digest)
		had[id] = append(had[id], digest)
		return err
	})
	if err != nil {
		return err
	}
	var news [][]any
	for _, a := range accounts {
		before, written := had[a.Ref.ID]
		if !written {
			continue
		}
		var have []string
		for _, address := range a.Document.Aliases {
			have = append(have, s.AddressDigest(address))
		}
		for _, digest := range before {
			if digest == "" || slices.Contains(have, digest) {
				continue
			}
			if _, err := q.ExecContext(ctx, "DELETE FROM account_addresses WHERE system = $1 AND account_id = $2 AND digest = $3",
				system, a.Ref.ID, digest); err != nil {
				return err
			}
		}
		for _, digest := range have {
			if !slices.Contains(before, digest) {
				news = append(news, []any{system, a.Ref.ID, digest})
			}
		}
	}
	return engine.InsertRows(ctx, q, "INSERT INTO account_addresses (system, account_id, digest)", "ON CONFLICT DO NOTHING", news)
}
