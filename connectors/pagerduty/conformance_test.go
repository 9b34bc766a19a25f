package pagerduty_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/pagerduty"
	sandbox "gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/tenant"
)

const dedupKey = "gatehouse/7f3c/1"

func trigger() pagerduty.Event {
	return pagerduty.Event{Action: "trigger", DedupKey: dedupKey, Summary: "Many failed sign-ins", Source: "Lovelace", Severity: "error"}
}

// account is a simulated account in which an alert was opened and resolved again and again.
func account(t *testing.T, incidents int) http.Handler {
	t.Helper()
	ground := tenant.New(nil, 1)
	p := sandbox.New(ground)
	t.Cleanup(p.Close)
	p.SetLimit(1_000_000)
	require.NoError(t, p.AddTarget(sandbox.Target{URL: "https://gatehouse.example/webhooks/pagerduty"}))
	handler := ground.Handler(p.Vendor())
	server := httptest.NewServer(handler)
	defer server.Close()
	c := client(server.URL, conformance.Env{HTTP: server.Client()})
	for range incidents {
		require.NoError(t, c.Send(t.Context(), trigger()))
		require.NoError(t, c.Send(t.Context(), pagerduty.Event{Action: "resolve", DedupKey: dedupKey}))
	}
	return handler
}

func client(base string, env conformance.Env) *pagerduty.Client {
	return pagerduty.New(pagerduty.Options{
		RoutingKey: sandbox.RoutingKey, Token: sandbox.ReadOnlyToken, BaseURL: base + "/pagerduty", EventsURL: base + "/pagerduty",
		HTTP: env.HTTP, Timeout: env.Timeout, MaxBody: env.MaxBody,
	})
}

// must is an error if nothing was found.
func must[T any](list []T, err error) error {
	if err == nil && len(list) == 0 {
		return fmt.Errorf("found nothing")
	}
	return err
}

const noTokens = "PagerDuty's token and key do not end and are part of the configuration"

func TestConformance(t *testing.T) {
	t.Parallel()
	const incidents = 205
	many, few := account(t, incidents), account(t, 1)
	calls := map[string]func(c *pagerduty.Client) func(context.Context) error{
		"REST": func(c *pagerduty.Client) func(context.Context) error {
			return func(ctx context.Context) error {
				list, err := c.Incidents(ctx, dedupKey)
				if err == nil && len(list) == 0 {
					return fmt.Errorf("found no incident")
				}
				return err
			}
		},
		"alerts": func(c *pagerduty.Client) func(context.Context) error {
			return func(ctx context.Context) error { return must(c.Alerts(ctx, "Q0000000000001")) }
		},
		"incident": func(c *pagerduty.Client) func(context.Context) error {
			return func(ctx context.Context) error { _, err := c.Incident(ctx, "Q0000000000001"); return err }
		},
		"subscriptions": func(c *pagerduty.Client) func(context.Context) error {
			return func(ctx context.Context) error {
				_, err := c.Subscriptions(ctx, func(string) bool { return false }) // Each that is wanted is another request.
				return err
			}
		},
		"events": func(c *pagerduty.Client) func(context.Context) error {
			return func(ctx context.Context) error { return c.Send(ctx, trigger()) }
		},
	}
	for name, read := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := conformance.Subject{
				System:  pagerduty.System,
				Handler: func(*testing.T) http.Handler { return few },
				New: func(_ *testing.T, env conformance.Env) conformance.Calls {
					return conformance.Calls{Read: read(client(env.BaseURL, env))}
				},
				Planted: []string{sandbox.RoutingKey, sandbox.ReadOnlyToken, "Lovelace"},
				Fault: func(status int, text string) string {
					if name == "events" {
						return fmt.Sprintf(`{"status":"invalid event","message":%q,"errors":[%q]}`, text, text)
					}
					return fmt.Sprintf(`{"error":{"code":%d,"message":%q,"errors":[%q]}}`, status, text, text)
				},
				NotApplicable: map[conformance.Case]string{
					conformance.TokenShared: noTokens, conformance.TokenExpired: noTokens, conformance.TokenRefused: noTokens,
					conformance.TokenRedirect:  noTokens,
					conformance.RateLimitAs400: "PagerDuty answers 429",
					conformance.Paging:         "events are not listed, and incidents are in a test of their own: one key rarely has two pages",
				},
			}
			conformance.Run(t, s)
		})
	}
	t.Run("paging", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(many)
		t.Cleanup(server.Close)
		list, err := client(server.URL, conformance.Env{HTTP: server.Client()}).Incidents(t.Context(), dedupKey)
		require.NoError(t, err)
		ids := map[string]bool{}
		for _, i := range list {
			ids[i.ID] = true
			require.Equal(t, "resolved", i.Status)
			require.False(t, i.Created.IsZero() || i.Changed.IsZero())
		}
		require.Len(t, ids, incidents)
	})
}
