package soak

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/worklist"
)

// counted are the items that Gatehouse raised: what somebody sees as one line of `starter attention list`. One that was closed
// and comes back is another.
type counted struct {
	mu sync.Mutex
	// all are those that were ever seen, by their fingerprint and when they were raised; open is when each was last seen open.
	all  map[raisedItem]worklist.Item
	open map[raisedItem]time.Time
}

// gone is when an item was closed. One that was closed and raised again between two looks is seen with the later age only: it was
// open when it was last seen.
func (c *counted) gone(i worklist.Item) time.Time {
	if i.ClosedAt.IsZero() {
		return c.open[raisedItem{i.ID, i.RaisedAt}]
	}
	return i.ClosedAt
}

type raisedItem struct {
	id string
	at time.Time
}

// itemsLook is how often the list is read: closed ones stay readable, so that none is missed that somebody could have seen.
const itemsLook = 200 * time.Millisecond

// itemPage is more items than should ever be listed.
const itemPage = 10_000

// countItems reads the list until the context ends.
func (s *soak) countItems(ctx context.Context) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(itemsLook)
		defer tick.Stop()
		for {
			s.lookAtItems(context.WithoutCancel(ctx))
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() { <-done }
}

// lookAtItems notes what is on the list, and what was closed.
func (s *soak) lookAtItems(ctx context.Context) {
	now := s.clock.Now()
	for _, f := range []worklist.ItemFilter{{Limit: itemPage}, {Limit: itemPage, Closed: true}, {Limit: itemPage, Accepted: true}} {
		items, err := s.ledger.Worklist().Items(ctx, f)
		if err != nil {
			s.t.Errorf("list the items: %v", err)
			return
		}
		s.counted.mu.Lock()
		for _, i := range items {
			seen := raisedItem{i.ID, i.RaisedAt}
			i.Holders = max(i.Holders, s.counted.all[seen].Holders)
			s.counted.all[seen] = i
			if i.ClosedAt.IsZero() {
				s.counted.open[seen] = now
			}
		}
		s.counted.mu.Unlock()
	}
}

// sameAgain is how soon an item may come back and be the one that it was: nobody is told of it again before.
const sameAgain = 24 * time.Hour

// itemsRaised is how many items were raised, and a table of them by kind.
func (s *soak) itemsRaised() (n int, table string) {
	type kind struct {
		raised, back, open, holders int
		objects                     map[string]bool
	}
	s.counted.mu.Lock()
	defer s.counted.mu.Unlock()
	all := slices.SortedFunc(maps.Values(s.counted.all), func(a, b worklist.Item) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), a.RaisedAt.Compare(b.RaisedAt))
	})
	kinds := map[string]*kind{}
	for i, item := range all {
		name := item.Severity.String() + " " + item.System + "/" + item.Class
		if kinds[name] == nil {
			kinds[name] = &kind{objects: map[string]bool{}}
		}
		k := kinds[name]
		k.holders, k.objects[item.Object] = max(k.holders, item.Holders), true
		if item.ClosedAt.IsZero() {
			k.open++
		}
		if i > 0 && all[i-1].ID == item.ID && item.RaisedAt.Sub(s.counted.gone(all[i-1])) < sameAgain {
			k.back++
			continue
		}
		k.raised++
		n++
	}
	var lines []string
	for name, k := range kinds {
		objects := slices.Sorted(maps.Keys(k.objects))
		lines = append(lines, fmt.Sprintf("%5d of %s, which came back %d times within a day, %d still open, at most %d wait because of one: %.200s",
			k.raised, name, k.back, k.open, k.holders, strings.Join(objects, ", ")))
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Compare(b, a) })
	return n, strings.Join(lines, "\n\t")
}

// TestItemsThatComeBackAreCounted: what comes back within a day is the one that it was, also where it was closed so shortly that it
// was never seen closed; what comes back later is another.
func TestItemsThatComeBackAreCounted(t *testing.T) {
	t.Parallel()
	began := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		closed, seen, again time.Duration
		want                int
	}{
		"closed, and back within a day":        {closed: 5 * time.Hour, seen: 4 * time.Hour, again: 20 * time.Hour, want: 1},
		"closed, and back later":               {closed: 5 * time.Hour, seen: 4 * time.Hour, again: 30 * time.Hour, want: 2},
		"closed between two looks, and back":   {seen: 72 * time.Hour, again: 72*time.Hour + 20*time.Minute, want: 1},
		"open when last seen, and raised late": {seen: 4 * time.Hour, again: 72 * time.Hour, want: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &soak{counted: counted{all: map[raisedItem]worklist.Item{}, open: map[raisedItem]time.Time{}}}
			first, second := worklist.Item{ID: "a", RaisedAt: began}, worklist.Item{ID: "a", RaisedAt: began.Add(tt.again)}
			if tt.closed > 0 {
				first.ClosedAt = began.Add(tt.closed)
			}
			for _, i := range []worklist.Item{first, second} {
				s.counted.all[raisedItem{i.ID, i.RaisedAt}] = i
			}
			s.counted.open[raisedItem{"a", began}] = began.Add(tt.seen)
			n, _ := s.itemsRaised()
			require.Equal(t, tt.want, n)
		})
	}
}
