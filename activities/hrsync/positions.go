package hrsync

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// firstPositions writes down the position of everybody in a reading of whom none is known: at the first reading, and at the
// first one of a Gatehouse that did not yet know positions. Whoever has changed in that one is left out: what they were
// before is not known. Known is the roster, nil at the first reading.
func (s *Sync) firstPositions(ctx context.Context, source string, snapshot hr.Snapshot, known map[string]roster.Row) error {
	mark := "source/" + source
	if noted, err := s.Ledger.Inventory().PositionNoted(ctx, mark); err != nil || noted {
		return err
	}
	owners, err := s.Ledger.People().Owners(ctx, source)
	if err != nil {
		return err
	}
	var all []inventory.Position
	for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
		rec := snapshot.Records[id]
		if row, seen := known[id]; known != nil && (!seen || row.Digest != snapshot.Digests[id]) {
			continue
		}
		key := cmp.Or(owners[id], source+"-"+id)
		if digest := policy.Position(rec); digest != "" && s.employed(rec) {
			all = append(all, inventory.Position{Key: key, Digest: digest})
		}
	}
	if err := step.InPages(ctx, all, ledgerPage, s.Ledger.Inventory().FirstPositions); err != nil {
		return err
	}
	return s.Ledger.Inventory().FirstPositions(ctx, []inventory.Position{{Key: mark, Digest: "noted"}})
}
