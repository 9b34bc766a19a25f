package sponsored

import (
	"context"
	"time"

	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// Source is the ledger's records as an HR system shows them: to single assessments and to polls.
type Source struct {
	Ledger *ledger.Ledger
	Clock  func() time.Time
}

// Read implements hr.Source.
func (s Source) Read(ctx context.Context, employeeID string) (identity.Record, bool, error) {
	r, found, err := s.Ledger.Sponsored().Record(ctx, employeeID)
	if err != nil || !found {
		return identity.Record{}, false, err
	}
	return r.AsHR(s.Clock()), true, nil
}

// Sweep implements hr.Sweeper. Records are never deleted, so that nobody vanishes.
func (s Source) Sweep(ctx context.Context, _ map[string]hr.Known, _ string, beat func(int)) (hr.Snapshot, error) {
	beat(0)
	all, err := s.Ledger.Sponsored().All(ctx)
	if err != nil {
		return hr.Snapshot{}, err
	}
	out := hr.Snapshot{Records: map[string]identity.Record{}, Digests: map[string]string{}}
	for _, r := range all {
		rec := r.AsHR(s.Clock())
		if out.Digests[r.ID], err = hr.DigestOf(rec); err != nil {
			return hr.Snapshot{}, err
		}
		out.Records[r.ID] = rec
	}
	return out, nil
}
