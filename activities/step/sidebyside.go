package step

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// SideBySide does n pieces of work, a few at a time, and returns what became of each. It beats after every piece and not
// after all of them: in a bad hour of a server a page of people takes longer than a heartbeat may, and is not stuck.
func SideBySide(ctx context.Context, n int, do func(ctx context.Context, i int) error) []error {
	failed := make([]error, n)
	var next, done atomic.Int64
	var group sync.WaitGroup
	for range min(n, atOnce) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				failed[i] = do(ctx, i)
				Beat(ctx, done.Add(1))
			}
		})
	}
	group.Wait()
	return failed
}

// InPages does something with some rows at a time, and beats after each time: the ledger has one writer, which is not kept from
// a leaver's containment for longer than a page takes.
func InPages[T any](ctx context.Context, rows []T, size int, do func(ctx context.Context, page []T) error) error {
	done := 0
	for page := range slices.Chunk(rows, size) {
		if err := do(ctx, page); err != nil {
			return err
		}
		done += len(page)
		Beat(ctx, done)
	}
	return nil
}

// SetOf are texts by themselves.
func SetOf(texts []string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, text := range texts {
		set[text] = true
	}
	return set
}
