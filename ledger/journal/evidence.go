package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// Evidence is the record of one step: what was done to whom, why, by whom, and what was so before and after.
type Evidence struct {
	// Key is "<person>/<episode>/<step>@<when it began>".
	Key                   string
	PersonKey             string
	Episode               int
	Step, Template, RunID string
	// Cause, Actor and Outcome may hold what people wrote and are sealed like the states.
	Cause, Actor, Outcome string
	PolicyHash            string
	// Before and After are JSON documents in clear; they are sealed when stored.
	Before, After         []byte
	StartedAt, FinishedAt time.Time
}

type evidenceDetail struct {
	Cause   string `json:"cause,omitempty"`
	Actor   string `json:"actor,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

const evidenceColumns = `evidence_key, person_key, episode, step, template, run_id, policy_hash, detail, state_before,
	state_after, started_at, finished_at`

// evidenceConflict overwrites a step recorded before with what its repetition found.
const evidenceConflict = `ON CONFLICT (evidence_key) DO UPDATE SET person_key = excluded.person_key,
	episode = excluded.episode, step = excluded.step, template = excluded.template, run_id = excluded.run_id,
	policy_hash = excluded.policy_hash, detail = excluded.detail, state_before = excluded.state_before,
	state_after = excluded.state_after, started_at = excluded.started_at, finished_at = excluded.finished_at`

// Record stores evidence in one transaction. A row whose key was recorded before replaces that one, and of two rows
// with one key the later in the slice counts.
func (s Store) Record(ctx context.Context, evidence []Evidence) error {
	if len(evidence) == 0 {
		return nil
	}
	rows := make(map[string][]any, len(evidence))
	for _, e := range evidence {
		if e.Key == "" || e.PersonKey == "" {
			return errors.New("record evidence: it needs a key and a person's key")
		}
		detail, err := json.Marshal(evidenceDetail{Cause: e.Cause, Actor: e.Actor, Outcome: e.Outcome})
		if err != nil {
			return fmt.Errorf("record evidence %s: %w", e.Key, err)
		}
		rows[e.Key] = []any{
			e.Key, e.PersonKey, e.Episode, e.Step, e.Template, e.RunID, e.PolicyHash,
			s.db.Seal(engine.Place("evidence.detail", e.Key), detail),
			s.db.Seal(engine.Place("evidence.state_before", e.Key), e.Before),
			s.db.Seal(engine.Place("evidence.state_after", e.Key), e.After),
			engine.Micros(e.StartedAt), engine.Micros(e.FinishedAt),
		}
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return engine.InsertRows(ctx, q, "INSERT INTO evidence ("+evidenceColumns+")", evidenceConflict, engine.Sorted(rows))
	})
	if err != nil {
		return fmt.Errorf("record %d pieces of evidence: %w", len(rows), err)
	}
	return nil
}

// EvidenceOf returns what was done to a person, in order, under the keys that are forwarded to them as well.
func (s Store) EvidenceOf(ctx context.Context, personKey string) ([]Evidence, error) {
	rows, err := s.db.Reader().QueryContext(ctx, "SELECT "+evidenceColumns+` FROM evidence
		WHERE person_key IN (SELECT CAST($1 AS TEXT)
			UNION ALL SELECT person_key FROM people WHERE forward <> '' AND forward = $1)`, personKey)
	if err != nil {
		return nil, fmt.Errorf("read evidence of %s: %w", personKey, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Evidence
	for rows.Next() {
		var e Evidence
		var detail, before, after []byte
		var started, finished int64
		if err := rows.Scan(&e.Key, &e.PersonKey, &e.Episode, &e.Step, &e.Template, &e.RunID, &e.PolicyHash,
			&detail, &before, &after, &started, &finished); err != nil {
			return nil, fmt.Errorf("read evidence of %s: %w", personKey, err)
		}
		e.StartedAt, e.FinishedAt = engine.Instant(started), engine.Instant(finished)
		if err := s.openEvidence(&e, detail, before, after); err != nil {
			return nil, fmt.Errorf("read evidence %s: %w", e.Key, err)
		}
		found = append(found, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read evidence of %s: %w", personKey, err)
	}
	slices.SortFunc(found, func(a, b Evidence) int {
		if c := a.StartedAt.Compare(b.StartedAt); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
	return found, nil
}

func (s Store) openEvidence(e *Evidence, detail, before, after []byte) (err error) {
	if detail, err = s.db.Open(engine.Place("evidence.detail", e.Key), detail); err != nil {
		return err
	}
	var d evidenceDetail
	if err = json.Unmarshal(detail, &d); err != nil {
		return err
	}
	e.Cause, e.Actor, e.Outcome = d.Cause, d.Actor, d.Outcome
	if e.Before, err = s.db.Open(engine.Place("evidence.state_before", e.Key), before); err != nil {
		return err
	}
	e.After, err = s.db.Open(engine.Place("evidence.state_after", e.Key), after)
	return err
}
