package httpx_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/httpx"
)

// TestAPermitIsAskedBeforeEachWrite: reads need none, a write that is withheld reaches nobody, and neither does a token that others
// wait for need one.
func TestAPermitIsAskedBeforeEachWrite(t *testing.T) {
	t.Parallel()
	var got []string
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Method) }))
	defer site.Close()
	no := errors.New("it is switched off")
	allowed := 1
	ctx := httpx.WithPermit(t.Context(), func(context.Context) error {
		if allowed--; allowed < 0 {
			return no
		}
		return nil
	})
	send := func(ctx context.Context, method string) error {
		req, err := http.NewRequestWithContext(ctx, method, site.URL, nil)
		require.NoError(t, err)
		_, err = httpx.Send(http.DefaultClient, req, 1<<10)
		return err
	}
	require.NoError(t, send(ctx, http.MethodPut))
	require.NoError(t, send(ctx, http.MethodGet))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		err := send(ctx, method)
		require.ErrorIs(t, err, no)
		var withheld *httpx.Withheld
		require.ErrorAs(t, err, &withheld)
	}
	tokens := httpx.NewTokens(func(ctx context.Context) (httpx.Token, error) {
		return httpx.Token{Value: "t"}, send(ctx, http.MethodPost)
	}, time.Now)
	require.NoError(t, tokens.Do(ctx, func(httpx.Secret) (int, error) { return http.StatusOK, nil }))
	require.Equal(t, []string{"PUT", "GET", "POST"}, got)
}
