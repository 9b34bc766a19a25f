package worklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// Holder is a step of a run that waits because of an item.
type Holder struct {
	// Workflow, FirstRun and Step say which; a step waits because of one item at a time.
	Workflow, FirstRun, Step string
	// Question is its name in the run, Verbs are the answers that it takes, Hash is of what is shown.
	Question, Hash string
	Verbs          []string
	// Code is what kind of question it is; empty for one that was listed before that was kept.
	Code string
	// Policy is the hash of the policy that it waits because of; empty if another policy would change nothing.
	Policy string
	// ParkedAt is when the run parked it last, by the run's clock.
	ParkedAt time.Time
	// Told says that the run tells it itself.
	Told             bool
	Since, RenewedAt time.Time
}

// AttemptPrefix begins the step of a holder that is an activity which keeps failing, and not a question.
const AttemptPrefix = "attempts/"

// HoldItem raises an item for as long as somebody waits because of it, and adds or renews one who does.
func (s Store) HoldItem(ctx context.Context, item Item, h Holder) error {
	if err := item.check(); err != nil {
		return err
	}
	if h.Workflow == "" || h.Step == "" {
		return errors.New("hold an item: it needs a workflow and a step")
	}
	id := ItemID(item.System, item.Class, item.Object)
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.raise(ctx, q, item, raising{byHolders: true, told: h.Told}); err != nil {
			return err
		}
		var before string
		if _, err := engine.QueryRow(ctx, q, "SELECT item_id FROM attention_holders WHERE workflow_id = $1 AND step = $2",
			[]any{h.Workflow, h.Step}, &before); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `
INSERT INTO attention_holders (workflow_id, step, item_id, first_run, question, verbs, hash, since, renewed_at, policy_hash, parked_at, code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11)
ON CONFLICT (workflow_id, step) DO UPDATE SET item_id = excluded.item_id, first_run = excluded.first_run,
	since = CASE WHEN attention_holders.question = excluded.question THEN attention_holders.since ELSE excluded.since END,
	decision_id = CASE WHEN attention_holders.question = excluded.question THEN attention_holders.decision_id ELSE '' END,
	question = excluded.question, verbs = excluded.verbs, hash = excluded.hash, renewed_at = excluded.renewed_at,
	policy_hash = excluded.policy_hash, parked_at = excluded.parked_at, code = excluded.code`,
			h.Workflow, h.Step, id, h.FirstRun, h.Question, strings.Join(h.Verbs, ","), h.Hash, engine.Micros(s.db.Now()), h.Policy, engine.Micros(h.ParkedAt), h.Code)
		if err == nil && item.Joint {
			err = s.joinItem(ctx, q, id, h)
		}
		if err != nil || before == id {
			return err
		}
		if _, err := q.ExecContext(ctx, "UPDATE attention SET holders = holders + 1 WHERE item_id = $1", id); err != nil || before == "" {
			return err
		}
		return s.letGo(ctx, q, []string{before})
	})
	if err != nil {
		return fmt.Errorf("hold the item %s/%s: %w", item.System, item.Class, err)
	}
	return nil
}

// joinItem takes back that somebody has seen to an item, or lives with it, once for each question: they have not seen who comes to wait
// now.
func (s Store) joinItem(ctx context.Context, q engine.Querier, item string, h Holder) error {
	now := engine.Micros(s.db.Now())
	fresh, err := engine.Affected(ctx, q, "INSERT INTO attention_joined (item_id, question, joined_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		item, h.Workflow+"/"+h.Step+"/"+h.Question, now)
	if err != nil || fresh == 0 {
		return err
	}
	untold := now
	if h.Told {
		untold = 0
	}
	_, err = q.ExecContext(ctx, `UPDATE attention SET taken_at = 0, accepted_until = 0, joined_at = CASE WHEN $1 > joined_at THEN $1 ELSE joined_at END
		WHERE item_id = $2`, untold, item)
	return err
}

// DropHolder lets go of a step that waits no longer; without a step, of the whole workflow. With ParkedAt it leaves a step
// alone that was parked again since. An item that nobody holds any more closes itself.
func (s Store) DropHolder(ctx context.Context, h Holder) error {
	where, args := " WHERE workflow_id = $1", []any{h.Workflow}
	if h.Step != "" {
		where, args = where+" AND step = $2", append(args, h.Step)
	}
	if !h.ParkedAt.IsZero() {
		where, args = fmt.Sprintf("%s AND parked_at <= $%d", where, len(args)+1), append(args, engine.Micros(h.ParkedAt))
	}
	if _, err := s.dropHolders(ctx, s.db.Write, where, args...); err != nil {
		return fmt.Errorf("let go of what %s waits for: %w", h.Workflow, err)
	}
	return nil
}

// TakePolicyHolders returns up to limit of the workflows that wait because of another policy than the one with the hash, and
// writes down that they are told of this one.
func (s Store) TakePolicyHolders(ctx context.Context, hash string, limit int) (found []string, err error) {
	waiting, err := engine.Texts(ctx, s.db.Reader(), `SELECT DISTINCT workflow_id FROM attention_holders
		WHERE policy_hash <> '' AND policy_hash <> $1 ORDER BY workflow_id LIMIT $2`, hash, limit)
	if err != nil || len(waiting) == 0 {
		return nil, engine.Wrap("find who waits because of an older policy", err)
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return engine.Chunks(waiting, func(part []string) error {
			_, err := q.ExecContext(ctx, "UPDATE attention_holders SET policy_hash = $1 WHERE policy_hash <> '' AND workflow_id IN "+
				engine.List(2, len(part)), engine.Args(hash, part)...)
			return err
		})
	})
	return waiting, engine.Wrap("write down who is told of a policy", err)
}

// ExpireHolders lets go of up to limit of those who have not renewed themselves since a time, which is another one for
// attempts, and says of how many.
func (s Store) ExpireHolders(ctx context.Context, before, attempts time.Time, limit int) (int, error) {
	n, err := s.dropHolders(ctx, s.db.WriteLow, " WHERE renewed_at < $1 OR renewed_at < $2 AND step LIKE $3 ORDER BY renewed_at LIMIT $4",
		engine.Micros(before), engine.Micros(attempts), AttemptPrefix+"%", limit)
	if err != nil {
		return 0, fmt.Errorf("let go of who has not renewed what they wait for: %w", err)
	}
	return n, nil
}

// LateHolders lists up to limit of the questions that have not been renewed since a time, the longest first. Activities that keep
// failing are not among them: they renew themselves with their tries.
func (s Store) LateHolders(ctx context.Context, before time.Time, limit int) (found []Holder, err error) {
	err = engine.Each(ctx, s.db.Reader(), `SELECT workflow_id, step, first_run, question, parked_at, renewed_at FROM attention_holders
		WHERE renewed_at < $1 AND step NOT LIKE $2 ORDER BY renewed_at, workflow_id, step LIMIT $3`, []any{engine.Micros(before), AttemptPrefix + "%", limit},
		func(scan func(...any) error) error {
			var h Holder
			var parked, renewed int64
			err := scan(&h.Workflow, &h.Step, &h.FirstRun, &h.Question, &parked, &renewed)
			h.ParkedAt, h.RenewedAt = engine.Instant(parked), engine.Instant(renewed)
			found = append(found, h)
			return err
		})
	return found, engine.Wrap("find the questions that nobody has renewed", err)
}

// RenewHolder says that a run still waits with a question, unless it has been asked anew since.
func (s Store) RenewHolder(ctx context.Context, h Holder) error {
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE attention_holders SET renewed_at = $1 WHERE workflow_id = $2 AND step = $3 AND question = $4",
			engine.Micros(s.db.Now()), h.Workflow, h.Step, h.Question)
		return err
	})
	return engine.Wrap("renew what "+h.Workflow+" waits for", err)
}

func (s Store) dropHolders(ctx context.Context, write func(context.Context, engine.Work) error, where string, args ...any) (n int, err error) {
	err = write(ctx, func(ctx context.Context, q engine.Querier) error {
		held, err := engine.Texts(ctx, q, `DELETE FROM attention_holders WHERE (workflow_id, step) IN
			(SELECT workflow_id, step FROM attention_holders`+where+") RETURNING item_id", args...)
		if n = len(held); err != nil || n == 0 {
			return err
		}
		return s.letGo(ctx, q, held)
	})
	return n, err
}

// letGo counts who was let go of, by the items that they held, and closes those that only holders keep open and that have none.
// One that came back lately is closed by CloseCalm: it would only come and go.
func (s Store) letGo(ctx context.Context, q engine.Querier, held []string) error {
	now, flapped := engine.Micros(s.db.Now()), engine.Micros(s.db.Now().Add(-reopened))
	slices.Sort(held) // Writers that lock rows in one order do not block each other.
	for len(held) > 0 {
		id := held[0]
		n := 1
		for n < len(held) && held[n] == id {
			n++
		}
		held = held[n:]
		if _, err := q.ExecContext(ctx, `UPDATE attention SET holders = holders - $1, closed_at = CASE WHEN by_holders = 1 AND closed_at = 0
			AND holders <= $1 AND flapped_at <= $4 THEN $2 ELSE closed_at END,
			renewed_at = CASE WHEN flapped_at > $4 THEN $2 ELSE renewed_at END WHERE item_id = $3`, n, now, id, flapped); err != nil {
			return err
		}
	}
	return nil
}

// CloseCalm closes what came back lately, and because of which nobody has waited since a time.
func (s Store) CloseCalm(ctx context.Context, since time.Time) error {
	_, err := s.db.Change(ctx, `UPDATE attention SET closed_at = $1
		WHERE closed_at = 0 AND by_holders = 1 AND holders <= 0 AND flapped_at <> 0 AND renewed_at < $2`, engine.Micros(s.db.Now()), engine.Micros(since))
	return engine.Wrap("close the items that nobody waits because of any more", err)
}

// Holders lists who waits because of an item, the longest first.
func (s Store) Holders(ctx context.Context, item string, limit, offset int) ([]Holder, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT workflow_id, step, first_run, question, code, verbs, hash, policy_hash, parked_at, since, renewed_at
		FROM attention_holders WHERE item_id = $1 ORDER BY since, workflow_id, step LIMIT $2 OFFSET $3`, item, limit, offset)
	if err != nil {
		return nil, fmt.Errorf("list who waits because of item %s: %w", item, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Holder
	for rows.Next() {
		var h Holder
		var verbs string
		var parked, since, renewed int64
		if err := rows.Scan(&h.Workflow, &h.Step, &h.FirstRun, &h.Question, &h.Code, &verbs, &h.Hash, &h.Policy, &parked, &since, &renewed); err != nil {
			return nil, fmt.Errorf("list who waits because of item %s: %w", item, err)
		}
		if verbs != "" {
			h.Verbs = strings.Split(verbs, ",")
		}
		h.ParkedAt, h.Since, h.RenewedAt = engine.Instant(parked), engine.Instant(since), engine.Instant(renewed)
		found = append(found, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list who waits because of item %s: %w", item, err)
	}
	return found, nil
}
