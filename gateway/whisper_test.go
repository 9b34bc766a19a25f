package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWhoeverPressedIsAnswered: what a run says of a press is for the eyes of whoever pressed, also where the run takes longer
// than Slack waits.
func TestWhoeverPressedIsAnswered(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]time.Duration{"at once": 0, "later than Slack waits": 2600 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whispers := make(chan map[string]any, 5)
			chat := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				var said map[string]any
				if json.NewDecoder(r.Body).Decode(&said) == nil {
					whispers <- said
				}
			}))
			defer chat.Close()
			d := newTeller(t)
			d.answer, d.slow = "<you> may not", slow
			site := httptest.NewServer(d.handler)
			defer site.Close()
			body := press(t, func(p map[string]any) { p["response_url"] = chat.URL })
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site.URL+"/slack/interactions", strings.NewReader(body))
			require.NoError(t, err)
			req.Header = slackSigned(signingSecret, body, time.Now())
			began := time.Now()
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, http.StatusOK, resp.StatusCode)
			require.Less(t, time.Since(began), 3*time.Second, "Slack has its answer in time")
			said := <-whispers
			require.Equal(t, "Your press of the button did not count: &lt;you&gt; may not", said["text"])
			require.Equal(t, "ephemeral", said["response_type"])
			require.Equal(t, false, said["replace_original"])
		})
	}
}

// TestAnswersGoToSlackOnly: an address that is not Slack's is told nothing.
func TestAnswersGoToSlackOnly(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"", "https://hooks.slack.com.evil.example/x", "http://hooks.slack.com/x", "https://127.0.0.1/x", "https://evil.example/hooks.slack.com", "x"} {
		d := newTeller(t)
		d.answer = "no"
		body := press(t, func(p map[string]any) { p["response_url"] = to })
		require.Equal(t, http.StatusOK, d.post("/slack/interactions", body, slackSigned(signingSecret, body, time.Now())).code)
		require.Contains(t, d.log.String(), "no response_url of Slack's", to)
	}
}
