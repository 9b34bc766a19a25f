package codec_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/testing/protocmp"
)

const ui = "http://127.0.0.1:8233"

func TestEndpointOpensWhatWasSealed(t *testing.T) {
	t.Parallel()
	c := newCodec(t, "k1", map[string][]byte{"k1": key(t)})
	endpoint, err := c.Endpoint(ui + "/namespaces")
	require.NoError(t, err)
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)

	plain, err := converter.GetDefaultDataConverter().ToPayload(assessment())
	require.NoError(t, err)
	sealed, err := c.Encode([]*commonpb.Payload{plain})
	require.NoError(t, err)
	opened, err := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{Endpoint: server.URL}).Decode(sealed)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]*commonpb.Payload{plain}, opened, protocmp.Transform()))
}

func TestEndpointAnswersOneOrigin(t *testing.T) {
	t.Parallel()
	c := newCodec(t, "k1", map[string][]byte{"k1": key(t)})
	endpoint, err := c.Endpoint(ui)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		method, origin string
		status         int
		allowed        string
	}{
		"the UI asks first":           {http.MethodOptions, ui, http.StatusNoContent, ui},
		"the UI":                      {http.MethodPost, ui, http.StatusOK, ui},
		"the CLI":                     {http.MethodPost, "", http.StatusOK, ""},
		"another page":                {http.MethodPost, "https://evil.example", http.StatusForbidden, ""},
		"another page asks first":     {http.MethodOptions, "https://evil.example", http.StatusForbidden, ""},
		"another port of the machine": {http.MethodPost, "http://127.0.0.1:9999", http.StatusForbidden, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := httptest.NewRequest(tc.method, "/decode", strings.NewReader(`{"payloads":[]}`))
			if tc.origin != "" {
				req.Header.Set("Origin", tc.origin)
			}
			answer := httptest.NewRecorder()
			endpoint.ServeHTTP(answer, req)
			require.Equal(t, tc.status, answer.Code)
			require.Equal(t, tc.allowed, answer.Header().Get("Access-Control-Allow-Origin"))
		})
	}
	_, err = c.Endpoint("8233")
	require.ErrorContains(t, err, "temporal.ui")
}
