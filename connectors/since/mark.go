// Package since keeps the place from which on a system is asked for what has changed, where it tells that by times of whole seconds.
package since

import "time"

// Mark is such a place. The zero value asks for everything.
type Mark struct {
	// From is the first second of which changes may not have been shown.
	From time.Time `json:"f,omitzero"`
	// Newest is the latest change that was shown, At when that was first the case.
	Newest time.Time `json:"n,omitzero"`
	At     time.Time `json:"a,omitzero"`
}

// over is how long after a second was first shown it is over for certain.
const over = 2 * time.Second

// Next is the mark after an answer to a question for changes from m.From on. Newest is the latest that the answer shows, zero if it shows
// none, and now the time before the question was sent. More may happen within the second of the latest change, so that it is asked for
// until it is over: what is named then is named once more, and nothing is missed.
func (m Mark) Next(newest, now time.Time) Mark {
	newest = newest.UTC().Truncate(time.Second)
	switch {
	case newest.After(m.Newest) && !newest.Before(m.From):
		m.From, m.Newest, m.At = newest, newest, now.UTC()
	case !m.Newest.IsZero() && now.Sub(m.At) > over:
		if next := m.Newest.Add(time.Second); next.After(m.From) {
			m.From = next
		}
	}
	return m
}
