package roll_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/roll"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/match"
	"gatehouse/policy/policytest"
)

// account is an account of OneLogin as a sweep reads it.
func account(id int64, first, last string) inventory.Account {
	return inventory.Account{Ref: identity.OneLoginRef(id), Document: identity.Account{
		ID: id, Username: first + "." + last, Email: first + "." + last + "@acme.example", FirstName: first, LastName: last, Status: identity.AccountActive,
	}}
}

// TestWhatIsKnownIsNotReadAgain: a sweep observes every account anew, and only what it read something new of is read from the
// ledger.
func TestWhatIsKnownIsNotReadAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ledger.db")
	l, err := ledger.Open(t.Context(), file, ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	pol := policytest.Parse(t, policytest.Everyone)
	all, now := roll.New(), time.Now()
	note := func(at time.Time, accounts ...inventory.Account) {
		for _, a := range accounts {
			require.NoError(t, l.Inventory().NoteAccount(t.Context(), at, a))
		}
	}
	found := func(last string) []int64 {
		ids, err := all.Inventory(t.Context(), l, pol, match.Claim{Keys: []string{"workday-1"}, Left: true, Records: []identity.Record{{
			Source: "workday", EmployeeID: "1", FirstName: "Ada", LastName: last, WorkEmail: "ada." + last + "@acme.example",
		}}})
		require.NoError(t, err)
		return ids
	}
	note(now, account(1, "Ada", "Byron"), account(2, "Ada", "Lovelace"))
	require.Equal(t, []int64{1}, found("Byron"))
	require.Equal(t, []int64{2}, found("Lovelace"))

	// Both are observed again, one of them under another name. Of the other nothing is left in the ledger that could be read.
	note(now.Add(time.Hour), account(1, "Ada", "Byron"), account(2, "Ada", "King"))
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "UPDATE accounts SET document = NULL WHERE account_id = '1'")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.Equal(t, []int64{1}, found("Byron"), "what is known of it stands")
	require.Equal(t, []int64{2}, found("King"), "what is new is read")
}

// TestARollIsSmall: it is held for as long as the process runs.
func TestARollIsSmall(t *testing.T) { //nolint:paralleltest // What others have in memory would count too.
	const n, most = 5_000, 700
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	for i := int64(0); i < n; i += 100 {
		var some []inventory.Account
		for id := i + 1; id <= i+100; id++ {
			some = append(some, account(id, fmt.Sprintf("Given%c%c", 'a'+id%26, 'a'+id/26%26), fmt.Sprintf("Family%c%c", 'a'+id/676, 'a'+id%25)))
		}
		_, err := l.Inventory().Observe(t.Context(), time.Now(), some)
		require.NoError(t, err)
	}
	pol, all := policytest.Parse(t, policytest.Everyone), roll.New()
	before := live()
	_, err = all.Inventory(t.Context(), l, pol, match.Claim{})
	require.NoError(t, err)
	each := (live() - before) / n
	t.Logf("%d bytes for each account", each)
	require.Less(t, each, int64(most))
	runtime.KeepAlive(all)
}

// live is how much of the heap is in use after a collection.
func live() int64 {
	runtime.GC()
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64()) //nolint:gosec // A heap is not that large.
}
