package worklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// AcceptItem makes an exception of an open item: nobody is told of it until a day, unless what it rests on changes.
func (s Store) AcceptItem(ctx context.Context, id string, a Acceptance) error {
	if a.By == "" || a.Reason == "" || !a.Until.After(s.db.Now()) {
		return errors.New("accept an item: it needs a person, a reason and an end that is to come")
	}
	n, err := s.db.Change(ctx, `UPDATE attention SET accepted_at = $2, accepted_until = $3, accepted_by = $4, accepted_reason = $5,
		accepted_evidence = evidence, accepted_word = $6 WHERE item_id = $1 AND closed_at = 0`,
		id, engine.Micros(s.db.Now()), engine.Micros(a.Until), s.db.Seal(engine.Place("attention.accepted_by", id), []byte(a.By)),
		s.db.Seal(engine.Place("attention.accepted_reason", id), []byte(a.Reason)), a.Word)
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("accept item %s: %w", id, err)
	}
	return nil
}

// TakeItem says that somebody sees to an item. A critical one is not repeated any more.
func (s Store) TakeItem(ctx context.Context, id, by string) error {
	return s.TakeItemBy(ctx, id, by, "")
}

// TakeItemBy is TakeItem by a word that was judged.
func (s Store) TakeItemBy(ctx context.Context, id, by, word string) error {
	if by == "" {
		return errors.New("take an item: it needs a person")
	}
	n, err := s.db.Change(ctx, "UPDATE attention SET taken_at = $2, taken_by = $3, taken_word = $4 WHERE item_id = $1 AND closed_at = 0",
		id, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("attention.taken_by", id), []byte(by)), word)
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("take item %s: %w", id, err)
	}
	return nil
}

// Telling says when items are told.
type Telling struct {
	// Settle is how long an item waits, unless it is critical, so that the message counts all who wait because of it.
	Settle time.Duration
	// Repeat is after how long a critical item is told again that nobody has taken.
	Repeat time.Duration
}

// ItemsToTell lists the open items, at most limit of them, that have to be told now: those that were never told, or because of
// which somebody waits of whom nobody was told, those whose deadline has passed untold, and the critical ones that nobody has
// taken. What nobody waits because of now is not told, and what is only worth knowing is in the digest alone.
func (s Store) ItemsToTell(ctx context.Context, t Telling, limit int) ([]Item, error) {
	now := s.db.Now()
	found, err := s.items(ctx, s.db.Reader(), ` WHERE closed_at = 0 AND accepted_until <= $1 AND (by_holders = 0 OR holders > 0)
		AND severity > $6 AND (told_at = 0 AND (raised_at <= $5 OR severity >= $2) OR deadline <> 0 AND deadline <= $1 AND overdue_told_at = 0
			OR severity >= $2 AND taken_at = 0 AND told_at <= $3 OR joined_at <> 0 AND joined_at <= $5)
		ORDER BY severity DESC, raised_at, item_id LIMIT $4`,
		engine.Micros(now), int64(SeverityCritical), engine.Micros(now.Add(-t.Repeat)), limit, engine.Micros(now.Add(-t.Settle)), int64(SeverityInfo))
	if err != nil {
		return nil, fmt.Errorf("list the items to tell: %w", err)
	}
	return found, nil
}

// ToldItem writes down that an item was told, and whether that was after its deadline.
func (s Store) ToldItem(ctx context.Context, id string, overdue bool) error {
	query := "UPDATE attention SET told_at = $2 WHERE item_id = $1"
	if overdue {
		query = "UPDATE attention SET told_at = $2, overdue_told_at = $2 WHERE item_id = $1"
	}
	if _, err := s.db.Change(ctx, query, id, engine.Micros(s.db.Now())); err != nil {
		return fmt.Errorf("write down that item %s was told: %w", id, err)
	}
	return nil
}

// ToldJoined writes down that those were told of who had come to wait because of an item by a time.
func (s Store) ToldJoined(ctx context.Context, id string, by time.Time) error {
	_, err := s.db.Change(ctx, "UPDATE attention SET joined_at = 0 WHERE item_id = $1 AND joined_at <= $2", id, engine.Micros(by))
	return engine.Wrap("write down who was told of under item "+id, err)
}

// PruneItems deletes what was closed, and decided, before a time.
func (s Store) PruneItems(ctx context.Context, before time.Time) error {
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, "DELETE FROM attention WHERE closed_at <> 0 AND closed_at < $1", engine.Micros(before)); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, "DELETE FROM attention_joined WHERE joined_at < $1", engine.Micros(before)); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "DELETE FROM attention_decisions WHERE carried_at <> 0 AND carried_at < $1", engine.Micros(before))
		return err
	})
	if err != nil {
		return fmt.Errorf("prune the items: %w", err)
	}
	return nil
}

// ItemKind counts the open items of one kind, and who waits because of them.
type ItemKind struct {
	System, Class  string
	Severity       Severity
	Items, Holders int
	Oldest         time.Time
}

// ItemKinds counts the open items that no exception covers, the most severe first.
func (s Store) ItemKinds(ctx context.Context) ([]ItemKind, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT system, class, severity, COUNT(*), MIN(raised_at),
		SUM(holders) FROM attention WHERE closed_at = 0 AND accepted_until <= $1 GROUP BY severity, system, class
		ORDER BY severity DESC, system, class`, engine.Micros(s.db.Now()))
	if err != nil {
		return nil, fmt.Errorf("count the kinds of items: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []ItemKind
	for rows.Next() {
		var k ItemKind
		var oldest int64
		if err := rows.Scan(&k.System, &k.Class, &k.Severity, &k.Items, &oldest, &k.Holders); err != nil {
			return nil, fmt.Errorf("count the kinds of items: %w", err)
		}
		k.Oldest = engine.Instant(oldest)
		found = append(found, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count the kinds of items: %w", err)
	}
	return found, nil
}
