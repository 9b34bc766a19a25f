package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/server"
)

// pager calls the REST API as an account token does, for the user on call.
func pager(s *sandbox, method, path, body string) answer {
	s.t.Helper()
	return s.call(method, "/pagerduty"+path, body,
		header("Authorization", "Token token="+pagerduty.Token), header("From", pagerduty.UserEmail))
}

// listed is an incident as a list shows it.
type listed struct {
	ID            string  `json:"id"`
	Key           *string `json:"incident_key"`
	Status        string  `json:"status"`
	ResolveReason *struct {
		Type     string            `json:"type"`
		Incident map[string]string `json:"incident"`
	} `json:"resolve_reason"`
}

func withKey(s *sandbox, key string) []listed {
	s.t.Helper()
	var out struct {
		Incidents []listed `json:"incidents"`
	}
	pager(s, "GET", "/incidents?date_range=all&statuses[]=triggered&statuses[]=acknowledged&statuses[]=resolved&incident_key="+key, "").json(s.t, &out)
	return out.Incidents
}

func alertKeys(s *sandbox, incident string) []string {
	s.t.Helper()
	var out struct {
		Alerts []struct {
			Key string `json:"alert_key"`
		} `json:"alerts"`
	}
	pager(s, "GET", "/incidents/"+incident+"/alerts", "").json(s.t, &out)
	keys := []string{}
	for _, a := range out.Alerts {
		keys = append(keys, a.Key)
	}
	return keys
}

// TestPagerIncidentsWithAlertsHaveNoKey: their alerts have it, and a query for it finds them all the same.
func TestPagerIncidentsWithAlertsHaveNoKey(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 1})
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "one"))
	found := withKey(s, "k")
	require.Len(t, found, 1)
	require.Nil(t, found[0].Key)
	require.Equal(t, []string{"k"}, alertKeys(s, found[0].ID))
	require.Empty(t, withKey(s, "other"))

	require.NoError(t, control.New(s.base).PagerWithoutAlerts(t.Context(), true))
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "old", "one"))
	found = withKey(s, "old")
	require.Equal(t, "old", *found[0].Key)
	require.Empty(t, alertKeys(s, found[0].ID))
}

// TestPagerMerges: the alerts go where the work goes on, and so do further events of their keys.
func TestPagerMerges(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 1})
	for _, key := range []string{"a", "b"} {
		require.Equal(t, http.StatusAccepted, page(s, "trigger", key, key))
	}
	a, b := withKey(s, "a")[0].ID, withKey(s, "b")[0].ID
	body := fmt.Sprintf(`{"source_incidents":[{"id":%q,"type":"incident_reference"}]}`, a)
	require.Equal(t, http.StatusOK, pager(s, "PUT", "/incidents/"+b+"/merge", body).status)
	require.Equal(t, http.StatusBadRequest, pager(s, "PUT", "/incidents/"+b+"/merge", body).status, "it was merged already")

	var one struct {
		Incident listed `json:"incident"`
	}
	pager(s, "GET", "/incidents/"+a, "").json(t, &one)
	require.Equal(t, "resolved", one.Incident.Status)
	require.Equal(t, "merge_resolve_reason", one.Incident.ResolveReason.Type)
	require.Equal(t, b, one.Incident.ResolveReason.Incident["id"])
	require.Equal(t, []string{"b", "a"}, alertKeys(s, b))
	require.Empty(t, alertKeys(s, a))
	require.Equal(t, b, withKey(s, "a")[0].ID)

	require.Equal(t, http.StatusAccepted, page(s, "trigger", "a", "again"))
	list, err := control.New(s.base).Incidents(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 2, "it joins the alert where that is now")
	require.Equal(t, http.StatusAccepted, page(s, "resolve", "b", "x"))
	require.Equal(t, "triggered", withKey(s, "a")[0].Status, "one alert is left")
	require.Equal(t, http.StatusAccepted, page(s, "resolve", "a", "x"))
	require.Equal(t, "resolved", withKey(s, "a")[0].Status)
}

func TestPagerREST(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 1})
	create := `{"incident":{"type":"incident","title":"By hand","service":{"id":"PIDENT01","type":"service_reference"},"incident_key":"r","unknown":1}}`
	require.Equal(t, http.StatusCreated, pager(s, "POST", "/incidents", create).status)
	refused := pager(s, "POST", "/incidents", create)
	require.Equal(t, http.StatusBadRequest, refused.status, "one with this key is open")
	require.Contains(t, refused.body, `"code":2001`)
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "one"))
	a, b := withKey(s, "r")[0].ID, withKey(s, "k")[0].ID
	many := fmt.Sprintf(`{"incidents":[{"id":%q,"type":"incident_reference","status":"acknowledged"},{"id":%q,"type":"incident_reference","status":"resolved"}]}`, a, b)
	require.Equal(t, http.StatusOK, pager(s, "PUT", "/incidents", many).status)
	require.Equal(t, "acknowledged", withKey(s, "r")[0].Status)
	require.Equal(t, "resolved", withKey(s, "k")[0].Status)
	require.Equal(t, http.StatusBadRequest, pager(s, "PUT", "/incidents", many).status, "one of them is resolved, so nothing changes")

	require.Equal(t, http.StatusCreated, pager(s, "POST", "/incidents/"+a+"/notes", `{"note":{"content":"seen"}}`).status)
	require.Contains(t, pager(s, "GET", "/incidents/"+a+"/notes", "").body, `"content":"seen"`)
	require.Contains(t, pager(s, "GET", "/services?query=ident", "").body, `"alert_creation":"create_alerts_and_incidents"`)
	require.Contains(t, pager(s, "GET", "/users?limit=1", "").body, pagerduty.UserEmail)
	require.Equal(t, http.StatusBadRequest, pager(s, "GET", "/users/me", "").status)
	for _, path := range []string{"/log_entries", "/incidents/Q0", "/services/P0", "/users/P0", "/webhook_subscriptions/P0"} {
		gone := pager(s, "GET", path, "")
		require.Equal(t, http.StatusNotFound, gone.status, path)
		require.Contains(t, gone.body, `"code":2100`, path)
	}
	change := fmt.Sprintf(`{"routing_key":%q,"payload":{"summary":"deployed"}}`, pagerduty.RoutingKey)
	require.Equal(t, http.StatusAccepted, s.call("POST", "/pagerduty/v2/change/enqueue", change).status)
	plain := s.call("GET", "/pagerduty/incidents", "", header("Authorization", pagerduty.Token))
	require.Equal(t, http.StatusUnauthorized, plain.status, "a token without a scheme is none")
}

// receiver answers webhooks as a script says, by event, and keeps what came.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	script map[string][]int
	came   []string
	ids    []string
}

func newReceiver(t *testing.T, script map[string][]int) *receiver {
	r := &receiver{script: script}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var in struct {
			Event struct {
				Type string `json:"event_type"`
			} `json:"event"`
		}
		if err != nil || json.Unmarshal(body, &in) != nil {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.came = append(r.came, in.Event.Type)
		r.ids = append(r.ids, req.Header.Get("X-Webhook-Id"))
		status := http.StatusAccepted
		if left := r.script[in.Event.Type]; len(left) > 0 {
			status, r.script[in.Event.Type] = left[0], left[1:]
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) seen() (came, ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.came), slices.Clone(r.ids)
}

// TestPagerRepeatsAndKeepsTheOrder: 429 and 5xx are repeated, and what happened later to the incident waits for that.
func TestPagerRepeatsAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 1})
	c := control.New(s.base)
	r := newReceiver(t, map[string][]int{"incident.triggered": {429, 503}})
	require.NoError(t, c.PagerTarget(t.Context(), r.URL, 1))
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "one"))
	require.NoError(t, c.PagerAct(t.Context(), "k", "acknowledged"))
	require.NoError(t, c.PagerAct(t.Context(), "k", "resolved"))
	require.Eventually(t, func() bool { came, _ := r.seen(); return len(came) == 5 }, 20*time.Second, 5*time.Millisecond)
	came, ids := r.seen()
	require.Equal(t, []string{"incident.triggered", "incident.triggered", "incident.triggered", "incident.acknowledged", "incident.resolved"}, came)
	require.Equal(t, ids[0], ids[2], "a repetition is the same delivery")
	require.NotEqual(t, ids[2], ids[3])
}

// TestPagerDisablesASubscription after three dropped deliveries, for a day.
func TestPagerDisablesASubscription(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := start
	s := run(t, server.Options{People: 1, Clock: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	c := control.New(s.base)
	r := newReceiver(t, map[string][]int{"incident.triggered": {401, 404, 400}})
	create := fmt.Sprintf(`{"webhook_subscription":{"type":"webhook_subscription","delivery_method":{"type":"http_delivery_method","url":%q},`+
		`"events":["incident.triggered"],"filter":{"type":"service_reference","id":"PIDENT01"}}}`, r.URL)
	require.Contains(t, pager(s, "POST", "/webhook_subscriptions", create).body, `"secret":"secret-of-`)
	require.NotContains(t, pager(s, "GET", "/webhook_subscriptions", "").body, "temporarily_disabled", "a list does not say it")
	disabled := func() bool {
		var one struct {
			Subscription struct {
				Method struct {
					Disabled bool `json:"temporarily_disabled"`
				} `json:"delivery_method"`
			} `json:"webhook_subscription"`
		}
		pager(s, "GET", "/webhook_subscriptions/PWEBHK01", "").json(t, &one)
		return one.Subscription.Method.Disabled
	}
	for n := range 3 {
		require.False(t, disabled())
		require.Equal(t, http.StatusAccepted, page(s, "trigger", fmt.Sprint("k", n), "one"))
		require.Eventually(t, func() bool {
			log, err := c.PagerDeliveries(t.Context())
			require.NoError(t, err)
			return len(log) == n+1 && log[n].Dropped
		}, 10*time.Second, 5*time.Millisecond)
	}
	require.Eventually(t, disabled, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "lost", "one"))
	mu.Lock()
	now = start.Add(25 * time.Hour)
	mu.Unlock()
	require.False(t, disabled())
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "heard", "one"))
	require.Eventually(t, func() bool { came, _ := r.seen(); return len(came) == 4 }, 10*time.Second, 5*time.Millisecond, "what happened meanwhile is lost")
}
