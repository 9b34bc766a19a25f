package reading

import (
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
)

// columnSeen says whether a column of a source had no value for anybody who was asked.
type columnSeen struct {
	at    time.Time
	blank bool
}

// WithoutLost names in a record of somebody who stays what its source has lost: columns that conditions use, that are empty
// here, and that nobody has any more who had them, and those which the last poll does not believe. Nothing is asked about
// a record with an end that is near: nobody's departure waits for it.
func (r *Reader) WithoutLost(ctx context.Context, src hr.Source, rec identity.Record) (identity.Record, error) {
	near := identity.Date(r.Clock().Add(48 * time.Hour).Format(time.DateOnly))
	for _, end := range []identity.Date{rec.LastDay, rec.TerminationDate} {
		if end != "" && end <= near {
			return rec, nil
		}
	}
	if rec.Status == identity.StatusTerminated || rec.Status == identity.StatusRescinded {
		return rec, nil
	}
	doubts, err := r.Ledger.Roster().Doubts(ctx, rec.Source)
	if err != nil {
		return rec, err
	}
	if rec.NameDoubted, err = r.nameDoubted(ctx, rec, doubts); err != nil {
		return rec, err
	}
	lost := doubtedColumns(rec, doubts)
	for _, field := range r.Policy().PersonFields() {
		if ColumnValue(rec, field) != "" || slices.Contains(lost, field) {
			continue
		}
		blank, err := r.blankColumn(ctx, src, rec.Source, field)
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
func doubtedColumns(rec identity.Record, doubts []roster.SourceDoubt) (lost []string) {
	for _, d := range doubts {
		if !d.AcceptedAt.IsZero() {
			continue
		}
		for _, name := range strings.Fields(d.Columns) {
			if d.Kind == DoubtMoved || d.Kind == DoubtBlank && ColumnValue(rec, name) == "" {
				lost = append(lost, name)
			}
		}
	}
	return lost
}

// blankColumn asks people whose records had a value in a column whether they still have. Where none of them can be read, that
// is not known, and so it counts as lost.
func (r *Reader) blankColumn(ctx context.Context, src hr.Source, source, field string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, key := r.Clock(), source+"/"+field
	if last, asked := r.columns[key]; asked && believed(last.at, now, last.blank) {
		return last.blank, nil
	}
	was, err := r.Ledger.Roster().Findings(ctx, source, roster.FindingColumn)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	asked, shown := 0, false
	for _, f := range was {
		if shown || asked == Witnesses || !slices.Contains(strings.Fields(f.Why), field) {
			continue
		}
		rec, found, err := src.Read(ctx, f.Subject)
		if err == nil && !found {
			continue
		}
		asked++
		shown = err == nil && ColumnValue(rec, field) != ""
	}
	if r.columns == nil {
		r.columns = map[string]columnSeen{}
	}
	r.columns[key] = columnSeen{at: now, blank: asked > 0 && !shown}
	return r.columns[key].blank, nil
}

// nameDoubted says of a record that a poll holds because many names have changed at once that its name is not to be written anywhere.
func (r *Reader) nameDoubted(ctx context.Context, rec identity.Record, doubts []roster.SourceDoubt) (bool, error) {
	if !slices.ContainsFunc(doubts, func(d roster.SourceDoubt) bool { return d.Kind == DoubtRespelled && d.AcceptedAt.IsZero() }) {
		return false, nil
	}
	held, err := r.Ledger.Roster().Findings(ctx, rec.Source, roster.FindingHeldBack)
	return slices.ContainsFunc(held, func(f roster.Finding) bool { return f.Subject == rec.EmployeeID }), err
}
