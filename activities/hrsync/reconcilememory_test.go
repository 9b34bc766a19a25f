package hrsync_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
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
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// fromMemory is a source of as many people as it says, who are made anew for each reading.
type fromMemory int

func (n fromMemory) Sweep(context.Context, map[string]hr.Known, string, func(int)) (hr.Snapshot, error) {
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
	return out, nil
}

// compared is a company in a ledger, whose accounts have a role that no rule gives and lack one that a rule gives.
func compared(t *testing.T, n int) *hrsync.Reconcile {
	t.Helper()
	ctx, file := t.Context(), filepath.Join(t.TempDir(), "ledger.db")
	l, err := ledger.Open(ctx, file, ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	pol := policytest.Parse(t, policytest.Everyone)
	now := time.Now()
	s := &hrsync.Sync{
		Ledger: l, Person: &people.Person{Ledger: l}, Sweepers: map[string]hr.Sweeper{"workday": fromMemory(n)},
		Policy: func() *policy.Policy { return pol }, Clock: func() time.Time { return now },
	}
	_, err = s.Collect(ctx, api.SyncInput{Source: "workday", Batch: "1"})
	require.NoError(t, err)
	var some []inventory.Account
	for i := range n {
		id := int64(100_000 + i)
		some = append(some, inventory.Account{Ref: identity.OneLoginRef(id), Document: identity.Account{
			ID: id, Username: fmt.Sprint("first.last", id), Email: fmt.Sprint("other", id, "@acme.example"), FirstName: "First", LastName: fmt.Sprint("Last", id),
			Status: identity.AccountActive, Roles: []string{"Added by hand", fmt.Sprint("Role ", i%100)}, Department: "None",
		}})
		if len(some) == 100 || i == n-1 {
			_, err := l.Inventory().Observe(ctx, now, some)
			require.NoError(t, err)
			some = nil
		}
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
	require.NoError(t, db.Close())
	return &hrsync.Reconcile{Sync: s}
}

// TestACompanyIsComparedInPages: a comparison holds what HR says of everybody and who is who, and nothing else of everybody.
func TestACompanyIsComparedInPages(t *testing.T) {
	n := 10_000
	if more, err := strconv.Atoi(os.Getenv("GATEHOUSE_COMPARED")); err == nil {
		n = more
	}
	r := compared(t, n)
	before := live()
	snapshot, err := fromMemory(n).Sweep(t.Context(), nil, "", nil)
	require.NoError(t, err)
	said := live() - before
	runtime.KeepAlive(snapshot)
	snapshot = hr.Snapshot{}
	for _, run := range []string{"first", "second"} {
		before = live()
		stop, ended := make(chan bool), make(chan int64)
		go func() {
			peak := int64(0)
			for {
				select {
				case <-stop:
					ended <- peak
					return
				default:
					peak = max(peak, live())
				}
			}
		}()
		began := time.Now()
		found, err := r.Compare(t.Context(), api.ReconcileInput{Run: run, Whole: true})
		require.NoError(t, err)
		took := time.Since(began)
		close(stop)
		peak := <-ended - before
		t.Logf("%s: %d people in %s, %d bytes each at the peak, %d of which are HR's: %v", run, found.People, took, peak/int64(n), said/int64(n), found.Gaps)
		require.Equal(t, n, found.People)
		began = time.Now()
		_, err = r.Compare(t.Context(), api.ReconcileInput{Run: run + " again", Whole: true})
		require.NoError(t, err)
		t.Logf("%s by itself", time.Since(began))
	}
}

// live is how much of the heap is in use after a collection.
func live() int64 {
	debug.FreeOSMemory()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
