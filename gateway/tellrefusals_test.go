package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/gateway"
	"gatehouse/internal/httpx"
)

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
			require.Empty(t, d.pressed)
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
		require.Empty(t, d.pressed)
		require.Zero(t, d.pokes)
	}
}

// TestAnyWorkspaceUnlessNamed: team and app are checked only where they are configured.
func TestAnyWorkspaceUnlessNamed(t *testing.T) {
	t.Parallel()
	d := newTeller(t, func(o *gateway.Options) { o.SlackTeam, o.SlackApp = "", "" })
	body := press(t, func(p map[string]any) { p["team"], p["api_app_id"] = map[string]string{"id": "T0OTHER"}, "A0OTHER" })
	require.Equal(t, http.StatusOK, d.post("/slack/interactions", body, slackSigned(signingSecret, body, time.Now())).code)
	require.Len(t, d.pressed, 1)
}
