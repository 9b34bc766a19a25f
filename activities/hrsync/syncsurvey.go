package hrsync

import (
	"maps"
	"slices"

	"gatehouse/activities/reading"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
)

// survey is what a reading says as a whole, beside the last one that was believed.
type survey struct {
	// employed counts who worked here by the last reading.
	employed int
	// came are employee ids of people who work here and did not by the last reading, gone those of people who did and whose
	// record is not in this one at all.
	came, vanished []string
	// unclear are employee ids of people who worked here by the last reading, of whom this one does not tell whether they do.
	unclear []string
	// coming are employee ids of people who worked here or were to come by the last reading, and whose first day is ahead and was another one.
	coming []string
	// strangers are employee ids that carry another name and other addresses than before.
	strangers []string
	// otherNamed are employee ids of the same people, who work here, with another name. Respelled are those of them whose name is the
	// old one in other capitals, or with first and last name swapped.
	otherNamed, respelled []string
	// garbled are employee ids of people who work here, whose texts came in a broken encoding and did not by the last reading.
	// Sound counts who has letters that only some encodings have, and has them right.
	garbled []string
	sound   int
	// columns says of each column how it has changed among those who work here.
	columns [len(reading.Columns)]columnSurvey
	// traits are what there is to remember of the records that came or have changed.
	traits map[string]string
}

// columnSurvey says how one column has changed.
type columnSurvey struct {
	// had counts the records that had a value, lost those that have none any more, changed those that have another one.
	had, lost, changed int
	// balance says of each value how many more of the changed records have it now than had it before.
	balance map[string]int
}

// moved reports that values have gone to other records: many have another value, and by and large it is that of others.
func (c columnSurvey) moved() bool {
	if c.changed < turnoverFloor || float64(c.changed) <= float64(c.had)*hr.ShrinkLimit {
		return false
	}
	fresh := 0
	for _, n := range c.balance {
		fresh += max(0, n)
	}
	return fresh*4 <= c.changed
}

// blank reports that values are gone which are there in no other place.
func (c columnSurvey) blank() bool {
	return c.lost >= blankFloor && float64(c.lost) > float64(c.had)*hr.ShrinkLimit
}

// survey compares a reading as a whole with the roster. Records that have not changed cost next to nothing.
func (s *Sync) survey(known map[string]roster.Row, snapshot hr.Snapshot) survey {
	out := survey{traits: map[string]string{}}
	for id, rec := range snapshot.Records {
		row, seen := known[id]
		if seen && row.Digest == snapshot.Digests[id] {
			out.keep(row)
			continue
		}
		out.encoding(id, rec)
		now := s.traits(rec)
		out.traits[id] = now
		person := s.person(rec)
		if seen && row.Active && person.Standing == identity.StandingUnknown {
			out.unclear = append(out.unclear, id)
		}
		if !person.Belongs() {
			continue
		}
		if seen && row.Active && comesLater(person) && trait(row.Traits, reading.ColumnHireDate) != trait(now, reading.ColumnHireDate) {
			out.coming = append(out.coming, id)
		}
		if !seen || !row.Active || row.Digest == reading.KindVanished {
			out.came = append(out.came, id)
		}
		if seen {
			out.changes(id, row.Traits, now)
			s.names(&out, id, row.Traits, rec)
		}
	}
	aside := snapshot.AsideIDs()
	for id, row := range known {
		_, read := snapshot.Records[id]
		if !row.Active || row.Digest == reading.KindVanished {
			continue
		}
		out.employed++
		switch {
		case read:
		case snapshot.Unchanged[id]:
			out.keep(row)
		case !aside[id]:
			out.vanished = append(out.vanished, id)
		}
	}
	slices.Sort(out.came)
	slices.Sort(out.vanished)
	slices.Sort(out.unclear)
	slices.Sort(out.coming)
	slices.Sort(out.strangers)
	slices.Sort(out.otherNamed)
	slices.Sort(out.respelled)
	slices.Sort(out.garbled)
	return out
}

// keep counts a record that has not changed.
func (v *survey) keep(row roster.Row) {
	for i := range v.columns {
		if row.Active && trait(row.Traits, i) != "" {
			v.columns[i].had++
		}
	}
}

// changes counts what has changed in a record.
func (v *survey) changes(id, before, now string) {
	if stranger(before, now) {
		v.strangers = append(v.strangers, id)
	}
	for i := range v.columns {
		old, fresh, c := trait(before, i), trait(now, i), &v.columns[i]
		if old == "" {
			continue
		}
		c.had++
		switch {
		case fresh == "":
			c.lost++
		case fresh != old:
			if c.balance == nil {
				c.balance = map[string]int{}
			}
			c.changed++
			c.balance[old]--
			c.balance[fresh]++
		}
	}
}

// pairs are the employee ids that came and may be those of people whose own ids are gone, with these.
func (v *survey) pairs(known map[string]roster.Row) map[string]string {
	byTrait := map[string]string{}
	marks := func(traits string) []string {
		var out []string
		for _, i := range []int{reading.ColumnNames, reading.ColumnWorkEmail, reading.ColumnPersonalEmail} {
			if t := trait(traits, i); t != "" {
				out = append(out, reading.Columns[i].Name+t)
			}
		}
		return out
	}
	for _, id := range v.vanished {
		for _, mark := range marks(known[id].Traits) {
			byTrait[mark] = id
		}
	}
	found, taken := map[string]string{}, map[string]bool{}
	for _, id := range v.came {
		for _, mark := range marks(v.traits[id]) {
			if old := byTrait[mark]; old != "" && !taken[old] {
				found[id], taken[old] = old, true
				break
			}
		}
	}
	return found
}

// named lists the columns of which something is so.
func (v *survey) named(is func(columnSurvey) bool) []string {
	var names []string
	for i, c := range v.columns {
		if i != reading.ColumnSpelling && is(c) {
			names = append(names, reading.Columns[i].Name)
		}
	}
	return slices.Sorted(slices.Values(names))
}

// sortedKeys are the keys of a set in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
