package systems

import (
	"context"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
)

// sameDay is how far ahead a departure counts: what is handed over today must not go to somebody who leaves today.
const sameDay = 24 * time.Hour

// whoStays are those of some people who work here by their last assessment, or by the last reading of HR where there was none yet, and of
// whom nothing says that they are or will soon be out.
const whoStays = `SELECT p.person_key FROM people p WHERE p.forward = ''
	AND (p.episode > 0 AND p.employed = 1 OR p.episode = 0 AND EXISTS (SELECT 1 FROM links l
		JOIN roster r ON r.source = l.source AND r.employee_id = l.employee_id WHERE l.person_key = p.person_key AND r.active = 1))
	AND NOT EXISTS (SELECT 1 FROM departures d WHERE d.person_key = p.person_key AND d.contained_at = 0 AND d.order_id = '' AND d.due_at <= $2)
	AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.person_key = p.person_key AND o.kind IN ('contain', 'suspend')
		AND o.released_at = 0 AND (o.expires_at = 0 OR o.expires_at > $1))
	AND p.person_key IN `

// Stay are those of some people to whom something may be handed over: they work here and are not about to leave.
func (s Store) Stay(ctx context.Context, keys []string) (map[string]bool, error) {
	stay, now := make(map[string]bool, len(keys)), s.db.Now()
	err := engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		args := append([]any{engine.Micros(now), engine.Micros(now.Add(sameDay))}, engine.Anys(part)...)
		return engine.Each(ctx, s.db.Reader(), whoStays+engine.List(3, len(part)), args, func(scan func(...any) error) error {
			var key string
			err := scan(&key)
			stay[key] = true
			return err
		})
	})
	return stay, engine.Wrapf(err, "read who of %d people stays", len(keys))
}

// heirs are the ids of the primary accounts that can sign in, of those people who stay, by key and system.
func (s Store) heirs(ctx context.Context, systems, keys []string) (map[string]map[string]string, error) {
	stay, err := s.Stay(ctx, keys)
	if err != nil {
		return nil, err
	}
	return s.primaries(ctx, systems, slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !stay[key] }), open)
}

// open reports that an account is there, certainly its person's and, if it was ever read, can sign in.
func open(a inventory.Account) bool {
	return a.State == identity.AccountLinked && a.MissingSince.IsZero() && (a.ObservedAt.IsZero() || a.Status == identity.AccountActive)
}
