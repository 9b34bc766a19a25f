package slack_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/conformance"
	"gatehouse/connectors/slack"
	sandbox "gatehouse/sandbox/slack"
)

// TestErrors sorts the many ways in which Slack reports failure.
func TestErrors(t *testing.T) {
	t.Parallel()
	named := func(code string) string { return `{"ok":false,"error":"` + code + `"}` }
	tests := map[string]struct {
		status int
		header string
		body   string
		kind   connectors.Kind
		code   string
		after  time.Duration
	}{
		"429 with a header":           {status: 429, header: "30", kind: connectors.KindRateLimited, after: 30 * time.Second},
		"429 without":                 {status: 429, kind: connectors.KindRateLimited},
		"200 and ratelimited":         {body: named("ratelimited"), kind: connectors.KindRateLimited, code: "ratelimited"},
		"the other spelling":          {body: named("rate_limited"), kind: connectors.KindRateLimited, code: "rate_limited"},
		"internal_error":              {body: named("internal_error"), kind: connectors.KindUnavailable, code: "internal_error"},
		"fatal_error":                 {body: named("fatal_error"), kind: connectors.KindUnavailable, code: "fatal_error"},
		"service_unavailable":         {body: named("service_unavailable"), kind: connectors.KindUnavailable, code: "service_unavailable"},
		"502":                         {status: 502, kind: connectors.KindUnavailable},
		"a proxy's 404":               {status: 404, kind: connectors.KindUnavailable},
		"a proxy's 407":               {status: 407, kind: connectors.KindUnavailable},
		"invalid_auth":                {body: named("invalid_auth"), kind: connectors.KindUnauthorized, code: "invalid_auth"},
		"token_revoked":               {body: named("token_revoked"), kind: connectors.KindUnauthorized, code: "token_revoked"},
		"missing_scope":               {body: named("missing_scope"), kind: connectors.KindUnauthorized, code: "missing_scope"},
		"not_in_channel":              {body: named("not_in_channel"), kind: connectors.KindUnauthorized, code: "not_in_channel"},
		"channel_not_found":           {body: named("channel_not_found"), kind: connectors.KindNotFound, code: "channel_not_found"},
		"is_archived":                 {body: named("is_archived"), kind: connectors.KindNotFound, code: "is_archived"},
		"invalid_blocks":              {body: named("invalid_blocks"), kind: connectors.KindInvalid, code: "invalid_blocks"},
		"something new and final":     {body: named("brand_new_error"), kind: connectors.KindInvalid, code: "brand_new_error"},
		"free text in place of names": {body: named("Ada.Byron@acme.example has left"), kind: connectors.KindInvalid},
		"no ok and no error":          {body: `{}`, kind: connectors.KindMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tt.header != "" {
					w.Header().Set("Retry-After", tt.header)
				}
				if tt.status != 0 {
					w.WriteHeader(tt.status)
				}
				_, _ = w.Write([]byte(tt.body)) // The client may be gone.
			}))
			t.Cleanup(site.Close)
			_, _, err := client(site.URL, conformance.Env{}).Post(t.Context(), sandbox.ChannelIT, slack.Message{Text: "Hello"})
			var e *connectors.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.kind, e.Kind, "%v", err)
			require.Equal(t, tt.code, e.Code)
			require.Equal(t, tt.after, e.RetryAfter)
			require.NotContains(t, e.Error(), "Ada")
		})
	}
}

// TestFoundByItsMarker: only messages of ours count, whoever else copies a marker.
func TestFoundByItsMarker(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(workspace(t, 205))
	t.Cleanup(site.Close)
	c := client(site.URL, conformance.Env{HTTP: site.Client()})
	at, found, err := c.Find(t.Context(), sandbox.ChannelIT, "0", time.Unix(0, 0))
	require.NoError(t, err)
	require.True(t, found, "it is on the second page")
	require.NotEmpty(t, at)
	_, found, err = c.Find(t.Context(), sandbox.ChannelIT, "999", time.Unix(0, 0))
	require.NoError(t, err)
	require.False(t, found)

	closed, err := c.Update(t.Context(), sandbox.ChannelIT, at, slack.Message{Text: "Over"})
	require.NoError(t, err)
	require.False(t, closed)
	again, found, err := c.Find(t.Context(), sandbox.ChannelIT, "0", time.Unix(0, 0))
	require.NoError(t, err)
	require.True(t, found, "an update leaves the marker")
	require.Equal(t, at, again)
	closed, err = c.Update(t.Context(), sandbox.ChannelIT, "1700000000.000001", slack.Message{Text: "Over"})
	require.NoError(t, err)
	require.True(t, closed, "there is no such message")
}

func TestPeopleAndChannels(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(workspace(t, 0))
	t.Cleanup(site.Close)
	c := client(site.URL, conformance.Env{HTTP: site.Client()})
	ctx := t.Context()
	ada, found, err := c.UserByEmail(ctx, adaEmail)
	require.NoError(t, err)
	require.True(t, found)
	_, found, err = c.UserByEmail(ctx, "nobody@acme.example")
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = c.User(ctx, "U0NOBODY")
	require.NoError(t, err)
	require.False(t, found)
	first, open, err := c.Direct(ctx, ada.ID)
	require.NoError(t, err)
	require.True(t, open)
	again, _, err := c.Direct(ctx, ada.ID)
	require.NoError(t, err)
	require.Equal(t, first, again)
	me, err := c.WhoAmI(ctx)
	require.NoError(t, err)
	require.Equal(t, sandbox.BotUserID, me.UserID)

	at, err := c.Channel(ctx, sandbox.ChannelIT)
	require.NoError(t, err)
	require.True(t, at.Member)
	require.NoError(t, c.Readable(ctx, sandbox.ChannelIT))
	at, err = c.Channel(ctx, sandbox.ChannelPrivate)
	require.NoError(t, err)
	require.False(t, at.Member)
	require.True(t, connectors.IsKind(c.Readable(ctx, sandbox.ChannelPrivate), connectors.KindUnauthorized), "the app is not in it")
}

// TestChannelErrorsSayWhatToDo, both possibilities where Slack hides which one it is.
func TestChannelErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for code, says := range map[string][]string{
		"channel_not_found":                   {"private and the app is not in it", "its id is wrong", "/invite"},
		"not_in_channel":                      {"/invite"},
		"is_archived":                         {"unarchive it"},
		"restricted_action_read_only_channel": {"let the app post there"},
		"missing_scope":                       {"docs/security.md"},
	} {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"ok":false,"error":"` + code + `"}`)) // The client may be gone.
		}))
		t.Cleanup(site.Close)
		_, _, err := client(site.URL, conformance.Env{}).Post(t.Context(), sandbox.ChannelIT, slack.Message{Text: "Hello"})
		for _, part := range says {
			require.ErrorContains(t, err, part, code)
		}
	}
}
