package hrsync

import (
	"context"
	"maps"
	"slices"
	"time"

	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/roster"
)

// firstAtWork writes down who works here by a reading, once for each source: at the first reading, and at the first one of a
// Gatehouse that did not write it down. Whoever has changed in that one is left out. Known is the roster, nil at the first reading.
func (s *Sync) firstAtWork(ctx context.Context, source string, snapshot hr.Snapshot, known map[string]roster.Row) error {
	mark := "begun/" + source
	if noted, err := s.Ledger.Inventory().PositionNoted(ctx, mark); err != nil || noted {
		return err
	}
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
		if row, seen := known[id]; known != nil && (!seen || row.Digest != snapshot.Digests[id]) {
			continue
		}
		if now := s.Clock(); s.Policy().AtWork(identity.FirstSight(snapshot.Records[id], now), now) {
			ids = append(ids, id)
		}
	}
	if err := step.InPages(ctx, ids, ledgerPage, func(ctx context.Context, page []string) error {
		return s.Ledger.People().NoteAllBegun(ctx, source, page)
	}); err != nil {
		return err
	}
	return s.Ledger.Inventory().FirstPositions(ctx, []inventory.Position{{Key: mark, Digest: "noted"}})
}

// doubtPostponed is the kind of doubt about first days that have moved into the future, of people who work here.
const doubtPostponed = "postponed"

// postponed says that the first days of many who work here have moved into the future. One or a few are asked about one by one.
func (s *Sync) postponed(ctx context.Context, source string, v survey) ([]doubt, error) {
	if len(v.coming) < turnoverFloor {
		return nil, nil
	}
	begun, err := s.Ledger.People().Begun(ctx, source, v.coming)
	if err != nil || len(begun) < turnoverFloor {
		return nil, err
	}
	ids := sortedKeys(begun)
	d := newDoubt(doubtPostponed, ids, len(ids), view{Count: len(ids), Employed: v.employed})
	d.records = reasons(d.kind, ids)
	return []doubt{d}, nil
}

// comesLater reports that a record has a first day ahead.
func comesLater(person identity.Person) bool {
	return person.Standing == identity.StandingUpcoming && person.ActivateAt.After(person.AsOf.Add(24*time.Hour))
}
