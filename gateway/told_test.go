package gateway_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/gateway"
	"gatehouse/internal/httpx"
	"gatehouse/workflows"
)

// signal is what a run was told.
type signal struct {
	Run, Name string
	Arg       any
}

// teller is a gateway that remembers what it told whom.
type teller struct {
	door
	pokes   int
	signals []signal
	// asked counts how often the ledger was asked.
	asked int
	// down makes Temporal unreachable, lost the ledger, over every run a thing of the past.
	down, lost, over bool
}

const (
	eventSecret   = "event-secret"
	pagerSecret   = "pager-secret"
	signingSecret = "signing-secret"
)

func newTeller(t *testing.T, change ...func(*gateway.Options)) *teller {
	t.Helper()
	d := &teller{door: door{t: t, log: &bytes.Buffer{}}}
	reach := func() error {
		if d.down {
			return errors.New("connection refused")
		}
		return nil
	}
	read := func() error {
		d.asked++
		if d.lost {
			return errors.New("the disk is full")
		}
		return nil
	}
	o := gateway.Options{
		Poke: func(context.Context) error { d.pokes++; return reach() },
		Signal: func(_ context.Context, run, name string, arg any) (bool, error) {
			if err := reach(); err != nil || d.over {
				return false, err
			}
			d.signals = append(d.signals, signal{run, name, arg})
			return true, nil
		},
		Incident: func(_ context.Context, key string) (string, bool, error) {
			return "incident/brute/7/1", key == "gatehouse/7f3c", read()
		},
		Approval: func(_ context.Context, id string) (string, string, bool, error) {
			return "incident/brute/7/1", "incident.answer", id == "a-7f3c", read()
		},
		OneLoginHeader: "X-OneLogin-Token", OneLoginSecrets: []httpx.Secret{"old-event-secret", eventSecret},
		PagerDutySecrets: []httpx.Secret{"old-pager-secret", pagerSecret}, SlackSigningSecret: signingSecret,
		SlackTeam: "T0ACME", SlackApp: "A0GATEHOUSE",
		Clock: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}
	for _, f := range change {
		f(&o)
	}
	d.handler = gateway.New(o)
	return d
}

func token(secret string) http.Header {
	h := http.Header{}
	h.Set("X-OneLogin-Token", secret)
	return h
}

func mac(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

func pagerSigned(body string, secrets ...string) http.Header {
	var all []string
	for _, s := range secrets {
		all = append(all, "v1="+mac(s, body))
	}
	h := http.Header{}
	h.Set("X-PagerDuty-Signature", strings.Join(all, ","))
	return h
}

// slackSigned signs as Slack does. The library looks at the machine's clock.
func slackSigned(secret, body string, at time.Time) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	h.Set("X-Slack-Request-Timestamp", unix(at))
	h.Set("X-Slack-Signature", "v0="+mac(secret, "v0:"+unix(at)+":"+body))
	return h
}

// pagerBody is a webhook about an incident.
func pagerBody(kind, key string) string {
	return fmt.Sprintf(`{"event":{"id":"01E1","event_type":%q,"resource_type":"incident","occurred_at":"2026-11-23T11:58:00.500Z",`+
		`"agent":{"id":"PONCALL1","type":"user_reference"},"client":null,"data":{"id":"Q1","type":"incident","incident_key":%q}}}`, kind, key)
}

// press is the form that Slack sends when somebody presses a button; changes edit the payload.
func press(t *testing.T, changes ...func(map[string]any)) string {
	t.Helper()
	payload := map[string]any{
		"type": "block_actions", "team": map[string]string{"id": "T0ACME"}, "api_app_id": "A0GATEHOUSE",
		"user":      map[string]string{"id": "U1", "team_id": "T0ACME"},
		"channel":   map[string]string{"id": "C0SECURITY"},
		"container": map[string]string{"type": "message", "message_ts": "1795435200.000100", "channel_id": "C0SECURITY"},
		"actions": []map[string]any{{
			"type": "button", "action_id": "allow", "block_id": "decision", "value": "a-7f3c", "action_ts": "1795435260.123456",
		}},
	}
	for _, f := range changes {
		f(payload)
	}
	data, err := json.Marshal(payload)
	require.NoError(t, err)
	return url.Values{"payload": {string(data)}}.Encode()
}

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
			require.Empty(t, cmp.Diff([]signal{{"incident/brute/7/1", workflows.SignalPager, api.PagerUpdate{
				Status: status, IncidentID: "Q1", At: at, By: "PONCALL1", EventID: "01E1",
			}}}, d.signals))
		}
	}
}

// TestPagerWithoutAUserOrATime: a machine resolved it, or the time cannot be read.
func TestPagerWithoutAUserOrATime(t *testing.T) {
	t.Parallel()
	d := newTeller(t)
	body := strings.NewReplacer("user_reference", "service_reference", "2026-11-23T11:58:00.500Z", "just now").
		Replace(pagerBody("incident.resolved", "gatehouse/7f3c"))
	require.Equal(t, http.StatusAccepted, d.post("/webhooks/pagerduty", body, pagerSigned(body, pagerSecret)).code)
	require.Empty(t, cmp.Diff([]signal{{"incident/brute/7/1", workflows.SignalPager, api.PagerUpdate{
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
	tests := map[string]struct {
		change func(map[string]any)
		want   api.Click
	}{
		"a press":                  {func(map[string]any) {}, click},
		"by somebody else's guest": {func(p map[string]any) { p["user"] = map[string]string{"id": "U1", "team_id": "T0OTHER"} }, guest},
		"without the user's team":  {func(p map[string]any) { p["user"] = map[string]string{"id": "U1"} }, click},
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
			one := signal{"incident/brute/7/1", workflows.SignalClick, tt.want}
			require.Empty(t, cmp.Diff([]signal{one, one}, d.signals), "a press that is delivered twice is told twice and decided once by the run")
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
	pager("an incident without a key", pagerBody("incident.resolved", ""), false)
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
	slack("a run that is over", true, func(map[string]any) {})
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

// TestTellersRefuse: what is not proven to come from the sender is answered with 4xx, and nothing else happens.
func TestTellersRefuse(t *testing.T) {
	t.Parallel()
	const (
		badToken  = "onelogin webhook: the header X-OneLogin-Token holds none of gateway.onelogin_secrets"
		badBody   = "onelogin webhook: the body is neither a JSON array of events nor one event a line"
		badPager  = "pagerduty webhook: X-PagerDuty-Signature fits none of gateway.pagerduty_secrets"
		noEvent   = "pagerduty webhook: the body is no v3 event; subscribe with webhooks of version 3"
		badSlack  = "slack interaction: X-Slack-Signature does not fit gateway.slack_signing_secret, or is older than five minutes"
		noForm    = "slack interaction: the body holds no payload"
		elsewhere = "slack interaction: it comes from a workspace or an app other than gateway.slack_team and gateway.slack_app"
	)
	now := time.Now()
	pager, clicked, events := pagerBody("incident.resolved", "gatehouse/7f3c"), press(t), `[{"event_type_id":5}]`
	long := strings.Repeat("x", 1<<20+1)
	mixed := slackSigned(signingSecret, clicked, now)
	mixed.Set("X-Slack-Request-Timestamp", unix(now.Add(time.Second)))
	otherTeam := press(t, func(p map[string]any) { p["team"] = map[string]string{"id": "T0OTHER"} })
	otherApp := press(t, func(p map[string]any) { p["api_app_id"] = "A0OTHER" })
	noTeam := press(t, func(p map[string]any) { delete(p, "team") })
	tests := map[string]struct {
		path, body string
		header     http.Header
		code       int
		status     string
	}{
		"no token":                   {"/webhooks/onelogin", events, http.Header{}, 401, badToken},
		"an empty token":             {"/webhooks/onelogin", events, token(""), 401, badToken},
		"another token":              {"/webhooks/onelogin", events, token("stolen"), 401, badToken},
		"half a token":               {"/webhooks/onelogin", events, token(eventSecret[:5]), 401, badToken},
		"a token and more":           {"/webhooks/onelogin", events, token(eventSecret + "x"), 401, badToken},
		"the token elsewhere":        {"/webhooks/onelogin?X-OneLogin-Token=" + eventSecret, events, http.Header{"Authorization": {"Bearer " + eventSecret}}, 401, badToken},
		"too long, without a token":  {"/webhooks/onelogin", long, http.Header{}, 401, badToken},
		"too many events":            {"/webhooks/onelogin", long, token(eventSecret), 413, "the body is larger than 1 MiB"},
		"events that are none":       {"/webhooks/onelogin", `event=5`, token(eventSecret), 400, badBody},
		"a list of something else":   {"/webhooks/onelogin", `[1,2]`, token(eventSecret), 400, badBody},
		"a text":                     {"/webhooks/onelogin", `"event"`, token(eventSecret), 400, badBody},
		"a line that is cut":         {"/webhooks/onelogin", "{\"a\":1}\n{\"a\":", token(eventSecret), 400, badBody},
		"pager: no signature":        {"/webhooks/pagerduty", pager, http.Header{}, 401, badPager},
		"pager: another secret":      {"/webhooks/pagerduty", pager, pagerSigned(pager, "stolen"), 401, badPager},
		"pager: an empty secret":     {"/webhooks/pagerduty", pager, pagerSigned(pager, ""), 401, badPager},
		"pager: a byte changed":      {"/webhooks/pagerduty", pager + " ", pagerSigned(pager, pagerSecret), 401, badPager},
		"pager: another version":     {"/webhooks/pagerduty", pager, http.Header{"X-Pagerduty-Signature": {"v2=" + mac(pagerSecret, pager)}}, 401, badPager},
		"pager: no body":             {"/webhooks/pagerduty", "", pagerSigned("", pagerSecret), 401, badPager},
		"pager: no JSON":             {"/webhooks/pagerduty", "x", pagerSigned("x", pagerSecret), 400, noEvent},
		"pager: version 2":           {"/webhooks/pagerduty", `{"messages":[]}`, pagerSigned(`{"messages":[]}`, pagerSecret), 400, noEvent},
		"pager: too long":            {"/webhooks/pagerduty", long, pagerSigned(long, pagerSecret), 413, "the body is larger than 1 MiB"},
		"slack: no signature":        {"/slack/interactions", clicked, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, 401, badSlack},
		"slack: another secret":      {"/slack/interactions", clicked, slackSigned("stolen", clicked, now), 401, badSlack},
		"slack: an empty secret":     {"/slack/interactions", clicked, slackSigned("", clicked, now), 401, badSlack},
		"slack: a byte changed":      {"/slack/interactions", clicked + "&x=1", slackSigned(signingSecret, clicked, now), 401, badSlack},
		"slack: another time":        {"/slack/interactions", clicked, mixed, 401, badSlack},
		"slack: six minutes old":     {"/slack/interactions", clicked, slackSigned(signingSecret, clicked, now.Add(-6*time.Minute)), 401, badSlack},
		"slack: from the future":     {"/slack/interactions", clicked, slackSigned(signingSecret, clicked, now.Add(6*time.Minute)), 401, badSlack},
		"slack: payload in the URL":  {"/slack/interactions?" + clicked, "", slackSigned(signingSecret, "", now), 400, noForm},
		"slack: no payload":          {"/slack/interactions", "a=b", slackSigned(signingSecret, "a=b", now), 400, noForm},
		"slack: payload is no JSON":  {"/slack/interactions", "payload=%7B", slackSigned(signingSecret, "payload=%7B", now), 400, noForm},
		"slack: too long":            {"/slack/interactions", long, slackSigned(signingSecret, long, now), 413, "the body is larger than 1 MiB"},
		"slack: another workspace":   {"/slack/interactions", otherTeam, slackSigned(signingSecret, otherTeam, now), 403, elsewhere},
		"slack: another app":         {"/slack/interactions", otherApp, slackSigned(signingSecret, otherApp, now), 403, elsewhere},
		"slack: no workspace at all": {"/slack/interactions", noTeam, slackSigned(signingSecret, noTeam, now), 403, elsewhere},
		"slack: GET is no delivery":  {"", "", nil, 405, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTeller(t)
			var got answer
			if tt.path == "" {
				got = d.do(httptest.NewRequest(http.MethodGet, "/slack/interactions?"+clicked, http.NoBody))
			} else {
				got = d.post(tt.path, tt.body, tt.header)
			}
			require.Equal(t, tt.code, got.code)
			require.Equal(t, tt.status, got.status)
			require.Zero(t, d.pokes)
			require.Zero(t, d.asked, "the ledger was asked about a delivery that is refused")
			require.Empty(t, d.signals)
			for _, secret := range []string{eventSecret, pagerSecret, signingSecret, "stolen", "a-7f3c", "U1"} {
				require.NotContains(t, d.log.String(), secret)
			}
		})
	}
}

// TestTellersWithoutSecrets: a gateway that was given no secret for a sender takes nothing from it.
func TestTellersWithoutSecrets(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string][]httpx.Secret{"none": nil, "an empty one": {""}} {
		d := newTeller(t, func(o *gateway.Options) {
			o.OneLoginSecrets, o.PagerDutySecrets, o.SlackSigningSecret = secrets, secrets, ""
		})
		pager, clicked := pagerBody("incident.resolved", "gatehouse/7f3c"), press(t)
		require.Equal(t, http.StatusUnauthorized, d.post("/webhooks/onelogin", `[{}]`, token("")).code, name)
		require.Equal(t, http.StatusUnauthorized, d.post("/webhooks/pagerduty", pager, pagerSigned(pager, "")).code, name)
		require.Equal(t, http.StatusUnauthorized, d.post("/slack/interactions", clicked, slackSigned("", clicked, time.Now())).code, name)
		require.Empty(t, d.signals)
		require.Zero(t, d.pokes)
	}
}

// TestAnyWorkspaceUnlessNamed: team and app are checked only where they are configured.
func TestAnyWorkspaceUnlessNamed(t *testing.T) {
	t.Parallel()
	d := newTeller(t, func(o *gateway.Options) { o.SlackTeam, o.SlackApp = "", "" })
	body := press(t, func(p map[string]any) { p["team"], p["api_app_id"] = map[string]string{"id": "T0OTHER"}, "A0OTHER" })
	require.Equal(t, http.StatusOK, d.post("/slack/interactions", body, slackSigned(signingSecret, body, time.Now())).code)
	require.Len(t, d.signals, 1)
}
