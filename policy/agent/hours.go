package agent

import (
	"slices"
	"time"
)

// Hours are when an agent gets answers. The zero value is always.
type Hours struct {
	// Days are the days of the week, none for every day.
	Days []time.Weekday
	// From and To are minutes of the day in Zone, To not included. From after To is a night; equal is the whole day.
	From, To int
	Zone     *time.Location
}

// Open reports that the agent gets answers at an instant. The part of a night after midnight belongs to the day that it began on.
func (h Hours) Open(at time.Time) bool {
	if h.Zone == nil {
		return true
	}
	local := at.In(h.Zone)
	minute, day := local.Hour()*60+local.Minute(), local.Weekday()
	switch {
	case h.From == h.To:
	case h.From < h.To:
		if minute < h.From || minute >= h.To {
			return false
		}
	case minute < h.To:
		day = (day + 6) % 7
	case minute < h.From:
		return false
	}
	return len(h.Days) == 0 || slices.Contains(h.Days, day)
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
