package inventory

import (
	"context"
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// closed is the status of an account that its system has closed.
const closed = identity.AccountSuspended

// LeaversIn lists who by the ledger must be out and has an account on record in one of the systems that may give access, in order. What
// is no human's own is not among it.
func (s Store) LeaversIn(ctx context.Context, now time.Time, systems []string) (keys []string, err error) {
	if len(systems) == 0 {
		return nil, nil
	}
	in := engine.List(3, len(systems))
	args := append([]any{engine.Micros(now), int64(closed)}, engine.Anys(systems)...)
	open := `a.system IN ` + in + ` AND a.state IN ('linked', 'disputed') AND a.kind IN ('person', 'unknown') AND a.missing_since = 0
		AND a.observed_at <> 0 AND a.status <> $2`
	query := mustBeOut + `
SELECT outs.person_key FROM outs JOIN accounts a ON a.person_key = outs.person_key WHERE ` + open + `
UNION SELECT p.forward FROM outs JOIN people p ON p.forward <> '' AND p.forward = outs.person_key
	JOIN accounts a ON a.person_key = p.person_key WHERE ` + open + ` ORDER BY 1`
	err = engine.Each(ctx, s.db.Reader(), query, args, func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		keys = append(keys, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the leavers with an account in the systems: %w", err)
	}
	return keys, nil
}
