package systems

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
)

// TestALargeSystemIsCountedOnceAMinute has accounts come while a system is small, and when it is large.
func TestALargeSystemIsCountedOnceAMinute(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := storetest.Open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Seal: storetest.Ring(t, "a", "a"), DigestKey: []byte("pepper")})
	s, have := &Systems{Ledger: l, Clock: func() time.Time { return now }}, 0
	add := func(n int) {
		for ; n > 0; n -= 100 {
			var rows []inventory.Account
			for range min(n, 100) {
				have++
				rows = append(rows, inventory.Account{Ref: identity.Ref{System: "ldap", ID: strconv.Itoa(have)}})
			}
			_, err := l.Inventory().Observe(t.Context(), now, rows)
			require.NoError(t, err)
		}
	}
	counted := func() int {
		n, err := s.countOf(t.Context(), "ldap")
		require.NoError(t, err)
		return int(n)
	}
	require.Zero(t, counted())
	add(10)
	require.Equal(t, 10, counted(), "a small one is counted each time")
	add(large)
	require.Equal(t, large+10, counted())
	add(5)
	require.Equal(t, large+10, counted())
	now = now.Add(countedFor)
	require.Equal(t, large+15, counted())
}
