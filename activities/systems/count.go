package systems

import (
	"context"
	"sync"
	"time"
)

const (
	// countedFor is how long the number of a large system's accounts is good enough for a share of them, and large from how many on
	// counting takes long enough to matter: nobody's departure waits for it.
	countedFor = time.Minute
	large      = 1000
)

// counts are the numbers of accounts of large systems.
type counts struct {
	mu sync.Mutex
	of map[string]counted
}

type counted struct {
	n  int64
	at time.Time
}

// countOf is how many accounts a system has.
func (s *Systems) countOf(ctx context.Context, system string) (int64, error) {
	now := s.Clock()
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	if known, found := s.counts.of[system]; found && now.Sub(known.at).Abs() < countedFor {
		return known.n, nil
	}
	n, err := s.Ledger.Inventory().Count(ctx, system)
	if err != nil || n < large {
		return n, err
	}
	if s.counts.of == nil {
		s.counts.of = map[string]counted{}
	}
	s.counts.of[system] = counted{n, now}
	return n, nil
}
