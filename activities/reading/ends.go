package reading

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

const (
	// Witnesses is how many people are kept by whose records one can tell that a source hides a field.
	Witnesses = 3
	// witnessAge is how long it is believed that they show a field no more, so that a wave of webhooks reads them once.
	witnessAge = 2 * time.Minute
	// shownAge is how long it is believed that they show it: an empty field of somebody else's takes access then.
	shownAge = 10 * time.Second
	// witnessPatience is how long they are waited for: somebody else's assessment stands by.
	witnessPatience = time.Second
)

// EndsShown names the fields by which a record shows when somebody's employment ended.
func EndsShown(rec identity.Record) []string {
	var out []string
	if rec.LastDay != "" {
		out = append(out, "last_day")
	}
	if rec.TerminationDate != "" {
		out = append(out, "termination_date")
	}
	return out
}

// Hidden lists the fields that witnesses showed once and that none of these records shows.
func Hidden(was []roster.Finding, now []identity.Record) []string {
	if len(now) == 0 {
		return nil
	}
	once, shown := map[string]bool{}, map[string]bool{}
	for _, f := range was {
		for _, field := range strings.Fields(f.Why) {
			once[field] = true
		}
	}
	for _, rec := range now {
		for _, field := range EndsShown(rec) {
			shown[field] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(once)), func(field string) bool { return shown[field] })
}

// Reader reads records of HR, and names in each what its source hides or has lost. It remembers for a short while what it has
// found out of a source.
type Reader struct {
	Ledger *ledger.Ledger
	Policy func() *policy.Policy
	Clock  func() time.Time

	mu      sync.Mutex
	seen    map[string]endsSeen
	columns map[string]columnSeen
}

type endsSeen struct {
	at     time.Time
	hidden []string
}

// believed reports that what witnesses said at a time need not be asked again.
func believed(at, now time.Time, lost bool) bool {
	age := shownAge
	if lost {
		age = witnessAge
	}
	return now.Sub(at) < age && !now.Before(at)
}

// EndUnread reports that an end of a record was not sent or cannot be read, so that no end in it says nothing.
func EndUnread(rec identity.Record) bool {
	return slices.Contains(rec.Missing, "last_day") || slices.Contains(rec.Missing, "termination_date")
}

// Unseen names in a record the ends that its source hides from everybody: without them, somebody who leaves looks like
// everybody else. Of a record that says itself that or when its person leaves nothing is asked.
func (r *Reader) Unseen(ctx context.Context, src hr.Source, rec identity.Record) (identity.Record, error) {
	if rec.Status == identity.StatusTerminated || rec.Status == identity.StatusRescinded || len(EndsShown(rec)) > 0 {
		return rec, nil
	}
	fields, err := r.hiddenEnds(ctx, src, rec.Source)
	if err != nil {
		return rec, err
	}
	for _, field := range fields {
		if !slices.Contains(rec.Hidden, field) {
			rec.Hidden = append(slices.Clone(rec.Hidden), field)
		}
		if !slices.Contains(rec.Missing, field) {
			rec.Missing = append(slices.Clone(rec.Missing), field)
			slices.Sort(rec.Missing)
		}
	}
	return rec, nil
}

// hiddenEnds asks people who have left, by the source's own records, whether it still says when.
func (r *Reader) hiddenEnds(ctx context.Context, src hr.Source, source string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Clock()
	if last, asked := r.seen[source]; asked && believed(last.at, now, len(last.hidden) > 0) {
		return last.hidden, nil
	}
	was, err := r.Ledger.Roster().Findings(ctx, source, roster.FindingWitness)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	var left []identity.Record
	for _, f := range was {
		rec, found, err := src.Read(ctx, f.Subject)
		// One that cannot be read says nothing, and holds up nobody.
		if err != nil || !found || rec.Status != identity.StatusTerminated {
			continue
		}
		left = append(left, rec)
		if len(Hidden(was, left)) == 0 {
			break
		}
	}
	if r.seen == nil {
		r.seen = map[string]endsSeen{}
	}
	r.seen[source] = endsSeen{at: now, hidden: Hidden(was, left)}
	return r.seen[source].hidden, nil
}
