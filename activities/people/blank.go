package people

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
)

// ColumnValue is what a record says in a column that conditions use, "" if nothing.
func ColumnValue(rec identity.Record, name string) string {
	switch name {
	case "first_name":
		return rec.FirstName
	case "last_name":
		return rec.LastName
	}
	for _, c := range Columns {
		if c.Name == name {
			return c.Value(rec)
		}
	}
	return ""
}

// columnSeen says whether a column of a source had no value for anybody who was asked.
type columnSeen struct {
	at    time.Time
	blank bool
}

// withoutLost names in a record of somebody who stays what its source has lost: columns that conditions use, that are empty
// here, and that nobody has any more who had them, and those which the last poll does not believe. Nothing is asked about
// a record with an end that is near: nobody's departure waits for it.
func (p *Person) withoutLost(ctx context.Context, src hr.Source, rec identity.Record) (identity.Record, error) {
	near := identity.Date(p.Clock().Add(48 * time.Hour).Format(time.DateOnly))
	for _, end := range []identity.Date{rec.LastDay, rec.TerminationDate} {
		if end != "" && end <= near {
			return rec, nil
		}
	}
	if rec.Status == identity.StatusTerminated || rec.Status == identity.StatusRescinded {
		return rec, nil
	}
	doubts, err := p.Ledger.Roster().Doubts(ctx, rec.Source)
	if err != nil {
		return rec, err
	}
	if rec.NameDoubted, err = p.nameDoubted(ctx, rec, doubts); err != nil {
		return rec, err
	}
	lost := doubtedColumns(rec, doubts)
	for _, field := range p.Policy().PersonFields() {
		if ColumnValue(rec, field) != "" || slices.Contains(lost, field) {
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
func (p *Person) blankColumn(ctx context.Context, src hr.Source, source, field string) (bool, error) {
	p.Ends.mu.Lock()
	defer p.Ends.mu.Unlock()
	now, key := p.Clock(), source+"/"+field
	if last, asked := p.Ends.columns[key]; asked && now.Sub(last.at) < witnessAge && !now.Before(last.at) {
		return last.blank, nil
	}
	was, err := p.Ledger.Roster().Findings(ctx, source, roster.FindingColumn)
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
	if p.Ends.columns == nil {
		p.Ends.columns = map[string]columnSeen{}
	}
	p.Ends.columns[key] = columnSeen{at: now, blank: asked > 0 && !shown}
	return p.Ends.columns[key].blank, nil
}

// Kinds of doubt.
const (
	DoubtMissing    = "missing"    // required columns are empty in every record
	DoubtLost       = "lost"       // a part of the source is gone although the records are there
	DoubtShrunk     = "shrunk"     // records are gone
	DoubtGrown      = "grown"      // more people came than join at a time
	DoubtRenumbered = "renumbered" // people came back under other employee ids
	DoubtRenamed    = "renamed"    // employee ids carry other people
	DoubtBlank      = "blank"      // a column lost its values
	DoubtMoved      = "moved"      // a column's values stand in other records
	DoubtUnclear    = "unclear"    // whether people work here cannot be told any more
	DoubtGarbled    = "garbled"    // texts came in a broken encoding
	DoubtRespelled  = "respelled"  // many names are written in another way
)

// nameDoubted says of a record that a poll holds because many names have changed at once that its name is not to be written anywhere.
func (p *Person) nameDoubted(ctx context.Context, rec identity.Record, doubts []roster.SourceDoubt) (bool, error) {
	if !slices.ContainsFunc(doubts, func(d roster.SourceDoubt) bool { return d.Kind == DoubtRespelled && d.AcceptedAt.IsZero() }) {
		return false, nil
	}
	held, err := p.Ledger.Roster().Findings(ctx, rec.Source, roster.FindingHeldBack)
	return slices.ContainsFunc(held, func(f roster.Finding) bool { return f.Subject == rec.EmployeeID }), err
}

// hrColumn is one column of an HR source that the roster remembers.
type hrColumn struct {
	Name  string
	Value func(identity.Record) string
}

// The columns by which one human is told from another.
const (
	ColumnNames = iota
	ColumnWorkEmail
	ColumnPersonalEmail
	ColumnPreferred = 3
	ColumnHireDate  = 10
	// ColumnSpelling tells one way of writing a name from another. It is no column of its own: what happens to it happens to the name.
	ColumnSpelling = 12
)

// Columns are what traits are made of, in this order. New ones go to the end: rows of before do not have them.
var Columns = [...]hrColumn{
	ColumnNames:         {"name", func(r identity.Record) string { return r.FirstName + " " + r.LastName }},
	ColumnWorkEmail:     {"work_email", func(r identity.Record) string { return r.WorkEmail }},
	ColumnPersonalEmail: {"personal_email", func(r identity.Record) string { return r.PersonalEmail }},
	{"preferred_name", func(r identity.Record) string { return r.PreferredName }},
	{"department", func(r identity.Record) string { return r.Department }},
	{"title", func(r identity.Record) string { return r.Title }},
	{"location", func(r identity.Record) string { return r.Location }},
	{"company", func(r identity.Record) string { return r.Company }},
	{"employment_type", func(r identity.Record) string { return r.EmploymentType }},
	{"manager_id", func(r identity.Record) string { return r.ManagerID }},
	ColumnHireDate: {"hire_date", func(r identity.Record) string { return string(r.HireDate) }},
	{"birth_date", func(r identity.Record) string { return string(r.BirthDate) }},
	ColumnSpelling: {"spelling", spelling},
}

// spelling is how a name is written. Digests take capitals for small letters, so it is told by its bytes.
func spelling(r identity.Record) string {
	if name := strings.Join([]string{r.FirstName, r.LastName, r.PreferredName}, "\x00"); strings.Trim(name, "\x00") != "" {
		return hex.EncodeToString([]byte(name))
	}
	return ""
}
