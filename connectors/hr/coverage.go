package hr

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/connectors/bamboohr"
	"gatehouse/identity"
)

// columnSample is from how many records on a field that none of them has is taken for one that cannot be seen any more.
const columnSample = 10

// missingEverywhere lists the fields that every record should have and that none of these has.
func missingEverywhere(records []identity.Record) []string {
	var out []string
	for i, rec := range records {
		if i == 0 {
			out = slices.Clone(rec.Missing)
			continue
		}
		out = slices.DeleteFunc(out, func(field string) bool { return !slices.Contains(rec.Missing, field) })
	}
	slices.Sort(out)
	return out
}

// missing lists the fields that no record of the source has any more. A sweep reads only those who changed, mostly too few
// to tell a column that went blank from a record that lacks a value: if each of them lacks the same, some who work here and
// have not changed are read as well.
func (s *bambooSweep) missing(ctx context.Context, known map[string]Known) ([]string, error) {
	read := slices.Collect(maps.Values(s.out.Records))
	asked := 0
	for _, id := range slices.Sorted(maps.Keys(s.out.Unchanged)) {
		if asked == columnSample || len(missingEverywhere(read)) == 0 {
			break
		}
		if !known[id].Active {
			continue
		}
		asked++
		rec, found, err := s.Client.Employee(ctx, id)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil || !found:
			// One that cannot be read says nothing of columns, and is nobody's change.
			continue
		}
		read = append(read, s.Client.WithStatusRows(rec, s.rows[id], s.now))
		s.beat(len(read))
	}
	if len(read) < columnSample {
		return nil, nil
	}
	return missingEverywhere(read), nil
}

// lostRows says that too many people have no row in the employment status table who had some at the last sweep, "" if not.
// Their records are still there, so that the source has not shrunk; a departure to come stands in the table alone.
func lostRows(known map[string]Known, rows map[string][]bamboohr.StatusRow, deleted map[string]bool) (string, error) {
	none, err := DigestOf([]bamboohr.StatusRow(nil))
	if err != nil {
		return "", err
	}
	had, lost := 0, 0
	for id, row := range known {
		before, _, ok := strings.Cut(row.Digest, ".")
		if !ok || before == none || deleted[id] {
			continue
		}
		had++
		if len(rows[id]) == 0 {
			lost++
		}
	}
	if had == 0 || float64(lost) <= float64(had)*ShrinkLimit {
		return "", nil
	}
	return fmt.Sprintf("the employment status table has rows of %d people, of %d at the last reading: more than a tenth is gone. "+
		"Repair the permission, or allow it if the rows were really removed.", had-lost, had), nil
}
