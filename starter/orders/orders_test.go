package orders

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/persons"
)

func TestParseUntil(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"72h": "2026-03-05T09:00:00Z", "2026-03-02": "2026-03-03T00:00:00Z", "2026-03-31T18:00:00+02:00": "2026-03-31T16:00:00Z",
	} {
		got, err := parseUntil(text, now)
		require.NoError(t, err)
		require.Equal(t, want, got.Format(time.RFC3339), text)
	}
	never, err := parseUntil("", now)
	require.NoError(t, err)
	require.Zero(t, never)
	for text, says := range map[string]string{
		"tomorrow": "write 72h", "2026-03-01": "over already", "-5m": "over already", "2026-13-01": "write 72h", "31.03.2026": "write 72h",
	} {
		_, err := parseUntil(text, now)
		require.ErrorContains(t, err, says, text)
	}
}

func TestStateOfAnOrder(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	at := func(o identity.Order, released time.Time) string {
		return stateOf(persons.OrderRecord{Order: o, Released: released, ReleasedBy: "grace", ReleaseReason: "sessions ended"}, now)
	}
	suspend := identity.Order{Kind: identity.OrderSuspend}
	require.Equal(t, "open", at(suspend, time.Time{}))
	require.Equal(t, "released by grace", at(suspend, now))
	require.Equal(t, "sessions ended", at(identity.Order{Kind: identity.OrderLogOut}, now))
	suspend.Until = now.Add(-time.Hour)
	require.Equal(t, "lapsed", at(suspend, time.Time{}))
}
