package hr

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Planned is a change that HR has entered and that takes effect on a day to come.
type Planned struct {
	On     string                     `json:"on"`
	Fields map[string]json.RawMessage `json:"fields"`
}

// plan notes a change for a day to come, or calls the one that is planned off. The lock must be held.
func (s *Store) plan(r *Record, on json.RawMessage, fields map[string]json.RawMessage) {
	// absolute has checked that it is a text.
	day := strings.Trim(string(on), `"`)
	r.Planned = nil
	delete(s.planned, r.Source+"-"+r.EmployeeID)
	if day == "" {
		return
	}
	rest := maps.Clone(fields)
	delete(rest, "effective_on")
	r.Planned = &Planned{On: day, Fields: rest}
	s.planned[r.Source+"-"+r.EmployeeID] = r
}

// Due puts the changes into effect whose day has come, and tells the listener, as HR systems do.
func (s *Store) Due() {
	today := s.now().Format(time.DateOnly)
	var due []*Record
	s.mu.Lock()
	for _, r := range s.planned {
		if r.Planned.On <= today {
			due = append(due, r)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(due, func(a, b *Record) int { return strings.Compare(a.EmployeeID, b.EmployeeID) })
	for _, r := range due {
		fields := maps.Clone(r.Planned.Fields)
		s.mu.Lock()
		delete(s.planned, r.Source+"-"+r.EmployeeID)
		s.mu.Unlock()
		// The record was there when the change was entered; one that is gone has nothing to change.
		_, _ = s.amend(Order{Source: r.Source, Action: "change", EmployeeID: r.EmployeeID}, fields)
	}
}
