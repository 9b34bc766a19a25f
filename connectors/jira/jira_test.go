package jira_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/conformance"
	"gatehouse/connectors/jira"
	sandbox "gatehouse/sandbox/jira"
)

// TestErrors sorts what Jira answers, whose bodies quote what was sent and are not read.
func TestErrors(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
	tests := map[string]struct {
		status int
		header string
		kind   connectors.Kind
		after  time.Duration
	}{
		"429":                     {status: 429, header: "17", kind: connectors.KindRateLimited, after: 17 * time.Second},
		"429 with a date":         {status: 429, header: soon, kind: connectors.KindRateLimited, after: time.Minute},
		"503 with a pause":        {status: 503, header: "5", kind: connectors.KindRateLimited, after: 5 * time.Second},
		"503":                     {status: 503, kind: connectors.KindUnavailable},
		"500":                     {status: 500, kind: connectors.KindUnavailable},
		"401":                     {status: 401, kind: connectors.KindUnauthorized},
		"403":                     {status: 403, kind: connectors.KindUnauthorized},
		"404":                     {status: 404, kind: connectors.KindNotFound},
		"409":                     {status: 409, kind: connectors.KindInvalid},
		"410 of a retired search": {status: 410, kind: connectors.KindNotFound},
		"400":                     {status: 400, kind: connectors.KindInvalid},
		"201 that cannot be read": {status: 201, kind: connectors.KindMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tt.header != "" {
					w.Header().Set("Retry-After", tt.header)
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte("Ada Byron cannot be assigned issues")) // The client may be gone.
			}))
			t.Cleanup(server.Close)
			_, err := client(t, server.URL, conformance.Env{}).Create(t.Context(), jira.Issue{Project: "IT", Type: "Task", Summary: "Ada"})
			var e *connectors.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.kind, e.Kind, "%v", err)
			require.InDelta(t, tt.after.Seconds(), e.RetryAfter.Seconds(), 2)
			require.NotContains(t, e.Error(), "Ada")
		})
	}
}

func TestIssueFromMakingToDone(t *testing.T) {
	t.Parallel()
	handler, ticket := site(t, 1)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, ctx := client(t, server.URL, conformance.Env{HTTP: server.Client()}), t.Context()
	require.NoError(t, c.Myself(ctx))
	require.NoError(t, c.Searchable(ctx, sandbox.ProjectIT))
	require.Error(t, c.Searchable(ctx, "NOPE"))
	key, found, err := c.FindByLabel(ctx, sandbox.ProjectIT, "gatehouse-1")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, ticket, key)
	_, found, err = c.FindByLabel(ctx, sandbox.ProjectIT, `gatehouse-1" OR project = "IT`)
	require.NoError(t, err)
	require.False(t, found, "a label is no JQL")

	offered, err := c.Transitions(ctx, ticket)
	require.NoError(t, err)
	var done string
	for _, way := range offered {
		if way.To.Done {
			done = way.ID
		}
	}
	require.NotEmpty(t, done)
	require.NoError(t, c.Move(ctx, ticket, done))
	now, err := c.Status(ctx, ticket)
	require.NoError(t, err)
	require.True(t, now.Done)
	require.True(t, connectors.IsKind(c.Move(ctx, ticket, done), connectors.KindInvalid), "what was done is not offered again")
}
