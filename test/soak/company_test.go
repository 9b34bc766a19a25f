package soak

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// soak is one company's life.
type soak struct {
	*house
	seed         uint64
	rng          *rand.Rand
	people, days int
	rates        rates
	// began is the midnight of the first day.
	began time.Time

	// mu guards what polls and the generator both write.
	mu     sync.Mutex
	humans []*human
	byID   map[string]*human
	byKey  map[string]*human
	// accounts are those that were there at the beginning, as they were.
	accounts map[int64]control.Person
	ofHuman  map[string][]control.Person
	outages  []outage
	// life ends with the database that Temporal's runs are in.
	life context.Context
	end  context.CancelFunc

	judge judge
	// control is the machine's and Temporal's own time, searching the same with as many requests as a search makes.
	control, searching *group
	// questions are those that were ever seen open; order and mend are of what breaks, broken counts it.
	questions map[string]question
	order     []int
	mend      func()
	broken    map[string]int
	// decided counts the answers that were given.
	decided map[string]int
	counted counted
}

// outage is a time in which something that a containment needs did not work.
type outage struct {
	what     string
	from, to time.Time
}

// newSoak founds a company, before Gatehouse first looks at it.
func newSoak(t *testing.T, people, days int, seed uint64) *soak {
	t.Helper()
	first := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	s := &soak{
		house: newHouse(t, people, seed, first), seed: seed, rng: rand.New(rand.NewPCG(seed, 0x50a6)), people: people, days: days,
		byID: map[string]*human{}, byKey: map[string]*human{}, accounts: map[int64]control.Person{}, ofHuman: map[string][]control.Person{},
		rates: stress, questions: map[string]question{}, broken: map[string]int{}, decided: map[string]int{},
		counted: counted{all: map[raisedItem]worklist.Item{}, open: map[raisedItem]time.Time{}},
	}
	s.judge = newJudge(s)
	s.control, s.searching = startControl(s, 0, controlEvery), startControl(s, searchCalls, searchEvery)
	s.newLife()
	t.Cleanup(func() { s.end(); s.close() })
	s.found()
	return s
}

// stream makes the draws of one thing that happens its own: what comes of one does not change what happens else.
func (s *soak) stream(d, i int) *rand.Rand {
	return rand.New(rand.NewPCG(s.seed, uint64(d)<<32|uint64(i)))
}

// found reads who is there. It is the only time that the generator asks the sandbox who somebody is.
func (s *soak) found() {
	s.t.Helper()
	var state struct {
		HR       map[string][]*record `json:"hr"`
		OneLogin struct {
			Users []control.Person `json:"users"`
		} `json:"onelogin"`
	}
	require.NoError(s.t, s.sandbox.State(s.t.Context(), &state))
	for _, source := range []string{"workday", "bamboohr"} {
		for _, r := range state.HR[source] {
			if r.LastDay != "" {
				r.leave = r.leaveMoment(r.LastDay, false, s.clock.First.AddDate(-1, 0, 0))
			}
			s.enter(r)
		}
	}
	for i := range state.OneLogin.Users {
		a := state.OneLogin.Users[i]
		s.ofHuman[a.Owner] = append(s.ofHuman[a.Owner], a)
	}
	s.soil()
}

// enter adds an employment to the truth.
func (s *soak) enter(r *record) *human {
	p := s.byID[r.Human]
	if p == nil {
		p = &human{id: r.Human}
		s.byID[r.Human] = p
		s.humans = append(s.humans, p)
	}
	p.records = append(p.records, r)
	s.byKey[r.key()] = p
	return p
}

// working lists who is here to stay, in a fixed order.
func (s *soak) working(at time.Time) []*human {
	var all []*human
	for _, p := range s.humans {
		if p.works(at) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *human) int { return cmp.Compare(a.id, b.id) })
	return all
}

// anybody is one of those who work here, nil if there is nobody who fits.
func (s *soak) anybody(at time.Time, fits func(*human) bool) *human {
	all := s.working(at)
	for range 200 {
		if p := all[s.rng.IntN(len(all))]; fits == nil || fits(p) {
			return p
		}
	}
	return nil
}

// down notes an outage. Up ends it.
func (s *soak) down(what string) (up func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outages = append(s.outages, outage{what: what, from: s.clock.Now()})
	i := len(s.outages) - 1
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.outages[i].to = s.clock.Now()
	}
}

// quietSince is from when nothing but Gatehouse itself kept a containment up that was due at a moment: each outage that came
// before it could be carried out begins it anew. Unfinished says that one still goes on.
func (s *soak) quietSince(due time.Time, within time.Duration) (at time.Time, unfinished bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for changed := true; changed; {
		changed = false
		for _, o := range s.outages {
			if o.from.After(due.Add(within)) {
				continue
			}
			if o.to.IsZero() {
				return due, true
			}
			if o.to.After(due) {
				due, changed = o.to, true
			}
		}
	}
	return due, false
}

// newLife begins with a database of Temporal's.
func (s *soak) newLife() { s.life, s.end = context.WithCancel(s.t.Context()) }
