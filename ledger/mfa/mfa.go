package mfa

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// Factor says whether an account has a second factor.
type Factor string

// What is known about the factors of an account.
const (
	FactorUnknown Factor = "unknown"
	FactorNone    Factor = "none"
	FactorSome    Factor = "some"
)

// The stages of a grace period, as the tracking sheet and the evidence name them.
const (
	StageGrace      = "grace"
	StageEscalated  = "escalated"
	StageRestricted = "restricted"
	StageExempt     = "exempt"
	StageLeave      = "leave"
	StageEnrolled   = "enrolled"
	StageEnded      = "ended"
)

// State is what the ledger knows about the second factors of one account.
type State struct {
	AccountID int64
	Key       string
	// Username is sealed when stored.
	Username string
	// Kind is what an account is that is no person's own, empty for a person's.
	Kind string
	// Active says that the account can sign in.
	Active    bool
	Factor    Factor
	Source    string
	CheckedAt time.Time
	// Kinds are the kinds of the factors in use. Weak is what does not count for somebody who has nothing else, empty if a factor
	// counts or there is none.
	Kinds Kinds
	Weak  []string
	// Risk is the highest risk score of OneLogin's events that counts for the clock, 0 to 100.
	Risk int

	// Clock counts the grace clocks of the account; Since is when the one that runs was started, zero if none does.
	Clock int
	Since time.Time
	// Observed says that the clock was started while Gatehouse only observed, so that nobody has been told.
	Observed      bool
	ExtendedUntil time.Time
	ExemptUntil   time.Time
	Stage         string
	StageAt       time.Time
	Reminders     int
	Deadline      time.Time
	// Row is the account's row in the tracking sheet, 0 until it needs one. It never changes.
	Row int
	// Why is why a scan looks at the account: "scan" or "event".
	Why string
}

// start starts a clock. What belonged to the one before is forgotten.
func (s *State) start(now time.Time, observed bool) {
	s.Clock++
	s.Since, s.Observed = now, observed
	s.ExtendedUntil, s.ExemptUntil, s.Deadline = time.Time{}, time.Time{}, time.Time{}
	s.Stage, s.StageAt, s.Reminders, s.Risk = StageGrace, now, 0, 0
}

// openStages are those in which a run has something to do.
var openStages = []string{StageGrace, StageEscalated, StageRestricted, StageExempt, StageLeave}

// open says of a state what Open asks the ledger for.
func (s *State) open() bool {
	return !s.Since.IsZero() || slices.Contains(openStages, s.Stage)
}

// settle takes in what was just read. A clock is started once and no second reading starts it again; a factor ends it;
// a factor that is lost later starts another one.
func (s *State) settle(r Reading, now time.Time, observed bool) {
	s.Factor, s.Source, s.CheckedAt, s.Why = FactorNone, r.Source, now, ""
	s.Kinds, s.Weak = r.Kinds, r.Weak
	switch {
	case r.Gone:
		s.Factor, s.Active, s.Since = FactorUnknown, false, time.Time{}
	case r.Some:
		s.Factor, s.Since, s.Weak = FactorSome, time.Time{}, nil
	case !s.Active || s.ExemptUntil.After(now):
	case s.Since.IsZero(), s.Observed && !observed:
		s.start(now, observed)
	}
}

// Reading is what was read about one account.
type Reading struct {
	AccountID int64
	// Some says that a factor is there that counts. Weak is what does not count for somebody who has nothing else.
	Some  bool
	Kinds Kinds
	Weak  []string
	// Gone says that the account no longer exists.
	Gone bool
	// Source is who read it: "scan", "event" or "check".
	Source string
}

// firstMFARow is below the header of the tracking sheet.
const firstMFARow = 2

const mfaColumns = `account_id, person_key, username, active, factor, source, checked_at, risk, clock, noncompliant_since,
	observed, extended_until, exempt_until, stage, stage_at, reminders, deadline_at, row_number, due_in, due_why, kinds, weak, kind`

const mfaConflict = `ON CONFLICT (account_id) DO UPDATE SET person_key = excluded.person_key, username = excluded.username,
	active = excluded.active, factor = excluded.factor, source = excluded.source, checked_at = excluded.checked_at,
	risk = excluded.risk, clock = excluded.clock, noncompliant_since = excluded.noncompliant_since,
	observed = excluded.observed, extended_until = excluded.extended_until, exempt_until = excluded.exempt_until,
	stage = excluded.stage, stage_at = excluded.stage_at, reminders = excluded.reminders,
	deadline_at = excluded.deadline_at, row_number = excluded.row_number, due_in = excluded.due_in,
	due_why = excluded.due_why, kinds = excluded.kinds, weak = excluded.weak,
	kind = excluded.kind`

// mfaRow is a state and the scan that has yet to look at it.
type mfaRow struct {
	State
	dueIn string
}

func (s Store) args(r mfaRow) []any {
	return []any{
		r.AccountID, r.Key, s.db.Seal(engine.Place("mfa_state.username", fmt.Sprint(r.AccountID)), []byte(r.Username)), engine.Flag(r.Active),
		string(r.Factor), r.Source, engine.Micros(r.CheckedAt), r.Risk, r.Clock, engine.Micros(r.Since), engine.Flag(r.Observed),
		engine.Micros(r.ExtendedUntil), engine.Micros(r.ExemptUntil), r.Stage, engine.Micros(r.StageAt), r.Reminders, engine.Micros(r.Deadline), r.Row,
		r.dueIn, r.Why, r.Kinds.text(), listText(r.Weak, "\n"), r.Kind,
	}
}

// rows reads rows; where begins with WHERE.
func (s Store) rows(ctx context.Context, q engine.Querier, where string, args ...any) ([]mfaRow, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+mfaColumns+" FROM mfa_state "+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []mfaRow
	for rows.Next() {
		var r mfaRow
		var username []byte
		var kinds, weak string
		var active, observed, checked, since, extended, exempt, staged, deadline int64
		if err := rows.Scan(&r.AccountID, &r.Key, &username, &active, &r.Factor, &r.Source, &checked, &r.Risk, &r.Clock,
			&since, &observed, &extended, &exempt, &r.Stage, &staged, &r.Reminders, &deadline, &r.Row, &r.dueIn,
			&r.Why, &kinds, &weak, &r.Kind); err != nil {
			return nil, err
		}
		r.Kinds, r.Weak = readKinds(kinds), readList(weak, "\n")
		r.Active, r.Observed = active == 1, observed == 1
		r.CheckedAt, r.Since, r.StageAt, r.Deadline = engine.Instant(checked), engine.Instant(since), engine.Instant(staged), engine.Instant(deadline)
		r.ExtendedUntil, r.ExemptUntil = engine.Instant(extended), engine.Instant(exempt)
		if r.Username, err = s.db.OpenText(engine.Place("mfa_state.username", fmt.Sprint(r.AccountID)), username); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// edit changes accounts in one transaction, under a lock that all changes take, and gives a row in the tracking
// sheet to those whose clock was started. edit gets every account of the list, with found false for a new one, and
// says whether to keep what it made of it.
func (s Store) edit(ctx context.Context, accounts []int64, edit func(row *mfaRow, found bool) (keep bool)) error {
	unique := slices.Compact(slices.Sorted(slices.Values(accounts)))
	return s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "mfa"); err != nil {
			return err
		}
		known := map[int64]mfaRow{}
		for part := range slices.Chunk(unique, engine.MaxArgs) {
			args := make([]any, len(part))
			for i, id := range part {
				args[i] = id
			}
			rows, err := s.rows(ctx, q, "WHERE account_id IN "+engine.List(1, len(part)), args...)
			if err != nil {
				return err
			}
			for _, r := range rows {
				known[r.AccountID] = r
			}
		}
		last := 0
		if _, err := engine.QueryRow(ctx, q, "SELECT COALESCE(MAX(row_number), 0) FROM mfa_state", nil, &last); err != nil {
			return err
		}
		last = max(last, firstMFARow-1)
		var changed [][]any
		for _, id := range unique {
			row, found := known[id]
			row.AccountID = id
			if !edit(&row, found) {
				continue
			}
			if row.Row == 0 && row.Clock > 0 {
				last++
				row.Row = last
			}
			changed = append(changed, s.args(row))
		}
		return engine.InsertRows(ctx, q, "INSERT INTO mfa_state ("+mfaColumns+")", mfaConflict, changed)
	})
}

// Settle takes in what was read about accounts, in one transaction, and returns their states after it. Observed says
// that nobody is told: a clock started so does not count once people are.
func (s Store) Settle(ctx context.Context, readings []Reading, observed bool) ([]State, error) {
	byAccount := make(map[int64]Reading, len(readings))
	accounts := make([]int64, 0, len(readings))
	for _, r := range readings {
		byAccount[r.AccountID] = r
		accounts = append(accounts, r.AccountID)
	}
	var after []State
	now := s.db.Now()
	err := s.edit(ctx, accounts, func(row *mfaRow, found bool) bool {
		if !found {
			return false
		}
		row.settle(byAccount[row.AccountID], now, observed)
		row.dueIn = ""
		return true
	})
	if err == nil {
		after, err = s.states(ctx, accounts)
	}
	if err != nil {
		return nil, fmt.Errorf("settle the factors of %d accounts: %w", len(accounts), err)
	}
	return after, nil
}

func (s Store) states(ctx context.Context, accounts []int64) ([]State, error) {
	var all []State
	for part := range slices.Chunk(accounts, engine.MaxArgs) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := s.rows(ctx, s.db.Reader(), "WHERE account_id IN "+engine.List(1, len(part))+" ORDER BY account_id", args...)
		if err != nil {
			return nil, err
		}
		all = append(all, bare(rows)...)
	}
	return all, nil
}

func bare(rows []mfaRow) []State {
	out := make([]State, len(rows))
	for i, r := range rows {
		out[i] = r.State
	}
	return out
}

// State returns the state of one account.
func (s Store) State(ctx context.Context, account int64) (State, bool, error) {
	rows, err := s.rows(ctx, s.db.Reader(), "WHERE account_id = $1", account)
	if err != nil {
		return State{}, false, fmt.Errorf("read the factors of account %d: %w", account, err)
	}
	if len(rows) == 0 {
		return State{}, false, nil
	}
	return rows[0].State, true, nil
}

// StatesOf returns the states of a person's accounts, those that can sign in first.
func (s Store) StatesOf(ctx context.Context, key string) ([]State, error) {
	rows, err := s.rows(ctx, s.db.Reader(), "WHERE person_key = $1 ORDER BY active DESC, account_id", key)
	if err != nil {
		return nil, fmt.Errorf("read the factors of %s: %w", key, err)
	}
	return bare(rows), nil
}

// Open returns up to limit accounts above a number for whom a run has something to do: a clock runs, or a grace period is
// open that has come to its end.
func (s Store) Open(ctx context.Context, after int64, limit int) ([]State, error) {
	rows, err := s.rows(ctx, s.db.Reader(), `WHERE account_id > $1 AND (noncompliant_since <> 0 OR
		stage IN `+engine.List(3, len(openStages))+`) ORDER BY account_id LIMIT $2`, append([]any{after, limit}, engine.Anys(openStages)...)...)
	if err != nil {
		return nil, fmt.Errorf("read who has no second factor: %w", err)
	}
	return bare(rows), nil
}

// OpenAmong returns those of some accounts for whom a run has something to do.
func (s Store) OpenAmong(ctx context.Context, accounts []int64) ([]State, error) {
	all, err := s.states(ctx, accounts)
	if err != nil {
		return nil, fmt.Errorf("read the grace periods of %d accounts: %w", len(accounts), err)
	}
	return slices.DeleteFunc(all, func(s State) bool { return !s.open() }), nil
}

// Tracked returns up to limit accounts that have a row in the tracking sheet, above a row, in the order of rows.
func (s Store) Tracked(ctx context.Context, after, limit int) ([]State, error) {
	rows, err := s.rows(ctx, s.db.Reader(), "WHERE row_number > $1 ORDER BY row_number LIMIT $2", after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the rows of the tracking sheet: %w", err)
	}
	return bare(rows), nil
}

// Move is one transition of a grace period.
type Move struct {
	AccountID int64
	// Clock is the clock that the move belongs to: a newer one is not touched.
	Clock     int
	Stage     string
	Reminders int
	Deadline  time.Time
}

// Move records a transition. It may be repeated.
func (s Store) Move(ctx context.Context, m Move) error {
	now := s.db.Now()
	err := s.edit(ctx, []int64{m.AccountID}, func(row *mfaRow, found bool) bool {
		if !found || row.Clock != m.Clock {
			return false
		}
		if row.Stage != m.Stage {
			row.Stage, row.StageAt = m.Stage, now
		}
		if m.Stage == StageEnded {
			// What ended without a factor may begin again: with a clock of its own.
			row.Since = time.Time{}
		}
		row.Reminders, row.Deadline = max(row.Reminders, m.Reminders), m.Deadline
		return true
	})
	if err != nil {
		return fmt.Errorf("move the grace period of account %d: %w", m.AccountID, err)
	}
	return nil
}

// SetRisk keeps the highest recent risk score of an account.
func (s Store) SetRisk(ctx context.Context, account int64, risk int) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE mfa_state SET risk = $2 WHERE account_id = $1", account, risk)
		return err
	})
	if err != nil {
		return fmt.Errorf("set the risk of account %d: %w", account, err)
	}
	return nil
}
