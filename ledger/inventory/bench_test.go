package inventory_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
)

// BenchmarkObserveAccounts writes a page of a sweep in which everybody is new, and so everything is written.
func BenchmarkObserveAccounts(b *testing.B) {
	ctx := context.Background()
	l := storetest.Open(b, filepath.Join(b.TempDir(), "ledger.db"), ledger.Options{Seal: storetest.Ring(b, "a", "a"), DigestKey: []byte("pepper")})
	next := int64(0)
	for b.Loop() {
		page := make([]inventory.Account, 100)
		for i := range page {
			next++
			page[i] = seen(next, identity.AccountActive, fmt.Sprintf("%d@example.com", next))
		}
		if _, err := l.Inventory().Observe(ctx, time.Now(), page); err != nil {
			b.Fatal(err)
		}
	}
}
