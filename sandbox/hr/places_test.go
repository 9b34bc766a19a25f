package hr

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTodayIsADayThatHasBegunWhereTheEmployeeWorks(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ now, place, want string }{
		"it is still yesterday in Honolulu": {"2026-11-28T00:30:00Z", "Honolulu", "2026-11-27"},
		"at noon it is today in Honolulu":   {"2026-11-28T12:00:00Z", "Honolulu", "2026-11-28"},
		"HR's clock is behind Auckland":     {"2026-11-28T13:00:00Z", "Auckland", "2026-11-28"},
		"a place that nobody knows":         {"2026-11-28T00:30:00Z", "Atlantis", "2026-11-28"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, tc.now)
			require.NoError(t, err)
			s := NewStore(func() time.Time { return now }, nil)
			quoted := func(s string) json.RawMessage { return json.RawMessage(`"` + s + `"`) }
			hired, err := s.Do(Order{Source: Workday, Action: "hire", Fields: map[string]json.RawMessage{
				"first_name": quoted("Ada"), "last_name": quoted("Byron"), "location": quoted(tc.place), "hire_date": quoted("today"),
			}})
			require.NoError(t, err)
			require.Equal(t, tc.want, hired.Record.HireDate)
			left, err := s.Do(Order{Source: Workday, Action: "terminate", EmployeeID: hired.EmployeeID, Fields: map[string]json.RawMessage{"last_day": quoted("today")}})
			require.NoError(t, err)
			require.Equal(t, tc.want, left.Record.LastDay)
		})
	}
}
