package main

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/activities/incidents"
	"gatehouse/connectors/onelogin"
	"gatehouse/ledger"
	ledgerincidents "gatehouse/ledger/incidents"
	"gatehouse/policy"
	"gatehouse/test/eventlog"
)

// eventFigures reads a log of events over HTTP into a ledger file and evaluates them with three rules, in one process and
// without Temporal around it, and holds the cases to those worked out offline. No incident is started.
func eventFigures(ctx context.Context, o options, dir string, r *report) (err error) {
	n := 100_000
	if o.quick {
		n = 2000
	}
	progress("events: %d", n)
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	log := eventlog.Random(n, 200, begin)
	log.Show(1000)
	server := httptest.NewServer(log)
	defer server.Close()
	p, err := policy.Parse("policy.yaml", []byte(eventlog.Policy))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	clock := func() time.Time { return begin.Add(4 * time.Hour) }
	l, err := ledger.Open(ctx, filepath.Join(dir, "events.db"), ledger.Options{Clock: clock})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Incidents().PutEventCursor(ctx, "event-watch", ledgerincidents.EventCursor{Newest: begin, PolledAt: begin, RereadAt: clock()}); err != nil {
		return err
	}
	c, err := onelogin.New(onelogin.Options{BaseURL: server.URL, ClientID: "ours", ClientSecret: "x"})
	if err != nil {
		return err
	}
	events := &incidents.Events{Client: c, Ledger: l, Policy: func() *policy.Policy { return p }, Clock: clock}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(benchTimeout)
	env.RegisterActivityWithOptions(events.Collect, activity.RegisterOptions{Name: api.EventsCollect})
	began := time.Now()
	if _, err := env.ExecuteActivity(api.EventsCollect, api.Nothing{}); err != nil {
		return err
	}
	if err := events.EvaluateAll(ctx); err != nil {
		return err
	}
	took := time.Since(began)
	cases, err := l.Incidents().Cases(ctx, 0)
	if err != nil {
		return err
	}
	if found := eventlog.Found(cases); !slices.Equal(found, log.Oracle(p, l.Digest)) {
		return fmt.Errorf("%d cases are not those worked out offline", len(found))
	}
	r.add(figure{
		key: "events_per_s", what: "events read, judged and evaluated", unit: "per s", is: float64(n) / took.Seconds(),
		note: fmt.Sprintf("%d events, %d cases, a ledger file", n, len(cases)),
	})
	return nil
}
