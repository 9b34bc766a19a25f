package systems_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

// company is a ledger with a system of so many accounts, each of a person's and in ten groups.
func company(b *testing.B, n int) (l *ledger.Ledger, rows []systems.Row) {
	b.Helper()
	l = storetest.Open(b, filepath.Join(b.TempDir(), "ledger.db"), ledger.Options{Seal: storetest.Ring(b, "a", "a"), DigestKey: []byte("pepper")})
	for i := range n {
		var groups []string
		for g := range 10 {
			groups = append(groups, fmt.Sprint("g", (i*7+g*13)%500))
		}
		rows = append(rows, row(strconv.Itoa(100000+i), groups...))
	}
	return l, rows
}

func observeAll(b *testing.B, l *ledger.Ledger, rows []systems.Row) (changed int) {
	b.Helper()
	for from := 0; from < len(rows); from += 100 {
		got, err := l.Systems().Observe(context.Background(), time.Now(), rows[from:min(from+100, len(rows))])
		require.NoError(b, err)
		changed += len(got)
	}
	return changed
}

// BenchmarkTenThousandFirst takes in a system of 10,000 accounts that nobody knew.
func BenchmarkTenThousandFirst(b *testing.B) {
	for b.Loop() {
		l, rows := company(b, 10_000)
		require.Equal(b, 10_000, observeAll(b, l, rows))
	}
}

// BenchmarkTenThousandNext reads it again where nothing has changed.
func BenchmarkTenThousandNext(b *testing.B) {
	l, rows := company(b, 10_000)
	observeAll(b, l, rows)
	for b.Loop() {
		require.Zero(b, observeAll(b, l, rows))
	}
}

// BenchmarkTenThousandViews reads what is known of 10,000 people, as Reconcile does.
func BenchmarkTenThousandViews(b *testing.B) {
	ctx := context.Background()
	l, rows := company(b, 10_000)
	observeAll(b, l, rows)
	var whose []systems.Whose
	for _, r := range rows {
		key := "workday-" + r.Ref.ID
		require.NoError(b, l.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: r.Ref, Person: key}))
		whose = append(whose, systems.Whose{Key: key, Episode: 1, Manager: "workday-100000"})
	}
	for b.Loop() {
		for from := 0; from < len(whose); from += 500 {
			_, err := l.Systems().ViewsOf(ctx, whose[from:from+500], []string{google, "ldap", "salesforce"})
			require.NoError(b, err)
		}
	}
}
