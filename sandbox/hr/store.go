package hr

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Change is something that happened to a record.
type Change struct {
	Action string
	Record *Record
	// Fields are the canonical names of the fields that changed, in alphabetical order.
	Fields []string
	// Silent asks listeners to tell nobody outside.
	Silent bool
}

// Store is the records of all sources. It is safe for concurrent use.
type Store struct {
	mu      sync.RWMutex
	sources map[string]*source
	// planned are the records with a change that is still to take effect.
	planned map[string]*Record
	version atomic.Uint64
	humans  int

	now    func() time.Time
	listen func(Change)
}

// source is the records of one HR system, in the order of their ids.
type source struct {
	byID   map[string][]*Record
	byWID  map[string]*Record
	order  []string
	nextID int
	gone   map[string]time.Time
}

// NewStore returns an empty store. listen hears every change, after it is stored and with no lock held; it may be nil.
func NewStore(now func() time.Time, listen func(Change)) *Store {
	if listen == nil {
		listen = func(Change) {}
	}
	fresh := func(first int) *source {
		return &source{
			byID: map[string][]*Record{}, byWID: map[string]*Record{}, nextID: first, gone: map[string]time.Time{},
		}
	}
	return &Store{
		sources: map[string]*source{Workday: fresh(21001), BambooHR: fresh(101)},
		planned: map[string]*Record{},
		now:     now, listen: listen,
	}
}

// Version changes whenever a record does.
func (s *Store) Version() uint64 { return s.version.Load() }

// Get returns every profile under an employee id, oldest first; more than one only in Workday.
func (s *Store) Get(src, employeeID string) []*Record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.sources[src].byID[employeeID])
}

// GetWID returns a Workday profile by its own id, nil if there is none.
func (s *Store) GetWID(wid string) *Record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sources[Workday].byWID[wid]
}

// List returns a source's records in the order in which they were entered.
func (s *Store) List(src string) []*Record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	so := s.sources[src]
	out := make([]*Record, 0, len(so.order))
	for _, id := range so.order {
		out = append(out, so.byID[id]...)
	}
	return out
}

// Deleted returns the ids of deleted records and when they were deleted.
func (s *Store) Deleted(src string) map[string]time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make(map[string]time.Time, len(s.sources[src].gone))
	for id, at := range s.sources[src].gone {
		out[id] = at
	}
	return out
}

// insert stores a new record and gives it an id if it has none. The lock must be held.
func (s *Store) insert(r *Record) {
	so := s.sources[r.Source]
	if r.EmployeeID == "" {
		for so.byID[strconv.Itoa(so.nextID)] != nil {
			so.nextID++
		}
		r.EmployeeID = strconv.Itoa(so.nextID)
		so.nextID++
	}
	if r.Human == "" {
		s.humans++
		r.Human = "human-" + strconv.Itoa(s.humans)
	}
	if r.Source == Workday {
		// A worker who is renumbered keeps it.
		if r.WID == "" {
			r.WID = wid(r.EmployeeID, len(so.byID[r.EmployeeID]))
		}
		so.byWID[r.WID] = r
	}
	if len(so.byID[r.EmployeeID]) == 0 {
		so.order = append(so.order, r.EmployeeID)
	}
	so.byID[r.EmployeeID] = append(so.byID[r.EmployeeID], r)
	delete(so.gone, r.EmployeeID)
	s.version.Add(1)
}

// replace puts a changed copy in a record's place. The lock must be held.
func (s *Store) replace(old, changed *Record) {
	so := s.sources[old.Source]
	list := slices.Clone(so.byID[old.EmployeeID])
	list[slices.Index(list, old)] = changed
	so.byID[old.EmployeeID] = list
	if old.WID != "" {
		so.byWID[old.WID] = changed
	}
	s.version.Add(1)
}

// remove deletes every profile under an employee id. The lock must be held.
func (s *Store) remove(src, employeeID string) {
	so := s.sources[src]
	for _, r := range so.byID[employeeID] {
		delete(so.byWID, r.WID)
	}
	delete(so.byID, employeeID)
	so.order = slices.DeleteFunc(so.order, func(id string) bool { return id == employeeID })
	so.gone[employeeID] = s.now()
	s.version.Add(1)
}

// wid derives a 32-digit hexadecimal profile id.
func wid(employeeID string, profile int) string {
	const digits = "0123456789abcdef"
	h := uint64(14695981039346656037)
	for _, b := range []byte(employeeID) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h ^= uint64(profile) << 56
	out := make([]byte, 0, 32)
	for i := range 32 {
		if i == 16 {
			h = h*6364136223846793005 + 1442695040888963407
		}
		out = append(out, digits[(h>>(uint(i%16)*4))&15])
	}
	return string(out)
}
