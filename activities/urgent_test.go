package activities_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/alerts"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
)

// TestUrgentWithoutAPagerIsAlerted: a company without a pager is told through the address for alerts, once, and an address
// that refuses is tried again.
func TestUrgentWithoutAPagerIsAlerted(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var posted []string
	answer := http.StatusForbidden
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		mu.Lock()
		defer mu.Unlock()
		if err == nil && answer == http.StatusOK {
			posted = append(posted, string(body))
		}
		w.WriteHeader(answer)
	}))
	t.Cleanup(site.Close)
	r := newRig(t, rigOptions{config: func(c *config.Config) {
		c.PagerDuty = config.PagerDuty{}
		c.Alerts.URL, c.Alerts.Secret, c.Alerts.Format = httpx.Secret(site.URL), "s3cret", alerts.FormatJSON
	}})
	_, err := r.run(api.PagerDutyEvent, trigger())
	require.Error(t, err)
	mu.Lock()
	answer = http.StatusOK
	mu.Unlock()
	for range 2 {
		r.must(api.PagerDutyEvent, trigger())
		r.restart()
	}
	require.Len(t, posted, 1)
	require.Contains(t, posted[0], trigger().Summary)
}

// TestWhoCanBeWoken: an assessment says so, and nobody is woken where the template only observes.
func TestWhoCanBeWoken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy []string
		config func(*config.Config)
		want   bool
	}{
		"a pager":                    {want: true},
		"no pager":                   {config: func(c *config.Config) { c.PagerDuty = config.PagerDuty{} }},
		"no pager, alerts":           {config: func(c *config.Config) { c.PagerDuty, c.Alerts.URL = config.PagerDuty{}, "https://alerts.example" }, want: true},
		"the template only observes": {policy: []string{"offboarding: enforce", "offboarding: observe"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{policy: tt.policy, config: tt.config})
			require.Equal(t, tt.want, r.assess("workday-21002").Pages)
		})
	}
}
