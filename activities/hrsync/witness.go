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

// keepWitnesses keeps a few people who have left and whose records show when. Whoever was kept before and still shows it stays.
func (s *Sync) keepWitnesses(ctx context.Context, source string, snapshot hr.Snapshot) error {
	was, err := s.Ledger.Roster().Findings(ctx, source, roster.FindingWitness)
	if err != nil {
		return err
	}
	shows := func(id string) string {
		rec, read := snapshot.Records[id]
		if !read || rec.Status != identity.StatusTerminated {
			return ""
		}
		return strings.Join(reading.EndsShown(rec), " ")
	}
	var kept []roster.Finding
	add := func(id, fields string) {
		if fields != "" && len(kept) < reading.Witnesses {
			kept = append(kept, roster.Finding{Source: source, Kind: roster.FindingWitness, Subject: id, Why: fields, Left: true})
		}
	}
	for _, f := range was {
		if snapshot.Unchanged[f.Subject] {
			add(f.Subject, f.Why)
		} else {
			add(f.Subject, shows(f.Subject))
		}
	}
	if len(kept) < reading.Witnesses {
		for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
			if !slices.ContainsFunc(kept, func(f roster.Finding) bool { return f.Subject == id }) {
				add(id, shows(id))
			}
		}
	}
	return s.Ledger.Roster().KeepFindings(ctx, source, roster.FindingWitness, kept)
}

// hiddenByReport lists the fields that those who have left showed at an earlier reading, and that nobody who has left shows
// in this one.
func hiddenByReport(was []roster.Finding, snapshot hr.Snapshot) []string {
	there := slices.ContainsFunc(was, func(f roster.Finding) bool {
		return snapshot.Records[f.Subject].Status == identity.StatusTerminated
	})
	if !there {
		return nil
	}
	var left []identity.Record
	for _, rec := range snapshot.Records {
		if rec.Status == identity.StatusTerminated {
			left = append(left, rec)
		}
	}
	return reading.Hidden(was, left)
}
