package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

func TestOneLoginOnlyPokes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body   string
		secret string
		pokes  int
	}{
		"an array":                       {`[{"event_type_id":5,"uuid":"x"},{"event_type_id":6}]`, eventSecret, 1},
		"with the secret on its way out": {`[{}]`, "old-event-secret", 1},
		"lines":                          {"{\"event_type_id\":5}\n{\"event_type_id\":6}\n", eventSecret, 1},
		"one event":                      {`{"event_type_id":5}`, eventSecret, 1},
		"no events":                      {`[]`, eventSecret, 0},
		"nothing":                        {``, eventSecret, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTeller(t)
			got := d.post("/webhooks/onelogin", tt.body, token(tt.secret))
			require.Equal(t, http.StatusAccepted, got.code, got.status)
			require.Equal(t, tt.pokes, d.pokes)
			require.Empty(t, d.signals)
		})
	}
}

func TestPagerTellsTheIncident(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 11, 58, 0, 500_000_000, time.UTC)
	for kind, status := range map[string]string{
		"incident.triggered": api.PagerTriggered, "incident.unacknowledged": api.PagerTriggered,
		"incident.reopened": api.PagerTriggered, "incident.acknowledged": api.PagerAcknowledged,
		"incident.resolved": api.PagerResolved,
	} {
		for name, secrets := range map[string][]string{
			"signed": {pagerSecret}, "rotated": {"unknown", "old-pager-secret"}, "twice": {"old-pager-secret", pagerSecret},
		} {
			d := newTeller(t)
			body := pagerBody(kind, "gatehouse/7f3c")
			got := d.post("/webhooks/pagerduty", body, pagerSigned(body, secrets...))
			require.Equal(t, http.StatusAccepted, got.code, "%s %s: %s", kind, name, got.status)
			require.Empty(t, cmp.Diff([]signal{{"incident/brute/7/1", api.SignalPager, api.PagerUpdate{
				Status: status, IncidentID: "Q1", At: at, By: "PONCALL1", EventID: "01E1",
			}}}, d.signals))
		}
	}
}

// noKey is a webhook about an incident of a service that makes alerts, changed as the pairs say.
func noKey(kind string, pairs ...string) string {
	return strings.NewReplacer(append(pairs, `"incident_key":""`, `"incident_key":null`)...).Replace(pagerBody(kind, ""))
}

// TestPagerIncidentsWithoutAKey are known by their id, and what is said of one that is not known is kept for a worker.
func TestPagerIncidentsWithoutAKey(t *testing.T) {
	t.Parallel()
	d := newTeller(t)
	post := func(body string) {
		require.Equal(t, http.StatusAccepted, d.post("/webhooks/pagerduty", body, pagerSigned(body, pagerSecret)).code)
	}
	post(noKey("incident.acknowledged"))
	require.Empty(t, d.signals)
	require.Len(t, d.unheard, 1)
	require.Equal(t, "Q1/acknowledged/PONCALL1/01E1", strings.Join([]string{d.unheard[0].IncidentID, d.unheard[0].Status, d.unheard[0].By, d.unheard[0].EventID}, "/"))
	post(noKey("incident.reopened"))
	require.True(t, d.reopens, "which starts a run anew that is over")

	d = newTeller(t)
	d.learned = map[string][]string{"Q1": {"gatehouse/7f3c", "gatehouse/8a1d"}, "Q2": {}}
	post(noKey("incident.acknowledged"))
	post(noKey("incident.acknowledged", `"id":"Q1"`, `"id":"Q2"`))
	require.Empty(t, d.unheard)
	require.Len(t, d.signals, 2, "two cases are one incident, and another one is nobody's")
	require.Equal(t, "incident/brute/7/1 incident/brute/8/1", d.signals[0].Run+" "+d.signals[1].Run)
}

// TestPagerMergedIsNotResolved: the work goes on in the other incident, which is about this case too from now on.
func TestPagerMergedIsNotResolved(t *testing.T) {
	t.Parallel()
	d := newTeller(t)
	d.learned = map[string][]string{"Q1": {"gatehouse/7f3c"}}
	body := noKey("incident.resolved", `"type":"incident","incident_key"`,
		`"type":"incident","resolve_reason":{"type":"merge_resolve_reason","incident":{"id":"Q2","type":"incident_reference"}},"incident_key"`)
	require.Equal(t, http.StatusAccepted, d.post("/webhooks/pagerduty", body, pagerSigned(body, pagerSecret)).code)
	require.Equal(t, []string{"Q2 gatehouse/7f3c"}, d.merged)
	require.Len(t, d.signals, 1)
	word, isWord := d.signals[0].Arg.(api.PagerUpdate)
	require.True(t, isWord)
	require.Equal(t, api.PagerMerged+" Q2", word.Status+" "+word.MergedInto)
}

// TestPagerOpensAnIncidentAgain: its run ended when it was resolved. No other word starts it anew.
func TestPagerOpensAnIncidentAgain(t *testing.T) {
	t.Parallel()
	for kind, starts := range map[string]int{"incident.reopened": 1, "incident.triggered": 0, "incident.acknowledged": 0} {
		d := newTeller(t)
		d.over = true
		body := pagerBody(kind, "gatehouse/7f3c")
		require.Equal(t, http.StatusAccepted, d.post("/webhooks/pagerduty", body, pagerSigned(body, pagerSecret)).code)
		require.Len(t, d.signals, starts, kind)
	}
}

// TestPagerWithoutAUserOrATime: a machine resolved it, or the time cannot be read.
func TestPagerWithoutAUserOrATime(t *testing.T) {
	t.Parallel()
	d := newTeller(t)
	body := strings.NewReplacer("user_reference", "service_reference", "2026-11-23T11:58:00.500Z", "just now").
		Replace(pagerBody("incident.resolved", "gatehouse/7f3c"))
	require.Equal(t, http.StatusAccepted, d.post("/webhooks/pagerduty", body, pagerSigned(body, pagerSecret)).code)
	require.Empty(t, cmp.Diff([]signal{{"incident/brute/7/1", api.SignalPager, api.PagerUpdate{
		Status: api.PagerResolved, IncidentID: "Q1", At: noon, EventID: "01E1",
	}}}, d.signals))
}

func TestClicksAreTold(t *testing.T) {
	t.Parallel()
	at := time.Unix(1795435260, 123456000).UTC()
	click := api.Click{
		Approval: "a-7f3c", Step: "incident.answer", Verb: "allow", UserID: "U1", TeamID: "T0ACME", At: at,
		Channel: "C0SECURITY", Timestamp: "1795435200.000100",
	}
	guest := click
	guest.TeamID = "T0OTHER"
	undated := click
	undated.At = noon
	named := click
	named.Item = "0a1b2c3d4e5f"
	tests := map[string]struct {
		change func(map[string]any)
		want   api.Click
	}{
		"a press":                  {func(map[string]any) {}, click},
		"by somebody else's guest": {func(p map[string]any) { p["user"] = map[string]string{"id": "U1", "team_id": "T0OTHER"} }, guest},
		"without the user's team":  {func(p map[string]any) { p["user"] = map[string]string{"id": "U1"} }, click},
		"about one question": {func(p map[string]any) {
			p["actions"].([]map[string]any)[0]["block_id"] = "decision:0a1b2c3d4e5f" //nolint:forcetypeassert // press made it
		}, named},
		"of another block": {func(p map[string]any) {
			p["actions"].([]map[string]any)[0]["block_id"] = "another:decision:0a1b" //nolint:forcetypeassert // press made it
		}, click},
		"at no time": {func(p map[string]any) {
			p["actions"] = []map[string]any{{"type": "button", "action_id": "allow", "block_id": "decision", "value": "a-7f3c", "action_ts": "soon"}}
		}, undated},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTeller(t)
			body := press(t, tt.change)
			for range 2 {
				got := d.post("/slack/interactions", body, slackSigned(signingSecret, body, time.Now()))
				require.Equal(t, http.StatusOK, got.code, got.status)
			}
			require.Empty(t, cmp.Diff([]api.Click{tt.want, tt.want}, d.pressed), "a press that is delivered twice is told twice and decided once by the run")
		})
	}
}

// TestNothingToTell: deliveries that are genuine and about nothing of ours are taken, or they would come again and again.
func TestNothingToTell(t *testing.T) {
	t.Parallel()
	type test struct {
		path, body string
		header     http.Header
		over       bool
		code       int
	}
	tests := map[string]test{}
	pager := func(name, body string, over bool) {
		tests["pager: "+name] = test{"/webhooks/pagerduty", body, pagerSigned(body, pagerSecret), over, http.StatusAccepted}
	}
	pager("another service's incident", pagerBody("incident.resolved", "disk full on web-7"), false)
	pager("an incident without an id", strings.Replace(pagerBody("incident.resolved", ""), `"id":"Q1"`, `"id":""`, 1), false)
	pager("an event that means nothing here", pagerBody("incident.annotated", "gatehouse/7f3c"), false)
	pager("a ping", `{"event":{"id":"1","event_type":"pagey.ping","data":{"message":"Hello from your friend Pagey!","type":"ping"}}}`, false)
	pager("a run that is over", pagerBody("incident.resolved", "gatehouse/7f3c"), true)
	slack := func(name string, over bool, change func(map[string]any)) {
		body := press(t, change)
		tests["slack: "+name] = test{"/slack/interactions", body, slackSigned(signingSecret, body, time.Now()), over, http.StatusOK}
	}
	action := func(value string) func(map[string]any) {
		return func(p map[string]any) {
			p["actions"] = []map[string]any{{"type": "button", "action_id": "allow", "block_id": "decision", "value": value, "action_ts": "1"}}
		}
	}
	slack("an approval that nobody asked for", false, action("a-other"))
	slack("a button without a value", false, action(""))
	slack("a value that is too long", false, action(strings.Repeat("a", 2000)))
	slack("a dialog", false, func(p map[string]any) { p["type"] = "view_submission" })
	slack("nobody", false, func(p map[string]any) { p["user"] = map[string]string{} })
	slack("no button", false, func(p map[string]any) { p["actions"] = []any{} })
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTeller(t)
			d.over = tt.over
			got := d.post(tt.path, tt.body, tt.header)
			require.Equal(t, tt.code, got.code, got.status)
			require.Empty(t, d.signals)
			require.Empty(t, d.pressed)
			require.Zero(t, d.pokes)
		})
	}
}

// TestSendersRepeat: while Temporal or the ledger is away the answer is 5xx, and nothing was promised.
func TestSendersRepeat(t *testing.T) {
	t.Parallel()
	pager, clicked := pagerBody("incident.resolved", "gatehouse/7f3c"), press(t)
	for name, tt := range map[string]struct {
		path, body string
		header     http.Header
	}{
		"onelogin":  {"/webhooks/onelogin", `[{}]`, token(eventSecret)},
		"pagerduty": {"/webhooks/pagerduty", pager, pagerSigned(pager, pagerSecret)},
		"slack":     {"/slack/interactions", clicked, slackSigned(signingSecret, clicked, time.Now())},
	} {
		d := newTeller(t)
		d.down = true
		got := d.post(tt.path, tt.body, tt.header)
		require.Equal(t, http.StatusServiceUnavailable, got.code, name)
		require.Equal(t, "not durable yet, repeat later", got.status, name)
		require.Empty(t, d.signals, name)
		if name == "onelogin" {
			continue
		}
		d = newTeller(t)
		d.lost = true
		require.Equal(t, http.StatusServiceUnavailable, d.post(tt.path, tt.body, tt.header).code, name)
	}
}
