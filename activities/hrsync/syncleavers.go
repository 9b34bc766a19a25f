package hrsync

import (
	"context"

	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
)

// departurePage is how many departures are written at a time: the ledger has one writer, and a containment waits for it.
const departurePage = 100

// noteLeavers writes down who must be out, now or on a day to come, by the records that changed. It comes before anything
// that can hold a batch up, so that whoever is held, rejected or never hinted is not forgotten.
func (s *Sync) noteLeavers(ctx context.Context, changes []roster.StagedChange, known map[string]roster.Row, snapshot hr.Snapshot) error {
	var found []persons.Departure
	for _, c := range changes {
		rec, read := snapshot.Records[c.EmployeeID]
		if !read {
			continue
		}
		person := s.person(rec)
		due := outcome.MustLeave(person)
		row, seen := known[c.EmployeeID]
		if had := seen && !row.Active && !person.Standing.Employed(); due.IsZero() || had {
			continue // Whoever had left at the last reading has their row.
		}
		key, linked, err := s.Ledger.People().Resolve(ctx, c.Source, c.EmployeeID)
		if err != nil {
			return err
		}
		if !linked {
			key = c.PersonKey
		}
		found = append(found, persons.Departure{Key: key, Source: c.Source, KnownAt: person.AsOf, DueAt: due})
	}
	return s.noteAll(ctx, found)
}

// noteAhead writes down when those whom a first reading hints must be out, where that is so.
func (s *Sync) noteAhead(ctx context.Context, source string, snapshot hr.Snapshot, hinted map[string]bool) error {
	var found []persons.Departure
	for id, rec := range snapshot.Records {
		person := s.person(rec)
		due := outcome.MustLeave(person)
		if !hinted[id] || due.IsZero() {
			continue
		}
		key, _, err := s.Ledger.People().Resolve(ctx, source, id)
		if err != nil {
			return err
		}
		found = append(found, persons.Departure{Key: key, Source: source, KnownAt: person.AsOf, DueAt: due})
	}
	return s.noteAll(ctx, found)
}

func (s *Sync) noteAll(ctx context.Context, found []persons.Departure) error {
	return step.InPages(ctx, found, departurePage, s.Ledger.People().NoteDepartures)
}
