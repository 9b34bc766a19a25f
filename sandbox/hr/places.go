package hr

import (
	"encoding/json"
	"fmt"
	"time"

	// A machine without a time zone database has the same days.
	_ "time/tzdata"
)

// zones are the time zones of the tenant's places.
func zones() map[string]string {
	return map[string]string{
		"Berlin": "Europe/Berlin", "London": "Europe/London", "New York": "America/New_York",
		"San Francisco": "America/Los_Angeles", "Auckland": "Pacific/Auckland", "Honolulu": "Pacific/Honolulu",
	}
}

// todayAt is the latest day that has begun both at a place and in the HR system, which counts days in UTC.
func (s *Store) todayAt(place string) (time.Time, error) {
	now := s.now().UTC()
	zone, known := zones()[place]
	if !known {
		return now, nil
	}
	there, err := time.LoadLocation(zone)
	if err != nil {
		return now, fmt.Errorf("hr: the time zone of %s: %w", place, err)
	}
	if local := now.In(there); local.Format(time.DateOnly) < now.Format(time.DateOnly) {
		return local, nil
	}
	return now, nil
}

// placeOf is where the employee of an order works, once it is carried out.
func (s *Store) placeOf(o Order) (place string, err error) {
	if given, there := o.Fields["location"]; there {
		if err := json.Unmarshal(given, &place); err != nil {
			return "", fmt.Errorf("hr: field location must be a text: %w", err)
		}
		return place, nil
	}
	if profiles := s.Get(o.Source, o.EmployeeID); len(profiles) > 0 {
		place = profiles[len(profiles)-1].Location
	}
	return place, nil
}
