// Package tenanttest asks one vendor over HTTP, as its clients do. Only tests import it.
package tenanttest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/tenant"
)

// New returns a tenant in which it is noon on a Monday.
func New() *tenant.Tenant {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return tenant.New(func() time.Time { return noon }, 1)
}

// Serve has a vendor answer until the test ends, closes it then, and returns its address.
func Serve(t *testing.T, base *tenant.Tenant, vendor tenant.Vendor, closes func()) string {
	t.Helper()
	server := httptest.NewServer(base.Handler(vendor))
	t.Cleanup(func() {
		server.Close()
		closes()
	})
	return server.URL + "/" + vendor.Name
}

// Reply is an answer read to its end.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Decode reads the body as JSON.
func (r Reply) Decode(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(r.Body), into), r.Body)
}

// Send sends a request with the header that set gives it, and reads the answer.
func Send(t *testing.T, method, url, body string, set func(r *http.Request)) Reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	set(req)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return Reply{resp.StatusCode, resp.Header, string(raw)}
}
