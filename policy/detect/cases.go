package detect

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Place is where an internet address is.
type Place struct {
	// Country is the two-letter ISO code, empty if it is not known.
	Country string `json:"country,omitempty"`
	// Located says that the coordinates, in degrees, are known.
	Located   bool    `json:"located,omitempty"`
	Latitude  float64 `json:"latitude,omitempty"`
	Longitude float64 `json:"longitude,omitempty"`
}

// earthKM is the earth's mean radius.
const earthKM = 6371.0

// DistanceKM is the length of the shortest way between two places over the globe.
func (a Place) DistanceKM(b Place) float64 {
	rad := func(deg float64) float64 { return deg * math.Pi / 180 }
	dLat, dLon := rad(b.Latitude-a.Latitude), rad(b.Longitude-a.Longitude)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(rad(a.Latitude))*math.Cos(rad(b.Latitude))*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthKM * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Hit is an event that a rule counts for one subject.
type Hit struct {
	Event int64
	At    time.Time
	// Place is needed by rules about travel.
	Place Place
}

// Case is a stretch of events that is one incident.
type Case struct {
	FirstEvent int64
	FirstAt    time.Time
	LastEvent  int64
	LastAt     time.Time
	// Events counts the events of the case: those in a window that reached the rule's count.
	Events int
}

// Cases works out the cases of one subject from what the rule counts for it. It is a function of the set of hits: their
// order and repetitions do not matter.
//
// An event is hot if it lies in a window, ending with some event, in which the rule's count is reached, or between two
// events in places too far apart. Hot events of which each is at most ReopenAfter after the one before form one case.
// A hit more only ever makes more events hot, so cases grow and merge, and never shrink, split or disappear.
func (r Rule) Cases(hits []Hit) []Case {
	sorted := slices.Clone(hits)
	slices.SortFunc(sorted, func(a, b Hit) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) })
	sorted = slices.CompactFunc(sorted, func(a, b Hit) bool { return a.Event == b.Event })
	hot := r.hot(sorted)
	var out []Case
	for i, h := range sorted {
		switch n := len(out); {
		case !hot[i]:
		case n > 0 && h.At.Sub(out[n-1].LastAt) <= r.ReopenAfter:
			out[n-1].LastEvent, out[n-1].LastAt = h.Event, h.At
			out[n-1].Events++
		default:
			out = append(out, Case{FirstEvent: h.Event, FirstAt: h.At, LastEvent: h.Event, LastAt: h.At, Events: 1})
		}
	}
	return out
}

// Reach says how far an event reaches: it can make others hot that are up to window away, and join cases that are up to
// quiet away from those.
func (r Rule) Reach() (window, quiet time.Duration) { return r.Within, r.ReopenAfter }

// hot marks the hits that belong to a case.
func (r Rule) hot(hits []Hit) []bool {
	hot := make([]bool, len(hits))
	marked := 0
	for j := range hits {
		start := r.trigger(hits, j)
		if start < 0 {
			continue
		}
		if r.Travel == nil {
			// Windows of a count begin in the order in which they end, so what the last one marked need not be marked again.
			start = max(start, marked)
		}
		for i := start; i <= j; i++ {
			hot[i] = true
		}
		marked = j + 1
	}
	return hot
}

// trigger returns where the earliest window begins that ends with hit j and fulfils the rule, or -1.
func (r Rule) trigger(hits []Hit, j int) int {
	if r.Travel == nil {
		i := j - r.Count + 1
		if i < 0 || hits[j].At.Sub(hits[i].At) > r.Within {
			return -1
		}
		return i
	}
	start := -1
	for i := j - 1; i >= 0 && hits[j].At.Sub(hits[i].At) <= r.Within; i-- {
		if r.Travel.impossible(hits[i], hits[j]) {
			start = i
		}
	}
	return start
}

// impossible reports whether nobody can have been in both places.
func (t Travel) impossible(a, b Hit) bool {
	km := a.Place.DistanceKM(b.Place)
	return km >= t.MinKM && km > t.SpeedKMH*b.At.Sub(a.At).Hours()
}
