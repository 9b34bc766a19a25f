package worklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// CauseDecision is one answer for everybody who waits because of one item.
type CauseDecision struct {
	ID, Item         string
	Verb, By, Reason string
	DecidedAt        time.Time
	// Holders is how many waited for it, Refused how many of them had gone on or did not take it.
	Holders, Refused int
	// CarriedAt is when the last of them had it, zero while it is being carried.
	CarriedAt time.Time
	// Proof shows who has decided, as package decider writes it; nil where nothing does.
	Proof []byte
}

// Due is a decision that has to be carried to one holder.
type Due struct {
	CauseDecision
	Holder Holder
}

// DecideCause writes a decision down for everybody who waits because of an item now, takes that answer, and is meant; nil
// means all of them. Who comes to wait later is asked anew. The same decision twice is one.
func (s Store) DecideCause(ctx context.Context, d CauseDecision, meant func(Holder) bool) (holders int, err error) {
	if d.ID == "" || d.Item == "" || d.Verb == "" || d.By == "" {
		return 0, errors.New("decide about a cause: it needs an id, an item, an answer and a person")
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		holders = 0
		known, err := engine.QueryRow(ctx, q, "SELECT holders FROM attention_decisions WHERE decision_id = $1", []any{d.ID}, &holders)
		if err != nil || known {
			return err
		}
		n, err := engine.Affected(ctx, q, `UPDATE attention_holders SET decision_id = $1
			WHERE item_id = $2 AND decision_id = '' AND ',' || verbs || ',' LIKE $3`, d.ID, d.Item, "%,"+d.Verb+",%")
		if err == nil && meant != nil {
			var spared int
			spared, err = s.spare(ctx, q, d, meant)
			n -= int64(spared)
		}
		if holders = int(n); err != nil || n == 0 {
			return err
		}
		_, err = q.ExecContext(ctx, `INSERT INTO attention_decisions (decision_id, item_id, verb, decided_by, reason, decided_at, holders, proof)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, d.ID, d.Item, d.Verb, s.db.Seal(engine.Place("attention_decisions.decided_by", d.ID), []byte(d.By)),
			s.db.Seal(engine.Place("attention_decisions.reason", d.ID), []byte(d.Reason)), engine.Micros(s.db.Now()), n,
			s.db.Seal(engine.Place("attention_decisions.proof", d.ID), d.Proof))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("decide about item %s: %w", d.Item, err)
	}
	return holders, nil
}

// spare takes a decision back from those for whom it is not meant, and says of how many.
func (s Store) spare(ctx context.Context, q engine.Querier, d CauseDecision, meant func(Holder) bool) (int, error) {
	var spared []Holder
	err := engine.Each(ctx, q, "SELECT workflow_id, step, question, code FROM attention_holders WHERE item_id = $1 AND decision_id = $2", []any{d.Item, d.ID},
		func(scan func(...any) error) error {
			var h Holder
			if err := scan(&h.Workflow, &h.Step, &h.Question, &h.Code); err != nil {
				return err
			}
			if !meant(h) {
				spared = append(spared, h)
			}
			return nil
		})
	if err != nil {
		return 0, err
	}
	for _, h := range spared {
		if _, err := q.ExecContext(ctx, "UPDATE attention_holders SET decision_id = '' WHERE workflow_id = $1 AND step = $2", h.Workflow, h.Step); err != nil {
			return 0, err
		}
	}
	return len(spared), nil
}

// CauseProof returns what shows who has made a decision about a cause; nil where nothing does.
func (s Store) CauseProof(ctx context.Context, id string) ([]byte, error) {
	var sealed []byte
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT proof FROM attention_decisions WHERE decision_id = $1", []any{id}, &sealed)
	if err != nil || !found || sealed == nil {
		return nil, engine.Wrap("read the proof of a decision about a cause", err)
	}
	proof, err := s.db.Open(engine.Place("attention_decisions.proof", id), sealed)
	return proof, engine.Wrap("read the proof of a decision about a cause", err)
}

// DueDecisions lists up to limit of the holders to whom a decision has yet to be carried.
func (s Store) DueDecisions(ctx context.Context, limit int) ([]Due, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT h.workflow_id, h.step, h.question, h.code, h.parked_at, d.decision_id, d.item_id, d.verb,
		d.decided_by, d.reason, d.decided_at FROM attention_holders h JOIN attention_decisions d ON d.decision_id = h.decision_id
		WHERE h.decision_id <> '' ORDER BY h.decision_id, h.workflow_id, h.step LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list the decisions to carry: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Due
	for rows.Next() {
		var d Due
		var parked, decided int64
		var by, reason []byte
		err := rows.Scan(&d.Holder.Workflow, &d.Holder.Step, &d.Holder.Question, &d.Holder.Code, &parked, &d.ID, &d.Item, &d.Verb, &by, &reason, &decided)
		if err == nil {
			d.By, err = s.db.OpenText(engine.Place("attention_decisions.decided_by", d.ID), by)
		}
		if err == nil {
			d.Reason, err = s.db.OpenText(engine.Place("attention_decisions.reason", d.ID), reason)
		}
		if err != nil {
			return nil, fmt.Errorf("list the decisions to carry: %w", err)
		}
		d.Holder.ParkedAt, d.DecidedAt = engine.Instant(parked), engine.Instant(decided)
		found = append(found, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the decisions to carry: %w", err)
	}
	return found, nil
}

// CarriedDecision writes down that a holder has had a decision. One that took it waits no more; one that refused it waits on,
// and is asked anew.
func (s Store) CarriedDecision(ctx context.Context, d Due, refused bool) error {
	h := d.Holder
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if refused {
			if _, err := q.ExecContext(ctx, "UPDATE attention_holders SET decision_id = '' WHERE workflow_id = $1 AND step = $2 AND decision_id = $3",
				h.Workflow, h.Step, d.ID); err != nil {
				return err
			}
		} else {
			held, err := engine.Texts(ctx, q, "DELETE FROM attention_holders WHERE workflow_id = $1 AND step = $2 AND decision_id = $3 RETURNING item_id",
				h.Workflow, h.Step, d.ID)
			if err == nil {
				err = s.letGo(ctx, q, held)
			}
			if err != nil {
				return err
			}
		}
		_, err := q.ExecContext(ctx, `UPDATE attention_decisions SET refused = refused + $2, carried_at = CASE WHEN EXISTS
			(SELECT 1 FROM attention_holders h WHERE h.decision_id = attention_decisions.decision_id) THEN 0 ELSE $3 END
			WHERE decision_id = $1`, d.ID, engine.Flag(refused), engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("write down that %s has a decision: %w", h.Workflow, err)
	}
	return nil
}

// CauseDecisions lists the latest decisions about an item.
func (s Store) CauseDecisions(ctx context.Context, item string, limit int) ([]CauseDecision, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT decision_id, verb, decided_by, reason, decided_at, holders, refused, carried_at
		FROM attention_decisions WHERE item_id = $1 ORDER BY decided_at DESC, decision_id LIMIT $2`, item, limit)
	if err != nil {
		return nil, fmt.Errorf("list the decisions about item %s: %w", item, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []CauseDecision
	for rows.Next() {
		d := CauseDecision{Item: item}
		var decided, carried int64
		var by, reason []byte
		err := rows.Scan(&d.ID, &d.Verb, &by, &reason, &decided, &d.Holders, &d.Refused, &carried)
		if err == nil {
			d.By, err = s.db.OpenText(engine.Place("attention_decisions.decided_by", d.ID), by)
		}
		if err == nil {
			d.Reason, err = s.db.OpenText(engine.Place("attention_decisions.reason", d.ID), reason)
		}
		if err != nil {
			return nil, fmt.Errorf("list the decisions about item %s: %w", item, err)
		}
		d.DecidedAt, d.CarriedAt = engine.Instant(decided), engine.Instant(carried)
		found = append(found, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the decisions about item %s: %w", item, err)
	}
	return found, nil
}
