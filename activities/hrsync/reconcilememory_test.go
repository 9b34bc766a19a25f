package hrsync_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/hrsync"
	"gatehouse/activities/people"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// fromMemory is a source of as many people as it says, who are made anew for each reading.
type fromMemory int

func (n fromMemory) Sweep(ctx context.Context, _ map[string]hr.Known, _ string, _ func(int)) (hr.Snapshot, error) {
	out := hr.Snapshot{Records: map[string]identity.Record{}, Digests: map[string]string{}, Unchanged: map[string]bool{}}
	for i := range int(n) {
		id := strconv.Itoa(100_000 + i)
		rec := identity.Record{
			Source: "workday", EmployeeID: id, FirstName: "First" + id, LastName: "Last" + id, WorkEmail: "first" + id + ".last" + id + "@acme.example",
			PersonalEmail: "private" + id + "@home.example", Department: fmt.Sprint("Department ", i%50), Title: fmt.Sprint("Title ", i%200),
			Location: fmt.Sprint("Location ", i%20), Company: fmt.Sprint("Company ", i%3), EmploymentType: fmt.Sprint("type ", i%2),
			ManagerID: strconv.Itoa(100_000 + i/10), Status: identity.StatusActive, HireDate: identity.Date(fmt.Sprintf("20%02d-0%d-01", 10+i%10, 1+i%9)),
		}
		digest, err := hr.DigestOf(rec)
		if err != nil {
			return hr.Snapshot{}, err
		}
		out.Records[id], out.Digests[id] = rec, digest
	}
	return out, ctx.Err()
}

// company writes a ledger of so many people, whose accounts have roles that no rule gives and lack one that a rule gives.
func company(t *testing.T, n int) (file string) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	file = filepath.Join(t.TempDir(), "ledger.db")
	r := opened(t, file, n, policytest.Everyone)
	_, err := r.Sync.Collect(ctx, api.SyncInput{Source: "workday", Batch: "1"})
	require.NoError(t, err)
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(100_000 + i)
	}
	for part := range slices.Chunk(ids, 100) {
		accounts := make([]inventory.Account, len(part))
		for i, id := range part {
			accounts[i] = inventory.Account{Ref: identity.OneLoginRef(id), Document: identity.Account{
				ID: id, Username: fmt.Sprint("first.last", id), Email: fmt.Sprint("other", id, "@acme.example"), FirstName: "First", LastName: fmt.Sprint("Last", id),
				Status: identity.AccountActive, Roles: []string{"Added by hand", fmt.Sprint("Role ", id%100)}, Department: "None",
			}}
		}
		_, err := r.Sync.Ledger.Inventory().Observe(ctx, now, accounts)
		require.NoError(t, err)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	for _, statement := range []string{
		"UPDATE people SET account_id = CAST(substr(person_key, 9) AS INTEGER), episode = 1, employed = 1, ever_employed = 1",
		"UPDATE accounts SET person_key = 'workday-' || account_id, state = 'linked', kind = 'person', used_as = 'primary'",
		`INSERT INTO assessed (person_key, assessed_at, want, verdict, due_at, holding, policy, steps)
			SELECT person_key, 1, hex(randomblob(16)), 'change', 0, '', 'p', 'add_roles Role 7' FROM people`,
	} {
		_, err = db.ExecContext(ctx, statement)
		require.NoError(t, err)
	}
	require.NoError(t, errors.Join(db.Close(), r.Sync.Ledger.Close()))
	return file
}

// opened compares the people of a ledger by a policy.
func opened(t *testing.T, file string, n int, text string) *hrsync.Reconcile {
	t.Helper()
	l, err := ledger.Open(t.Context(), file, ledger.Options{})
	require.NoError(t, err)
	pol := policytest.Parse(t, text)
	return &hrsync.Reconcile{Sync: &hrsync.Sync{
		Ledger: l, Person: &people.Person{Ledger: l}, Sweepers: map[string]hr.Sweeper{"workday": fromMemory(n)},
		Policy: func() *policy.Policy { return pol }, Clock: time.Now,
	}}
}

// TestACompanyIsComparedInPages: a comparison holds what HR says of everybody and who is who, and what else the ledger knows of
// some people at a time.
func TestACompanyIsComparedInPages(t *testing.T) { //nolint:paralleltest // What others have in memory would count too.
	const n, most = 5_000, 1_800
	r := opened(t, company(t, n), n, policytest.Everyone)
	t.Cleanup(func() { require.NoError(t, r.Sync.Ledger.Close()) })
	before := live()
	snapshot, err := fromMemory(n).Sweep(t.Context(), nil, "", nil)
	require.NoError(t, err)
	said := live() - before
	runtime.KeepAlive(snapshot)
	for _, run := range []string{"first", "second"} {
		before = live()
		w := &weighing{Context: t.Context()}
		found, err := r.Compare(w, api.ReconcileInput{Run: run, Whole: true})
		require.NoError(t, err)
		require.Equal(t, n, found.People)
		require.Equal(t, []api.GapCount{{Kind: api.GapAdded, State: worklist.GapFound, People: n}, {Kind: api.GapPlanned, State: worklist.GapFound, People: n}}, found.Gaps)
		peak := w.peak - before
		t.Logf("%s: %d bytes for each person at the peak, %d of them for what HR says", run, peak/n, said/n)
		require.Less(t, (peak-said)/n, int64(most))
	}
}

// weighing is a context that finds out how much memory is in use when it is looked at, now and then: nothing is allocated meanwhile.
type weighing struct {
	context.Context
	mu    sync.Mutex
	looks int
	peak  int64
}

func (w *weighing) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.looks++; w.looks < 50 || w.looks%100 == 0 {
		w.peak = max(w.peak, live())
	}
	return w.Context.Err()
}

// live is how much of the heap is in use after a collection.
func live() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64()) //nolint:gosec // A heap is not that large.
}
