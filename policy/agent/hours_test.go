package agent_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/policy/agent"
)

func TestHours(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	office := agent.Hours{Days: []time.Weekday{time.Monday, time.Friday}, From: 7 * 60, To: 19 * 60, Zone: berlin}
	night := agent.Hours{Days: []time.Weekday{time.Friday}, From: 22 * 60, To: 6 * 60, Zone: berlin}
	for _, c := range []struct {
		hours agent.Hours
		at    string
		open  bool
	}{
		{agent.Hours{}, "2026-11-29T03:00:00+01:00", true},
		{office, "2026-11-30T07:00:00+01:00", true},
		{office, "2026-11-30T06:59:59+01:00", false},
		{office, "2026-11-30T19:00:00+01:00", false},
		{office, "2026-12-01T12:00:00+01:00", false}, // a Tuesday
		{night, "2026-12-04T22:00:00+01:00", true},
		{night, "2026-12-05T05:59:00+01:00", true}, // Saturday, of Friday's night
		{night, "2026-12-04T03:00:00+01:00", false},
		{night, "2026-12-05T22:30:00+01:00", false},
		{agent.Hours{Days: []time.Weekday{time.Sunday}, Zone: berlin}, "2026-11-28T23:30:00Z", true}, // Sunday in Berlin
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		require.NoError(t, err)
		require.Equal(t, c.open, c.hours.Open(at), c.at)
	}
}
