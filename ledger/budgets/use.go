package budgets

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Use is how much of a budget is used and held back.
type Use struct {
	// Budget is its name with the HR source, such as contain/workday.
	Budget string
	// Used is what was reserved since the moment that was asked about, Held what is held until somebody decides.
	Used, Held int
}

// Uses returns what is used of every budget since a moment, and what each holds.
func (s Store) Uses(ctx context.Context, since time.Time) ([]Use, error) {
	var all []Use
	err := engine.Each(ctx, s.db.Reader(), `SELECT budget, SUM(used), SUM(held) FROM (
			SELECT budget, COUNT(*) AS used, 0 AS held FROM reservations WHERE reserved_at > $1 GROUP BY budget
			UNION ALL SELECT budget, 0, COUNT(*) FROM held GROUP BY budget
		) uses GROUP BY budget ORDER BY budget`, []any{engine.Micros(since)}, func(scan func(...any) error) error {
		var u Use
		err := scan(&u.Budget, &u.Used, &u.Held)
		all = append(all, u)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the use of the safety budgets: %w", err)
	}
	return all, nil
}
