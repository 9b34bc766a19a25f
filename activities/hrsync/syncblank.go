package hrsync

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gatehouse/activities/reading"
	"gatehouse/connectors/hr"
	"gatehouse/ledger/roster"
)

// keepColumnWitnesses keeps, for each column that conditions use, a few people who work here and whose records have a value
// in it. Whoever was kept before and is not read now stays.
func (s *Sync) keepColumnWitnesses(ctx context.Context, source string, snapshot hr.Snapshot) error {
	was, err := s.Ledger.Roster().Findings(ctx, source, roster.FindingColumn)
	if err != nil {
		return err
	}
	used, have := s.Policy().PersonFields(), map[string]int{}
	var kept []roster.Finding
	add := func(id string, fields []string) {
		needed := slices.ContainsFunc(fields, func(f string) bool { return have[f] < reading.Witnesses })
		if !needed || slices.ContainsFunc(kept, func(f roster.Finding) bool { return f.Subject == id }) {
			return
		}
		for _, f := range fields {
			have[f]++
		}
		kept = append(kept, roster.Finding{Source: source, Kind: roster.FindingColumn, Subject: id, Why: strings.Join(fields, " ")})
	}
	shown := func(id string) []string {
		rec, read := snapshot.Records[id]
		if !read || !s.employed(rec) {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(used), func(f string) bool { return reading.ColumnValue(rec, f) == "" })
	}
	for _, f := range was {
		if snapshot.Unchanged[f.Subject] {
			add(f.Subject, strings.Fields(f.Why))
		} else {
			add(f.Subject, shown(f.Subject))
		}
	}
	full := func() bool {
		return !slices.ContainsFunc(used, func(f string) bool { return have[f] < reading.Witnesses })
	}
	for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
		if full() {
			break
		}
		add(id, shown(id))
	}
	return s.Ledger.Roster().KeepFindings(ctx, source, roster.FindingColumn, kept)
}
