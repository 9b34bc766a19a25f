package hrsync

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gatehouse/activities/reading"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
)

// noTrait stands for a column without a value.
const noTrait = "------"

// traits are what the roster remembers of a record's columns.
func (s *Sync) traits(rec identity.Record) string {
	var b strings.Builder
	for _, c := range reading.Columns {
		if digest := s.Ledger.Digest(c.Value(rec)); digest != "" {
			b.WriteString(digest[:reading.TraitSize])
		} else {
			b.WriteString(noTrait)
		}
	}
	return b.String()
}

// traitsIn are the traits of a record of a reading, "" if it does not have it.
func (s *Sync) traitsIn(snapshot hr.Snapshot, id string) string {
	rec, read := snapshot.Records[id]
	if !read {
		return ""
	}
	return s.traits(rec)
}

// trait is one column of what the roster remembers: "" if it had no value, or if that is not known.
func trait(traits string, i int) string {
	from := i * reading.TraitSize
	if len(traits) < from+reading.TraitSize || traits[from:from+reading.TraitSize] == noTrait {
		return ""
	}
	return traits[from : from+reading.TraitSize]
}

// remembersAll reports that the roster remembers every column of a record.
func remembersAll(traits string) bool { return len(traits) == len(reading.Columns)*reading.TraitSize }

// oneHuman reports that two records have a name or an address in common.
func oneHuman(a, b string) bool {
	return slices.ContainsFunc([]int{reading.ColumnNames, reading.ColumnWorkEmail, reading.ColumnPersonalEmail}, func(i int) bool {
		return trait(a, i) != "" && trait(a, i) == trait(b, i)
	})
}

// stranger reports that a record has another name and other addresses than it had, as far as both are known.
func stranger(before, now string) bool {
	addressed := func(traits string) bool {
		return trait(traits, reading.ColumnWorkEmail)+trait(traits, reading.ColumnPersonalEmail) != ""
	}
	return trait(before, reading.ColumnNames) != "" && trait(now, reading.ColumnNames) != "" && addressed(before) && addressed(now) && !oneHuman(before, now)
}

// remember gives the roster what it does not remember yet of records that have not changed: an earlier version did not
// write it down.
func (s *Sync) remember(ctx context.Context, known map[string]roster.Row, snapshot hr.Snapshot) error {
	var rows []roster.Row
	for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
		row, seen := known[id]
		if !seen || row.Digest != snapshot.Digests[id] || remembersAll(row.Traits) {
			continue
		}
		row.Traits, row.SeenAt = s.traits(snapshot.Records[id]), s.Clock()
		rows = append(rows, row)
	}
	for page := range slices.Chunk(rows, 300) {
		if err := s.Ledger.Roster().Put(ctx, page); err != nil {
			return err
		}
	}
	return nil
}
