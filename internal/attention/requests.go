package attention

import (
	"context"
	"errors"
	"time"
)

const (
	// unstarted is after how long a run is started for a request of an agent that none has taken up: Temporal may have been away when
	// it was filed.
	unstarted = time.Minute
	// unheard is how often it is made sure that every request has a run: Temporal may have lost what it knew.
	unheard = time.Hour
	// mostRequests bounds how many requests that takes.
	mostRequests = 5000
)

// requests has runs for the requests of agents that are not over. A run that there is stays the only one.
func (k *Keeper) requests(ctx context.Context) error {
	now, store := k.o.Clock(), k.o.Ledger.Agents()
	open, err := store.UnstartedRequests(ctx, now.Add(-unstarted), batch)
	if now.Sub(k.restarted) >= unheard {
		all, failed := store.OpenRequests(ctx, now.Add(-unheard), mostRequests)
		if err = errors.Join(err, failed); err == nil {
			open, k.restarted = append(open, all...), now
		}
	}
	for _, r := range open {
		err = errors.Join(err, k.o.Start(ctx, r.ID))
	}
	return err
}
