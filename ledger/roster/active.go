package roster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gatehouse/ledger/engine"
)

const (
	// activeKept is how long a count of active people is used again.
	activeKept = 5 * time.Second
	// activeLarge is from what size on a count is kept. Counting fewer rows is cheap, and a limit that is a percentage of
	// them would notice.
	activeLarge = 1000
)

// Counts keeps counts of active people: counting those of a large company takes longer than everything else that
// the ledger does before a containment.
type Counts struct {
	mu     sync.Mutex
	counts map[string]activeCount
}

type activeCount struct {
	n  int
	at time.Time
}

func (a *Counts) get(source string, now time.Time) (int, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.counts[source]
	return c.n, ok && now.Sub(c.at) < activeKept && !now.Before(c.at)
}

func (a *Counts) put(source string, n int, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counts == nil {
		a.counts = map[string]activeCount{}
	}
	a.counts[source] = activeCount{n: n, at: now}
}

// forget is called after every write to the roster.
func (a *Counts) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.counts)
}

// ActivePeople counts the active roster rows of a source, or of all sources if source is empty. From 1,000 on the number
// may be up to five seconds old with respect to what other processes write.
func (s Store) ActivePeople(ctx context.Context, source string) (int, error) {
	now := s.db.Now()
	if n, ok := s.active.get(source, now); ok {
		return n, nil
	}
	query, args := "SELECT COUNT(*) FROM roster WHERE active = 1", []any(nil)
	if source != "" {
		query, args = query+" AND source = $1", []any{source}
	}
	var n int
	if _, err := engine.QueryRow(ctx, s.db.Reader(), query, args, &n); err != nil {
		return 0, fmt.Errorf("count active people: %w", err)
	}
	if n >= activeLarge {
		s.active.put(source, n, now)
	}
	return n, nil
}
