package systems

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Debt is a step that could not be carried out so far.
type Debt struct {
	// Key is whose it is, Account the id of the account, "" for one that has to be made.
	Key, System, Account string
	Step                 identity.SystemStepKind
	Episode              int
	// Since is when it was first tried, Why the type of the error, and what was refused where the rest of the step is done.
	Since time.Time
	Why   string
	// Leaving says that the step ends access.
	Leaving bool
}

// Owe writes a debt down. One that is known keeps its Since.
func (s Store) Owe(ctx context.Context, d Debt) error {
	if d.Key == "" || d.System == "" || d.Step == "" {
		return errors.New("write down what is owed: it needs a person's key, a system and a step")
	}
	if d.Since.IsZero() {
		d.Since = s.db.Now()
	}
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO system_debts (system, person_key, account_id, step, episode, since, why, leaving)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (system, person_key, account_id, step) DO UPDATE SET
			episode = excluded.episode, why = excluded.why, leaving = excluded.leaving`,
			d.System, d.Key, d.Account, string(d.Step), d.Episode, engine.Micros(d.Since), d.Why, engine.Flag(d.Leaving))
		return err
	})
	return engine.Wrapf(err, "write down what %s owes in %s", d.Key, d.System)
}

// theirs is about a person at $1, and about those who are forwarded to them.
const theirs = "person_key IN (SELECT CAST($1 AS TEXT) UNION ALL SELECT person_key FROM people WHERE forward <> '' AND forward = $1)"

// Settle strikes a debt. One that is not there is no error.
func (s Store) Settle(ctx context.Context, key, system, account string, step identity.SystemStepKind) error {
	_, err := s.db.Change(ctx, "DELETE FROM system_debts WHERE system = $2 AND account_id = $3 AND step = $4 AND "+theirs,
		key, system, account, string(step))
	return engine.Wrapf(err, "settle what %s owes in %s", key, system)
}

// SettleAll strikes all debts of somebody in a system.
func (s Store) SettleAll(ctx context.Context, key, system string) error {
	_, err := s.db.Change(ctx, "DELETE FROM system_debts WHERE system = $2 AND "+theirs, key, system)
	return engine.Wrapf(err, "settle all that %s owes in %s", key, system)
}

const debtSelect = `SELECT CASE WHEN COALESCE(p.forward, '') <> '' THEN p.forward ELSE d.person_key END, d.system, d.account_id, d.step,
	d.episode, d.since, d.why, d.leaving FROM system_debts d LEFT JOIN people p ON p.person_key = d.person_key WHERE `

// Debts returns what is owed in a system: leavers first, and what has been owed longest.
func (s Store) Debts(ctx context.Context, system string) ([]Debt, error) {
	found, err := s.debts(ctx, debtSelect+"d.system = $1", system)
	return found, engine.Wrapf(err, "read what is owed in %s", system)
}

// DebtsOf returns what somebody owes anywhere.
func (s Store) DebtsOf(ctx context.Context, key string) ([]Debt, error) {
	found, err := s.debts(ctx, debtSelect+"d."+theirs, key)
	return found, engine.Wrapf(err, "read what %s owes", key)
}

func (s Store) debts(ctx context.Context, query string, args ...any) (found []Debt, err error) {
	err = engine.Each(ctx, s.db.Reader(), query, args, func(scan func(...any) error) error {
		var d Debt
		var since, leaving int64
		err := scan(&d.Key, &d.System, &d.Account, &d.Step, &d.Episode, &since, &d.Why, &leaving)
		d.Since, d.Leaving = engine.Instant(since), leaving == 1
		found = append(found, d)
		return err
	})
	slices.SortFunc(found, func(a, b Debt) int {
		return cmp.Or(int(engine.Flag(b.Leaving)-engine.Flag(a.Leaving)), a.Since.Compare(b.Since), strings.Compare(a.System, b.System),
			strings.Compare(a.Key, b.Key), strings.Compare(a.Account, b.Account), strings.Compare(string(a.Step), string(b.Step)))
	})
	return found, err
}
