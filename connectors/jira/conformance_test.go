package jira_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/jira"
	sandbox "gatehouse/sandbox/jira"
	"gatehouse/sandbox/tenant"
)

// site is a simulated site with one ticket that has more comments than fit on a page.
func site(t *testing.T, comments int) (handler http.Handler, ticket string) {
	t.Helper()
	ground := tenant.New(nil, 1)
	j := sandbox.New(ground)
	j.SetIndexLag(0)
	handler = ground.Handler(j.Vendor())
	server := httptest.NewServer(handler)
	defer server.Close()
	c := client(t, server.URL, conformance.Env{HTTP: server.Client()})
	ticket, err := c.Create(t.Context(), jira.Issue{
		Project: sandbox.ProjectIT, Type: "Task", Summary: "Lovelace", Description: "By hand.", Labels: []string{"gatehouse-1"}, Assignee: sandbox.AccountID,
	})
	require.NoError(t, err)
	for i := range comments {
		_, err := c.AddComment(t.Context(), ticket, fmt.Sprint("Lovelace ", i))
		require.NoError(t, err)
	}
	return handler, ticket
}

func client(t *testing.T, base string, env conformance.Env) *jira.Client {
	t.Helper()
	c, err := jira.New(jira.Options{
		BaseURL: base + "/jira", Cloud: true, User: sandbox.User, Token: sandbox.Token, HTTP: env.HTTP, Timeout: env.Timeout, MaxBody: env.MaxBody,
	})
	require.NoError(t, err)
	return c
}

func TestConformance(t *testing.T) {
	t.Parallel()
	const comments = 205
	handler, ticket := site(t, comments)
	noTokens := "Jira's token does not end and is part of the configuration"
	conformance.Run(t, conformance.Subject{
		System:  jira.System,
		Handler: func(*testing.T) http.Handler { return handler },
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			c := client(t, env.BaseURL, env)
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					now, err := c.Status(ctx, ticket)
					if err == nil && now.Name != "To Do" {
						return fmt.Errorf("the ticket is %q", now.Name)
					}
					return err
				},
				List: func(ctx context.Context) (int, error) {
					ids := map[string]bool{}
					for comment, err := range c.Comments(ctx, ticket) {
						if err != nil {
							return 0, err
						}
						ids[comment.ID] = true
					}
					return len(ids), nil
				},
			}
		},
		Listed:  comments,
		Planted: []string{sandbox.Token, sandbox.User, "Lovelace"},
		Fault: func(_ int, text string) string {
			return fmt.Sprintf(`{"errorMessages":[%q],"errors":{"assignee":%q}}`, text, text)
		},
		NotApplicable: map[conformance.Case]string{
			conformance.TokenShared: noTokens, conformance.TokenExpired: noTokens, conformance.TokenRefused: noTokens,
			conformance.TokenRedirect:    noTokens,
			conformance.RateLimitAs400:   "Jira answers 429 or 503; TestErrors has both",
			conformance.ServerErrorDelay: "Jira's 503 with Retry-After is a rate limit; TestErrors has it",
		},
	})
}
