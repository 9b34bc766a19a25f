package replay

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// recordDeleted has an account deleted of somebody who left a month ago.
func recordDeleted(t *testing.T) {
	var ahead atomic.Int64
	s := kit.New(t, kit.Options{
		Clock:  func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		Policy: func(text string) string { return kit.Replace(t, text, "delete_after: never", "delete_after: 30d") },
	})
	s.Baseline()
	const key = "bamboohr-101"
	account := s.Account(key)
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	require.Equal(t, "access ended", s.Outcome(key).Result)
	const month = 31 * 24 * time.Hour
	ahead.Store(int64(month))
	require.NoError(t, s.Sandbox.Advance(t.Context(), month))
	s.Hint(key, "due")
	require.Equal(t, "accounts deleted", s.Outcome(key).Result)
	_, found, err := s.Sandbox.ByID(t.Context(), account.ID)
	require.NoError(t, err)
	require.False(t, found)
	write(s, leaverDeleted, api.PersonID(key))
}
