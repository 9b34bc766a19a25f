package workspace_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/google"
	"gatehouse/sandbox/server"
)

// TestConformance holds the way to Google to the promises of every connector.
func TestConformance(t *testing.T) {
	t.Parallel()
	first := newBench(t)
	email := first.user(first.usual).Email
	conformance.Run(t, conformance.Subject{
		System: workspace.System,
		Handler: func(t *testing.T) http.Handler {
			company := server.New(server.Options{People: 70, Seed: 7})
			t.Cleanup(company.Close)
			return company.Handler()
		},
		TokenPath: "/google/token",
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			key, err := google.ServiceAccountKey(env.BaseURL)
			require.NoError(t, err)
			c, err := workspace.New(workspace.Options{
				Credentials: httpx.Secret(key), Admin: superUser, Domain: domain, BaseURL: env.BaseURL + "/google", PageSize: 20, HTTP: env.HTTP,
				Timeout: env.Timeout, MaxBody: env.MaxBody,
			})
			require.NoError(t, err)
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					found, err := c.Find(ctx, target.FindRequest{Email: email})
					if err == nil && (len(found) != 1 || found[0].Ref.ID != first.usual) {
						return fmt.Errorf("found %d users", len(found))
					}
					return err
				},
				List: func(ctx context.Context) (int, error) { return listed(ctx, c) },
			}
		},
		Listed:  len(first.directory().Users),
		Planted: []string{superUser, email, "BEGIN PRIVATE KEY"},
		Fault: func(status int, text string) string {
			return fmt.Sprintf(`{"error":{"code":%d,"message":%q,"errors":[{"message":%q,"domain":"global","reason":"someReason"}]}}`, status, text, text)
		},
		NotApplicable: map[conformance.Case]string{
			conformance.RateLimitAs400: "Google answers 429, or 403 with a reason: TestQuotas has both",
		},
	})
}

// listed walks a list and counts the users.
func listed(ctx context.Context, c *workspace.Target) (int, error) {
	ids, in := map[string]bool{}, target.ListRequest{}
	for {
		page, err := c.List(ctx, in)
		if err != nil {
			return len(ids), err
		}
		for _, a := range page.Accounts {
			ids[a.Ref.ID] = true
		}
		if in.Cursor = page.Next; page.Next == "" {
			return len(ids), nil
		}
	}
}
