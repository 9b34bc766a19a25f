package policies

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Why a process has not taken up the policy file that is there.
const (
	// PolicyInvalid: the file has problems, or it is cut off.
	PolicyInvalid = "invalid"
	// PolicyGone: there is no file.
	PolicyGone = "gone"
	// PolicyUnreadable: there is something of that name that cannot be read, such as a directory or a link to itself.
	PolicyUnreadable = "unreadable"
	// PolicyUnsettled: it goes on changing, so that nobody knows which policy is meant.
	PolicyUnsettled = "unsettled"
	// PolicyWeaker: it would protect less than the policy in force, which somebody has to accept.
	PolicyWeaker = "weaker"
)

// PolicyState is which policy a process has in force.
type PolicyState struct {
	// Program is the process.
	Program string
	// Hash is of the policy in force since TakenAt. SeenAt is when the process last said so.
	Hash            string
	TakenAt, SeenAt time.Time
	// Refused says why the file that is there is not in force, empty if it is. RefusedHash is the hash of its policy, empty
	// if it has none, Detail what is wrong with it.
	Refused, RefusedHash, Detail string
	RefusedAt                    time.Time
	// Deciders is the JSON of those whom the policy in force names to decide; empty of a process that does not say.
	Deciders string
}

// PolicyAccept is somebody's word that a policy is in order although it protects less than the one before.
type PolicyAccept struct {
	Hash string    `json:"-"`
	At   time.Time `json:"-"`
	By   string    `json:"by"`
	// Reason is why.
	Reason string `json:"reason"`
}

// NotePolicy writes down which policy a process has in force.
func (s Store) NotePolicy(ctx context.Context, state PolicyState) error {
	if state.Program == "" || state.Hash == "" {
		return errors.New("note the policy in force: program and hash must not be empty")
	}
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO policies (program, hash, taken_at, seen_at, refused, refused_hash, refused_at, detail, deciders)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (program) DO UPDATE SET hash = excluded.hash, taken_at = excluded.taken_at,
			seen_at = excluded.seen_at, refused = excluded.refused, refused_hash = excluded.refused_hash,
			refused_at = excluded.refused_at, detail = excluded.detail, deciders = excluded.deciders`,
			state.Program, state.Hash, engine.Micros(state.TakenAt), engine.Micros(s.db.Now()), state.Refused, state.RefusedHash, engine.Micros(state.RefusedAt),
			s.db.Seal(engine.Place("policies.detail", state.Program), []byte(state.Detail)), s.db.Seal(engine.Place("policies.deciders", state.Program), []byte(state.Deciders)))
		return err
	})
	if err != nil {
		return fmt.Errorf("note the policy in force: %w", err)
	}
	return nil
}

// States lists which policies the processes have in force that have said so since a moment.
func (s Store) States(ctx context.Context, since time.Time) ([]PolicyState, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT program, hash, taken_at, seen_at, refused, refused_hash, refused_at, detail, deciders
		FROM policies WHERE seen_at >= $1 ORDER BY program`, engine.Micros(since))
	if err != nil {
		return nil, fmt.Errorf("read the policies in force: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var all []PolicyState
	for rows.Next() {
		var state PolicyState
		var taken, seen, refused int64
		var detail, deciders []byte
		if err := rows.Scan(&state.Program, &state.Hash, &taken, &seen, &state.Refused, &state.RefusedHash, &refused, &detail, &deciders); err != nil {
			return nil, fmt.Errorf("read the policies in force: %w", err)
		}
		state.TakenAt, state.SeenAt, state.RefusedAt = engine.Instant(taken), engine.Instant(seen), engine.Instant(refused)
		if state.Detail, err = s.db.OpenText(engine.Place("policies.detail", state.Program), detail); err != nil {
			return nil, err
		}
		if state.Deciders, err = s.db.OpenText(engine.Place("policies.deciders", state.Program), deciders); err != nil {
			return nil, err
		}
		all = append(all, state)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the policies in force: %w", err)
	}
	return all, nil
}

// ForgetPolicies drops what processes said that have not been heard of since a moment.
func (s Store) ForgetPolicies(ctx context.Context, before time.Time) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM policies WHERE seen_at < $1", engine.Micros(before))
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the policies of processes that have ended: %w", err)
	}
	return nil
}

// AcceptPolicy records that somebody accepts a policy which protects less. The first word on a policy stays.
func (s Store) AcceptPolicy(ctx context.Context, a PolicyAccept) error {
	if a.Hash == "" || a.By == "" || a.Reason == "" {
		return errors.New("accept a policy: hash, person and reason must not be empty")
	}
	detail, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("accept policy %s: %w", a.Hash, err)
	}
	err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO policy_accepts (hash, accepted_at, detail) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING`,
			a.Hash, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("policy_accepts.detail", a.Hash), detail))
		return err
	})
	if err != nil {
		return fmt.Errorf("accept policy %s: %w", a.Hash, err)
	}
	return nil
}

// PolicyAccepted returns who has accepted a policy.
func (s Store) PolicyAccepted(ctx context.Context, hash string) (a PolicyAccept, found bool, err error) {
	var at int64
	var detail []byte
	found, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT accepted_at, detail FROM policy_accepts WHERE hash = $1", []any{hash}, &at, &detail)
	if err != nil || !found {
		return PolicyAccept{}, false, engine.Wrapf(err, "read whether policy %s is accepted", hash)
	}
	opened, err := s.db.Open(engine.Place("policy_accepts.detail", hash), detail)
	if err == nil {
		err = json.Unmarshal(opened, &a)
	}
	if err != nil {
		return PolicyAccept{}, false, fmt.Errorf("read who accepted policy %s: %w", hash, err)
	}
	a.Hash, a.At = hash, engine.Instant(at)
	return a, true, nil
}
