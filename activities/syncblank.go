package activities

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger"
)

// columnValue is what a record says in a column that conditions use, "" if nothing.
func columnValue(rec identity.Record, name string) string {
	switch name {
	case "first_name":
		return rec.FirstName
	case "last_name":
		return rec.LastName
	}
	for _, c := range columns {
		if c.name == name {
			return c.value(rec)
		}
	}
	return ""
}

// keepColumnWitnesses keeps, for each column that conditions use, a few people who work here and whose records have a value
// in it. Whoever was kept before and is not read now stays.
func (s *Sync) keepColumnWitnesses(ctx context.Context, source string, snapshot Snapshot) error {
	was, err := s.Ledger.Findings(ctx, source, ledger.FindingColumn)
	if err != nil {
		return err
	}
	used, have := s.Policy().PersonFields(), map[string]int{}
	var kept []ledger.Finding
	add := func(id string, fields []string) {
		needed := slices.ContainsFunc(fields, func(f string) bool { return have[f] < witnesses })
		if !needed || slices.ContainsFunc(kept, func(f ledger.Finding) bool { return f.Subject == id }) {
			return
		}
		for _, f := range fields {
			have[f]++
		}
		kept = append(kept, ledger.Finding{Source: source, Kind: ledger.FindingColumn, Subject: id, Why: strings.Join(fields, " ")})
	}
	shown := func(id string) []string {
		rec, read := snapshot.Records[id]
		if !read || !s.employed(rec) {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(used), func(f string) bool { return columnValue(rec, f) == "" })
	}
	for _, f := range was {
		if snapshot.Unchanged[f.Subject] {
			add(f.Subject, strings.Fields(f.Why))
		} else {
			add(f.Subject, shown(f.Subject))
		}
	}
	full := func() bool {
		return !slices.ContainsFunc(used, func(f string) bool { return have[f] < witnesses })
	}
	for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
		if full() {
			break
		}
		add(id, shown(id))
	}
	return s.Ledger.KeepFindings(ctx, source, ledger.FindingColumn, kept)
}

// columnSeen says whether a column of a source had no value for anybody who was asked.
type columnSeen struct {
	at    time.Time
	blank bool
}

// withoutLost names in a record of somebody who stays what its source has lost: columns that conditions use, that are empty
// here, and that nobody has any more who had them, and those which the last poll does not believe. Nothing is asked about
// a record with an end that is near: nobody's departure waits for it.
func (p *Person) withoutLost(ctx context.Context, src Source, rec identity.Record) (identity.Record, error) {
	near := identity.Date(p.Clock().Add(48 * time.Hour).Format(time.DateOnly))
	for _, end := range []identity.Date{rec.LastDay, rec.TerminationDate} {
		if end != "" && end <= near {
			return rec, nil
		}
	}
	if rec.Status == identity.StatusTerminated || rec.Status == identity.StatusRescinded {
		return rec, nil
	}
	doubts, err := p.Ledger.Doubts(ctx, rec.Source)
	if err != nil {
		return rec, err
	}
	if rec.NameDoubted, err = p.nameDoubted(ctx, rec, doubts); err != nil {
		return rec, err
	}
	lost := doubtedColumns(rec, doubts)
	for _, field := range p.Policy().PersonFields() {
		if columnValue(rec, field) != "" || slices.Contains(lost, field) {
			continue
		}
		blank, err := p.blankColumn(ctx, src, rec.Source, field)
		if err != nil {
			return rec, err
		}
		if blank {
			lost = append(lost, field)
		}
	}
	for _, field := range lost {
		if !slices.Contains(rec.Missing, field) {
			rec.Missing = append(slices.Clone(rec.Missing), field)
			slices.Sort(rec.Missing)
		}
	}
	return rec, nil
}

// doubtedColumns are the columns of a record in which the last poll did not believe its source.
func doubtedColumns(rec identity.Record, doubts []ledger.SourceDoubt) (lost []string) {
	for _, d := range doubts {
		if !d.AcceptedAt.IsZero() {
			continue
		}
		for _, name := range strings.Fields(d.Columns) {
			if d.Kind == doubtMoved || d.Kind == doubtBlank && columnValue(rec, name) == "" {
				lost = append(lost, name)
			}
		}
	}
	return lost
}

// blankColumn asks people whose records had a value in a column whether they still have. Where none of them can be read, that
// is not known, and so it counts as lost.
func (p *Person) blankColumn(ctx context.Context, src Source, source, field string) (bool, error) {
	p.Ends.mu.Lock()
	defer p.Ends.mu.Unlock()
	now, key := p.Clock(), source+"/"+field
	if last, asked := p.Ends.columns[key]; asked && now.Sub(last.at) < witnessAge && !now.Before(last.at) {
		return last.blank, nil
	}
	was, err := p.Ledger.Findings(ctx, source, ledger.FindingColumn)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	asked, shown := 0, false
	for _, f := range was {
		if shown || asked == witnesses || !slices.Contains(strings.Fields(f.Why), field) {
			continue
		}
		rec, found, err := src.Read(ctx, f.Subject)
		if err == nil && !found {
			continue
		}
		asked++
		shown = err == nil && columnValue(rec, field) != ""
	}
	if p.Ends.columns == nil {
		p.Ends.columns = map[string]columnSeen{}
	}
	p.Ends.columns[key] = columnSeen{at: now, blank: asked > 0 && !shown}
	return p.Ends.columns[key].blank, nil
}
