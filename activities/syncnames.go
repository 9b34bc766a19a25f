package activities

import (
	"context"
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger"
)

// names counts whose name has changed although they are the same people, and whose is only written in another way.
func (s *Sync) names(v *survey, id, before string, rec identity.Record) {
	now := v.traits[id]
	old, fresh := trait(before, columnSpelling), trait(now, columnSpelling)
	if old == "" || fresh == "" || old == fresh || stranger(before, now) || len(rec.WithoutGarbled().Garbled) > 0 {
		return
	}
	v.otherNamed = append(v.otherNamed, id)
	same := func(column int) bool { return trait(before, column) == trait(now, column) }
	capitals := same(columnName) && same(columnPreferred)
	swapped := s.Ledger.Digest(rec.LastName + " " + rec.FirstName)
	if capitals || !same(columnName) && swapped != "" && swapped[:traitSize] == trait(before, columnName) {
		v.respelled = append(v.respelled, id)
	}
}

// respelled says that names have changed for more people than change theirs at a time: accounts would be renamed for each of them.
// One who marries is renamed; a report whose names are swapped or in capitals is not believed.
func respelled(v survey) []doubt {
	subjects := v.respelled
	names := v.columns[columnName]
	if len(v.otherNamed) > len(subjects) && float64(len(v.otherNamed)) > float64(names.had)*shrinkLimit && !names.moved() {
		subjects = v.otherNamed
	}
	if len(subjects) < turnoverFloor {
		return nil
	}
	d := newDoubt(doubtRespelled, subjects, len(subjects), "%d people have another name than at the last reading, of whom %d have first and last name swapped or other capitals. "+
		"Nobody joins or changes by this reading, and their accounts keep their names. A column or the export was probably changed: repair it in HR; the "+
		"source is read again by itself.", len(subjects), len(v.respelled))
	d.records = reasons(subjects, "has another name, with many others at once")
	return []doubt{d}
}

// nameDoubted says of a record that a poll holds because many names have changed at once that its name is not to be written anywhere.
func (p *Person) nameDoubted(ctx context.Context, rec identity.Record, doubts []ledger.SourceDoubt) (bool, error) {
	if !slices.ContainsFunc(doubts, func(d ledger.SourceDoubt) bool { return d.Kind == doubtRespelled && d.AcceptedAt.IsZero() }) {
		return false, nil
	}
	held, err := p.Ledger.Findings(ctx, rec.Source, ledger.FindingHeldBack)
	return slices.ContainsFunc(held, func(f ledger.Finding) bool { return f.Subject == rec.EmployeeID }), err
}
