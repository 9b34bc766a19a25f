package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestOnlyAnAnswerOf200IsHealthy(t *testing.T) {
	t.Parallel()
	for status, healthy := range map[int]bool{http.StatusOK: true, http.StatusServiceUnavailable: false, http.StatusNotFound: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		err := check(t.Context(), server.URL, "", "")
		server.Close()
		require.Equal(t, healthy, err == nil, "HTTP %d: %v", status, err)
		require.Error(t, check(t.Context(), server.URL, "", ""), "nobody listens any more")
	}
}

func TestExactlyOneQuestionIsAsked(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, check(t.Context(), "", "", ""), "either -url or -queue")
	require.ErrorContains(t, check(t.Context(), "http://127.0.0.1", "gatehouse", ""), "either -url or -queue")
}

// TestOnlyAFreshPollerOfThisHostCounts holds that a worker on another machine does not hide that ours is gone.
func TestOnlyAFreshPollerOfThisHostCounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		identity string
		ago      time.Duration
		want     bool
	}{
		"ours":                {identity: "1@box@", ago: time.Minute, want: true},
		"ours, long ago":      {identity: "1@box@", ago: 3 * time.Minute},
		"another's":           {identity: "1@other@", ago: time.Second},
		"another's, alike":    {identity: "1@box2@", ago: time.Second},
		"nobody ever polled":  {},
		"ours, with a suffix": {identity: "7@box@gatehouse", ago: time.Second, want: true},
	} {
		found := &workflowservice.DescribeTaskQueueResponse{}
		if c.identity != "" {
			found.Pollers = []*taskqueuepb.PollerInfo{{Identity: c.identity, LastAccessTime: timestamppb.New(now.Add(-c.ago))}}
		}
		require.Equal(t, c.want, heard(found, "box", now), name)
	}
}
