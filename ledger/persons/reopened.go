package persons

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// reopenDeparture opens the closed rows of a person's present departure again: that of a contain order in force, else HR's.
const reopenDeparture = `UPDATE departures SET contained_at = 0, reopened_at = $2, due_at = $2, announced_at = 0
WHERE contained_at <> 0 AND (person_key = $1 OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1)
		OR order_id <> '' AND order_id IN (SELECT order_id FROM orders WHERE person_key = $1))
	AND CASE WHEN EXISTS (` + containing + `) THEN order_id IN (SELECT r.order_id FROM (` + containing + `) r)
		ELSE order_id = '' AND episode = (SELECT MAX(episode) FROM people WHERE person_key = $1 AND employed = 0) END`

// containing are the contain orders in force about the person $1.
const containing = `SELECT c.order_id FROM orders c LEFT JOIN people f ON f.person_key = c.person_key WHERE c.kind = 'contain' AND c.released_at = 0
	AND (c.expires_at = 0 OR c.expires_at > $2) AND (c.person_key = $1 OR f.forward = $1)`

// ReopenDeparture says that access of somebody who must be out was found after their departure was closed. The clock starts
// anew, from at. A departure that is open stays as it is; one of HR's that was never written down is, from at on, where a source is named.
func (s Store) ReopenDeparture(ctx context.Context, d Departure, at time.Time) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if n, err := engine.Affected(ctx, q, reopenDeparture, d.Key, engine.Micros(at)); err != nil || n > 0 {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO departures (person_key, episode, order_id, source, known_at, due_at)
			SELECT CAST($1 AS TEXT), `+departing+`, '', CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($3 AS BIGINT)
			WHERE CAST($2 AS TEXT) <> '' AND NOT EXISTS (SELECT 1 FROM departures WHERE contained_at = 0 AND (person_key = $1
				OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1)
				OR order_id <> '' AND order_id IN (SELECT order_id FROM orders WHERE person_key = $1)))
			ON CONFLICT (person_key, episode, order_id) DO NOTHING`, d.Key, d.Source, engine.Micros(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("open the departure of %s again: %w", d.Key, err)
	}
	return nil
}
