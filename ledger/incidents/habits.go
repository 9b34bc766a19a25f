package incidents

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// Seen is a country or a network that an account signed in from, and when first and last.
type Seen struct {
	// Account is the id of the OneLogin user.
	Account string
	// Kind says what Place is: a country or a network.
	Kind, Place string
	First, Last time.Time
}

// digest tells the places of one account apart. Those of two accounts have nothing in common.
func (s Store) habitDigest(h Seen) string {
	return s.db.Digest("habit/" + h.Account + "/" + h.Kind + "/" + h.Place)[:24]
}

// HabitPlace is where the place of a habit is sealed.
func HabitPlace(account, kind, digest string) []byte {
	return engine.Place("habits.place", account, kind, digest)
}

// PutHabits keeps where accounts were seen, in one statement for every few dozen. A stretch that is known grows; after a gap of keep
// another one takes its place. The order of writes does not matter.
func (s Store) PutHabits(ctx context.Context, seen []Seen, keep time.Duration) error {
	if len(seen) == 0 {
		return nil
	}
	rows := map[string][]any{}
	for _, h := range seen {
		digest := s.habitDigest(h)
		rows[h.Account+"/"+h.Kind+"/"+digest] = []any{
			h.Account, h.Kind, digest, s.db.Seal(HabitPlace(h.Account, h.Kind, digest), []byte(h.Place)), engine.Micros(h.First), engine.Micros(h.Last),
		}
	}
	gap := keep.Microseconds()
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return engine.InsertRows(ctx, q, "INSERT INTO habits (account_id, kind, digest, place, first_at, last_at)", fmt.Sprintf(
			`ON CONFLICT (account_id, kind, digest) DO UPDATE SET
	first_at = CASE WHEN excluded.first_at > habits.last_at + %[1]d OR excluded.first_at < habits.first_at THEN excluded.first_at ELSE habits.first_at END,
	last_at = CASE WHEN excluded.last_at > habits.last_at THEN excluded.last_at ELSE habits.last_at END
WHERE excluded.last_at >= habits.first_at - %[1]d`, gap), engine.Sorted(rows))
	})
	return engine.Wrapf(err, "keep where %d accounts were seen", len(seen))
}

// CasePlaces returns the different places of a case's events, as its rule stored them.
func (s Store) CasePlaces(ctx context.Context, c Case) ([][]byte, error) {
	hits, err := s.hits(ctx, s.db.Reader(), c.Rule, c.Subject, c.FirstAt)
	if err != nil {
		return nil, fmt.Errorf("read the places of case %s: %w", c.DedupKey, err)
	}
	var out [][]byte
	for _, h := range hits {
		if !h.At.After(c.LastAt) && len(h.Place) > 0 && !slices.ContainsFunc(out, func(p []byte) bool { return string(p) == string(h.Place) }) {
			out = append(out, h.Place)
		}
	}
	return out, nil
}
