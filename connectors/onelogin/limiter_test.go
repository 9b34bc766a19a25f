package onelogin_test

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
)

func TestClassesStopAtTheirFloors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		remaining                         int
		people, sweep, watch, containment bool
	}{
		"plenty":           {1000, true, true, true, true},
		"above sweep":      {301, true, true, true, true},
		"at sweep's floor": {300, true, false, true, true},
		"above people":     {101, true, false, true, true},
		"at people's":      {100, false, false, true, true},
		"one call":         {1, false, false, true, true},
		"nothing":          {0, false, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			s := newTenant(t)
			s.created = now.Now()
			s.quota = []int{1000, tc.remaining, 600}
			c := s.start(func(o *onelogin.Options) { o.Clock = now.Now })
			require.NoError(t, c.Ping(t.Context()))
			s.calls()
			for class, sent := range map[onelogin.Class]bool{
				onelogin.People: tc.people, onelogin.Sweep: tc.sweep, onelogin.Watch: tc.watch, onelogin.Containment: tc.containment,
			} {
				_, err := c.For(class).User(t.Context(), 1)
				if sent {
					require.NoError(t, err)
					require.Len(t, s.calls(), 1)
					continue
				}
				var e *connectors.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, connectors.KindRateLimited, e.Kind)
				if class == onelogin.Watch {
					require.Equal(t, 30*time.Second, e.RetryAfter, "others may learn before that there is quota again")
				} else {
					require.Equal(t, 10*time.Minute, e.RetryAfter)
				}
				require.Zero(t, e.Status)
				require.Empty(t, s.calls(), "a refused call must not be sent")
			}
			// The next hour begins with a full quota.
			now.add(10 * time.Minute)
			s.set(func(s *tenant) { s.quota[1] = 999 })
			_, err := c.For(onelogin.Sweep).User(t.Context(), 1)
			require.NoError(t, err)
			require.Equal(t, 999, c.RateLimit().Remaining)
		})
	}
}

func TestCallsInTheAirCount(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.quota = []int{100, 15, 600}
	c := s.start()
	require.NoError(t, c.Ping(t.Context()))
	release := make(chan struct{})
	// Let go before the server closes, which waits for its handlers: a failure must not turn into a hang.
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)
	var arrived atomic.Int64
	five := make(chan struct{})
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		// Five calls wait here, without the tenant's lock. Any further one, which there must not be, is answered.
		switch n := arrived.Add(1); {
		case n == 5:
			close(five)
			fallthrough
		case n < 5:
			s.mu.Unlock()
			<-release
			s.mu.Lock()
		}
		reply(w, 200, user(1, "ada", adaEmail, "", nil))
	})
	read := func() error {
		_, err := c.User(t.Context(), 1)
		return err
	}
	results := make(chan error, 5)
	for range 5 {
		go func() { results <- read() }()
	}
	<-five
	// 15 left, 5 in the air, 10 are the floor.
	for range 35 {
		err := read()
		require.True(t, connectors.IsKind(err, connectors.KindRateLimited), "%v", err)
	}
	letGo()
	for range 5 {
		require.NoError(t, <-results)
	}
	require.EqualValues(t, 5, arrived.Load())
}

func TestRateLimitPausesAllButContainment(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter){
		"429": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "30")
			v2Error(w, 429, "TooManyRequestsError", "slow down")
		},
		"400": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "30")
			v1Error(w, 400, 400, "rate_limit_exceeded")
		},
		"400 with description": func(w http.ResponseWriter) {
			w.Header().Set("X-RateLimit-Reset", "30")
			v1Error(w, 400, 400, map[string]any{"description": "rate_limit_exceeded", "attribute": "x"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			s := newTenant(t)
			s.created = now.Now()
			c := s.start(func(o *onelogin.Options) { o.Clock = now.Now })
			s.answerWith(func(w http.ResponseWriter, _ *http.Request) { answer(w) })
			_, err := c.User(t.Context(), 1)
			var e *connectors.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, connectors.KindRateLimited, e.Kind)
			require.Equal(t, 30*time.Second, e.RetryAfter)

			s.calls()
			_, err = c.User(t.Context(), 1)
			require.True(t, connectors.IsKind(err, connectors.KindRateLimited))
			require.Empty(t, s.calls(), "the pause is kept without asking again")

			_, err = c.For(onelogin.Containment).User(t.Context(), 1)
			require.ErrorAs(t, err, &e)
			require.Equal(t, connectors.KindRateLimited, e.Kind)
			require.Equal(t, 10*time.Second, e.RetryAfter, "containment does not wait for as long as OneLogin wants")
			require.NotEmpty(t, s.calls())

			s.set(func(s *tenant) { s.hook = nil })
			_, err = c.For(onelogin.Containment).User(t.Context(), 1)
			require.NoError(t, err, "containment is always sent")
			_, err = c.User(t.Context(), 1)
			require.NoError(t, err, "and its success shows that the limit is lifted")
		})
	}
}

func TestPauseEndsByItself(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := newTenant(t)
	s.created = now.Now()
	c := s.start(func(o *onelogin.Options) { o.Clock = now.Now })
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) { v2Error(w, 429, "TooManyRequestsError", "") })
	require.Error(t, c.Lock(t.Context(), 1, 5))
	s.set(func(s *tenant) { s.hook = nil })
	_, err := c.User(t.Context(), 1)
	require.True(t, connectors.IsKind(err, connectors.KindRateLimited))
	now.add(time.Minute)
	_, err = c.User(t.Context(), 1)
	require.NoError(t, err)
}

func TestPingReadsTheQuota(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := newTenant(t)
	s.created = now.Now()
	c := s.start(func(o *onelogin.Options) { o.Clock = now.Now })
	require.False(t, c.RateLimit().Known)
	require.NoError(t, c.Ping(t.Context()))
	require.Equal(t, onelogin.RateState{
		Limit: 5000, Remaining: 4321, ResetAt: now.Now().Add(30 * time.Minute), Known: true,
	}, c.RateLimit())
}

// Three classes at once on a quota that sinks by one with every call: each stops near its floor, containment never.
func TestClassesConcurrently(t *testing.T) {
	t.Parallel()
	const callers, each = 8, 40
	s := newTenant(t)
	s.quota = []int{400, 400, 600}
	s.set(func(s *tenant) {
		s.hook = func(http.ResponseWriter, *http.Request, []byte) bool {
			s.quota[1] = max(0, s.quota[1]-1)
			return false
		}
	})
	c := s.start()
	require.NoError(t, c.Ping(t.Context()))
	var sent [3]atomic.Int64
	var wg sync.WaitGroup
	for class := range sent {
		view := c.For(onelogin.Class(class))
		for range callers {
			wg.Go(func() {
				for range each {
					_, err := view.User(t.Context(), 1)
					var e *connectors.Error
					switch {
					case err == nil:
						sent[class].Add(1)
					case errors.As(err, &e) && e.Kind == connectors.KindRateLimited:
					default:
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	require.EqualValues(t, callers*each, sent[onelogin.Containment].Load())
	// What people and sweeps sent can never have gone below the floor: 90 % of the quota is all there was for them.
	require.LessOrEqual(t, sent[onelogin.People].Load()+sent[onelogin.Sweep].Load(), int64(360))
	require.LessOrEqual(t, sent[onelogin.Sweep].Load(), int64(280))
	require.Positive(t, sent[onelogin.People].Load())
}
