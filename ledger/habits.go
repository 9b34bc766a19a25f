package ledger

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
	"gatehouse/ledger/incidents"
)

// Sites are the locations for whose people habits may be kept, by what the roster remembers of the column: Length characters from
// Offset on, and the values that are allowed.
type Sites struct {
	Offset, Length int
	Traits         []string
}

// whoseHabits joins an account a with who it stands for, and allowed says whether a habit may be kept of them: they have not left, and
// all their records of people who belong are at such a location.
const whoseHabits = "accounts a LEFT JOIN people p ON p.person_key = a.person_key"

func (s Sites) allowed(from int) string {
	const key = "COALESCE(NULLIF(p.forward, ''), a.person_key)"
	record := fmt.Sprintf(`SELECT 1 FROM links l JOIN roster r ON r.source = l.source AND r.employee_id = l.employee_id
		WHERE l.person_key = %s AND r.active = 1 AND substr(r.traits, %d, %d)`, key, s.Offset+1, s.Length)
	in := engine.List(from, len(s.Traits))
	return `a.system = 'onelogin' AND a.state = 'linked' AND a.person_key <> ''
		AND NOT EXISTS (SELECT 1 FROM people o WHERE o.person_key = ` + key + ` AND o.episode > 0 AND o.employed = 0)
		AND EXISTS (` + record + " IN " + in + ") AND NOT EXISTS (" + record + " NOT IN " + in + ")"
}

// Habits returns what is kept of accounts, by account. An account of which nothing may be kept is not in it; one of which nothing is
// known yet is in it without an entry. It is one statement for a few hundred accounts.
func (l *Ledger) Habits(ctx context.Context, accounts []string, sites Sites) (map[string][]incidents.Seen, error) {
	found := map[string][]incidents.Seen{}
	if len(sites.Traits) == 0 {
		return found, nil
	}
	err := engine.Chunks(accounts, func(part []string) error {
		part = engine.Padded(part)
		return engine.Each(ctx, l.db.Reader(), sites.habitsQuery(len(part)), append(engine.Anys(part), engine.Anys(sites.Traits)...), func(scan func(...any) error) error {
			var h incidents.Seen
			var digest string
			var sealed []byte
			var first, last int64
			if err := scan(&h.Account, &h.Kind, &digest, &sealed, &first, &last); err != nil {
				return err
			}
			if h.Kind == "" {
				found[h.Account] = []incidents.Seen{}
				return nil
			}
			place, err := l.db.OpenText(incidents.HabitPlace(h.Account, h.Kind, digest), sealed)
			h.Place, h.First, h.Last = place, engine.Instant(first), engine.Instant(last)
			found[h.Account] = append(found[h.Account], h)
			return err
		})
	})
	return found, engine.Wrapf(err, "read where %d accounts usually sign in", len(accounts))
}

func (s Sites) habitsQuery(accounts int) string {
	return `SELECT a.account_id, COALESCE(h.kind, ''), COALESCE(h.digest, ''), h.place, COALESCE(h.first_at, 0), COALESCE(h.last_at, 0)
		FROM ` + whoseHabits + " LEFT JOIN habits h ON h.account_id = a.account_id WHERE a.account_id IN " + engine.List(1, accounts) +
		" AND " + s.allowed(1+accounts)
}

// PruneHabits deletes what was not seen since a time, and what may not be kept any more: of people who have left, whose location is not
// one of those, and of accounts that are nobody's. It returns how many entries went.
func (l *Ledger) PruneHabits(ctx context.Context, before time.Time, sites Sites) (n int64, err error) {
	query, args := "DELETE FROM habits", []any(nil)
	if len(sites.Traits) > 0 {
		query += " WHERE last_at < $1 OR NOT EXISTS (SELECT 1 FROM " + whoseHabits + " WHERE a.account_id = habits.account_id AND " + sites.allowed(2) + ")"
		args = append([]any{engine.Micros(before)}, engine.Anys(sites.Traits)...)
	}
	err = l.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		n, err = engine.Affected(ctx, q, query, args...)
		return err
	})
	return n, engine.Wrapf(err, "delete where accounts usually sign in")
}
