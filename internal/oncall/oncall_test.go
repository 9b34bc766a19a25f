package oncall_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/pagerduty"
	"gatehouse/internal/httpx"
	"gatehouse/internal/oncall"
	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
	sandbox "gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/tenant"
)

// duty is a keeper with a pager, a ledger, and runs that remember what they were told.
type duty struct {
	t      *testing.T
	clock  *storetest.Clock
	ledger *ledger.Ledger
	pager  *sandbox.PagerDuty
	client *pagerduty.Client
	base   string
	// down is a status that the pager answers with, 0 if it works.
	down atomic.Int32
	// broken is a part of a path that the pager answers for with an error.
	broken atomic.Value
	told   []string
	// over are runs that have ended, lost makes telling fail.
	over, lost bool
}

func newDuty(t *testing.T) *duty {
	d := &duty{t: t, clock: storetest.NewClock()}
	d.ledger = storetest.Open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Clock: d.clock.Now})
	ground := tenant.New(d.clock.Now, 1)
	d.pager = sandbox.New(ground)
	t.Cleanup(d.pager.Close)
	works := ground.Handler(d.pager.Vendor())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := int(d.down.Load()); status != 0 && r.Method == http.MethodGet {
			w.WriteHeader(status)
			return
		}
		if path, _ := d.broken.Load().(string); path != "" && strings.Contains(r.URL.Path, path) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		works.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.base = server.URL + "/pagerduty"
	d.client = d.with(sandbox.ReadOnlyToken)
	return d
}

func (d *duty) with(token httpx.Secret) *pagerduty.Client {
	return pagerduty.New(pagerduty.Options{RoutingKey: sandbox.RoutingKey, Token: token, BaseURL: d.base, EventsURL: d.base, Clock: d.clock.Now})
}

func (d *duty) keeper(client *pagerduty.Client) *oncall.Keeper {
	return oncall.New(oncall.Options{
		Ledger: d.ledger, Client: client, Clock: d.clock.Now, Log: slog.New(slog.DiscardHandler),
		Signal: func(_ context.Context, run, name string, arg any) (bool, error) {
			if d.lost {
				return false, errors.New("Temporal is away")
			}
			word, _ := arg.(api.PagerUpdate)
			d.told = append(d.told, run+" "+name+" "+word.Status)
			return !d.over, nil
		},
		Reopened: func(_ context.Context, c api.CaseRef, word api.PagerUpdate) error {
			d.told = append(d.told, c.Subject+" reopened "+word.Status)
			return nil
		},
	})
}

// opened is a case of a subject that was paged, and the pager's id of its incident.
func (d *duty) opened(subject string, event int64) (incidents.Case, string) {
	d.t.Helper()
	at := d.clock.Now()
	_, err := d.ledger.Incidents().PutEvents(d.t.Context(), []incidents.StoredEvent{{
		ID: event, Type: 6, At: at, Matches: []incidents.EventMatch{{Rule: "r", Subject: subject}},
	}})
	require.NoError(d.t, err)
	found, err := d.ledger.Incidents().EvaluateSubject(d.t.Context(), "r", subject, incidents.Span{}, func([]incidents.Hit) ([]incidents.Case, error) {
		return []incidents.Case{{FirstEvent: event, FirstAt: at, LastEvent: event, LastAt: at, Events: 1}}, nil
	})
	require.NoError(d.t, err)
	require.Len(d.t, found, 1)
	return found[0], d.page(found[0].DedupKey)
}

// page opens an incident with a key and returns its id.
func (d *duty) page(key string) string {
	d.t.Helper()
	require.NoError(d.t, d.client.Send(d.t.Context(), pagerduty.Event{Action: "trigger", DedupKey: key, Summary: "about " + key, Source: "s", Severity: "error"}))
	all := d.pager.State(0)
	return all[len(all)-1].ID
}

func (d *duty) heard(w incidents.PagerWord) {
	d.t.Helper()
	w.At = d.clock.Now()
	require.NoError(d.t, d.ledger.Incidents().KeepPagerWord(d.t.Context(), w))
}

func (d *duty) waiting() int {
	d.t.Helper()
	words, err := d.ledger.Incidents().PagerWords(d.t.Context(), 100)
	require.NoError(d.t, err)
	return len(words)
}

func (d *duty) items() []string {
	d.t.Helper()
	list, err := d.ledger.Worklist().Items(d.t.Context(), worklist.ItemFilter{})
	require.NoError(d.t, err)
	out := []string{}
	for _, i := range list {
		out = append(out, i.System+"/"+i.Class+"/"+i.Object)
	}
	return out
}

func TestWordsAreCarriedToTheCasesOfTheIncident(t *testing.T) {
	t.Parallel()
	d := newDuty(t)
	c, id := d.opened("onelogin-1", 1)
	foreign := d.page("disk full on web-7")
	d.heard(incidents.PagerWord{IncidentID: id, EventID: "e1", Status: "acknowledged"})
	d.heard(incidents.PagerWord{IncidentID: foreign, EventID: "e2", Status: "acknowledged"})
	d.heard(incidents.PagerWord{IncidentID: "Q404", EventID: "e3", Status: "resolved"})
	k := d.keeper(d.client)
	require.NoError(t, k.Round(t.Context()))
	require.Equal(t, []string{"incident/r/onelogin-1/1 pager acknowledged"}, d.told)
	require.Zero(t, d.waiting())
	known, err := d.ledger.Incidents().PagerIncident(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []string{c.DedupKey}, known.Keys)
	known, err = d.ledger.Incidents().PagerIncident(t.Context(), foreign)
	require.NoError(t, err)
	require.Empty(t, known.Keys)
	require.False(t, known.LearnedAt.IsZero(), "it is nobody's, which is known by now")
}

// TestAWordIsCarriedToACaseThatBecameKnownMeanwhile: a run asked where its page is after the gateway had looked, so that the case is
// known by the time the word is carried. Nobody has told it.
func TestAWordIsCarriedToACaseThatBecameKnownMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDuty(t)
	c, id := d.opened("onelogin-1", 1)
	d.heard(incidents.PagerWord{IncidentID: id, EventID: "e1", Status: "acknowledged"})
	require.NoError(t, d.ledger.Incidents().AddPagerKeys(t.Context(), id, []string{c.DedupKey}))
	require.NoError(t, d.keeper(d.client).Round(t.Context()))
	require.Equal(t, []string{"incident/r/onelogin-1/1 pager acknowledged"}, d.told)
	require.Zero(t, d.waiting())
}

func TestWhatCannotBeToldIsToldLater(t *testing.T) {
	t.Parallel()
	d := newDuty(t)
	_, id := d.opened("onelogin-1", 1)
	d.heard(incidents.PagerWord{IncidentID: id, EventID: "e1", Status: "triggered", Reopens: true})
	k := d.keeper(d.client)
	d.lost = true
	require.ErrorContains(t, k.Round(t.Context()), "Temporal is away")
	d.lost, d.over = false, true
	require.NoError(t, k.Round(t.Context()), "the pager is left alone for a moment")
	require.Empty(t, d.told)
	d.clock.Advance(10 * time.Second)
	require.NoError(t, k.Round(t.Context()))
	require.Equal(t, []string{"incident/r/onelogin-1/1 pager triggered", "onelogin-1 reopened triggered"}, d.told)
}

// TestWhoCannotAskSaysSo: without a token, or with one that is refused, words wait, and somebody is told.
func TestWhoCannotAskSaysSo(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]httpx.Secret{"no token": "", "a token that is refused": "wrong"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDuty(t)
			_, id := d.opened("onelogin-1", 1)
			d.heard(incidents.PagerWord{IncidentID: id, EventID: "e1", Status: "acknowledged"})
			k := d.keeper(d.with(token))
			round := func() { _ = k.Round(t.Context()) } // That a token is refused is an error each time.
			round()
			require.Empty(t, d.items(), "it may pass")
			d.clock.Advance(2 * time.Minute)
			round()
			require.Equal(t, []string{"pagerduty/words_unheard/"}, d.items())
			require.Equal(t, 1, d.waiting())

			require.NoError(t, d.keeper(d.client).Round(t.Context()), "another process has a token")
			require.Empty(t, d.items())
			require.Equal(t, []string{"incident/r/onelogin-1/1 pager acknowledged"}, d.told)

			d.heard(incidents.PagerWord{IncidentID: id, EventID: "e2", Status: "resolved"})
			d.clock.Advance(49 * time.Hour)
			round()
			require.Zero(t, d.waiting(), "its run has asked for itself by then")
		})
	}
}

// TestAPagerThatIsDownIsNoItem, because the step that fails is one.
func TestAPagerThatIsDownIsNoItem(t *testing.T) {
	t.Parallel()
	d := newDuty(t)
	_, id := d.opened("onelogin-1", 1)
	d.heard(incidents.PagerWord{IncidentID: id, EventID: "e1", Status: "acknowledged"})
	k := d.keeper(d.client)
	d.down.Store(http.StatusServiceUnavailable)
	d.clock.Advance(2 * time.Minute)
	require.Error(t, k.Round(t.Context()))
	require.Empty(t, d.items())
	require.Equal(t, 1, d.waiting())
	d.down.Store(0)
	d.clock.Advance(10 * time.Second)
	require.NoError(t, k.Round(t.Context()))
	require.Len(t, d.told, 1)
}

func TestSubscriptionsThatDeliverNothingAreItems(t *testing.T) {
	t.Parallel()
	d := newDuty(t)
	refuses := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refuses.Close)
	for _, target := range []sandbox.Target{
		{ID: "POURS", URL: refuses.URL + "/webhooks/pagerduty"},
		{ID: "POFF", URL: "https://gatehouse.example/webhooks/pagerduty/", Inactive: true},
		{ID: "PTHEIRS", URL: refuses.URL + "/theirs"},
	} {
		require.NoError(t, d.pager.AddTarget(target))
	}
	k := d.keeper(d.client)
	require.NoError(t, k.Look(t.Context()))
	require.Equal(t, []string{"pagerduty/webhook_disabled/POFF"}, d.items())
	for _, key := range []string{"a", "b", "c"} {
		d.page(key)
	}
	require.Eventually(t, func() bool {
		require.NoError(t, k.Look(t.Context()))
		return len(d.items()) == 2
	}, 10*time.Second, 10*time.Millisecond)
	require.ElementsMatch(t, []string{"pagerduty/webhook_disabled/POFF", "pagerduty/webhook_disabled/POURS"}, d.items())

	d.down.Store(http.StatusServiceUnavailable)
	require.Error(t, k.Look(t.Context()))
	require.Len(t, d.items(), 2, "what is not known changes nothing")
	d.down.Store(0)
	d.clock.Advance(25 * time.Hour)
	d.pager.ClearTargets()
	require.NoError(t, k.Look(t.Context()))
	require.Empty(t, d.items(), "it is gone")
}

func TestOurs(t *testing.T) {
	t.Parallel()
	for address, ours := range map[string]bool{
		"https://gatehouse.example/webhooks/pagerduty": true, "https://x.example/behind/webhooks/pagerduty/": true,
		"https://x.example/webhooks/pagerduty?key=1": true, "https://x.example/webhooks/slack": false, "": false, "::": false,
	} {
		require.Equal(t, ours, oncall.Ours(address), address)
	}
}
