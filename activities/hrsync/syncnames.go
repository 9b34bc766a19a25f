package hrsync

import (
	"gatehouse/activities/reading"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
)

// names counts whose name has changed although they are the same people, and whose is only written in another way.
func (s *Sync) names(v *survey, id, before string, rec identity.Record) {
	now := v.traits[id]
	old, fresh := trait(before, reading.ColumnSpelling), trait(now, reading.ColumnSpelling)
	if old == "" || fresh == "" || old == fresh || stranger(before, now) || len(rec.WithoutGarbled().Garbled) > 0 {
		return
	}
	v.otherNamed = append(v.otherNamed, id)
	same := func(column int) bool { return trait(before, column) == trait(now, column) }
	capitals := same(reading.ColumnNames) && same(reading.ColumnPreferred)
	swapped := s.Ledger.Digest(rec.LastName + " " + rec.FirstName)
	if capitals || !same(reading.ColumnNames) && swapped != "" && swapped[:reading.TraitSize] == trait(before, reading.ColumnNames) {
		v.respelled = append(v.respelled, id)
	}
}

// respelled says that names have changed for more people than change theirs at a time: accounts would be renamed for each of them.
// One who marries is renamed; a report whose names are swapped or in capitals is quarantined.
func respelled(v survey) []doubt {
	subjects := v.respelled
	names := v.columns[reading.ColumnNames]
	if len(v.otherNamed) > len(subjects) && float64(len(v.otherNamed)) > float64(names.had)*hr.ShrinkLimit && !names.moved() {
		subjects = v.otherNamed
	}
	if len(subjects) < turnoverFloor {
		return nil
	}
	d := newDoubt(reading.DoubtRespelled, subjects, len(subjects), view{Count: len(subjects), Swapped: len(v.respelled)})
	d.records = reasons(d.kind, subjects)
	return []doubt{d}
}
