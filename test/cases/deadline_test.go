package cases

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/alerts"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// contain orders a containment as an operator would.
func contain(s *kit.Stack, id, key string) {
	s.T.Helper()
	_, err := s.Vendors.Activities.Orders.Give(s.T.Context(), api.GiveOrder{
		Order: identity.Order{ID: id, Key: key, Kind: identity.OrderContain, By: "tester", Reason: "test"},
		Hint:  api.Hint{Source: "operator", Cause: "order"},
	})
	require.NoError(s.T, err)
}

// TestCase_L14_OneLoginDoesNotAnswer: OneLogin answers 503 to everything, or its credential is revoked, when HR and an
// order want somebody out. Security is told when the five seconds are over, whatever step hangs.
func TestCase_L14_OneLoginDoesNotAnswer(t *testing.T) {
	t.Parallel()
	const leaver, ordered = "workday-21005", "workday-21007"
	for name, outage := range map[string]func(*kit.Stack, bool) error{
		"503": func(s *kit.Stack, down bool) error {
			if !down {
				return s.Sandbox.ClearFaults(s.T.Context())
			}
			return s.Sandbox.AddFault(s.T.Context(), control.Fault{System: "onelogin", When: "before", Style: "status", Status: 503, Times: -1})
		},
		"credential revoked": func(s *kit.Stack, down bool) error { return s.Sandbox.DisableCredential(s.T.Context(), down) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: func(p string) string {
				return kit.Replace(t, p, "contain_within: 15m", "contain_within: 5s")
			}})
			s.Baseline()
			first, second := s.Account(leaver), s.Account(ordered)
			require.NoError(t, outage(s, true))
			began := time.Now()
			s.HR(leaver, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			require.Equal(t, http.StatusAccepted, s.WorkdayWebhook("21005"))
			contain(s, "c1", ordered)
			s.Until("security is told of both", func() bool {
				said := s.Messages("C0SECURITY")
				return strings.Contains(said, leaver) && strings.Contains(said, ordered)
			})
			require.GreaterOrEqual(t, time.Since(began), 5*time.Second, "nobody is late before that")
			said := s.Messages("C0SECURITY")
			require.Contains(t, said, "OVERDUE")
			require.NotContains(t, said, first.Email, "keys, no names")
			require.True(t, kit.Open(s.Of(first.ID)) && kit.Open(s.Of(second.ID)), "OneLogin was down, so nobody can be out")

			require.NoError(t, outage(s, false))
			s.Hint(leaver, "repaired")
			s.Hint(ordered, "repaired")
			s.AwaitShut(first.ID, second.ID)
			s.AwaitNobodyLeftWithAccess()
			s.Outcome(leaver)
			s.Outcome(ordered)
			require.Equal(t, 2, strings.Count("\n"+s.Messages("C0SECURITY"), "\nOVERDUE"), "once for each of them, and nothing more")
			s.Until("no deadline is open", func() bool {
				open, err := s.App.Ledger.People().OpenDepartures(t.Context(), time.Now().Add(time.Hour))
				return err == nil && len(open) == 0
			})
		})
	}
}

// receiver is what alerts are posted to.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []alerts.Alert
	raw []string
}

const alertSecret = "test-alerts"

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var a alerts.Alert
		signed := req.Header.Get(alerts.HeaderSignature) == alerts.Sign(body, req.Header.Get(alerts.HeaderTimestamp), alertSecret)
		if err != nil || !signed || json.Unmarshal(body, &a) != nil {
			http.Error(w, "not from Gatehouse", http.StatusForbidden)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.raw = append(r.got, a), append(r.raw, string(body))
	}))
	t.Cleanup(r.Close)
	return r
}

// kinds lists what was posted, with whom it was about.
func (r *receiver) kinds() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, a := range r.got {
		line := a.Kind
		for _, d := range a.Departures {
			line += " " + d.Key
		}
		out = append(out, line)
	}
	return out
}

func (r *receiver) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.raw, "\n")
}

// movable is a clock that a test moves on.
type movable struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (m *movable) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Add(m.ahead)
}

func (m *movable) advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead += d
}

// TestCase_L25_EverythingIsDownAtTheLeaveMoment: worker and Temporal are down when a leave moment passes. The gateway is
// the only program left, and announces it.
func TestCase_L25_EverythingIsDownAtTheLeaveMoment(t *testing.T) {
	t.Parallel()
	const leaver = "workday-21005"
	var clock movable
	told := newReceiver(t)
	s := kit.New(t, kit.Options{Clock: clock.now, Config: func(c *config.Config) {
		c.Alerts = config.DefaultAlerts()
		c.Alerts.URL, c.Alerts.Secret = httpx.Secret(told.URL+"/hook"), alertSecret
	}})
	account := s.Account(leaver)
	s.HR(leaver, "terminate", control.Fields{"last_day": "today+2", "location": "Berlin"})
	s.Baseline()
	s.App.Watchdog("worker").Round(t.Context())
	s.StopWorkers()
	require.Empty(t, told.kinds(), "before the leave moment nobody is named")

	gone, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	t.Cleanup(gone.Close)
	gateway, err := app.Open(t.Context(), s.App.Config, app.Options{Temporal: gone, Clock: clock.now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, gateway.Close()) })
	watchdog := gateway.Watchdog("gateway")
	for range 3 {
		watchdog.Round(t.Context())
		clock.advance(2 * time.Minute)
	}
	require.Equal(t, []string{"temporal_down"}, told.kinds(), "also before anybody is late")

	ahead, err := s.App.Ledger.People().OpenDepartures(t.Context(), clock.now().AddDate(0, 0, 7))
	require.NoError(t, err)
	require.Len(t, ahead, 1)
	clock.advance(ahead[0].DueAt.Sub(clock.now()) + 17*time.Minute) // contain_within, grace and a little
	for range 2 {
		watchdog.Round(t.Context())
	}
	require.Equal(t, []string{"temporal_down", "departures_overdue " + leaver, "temporal_down"}, told.kinds())
	require.NotContains(t, told.text(), account.Email)
	require.NotContains(t, told.text(), account.LastName)
	require.True(t, s.Of(account.ID).CanSignIn)

	// Everything comes back.
	s.StartWorkers()
	s.Hint(leaver, "back")
	s.AwaitShut(account.ID)
	s.Outcome(leaver)
	clock.advance(5 * time.Hour)
	s.App.Watchdog("worker").Round(t.Context())
	require.Equal(t, []string{"temporal_down", "departures_overdue " + leaver, "temporal_down"}, told.kinds(), "it is over")
}
