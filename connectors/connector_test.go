package connectors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]connectors.Error{
		"onelogin: suspend user 42: rate limited (HTTP 429), retry after 30s: wait for the quota to recover": {
			System: "onelogin", Op: "suspend user 42", Kind: connectors.KindRateLimited, Status: 429, RetryAfter: 30 * time.Second,
		},
		"onelogin: create user: conflict (HTTP 422, username_taken): read the current state and decide again": {
			System: "onelogin", Op: "create user", Kind: connectors.KindConflict, Status: 422, Code: "username_taken",
		},
		"workday: read roster report: unavailable: connection reset: repeat later": {
			System: "workday", Op: "read roster report", Kind: connectors.KindUnavailable, Err: errors.New("connection reset"),
		},
	} {
		require.Equal(t, want, e.Error())
	}
}

func TestEveryKindSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, k := range []connectors.Kind{
		connectors.KindNotFound, connectors.KindConflict, connectors.KindRateLimited, connectors.KindUnauthorized,
		connectors.KindInvalid, connectors.KindUnavailable, connectors.KindRefused, connectors.KindMalformed,
	} {
		e := &connectors.Error{System: "s", Op: "o", Kind: k}
		require.Greater(t, len(e.Error()), len("s: o: ")+len(k)+2, "%s has no advice", k)
	}
}

func TestIsKindSeesThroughWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("step: %w", &connectors.Error{Kind: connectors.KindNotFound, Err: context.Canceled})
	require.True(t, connectors.IsKind(err, connectors.KindNotFound))
	require.False(t, connectors.IsKind(err, connectors.KindInvalid))
	require.False(t, connectors.IsKind(nil, connectors.KindNotFound))
	require.False(t, connectors.IsKind(context.Canceled, connectors.KindUnavailable))
	require.ErrorIs(t, err, context.Canceled)
}

func TestKindOfStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]connectors.Kind{
		400: connectors.KindInvalid, 401: connectors.KindUnauthorized, 403: connectors.KindUnauthorized,
		404: connectors.KindNotFound, 408: connectors.KindUnavailable, 409: connectors.KindConflict,
		410: connectors.KindNotFound, 422: connectors.KindInvalid, 429: connectors.KindRateLimited,
		500: connectors.KindUnavailable, 503: connectors.KindUnavailable,
	} {
		require.Equal(t, want, connectors.KindOfStatus(status), "%d", status)
	}
}

func TestStableCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"NotFoundError": "NotFoundError", "bad request": "bad_request", " A-1_b ": "A-1_b",
		"": "", "ada@example.com": "", "Ada, not found": "", "Größe": "", "Ada Lovelace": "", "5551234": "",
		"a name that is far too long to be a name of an error": "",
	} {
		require.Equal(t, want, connectors.StableCode(in), in)
	}
}

func TestMalformedShowsNoValues(t *testing.T) {
	t.Parallel()
	var into struct {
		Phone bool `json:"phone"`
	}
	for _, body := range []string{`{"phone": 5551234}`, `{"phone": "5551234"}`, `5551234x`} {
		err := connectors.Malformed("s", "o", 200, json.Unmarshal([]byte(body), &into))
		require.NotContains(t, err.Error(), "5551234")
		require.Equal(t, connectors.KindMalformed, err.Kind)
	}
}

func TestFromTransport(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]connectors.Kind{
		httpx.ErrRedirect: connectors.KindRefused, httpx.ErrTooLarge: connectors.KindMalformed,
		context.DeadlineExceeded: connectors.KindUnavailable,
	} {
		require.Equal(t, want, connectors.FromTransport("s", "o", fmt.Errorf("x: %w", cause)).Kind)
	}
}
