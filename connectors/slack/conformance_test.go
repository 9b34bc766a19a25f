package slack_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/slack"
	sandbox "gatehouse/sandbox/slack"
	"gatehouse/sandbox/tenant"
)

const adaEmail = "ada.lovelace@acme.example"

// workspace is a simulated workspace with Ada in it and more messages in a channel than fit on a page.
func workspace(t *testing.T, messages int) http.Handler {
	t.Helper()
	ground := tenant.New(nil, 1)
	s := sandbox.New(ground)
	t.Cleanup(s.Close)
	s.AddUser(101, adaEmail, "Ada", "Lovelace")
	handler := ground.Handler(s.Vendor())
	site := httptest.NewServer(handler)
	defer site.Close()
	c := client(site.URL, conformance.Env{HTTP: site.Client()})
	for i := range messages {
		_, _, err := c.Post(t.Context(), sandbox.ChannelIT, slack.Message{Text: "Hello", Marker: fmt.Sprint(i)})
		require.NoError(t, err)
	}
	return handler
}

func client(base string, env conformance.Env) *slack.Client {
	return slack.New(slack.Options{
		Token: sandbox.BotToken, BaseURL: base + "/slack/api", HTTP: env.HTTP, Timeout: env.Timeout, MaxBody: env.MaxBody,
	})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	const messages = 205
	handler := workspace(t, messages)
	noTokens := "Slack's token does not end and is part of the configuration"
	conformance.Run(t, conformance.Subject{
		System:  slack.System,
		Handler: func(*testing.T) http.Handler { return handler },
		New: func(_ *testing.T, env conformance.Env) conformance.Calls {
			c := client(env.BaseURL, env)
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					u, found, err := c.UserByEmail(ctx, adaEmail)
					if err == nil && (!found || u.Email != adaEmail) {
						return errors.New("found somebody else")
					}
					return err
				},
				List: func(ctx context.Context) (int, error) {
					markers := map[string]bool{}
					for m, err := range c.Messages(ctx, sandbox.ChannelIT, time.Unix(0, 0)) {
						if err != nil {
							return 0, err
						}
						markers[m.Marker] = true
					}
					return len(markers), nil
				},
			}
		},
		Listed:  messages,
		Planted: []string{sandbox.BotToken, adaEmail, "Lovelace"},
		Fault:   func(_ int, text string) string { return fmt.Sprintf(`{"ok":false,"error":%q}`, text) },
		NotApplicable: map[conformance.Case]string{
			conformance.TokenShared: noTokens, conformance.TokenExpired: noTokens, conformance.TokenRefused: noTokens,
			conformance.TokenRedirect:  noTokens,
			conformance.RateLimitAs400: "Slack answers 429, or 200 with a name; TestErrors has both",
			conformance.NotFoundReported: "Slack says that something is not found by a name, with HTTP 200; a 404 comes from something " +
				"in between and is repeated; TestErrors has both",
		},
	})
}
