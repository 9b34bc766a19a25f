package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/ledgertest"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

// BenchmarkContainment measures what the ledger adds to the path of a containment: a dossier, and in one commit the change
// into left, the departure and the safety budget. "paced" is the load that the path is built for: 32 callers that between two containments wait for
// vendors, here 20 ms. "saturated" has the same callers wait for nothing but the ledger.
func BenchmarkContainment(b *testing.B) {
	run := func(b *testing.B, url func() string) {
		for _, load := range []struct {
			name    string
			callers int
			pause   time.Duration
		}{{"alone", 1, 0}, {"paced", 32, 20 * time.Millisecond}, {"saturated", 32, 0}} {
			b.Run(load.name, func(b *testing.B) { benchContainment(b, url(), load.callers, load.pause) })
		}
	}
	b.Run("sqlite", func(b *testing.B) { run(b, func() string { return storetest.SQLite().URL(b) }) })
	b.Run("postgres", func(b *testing.B) {
		e := storetest.Postgres(ledgertest.Postgres(b))
		run(b, func() string { return e.URL(b) })
	})
}

func benchContainment(b *testing.B, url string, callers int, pause time.Duration) {
	ctx := context.Background()
	l := storetest.Open(b, url, ledger.Options{Seal: storetest.Ring(b, "a", "a"), DigestKey: []byte("pepper")})
	const people = 500
	for i := range people {
		populate(b, l, i)
	}
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	b.ResetTimer()
	require.NoError(b, storetest.AtOnce(callers, func(int) error {
		var mine []time.Duration
		for {
			n := int(next.Add(1))
			if n > b.N {
				break
			}
			start := time.Now()
			if err := contain(ctx, l, fmt.Sprintf("workday-%d", n%people), n/people%2 == 1); err != nil {
				return err
			}
			mine = append(mine, time.Since(start))
			time.Sleep(pause) //nolint:forbidigo // the benchmark paces its callers, it waits for nothing
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, mine...)
		return nil
	}))
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "contained/s")
}

func populate(b *testing.B, l *ledger.Ledger, i int) {
	ctx, id := context.Background(), fmt.Sprint(i)
	p, err := l.People().Admit(ctx, "workday-"+id, "workday", id, storetest.Digests(l, id+"@example.com", "", "name"))
	require.NoError(b, err)
	require.NoError(b, l.Inventory().SetAccount(ctx, p.Key, int64(i+1), true))
	require.NoError(b, l.Orders().Put(ctx, identity.Order{ID: "o" + id, Key: p.Key, Kind: identity.OrderExempt, By: "it"}))
	require.NoError(b, l.Roster().Put(ctx, []roster.Row{{Source: "workday", EmployeeID: id, Active: true}}))
}

func contain(ctx context.Context, l *ledger.Ledger, key string, employed bool) error {
	d, _, err := l.Dossier(ctx, key)
	if err != nil {
		return err
	}
	return l.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		p, err := l.People().SetEmployed(ctx, d.Person.Key, employed)
		if err != nil {
			return err
		}
		if err := l.People().NoteDeparture(ctx, persons.Departure{
			Key: p.Key, Episode: p.Departing(), Source: "workday", KnownAt: time.Now(), DueAt: time.Now(),
		}); err != nil {
			return err
		}
		held, err := l.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: "contain", Keys: []string{fmt.Sprintf("%s/%d", p.Key, p.Episode)},
			Limit: budgets.Limit{Count: 1 << 30}, Window: 20 * time.Millisecond,
		})
		if err == nil && !held.Granted {
			err = fmt.Errorf("%d of %d used", held.Used, held.Allowed)
		}
		return err
	})
}

// BenchmarkRecord measures the evidence of one run: eight steps in one call.
func BenchmarkRecord(b *testing.B) {
	l := storetest.Open(b, storetest.SQLite().URL(b), ledger.Options{Seal: storetest.Ring(b, "a", "a")})
	state := []byte(`{"id":1,"username":"ada","status":1,"roles":["Everyone","Engineering","GitHub"]}`)
	for n := 0; b.Loop(); n++ {
		rows := make([]journal.Evidence, 8)
		for i := range rows {
			rows[i] = journal.Evidence{
				Key: fmt.Sprintf("workday-%d/1/%d", n, i), PersonKey: fmt.Sprint("workday-", n), Before: state, After: state,
			}
		}
		require.NoError(b, l.Journal().Record(context.Background(), rows))
	}
}

// BenchmarkActivePeople measures the number that a percentage of the budget refers to, for a large company.
func BenchmarkActivePeople(b *testing.B) {
	l := storetest.Open(b, storetest.SQLite().URL(b), ledger.Options{})
	rows := make([]roster.Row, 10000)
	for i := range rows {
		rows[i] = roster.Row{Source: "workday", EmployeeID: fmt.Sprint(i), Digest: "d", Active: true}
	}
	require.NoError(b, l.Roster().Put(context.Background(), rows))
	for b.Loop() {
		n, err := l.Roster().ActivePeople(context.Background(), "workday")
		require.NoError(b, err)
		require.Equal(b, len(rows), n)
	}
}
