package onelogin_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
)

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (s *tenant) tokenCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens
}

func TestTokenEndsWhenItsCreationSaysSo(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := newTenant(t)
	// OneLogin hands out a token that was made nine hours ago and lives for ten: an hour is left, not ten.
	s.created = now.Now().Add(-9 * time.Hour)
	c := s.start(func(o *onelogin.Options) { o.Clock = now.Now })
	require.NoError(t, c.Ping(t.Context()))
	now.add(54 * time.Minute)
	require.NoError(t, c.Ping(t.Context()))
	require.Equal(t, 1, s.tokenCalls())

	now.add(time.Hour)
	s.set(func(s *tenant) { s.token, s.created = "tok-1", now.Now() })
	require.NoError(t, c.Ping(t.Context()))
	require.Equal(t, 2, s.tokenCalls())
	require.Len(t, s.calls(), 3, "the end was known, so no request was wasted on a 401")
}

// Near its end OneLogin still returns the same token; asking again with every call would be a flood.
func TestNearlyExpiredTokenIsNotAskedForWithEveryCall(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := newTenant(t)
	s.created = now.Now().Add(-10*time.Hour + 3*time.Minute)
	c := s.start(func(o *onelogin.Options) { o.Clock = now.Now })
	for range 20 {
		require.NoError(t, c.Ping(t.Context()))
	}
	require.Equal(t, 1, s.tokenCalls())
}

func TestTokenInVersion1Form(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.v1Token = true
	require.NoError(t, s.start().Ping(t.Context()))
}

func TestTokenIsSharedByViews(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start()
	var wg sync.WaitGroup
	for _, class := range []onelogin.Class{onelogin.People, onelogin.Containment, onelogin.Sweep} {
		for range 8 {
			wg.Go(func() {
				if _, err := c.For(class).User(t.Context(), 1); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	require.Equal(t, 1, s.tokenCalls())
}

// A missing scope is a 401 on version 1. It costs one renewal and ends as unauthorized.
func TestMissingScope(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) { v1Error(w, 401, 401, "Insufficient Permission") })
	err := s.start().LogOut(t.Context(), 1)
	require.True(t, connectors.IsKind(err, connectors.KindUnauthorized), "%v", err)
	require.Len(t, s.calls(), 2)
	require.Equal(t, 2, s.tokenCalls())
}

func TestManyRejectedCallsRenewTheTokenOnce(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start()
	require.NoError(t, c.Ping(t.Context()))
	// The old token stops working while eight calls are about to be sent with it.
	var waiting sync.WaitGroup
	waiting.Add(8)
	s.set(func(s *tenant) { s.token = "tok-1" })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			waiting.Done()
			waiting.Wait()
			if _, err := c.User(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, s.tokenCalls(), 3, "one for the start, one for all, one more for a straggler at most")
}
