package watchdog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/alerts"
	"gatehouse/internal/httpx"
	"gatehouse/internal/watchdog"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
)

// house is a ledger with a clock of its own, and what was posted about it.
type house struct {
	t      *testing.T
	ledger *ledger.Ledger
	mu     sync.Mutex
	now    time.Time
	posted []alerts.Alert
	refuse error
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Clock: h.Now})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() }) // A test may have closed it.
	h.ledger = l
	return h
}

func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) post(_ context.Context, a alerts.Alert) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse == nil {
		h.posted = append(h.posted, a)
	}
	return h.refuse
}

func (h *house) refusing(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = err
}

// alerts returns what was posted since it was last asked, as "kind: keys".
func (h *house) alerts() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, a := range h.posted {
		line := a.Kind
		for _, d := range a.Departures {
			line += " " + d.Key
		}
		out = append(out, line)
	}
	h.posted = nil
	return out
}

func (h *house) watchdog(edit func(*watchdog.Options)) *watchdog.Watchdog {
	o := watchdog.Options{
		Ledger: h.ledger, Program: "gateway", Post: h.post, Every: 30 * time.Second, Grace: time.Minute, Repeat: 4 * time.Hour,
		PingEvery: 5 * time.Minute, Clock: h.Now,
	}
	if edit != nil {
		edit(&o)
	}
	return watchdog.New(o)
}

func (h *house) leaves(key string, at time.Time) {
	h.t.Helper()
	require.NoError(h.t, h.ledger.People().NoteDeparture(h.t.Context(), persons.Departure{Key: key, Episode: 1, Source: "workday", DueAt: at}))
}

func TestOverdueIsAnnouncedOnceAndAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.watchdog(nil)
	h.leaves("workday-1", h.Now())
	h.leaves("workday-2", h.Now().Add(10*time.Minute))
	h.leaves("workday-3", h.Now().AddDate(0, 1, 0))
	w.Round(t.Context())
	h.advance(16*time.Minute - time.Second)
	w.Round(t.Context())
	require.Empty(t, h.alerts(), "before the quarter of an hour and the grace are over, nobody is named")
	h.advance(time.Second)
	for range 3 {
		w.Round(t.Context())
	}
	require.Equal(t, []string{"departures_overdue workday-1"}, h.alerts())

	h.advance(10 * time.Minute)
	w.Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-2"}, h.alerts(), "only what is news")
	require.NoError(t, h.ledger.People().MarkDepartureContained(t.Context(), "workday-1", 1, h.Now()))
	h.advance(4 * time.Hour)
	w.Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-2"}, h.alerts(), "again while it is open")
	require.NoError(t, h.ledger.People().ForgetDeparture(t.Context(), "workday-2", 1))
	h.advance(5 * time.Hour)
	w.Round(t.Context())
	require.Empty(t, h.alerts())
}

func TestAlertSaysHowManyAndWhatToDo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 70 {
		h.leaves(fmt.Sprintf("workday-%02d", i), h.Now())
	}
	require.NoError(t, h.ledger.Orders().Put(t.Context(), identity.Order{ID: "c1", Key: "workday-00", Kind: identity.OrderContain, By: "sec"}))
	h.advance(time.Hour)
	h.watchdog(nil).Round(t.Context())
	require.Len(t, h.posted, 1)
	a := h.posted[0]
	require.Equal(t, 70, a.Count, "a person counts once")
	require.Len(t, a.Departures, 50)
	require.Contains(t, a.Text, "OVERDUE: 70 people")
	require.Contains(t, a.Do, "starter status")
	require.Equal(t, "gateway", a.From)
	h.alerts()
	h.watchdog(nil).Round(t.Context())
	require.Empty(t, h.alerts(), "another program announces nothing again, those beyond the first fifty included")
}

func TestRefusedAlertIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.watchdog(nil)
	h.leaves("workday-1", h.Now())
	h.advance(time.Hour)
	h.refusing(errors.New("down"))
	w.Round(t.Context())
	h.refusing(nil)
	w.Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-1"}, h.alerts())
}

func TestOneProgramSpeaks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.watchdog(nil), h.watchdog(nil)
	first.Round(t.Context())
	h.leaves("workday-1", h.Now())
	h.advance(16 * time.Minute)
	first.Round(t.Context()) // keeps the election
	require.Len(t, h.alerts(), 1)
	h.leaves("workday-2", h.Now().Add(-time.Hour))
	second.Round(t.Context())
	require.Empty(t, h.alerts(), "it stands by")
	h.advance(90 * time.Second)
	second.Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-2"}, h.alerts(), "the first has died")
}

// TestRunSpeaksBeforeItEnds: a process that cannot stay still says what is overdue, and lets the next one speak at once.
func TestRunSpeaksBeforeItEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.leaves("workday-1", h.Now())
	h.advance(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.watchdog(nil).Run(ctx)
	require.Equal(t, []string{"departures_overdue workday-1"}, h.alerts())
	h.leaves("workday-2", h.Now().Add(-time.Hour))
	h.watchdog(nil).Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-2"}, h.alerts())
}

func TestNobodyIsAlarmedWhereHRIsOnlyObserved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rules := persons.DepartureRules{Observe: true, ContainWithin: 5 * time.Second}
	worker := h.watchdog(func(o *watchdog.Options) { o.Rules = func() (persons.DepartureRules, bool) { return rules, true } })
	h.leaves("workday-1", h.Now())
	require.NoError(t, h.ledger.Orders().Put(t.Context(), identity.Order{ID: "c1", Key: "workday-2", Kind: identity.OrderContain, By: "sec"}))
	h.advance(64 * time.Second)
	worker.Round(t.Context())
	require.Empty(t, h.alerts(), "the policy's five seconds and a minute")
	h.advance(time.Second)
	worker.Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-2"}, h.alerts(), "an order is somebody's word")

	rules.Observe = false
	worker.Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-1"}, h.alerts())
	h.leaves("workday-3", h.Now())
	h.advance(66 * time.Second)
	h.advance(time.Hour)
	h.watchdog(nil).Round(t.Context())
	require.Equal(t, []string{"departures_overdue workday-3"}, h.alerts(), "a program without a policy goes by the worker's")
}

func TestWhatDoesNotWorkIsAnnounced(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var down error
	w := h.watchdog(func(o *watchdog.Options) {
		o.Checks = []watchdog.Check{{
			Name: "temporal", Down: "Temporal does not answer", Advice: "Look", Do: func(context.Context) error { return down },
		}}
	})
	w.Round(t.Context())
	down = errors.New("refused")
	w.Round(t.Context())
	h.advance(59 * time.Second)
	w.Round(t.Context())
	require.Empty(t, h.alerts(), "a restart is no news")
	h.advance(time.Second)
	w.Round(t.Context())
	h.advance(time.Minute)
	w.Round(t.Context())
	require.Equal(t, []string{"temporal_down"}, h.alerts())
	h.advance(4 * time.Hour)
	w.Round(t.Context())
	require.Equal(t, []string{"temporal_down"}, h.alerts())
	down = nil
	w.Round(t.Context())
	down = errors.New("refused")
	w.Round(t.Context())
	require.Empty(t, h.alerts())
	h.advance(time.Minute)
	w.Round(t.Context())
	require.Equal(t, []string{"temporal_down"}, h.alerts(), "another time")
}

// TestDeadLedgerIsAnnouncedByEverybody: there is nothing that could elect one.
func TestDeadLedgerIsAnnouncedByEverybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, two := h.watchdog(nil), h.watchdog(nil)
	require.NoError(t, h.ledger.Close())
	for range 3 {
		one.Round(t.Context())
		two.Round(t.Context())
		h.advance(30 * time.Second)
	}
	require.Equal(t, []string{"ledger_down", "ledger_down"}, h.alerts())
}

func TestPingStopsWhenSomethingIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var pings atomic.Int64
	outside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { pings.Add(1) }))
	t.Cleanup(outside.Close)
	var down error
	w := h.watchdog(func(o *watchdog.Options) {
		o.PingURL = httpx.Secret(outside.URL + "/ping")
		o.Checks = []watchdog.Check{{Name: "temporal", Do: func(context.Context) error { return down }}}
	})
	rounds := func(n int) int64 {
		before := pings.Load()
		for range n {
			w.Round(t.Context())
			h.advance(30 * time.Second)
		}
		return pings.Load() - before
	}
	require.EqualValues(t, 2, rounds(20), "every five minutes")
	down = errors.New("refused")
	require.Zero(t, rounds(20))
	down = nil
	require.NotZero(t, rounds(2))

	h.leaves("workday-1", h.Now().Add(-time.Hour))
	h.refusing(errors.New("nobody listens"))
	require.Zero(t, rounds(20), "who cannot be told is as bad")
	h.refusing(nil)
	require.NotZero(t, rounds(1))
}

// TestWithoutAnAddressNothingCountsAsAnnounced: the log is not somebody.
func TestWithoutAnAddressNothingCountsAsAnnounced(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.leaves("workday-1", h.Now())
	h.advance(time.Hour)
	h.watchdog(func(o *watchdog.Options) { o.Post = nil }).Round(t.Context())
	late, err := h.ledger.People().OverdueDepartures(t.Context(), h.Now(), 0)
	require.NoError(t, err)
	require.Zero(t, late[0].AnnouncedAt)
}
