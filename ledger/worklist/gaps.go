package worklist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// What becomes of a gap.
const (
	// GapHint is work: the person is hinted.
	GapHint = "hint"
	// GapHeld waits for somebody's decision about a batch.
	GapHeld = "held"
	// GapFound is only recorded.
	GapFound = "found"
)

// Gap is one thing between where a person should be and where they are.
type Gap struct {
	Key, Kind string
	// Source is the HR source whose budgets it draws on.
	Source string
	State  string
	// Steps is what is missing or too much, a line for each; Budgets are what carrying it out draws on.
	Steps, Budgets []string
	// AddedBy and AddedAt say who gave the latest of what is too much, as far as the system says.
	AddedBy string
	AddedAt time.Time
	// Since is when it was first found.
	Since time.Time
	// Run is the run of Reconcile that is to hint the person, HintedAt when they were hinted last.
	Run      string
	HintedAt time.Time
}

// gapsAtOnce is how many gaps are written in one transaction.
const gapsAtOnce = 50

// PutGaps writes gaps down in place of those of the same person and kind, a few at a time and behind all other work. When
// one was first found, and when its person was hinted, stay what they were.
func (s Store) PutGaps(ctx context.Context, gaps []Gap) error {
	for part := range slices.Chunk(gaps, gapsAtOnce) {
		rows := make([][]any, len(part))
		for i, g := range part {
			rows[i] = []any{
				g.Key, g.Kind, g.Source, g.State, strings.Join(g.Steps, "\n"), strings.Join(g.Budgets, "\n"), g.AddedBy,
				engine.Micros(g.AddedAt), engine.Micros(g.Since), g.Run, engine.Micros(g.HintedAt),
			}
		}
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			return engine.InsertRows(ctx, q, `INSERT INTO gaps (person_key, kind, source, state, steps, budgets, added_by, added_at, since,
				hint_run, hinted_at)`, `ON CONFLICT (person_key, kind) DO UPDATE SET source = excluded.source, state = excluded.state,
				steps = excluded.steps, budgets = excluded.budgets, added_by = excluded.added_by, added_at = excluded.added_at,
				hint_run = excluded.hint_run`, rows)
		})
		if err != nil {
			return fmt.Errorf("write %d gaps: %w", len(gaps), err)
		}
	}
	return nil
}

// DropGaps forgets gaps that are closed.
func (s Store) DropGaps(ctx context.Context, gaps []Gap) error {
	for part := range slices.Chunk(gaps, gapsAtOnce) {
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			for _, g := range part {
				if _, err := q.ExecContext(ctx, "DELETE FROM gaps WHERE person_key = $1 AND kind = $2", g.Key, g.Kind); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("forget %d gaps: %w", len(gaps), err)
		}
	}
	return nil
}

// Gaps returns every gap there is, in a fixed order.
func (s Store) Gaps(ctx context.Context) ([]Gap, error) { return s.gaps(ctx, "") }

// GapsToClose returns every gap that is more than recorded, in a fixed order.
func (s Store) GapsToClose(ctx context.Context) ([]Gap, error) {
	return s.gaps(ctx, " WHERE state <> $1", GapFound)
}

// GapsOfRun returns the gaps whose people a run of Reconcile is to hint.
func (s Store) GapsOfRun(ctx context.Context, run string) ([]Gap, error) {
	return s.gaps(ctx, " WHERE hint_run <> '' AND hint_run = $1", run)
}

// GapsOf returns the gaps of some people.
func (s Store) GapsOf(ctx context.Context, keys []string) (found []Gap, err error) {
	err = engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		gaps, err := s.gaps(ctx, " WHERE person_key IN "+engine.List(1, len(part)), engine.Anys(part)...)
		found = append(found, gaps...)
		return err
	})
	return found, err
}

// PeopleWithGaps returns the keys of those who have a gap of any of some kinds.
func (s Store) PeopleWithGaps(ctx context.Context, kinds ...string) ([]string, error) {
	keys, err := engine.Texts(ctx, s.db.Reader(), "SELECT DISTINCT person_key FROM gaps WHERE kind IN "+engine.List(1, len(kinds))+" ORDER BY person_key",
		engine.Anys(kinds)...)
	return keys, engine.Wrap("find who has gaps", err)
}

func (s Store) gaps(ctx context.Context, where string, args ...any) ([]Gap, error) {
	var found []Gap
	err := engine.Each(ctx, s.db.Reader(), `SELECT person_key, kind, source, state, steps, budgets, added_by, added_at, since, hint_run,
		hinted_at FROM gaps`+where+" ORDER BY person_key, kind", args, func(scan func(...any) error) error {
		var g Gap
		var steps, budgets string
		var added, since, hinted int64
		err := scan(&g.Key, &g.Kind, &g.Source, &g.State, &steps, &budgets, &g.AddedBy, &added, &since, &g.Run, &hinted)
		g.Steps, g.Budgets, g.AddedAt, g.Since, g.HintedAt = engine.Lines(steps), engine.Lines(budgets), engine.Instant(added), engine.Instant(since), engine.Instant(hinted)
		found = append(found, g)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the gaps: %w", err)
	}
	return found, nil
}

// MarkGapsHinted says that the people of these gaps were hinted.
func (s Store) MarkGapsHinted(ctx context.Context, gaps []Gap, at time.Time) error {
	for part := range slices.Chunk(gaps, gapsAtOnce) {
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			for _, g := range part {
				if _, err := q.ExecContext(ctx, "UPDATE gaps SET hinted_at = $3 WHERE person_key = $1 AND kind = $2",
					g.Key, g.Kind, engine.Micros(at)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("note that the people of %d gaps were hinted: %w", len(gaps), err)
		}
	}
	return nil
}

// GapCount is how many gaps of a kind there are in a state, and since when the oldest.
type GapCount struct {
	Kind, State string
	People      int
	Since       time.Time
}

// GapCounts counts the gaps by kind and state.
func (s Store) GapCounts(ctx context.Context) ([]GapCount, error) {
	var found []GapCount
	err := engine.Each(ctx, s.db.Reader(), "SELECT kind, state, COUNT(*), MIN(since) FROM gaps GROUP BY kind, state ORDER BY kind, state", nil,
		func(scan func(...any) error) error {
			var c GapCount
			var since int64
			err := scan(&c.Kind, &c.State, &c.People, &since)
			c.Since = engine.Instant(since)
			found = append(found, c)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("count the gaps: %w", err)
	}
	return found, nil
}

// Reconcile is one comparison of people with their accounts.
type Reconcile struct {
	Run string
	// Whole says that everybody was compared, Policy by what.
	Whole  bool
	Policy string
	People int
	// Unread are the sources that were quarantined.
	Unread                []string
	StartedAt, FinishedAt time.Time
}

// BeginReconcile returns the comparison of a run, and begins it if there is none: a repeated attempt goes on with what the
// first decided.
func (s Store) BeginReconcile(ctx context.Context, r Reconcile) (Reconcile, error) {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO reconciles (run, whole, policy, started_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (run) DO NOTHING`, r.Run, engine.Flag(r.Whole), r.Policy, engine.Micros(r.StartedAt))
		if err != nil {
			return err
		}
		r, _, err = reconcileWhere(ctx, q, "run = $1", r.Run)
		return err
	})
	if err != nil {
		return Reconcile{}, fmt.Errorf("begin a comparison of everybody: %w", err)
	}
	return r, nil
}

// ComparedReconcile keeps how many people a run has compared, and which sources it did not believe.
func (s Store) ComparedReconcile(ctx context.Context, r Reconcile) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE reconciles SET people = $2, unread = $3 WHERE run = $1", r.Run, r.People, strings.Join(r.Unread, "\n"))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what a comparison of everybody found: %w", err)
	}
	return nil
}

// keptReconciles is for how long a comparison is remembered.
const keptReconciles = 30 * 24 * time.Hour

// FinishReconcile keeps that a comparison has ended and everybody was hinted.
func (s Store) FinishReconcile(ctx context.Context, r Reconcile) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, "UPDATE reconciles SET finished_at = $2 WHERE run = $1", r.Run, engine.Micros(r.FinishedAt)); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `DELETE FROM reconciles WHERE started_at < $1 AND run NOT IN (
			SELECT run FROM reconciles WHERE whole = 1 AND unread = '' AND finished_at <> 0 ORDER BY started_at DESC LIMIT 1)`,
			engine.Micros(r.FinishedAt.Add(-keptReconciles)))
		return err
	})
	if err != nil {
		return fmt.Errorf("finish a comparison of everybody: %w", err)
	}
	return nil
}

// LastReconcile returns the latest comparison that has ended: any, or one of everybody for which every source was believed.
func (s Store) LastReconcile(ctx context.Context, whole bool) (Reconcile, bool, error) {
	r, found, err := reconcileWhere(ctx, s.db.Reader(), "finished_at <> 0 AND (whole = 1 AND unread = '' OR $1 = 0) ORDER BY started_at DESC, run LIMIT 1", engine.Flag(whole))
	if err != nil {
		return Reconcile{}, false, fmt.Errorf("read the last comparison of everybody: %w", err)
	}
	return r, found, nil
}

func reconcileWhere(ctx context.Context, q engine.Querier, where string, args ...any) (Reconcile, bool, error) {
	var r Reconcile
	var whole, started, finished int64
	var unread string
	found, err := engine.QueryRow(ctx, q, "SELECT run, whole, policy, people, unread, started_at, finished_at FROM reconciles WHERE "+where, args,
		&r.Run, &whole, &r.Policy, &r.People, &unread, &started, &finished)
	r.Whole, r.Unread, r.StartedAt, r.FinishedAt = whole == 1, engine.Lines(unread), engine.Instant(started), engine.Instant(finished)
	return r, found, err
}
