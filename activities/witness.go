package activities

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger"
)

const (
	// witnesses is how many people are kept by whose records one can tell that a source hides a field.
	witnesses = 3
	// witnessAge is how long it is believed what they said, so that a wave of webhooks reads them once.
	witnessAge = 2 * time.Minute
	// witnessPatience is how long they are waited for: somebody else's assessment stands by.
	witnessPatience = time.Second
)

// endsShown names the fields by which a record shows when somebody's employment ended.
func endsShown(rec identity.Record) []string {
	var out []string
	if rec.LastDay != "" {
		out = append(out, "last_day")
	}
	if rec.TerminationDate != "" {
		out = append(out, "termination_date")
	}
	return out
}

// keepWitnesses keeps a few people who have left and whose records show when. Whoever was kept before and still shows it stays.
func (s *Sync) keepWitnesses(ctx context.Context, source string, snapshot Snapshot) error {
	was, err := s.Ledger.Findings(ctx, source, ledger.FindingWitness)
	if err != nil {
		return err
	}
	shows := func(id string) string {
		rec, read := snapshot.Records[id]
		if !read || rec.Status != identity.StatusTerminated {
			return ""
		}
		return strings.Join(endsShown(rec), " ")
	}
	var kept []ledger.Finding
	add := func(id, fields string) {
		if fields != "" && len(kept) < witnesses {
			kept = append(kept, ledger.Finding{Source: source, Kind: ledger.FindingWitness, Subject: id, Why: fields, Left: true})
		}
	}
	for _, f := range was {
		if snapshot.Unchanged[f.Subject] {
			add(f.Subject, f.Why)
		} else {
			add(f.Subject, shows(f.Subject))
		}
	}
	if len(kept) < witnesses {
		for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
			if !slices.ContainsFunc(kept, func(f ledger.Finding) bool { return f.Subject == id }) {
				add(id, shows(id))
			}
		}
	}
	return s.Ledger.KeepFindings(ctx, source, ledger.FindingWitness, kept)
}

// hiddenByReport lists the fields that those who have left showed at an earlier reading, and that nobody who has left shows
// in this one.
func hiddenByReport(was []ledger.Finding, snapshot Snapshot) []string {
	left := slices.DeleteFunc(slices.Collect(maps.Values(snapshot.Records)), func(rec identity.Record) bool {
		return rec.Status != identity.StatusTerminated
	})
	there := slices.ContainsFunc(was, func(f ledger.Finding) bool {
		return snapshot.Records[f.Subject].Status == identity.StatusTerminated
	})
	if !there {
		return nil
	}
	return hidden(was, left)
}

// hidden lists the fields that witnesses showed once and that none of these records shows.
func hidden(was []ledger.Finding, now []identity.Record) []string {
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
		for _, field := range endsShown(rec) {
			shown[field] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(once)), func(field string) bool { return shown[field] })
}

// Ends remembers for a short while whether sources still show when employments end, and what else they have lost. The zero value is ready.
type Ends struct {
	mu      sync.Mutex
	seen    map[string]endsSeen
	columns map[string]columnSeen
}

type endsSeen struct {
	at     time.Time
	hidden []string
}

// endUnread reports that an end of a record was not sent or cannot be read, so that no end in it says nothing.
func endUnread(rec identity.Record) bool {
	return slices.Contains(rec.Missing, "last_day") || slices.Contains(rec.Missing, "termination_date")
}

// unseen names in a record the ends that its source hides from everybody: without them, somebody who leaves looks like
// everybody else. Of a record that says itself that or when its person leaves nothing is asked.
func (p *Person) unseen(ctx context.Context, src Source, rec identity.Record) (identity.Record, error) {
	if rec.Status == identity.StatusTerminated || rec.Status == identity.StatusRescinded || len(endsShown(rec)) > 0 {
		return rec, nil
	}
	fields, err := p.hiddenEnds(ctx, src, rec.Source)
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
func (p *Person) hiddenEnds(ctx context.Context, src Source, source string) ([]string, error) {
	p.Ends.mu.Lock()
	defer p.Ends.mu.Unlock()
	now := p.Clock()
	if last, asked := p.Ends.seen[source]; asked && now.Sub(last.at) < witnessAge && !now.Before(last.at) {
		return last.hidden, nil
	}
	was, err := p.Ledger.Findings(ctx, source, ledger.FindingWitness)
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
		if len(hidden(was, left)) == 0 {
			break
		}
	}
	if p.Ends.seen == nil {
		p.Ends.seen = map[string]endsSeen{}
	}
	p.Ends.seen[source] = endsSeen{at: now, hidden: hidden(was, left)}
	return p.Ends.seen[source].hidden, nil
}
