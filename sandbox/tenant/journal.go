package tenant

import (
	"maps"
	"sync"
	"time"
)

// Entry is one call in the journal.
type Entry struct {
	Seq     uint64    `json:"seq"`
	At      time.Time `json:"at"`
	System  string    `json:"system"`
	Method  string    `json:"method"`
	Path    string    `json:"path"`
	Op      string    `json:"op"`
	Subject string    `json:"subject"`
	// Effect says what the call changed; it is empty for a call that changed nothing.
	Effect string `json:"effect"`
	// Status is what was sent, 0 if the connection was dropped without a reply.
	Status int    `json:"status"`
	Client string `json:"client"`
	// Fault names the faults that acted on the call, such as "after:drop".
	Fault   string `json:"fault"`
	Unknown bool   `json:"unknown,omitempty"`
}

// maxEntries bounds the journal's memory: beyond it the oldest tenth is forgotten. Counts are kept for ever.
const maxEntries = 500_000

// Journal is every call in the order in which its effect was committed.
type Journal struct {
	mu      sync.RWMutex
	seq     uint64
	entries []*Entry
	effects []*Entry
	counts  map[string]map[string]int
}

// NewJournal returns an empty journal.
func NewJournal() *Journal { return &Journal{counts: map[string]map[string]int{}} }

// ContinueFrom makes the numbering go on where another journal's stands, so that a reader's position stays valid.
func (j *Journal) ContinueFrom(other *Journal) {
	other.mu.RLock()
	seq := other.seq
	other.mu.RUnlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq = seq
}

// append numbers the entry and keeps it.
func (j *Journal) append(e *Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq = j.seq
	j.entries = keep(j.entries, e)
	if e.Effect != "" {
		j.effects = keep(j.effects, e)
	}
	ops := j.counts[e.System]
	if ops == nil {
		ops = map[string]int{}
		j.counts[e.System] = ops
	}
	ops["total"]++
	ops[e.Op]++
}

func keep(list []*Entry, e *Entry) []*Entry {
	if len(list) >= maxEntries {
		list = append(make([]*Entry, 0, maxEntries), list[maxEntries/10:]...)
	}
	return append(list, e)
}

// Filter selects journal entries.
type Filter struct {
	// System is a vendor's name; empty means all.
	System string
	// Effects leaves out calls that changed nothing.
	Effects bool
	// Since leaves out entries up to and including this sequence number.
	Since uint64
	// Last, if positive, keeps only the newest so many.
	Last int
}

// List returns the entries that match, oldest first.
func (j *Journal) List(f Filter) []*Entry {
	j.mu.RLock()
	list := j.entries
	if f.Effects {
		list = j.effects
	}
	// Appending never changes what is already there, so the slice can be read without the lock.
	j.mu.RUnlock()

	var out []*Entry
	for i := len(list) - 1; i >= 0 && list[i].Seq > f.Since; i-- {
		if f.System != "" && list[i].System != f.System {
			continue
		}
		out = append(out, list[i])
		if f.Last > 0 && len(out) == f.Last {
			break
		}
	}
	for a, b := 0, len(out)-1; a < b; a, b = a+1, b-1 {
		out[a], out[b] = out[b], out[a]
	}
	return out
}

// Counts returns the number of calls per system and operation, with "total" for all of a system.
func (j *Journal) Counts() map[string]map[string]int {
	j.mu.RLock()
	defer j.mu.RUnlock()
	out := make(map[string]map[string]int, len(j.counts))
	for system, ops := range j.counts {
		out[system] = maps.Clone(ops)
	}
	return out
}

// Clear forgets every entry and every count. Sequence numbers go on, so that a reader's position stays valid.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.effects, j.counts = nil, nil, map[string]map[string]int{}
}
