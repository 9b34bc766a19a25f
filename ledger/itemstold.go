package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// AcceptItem makes an exception of an open item: nobody is told of it until a day, unless what it rests on changes.
func (l *Ledger) AcceptItem(ctx context.Context, id string, a Acceptance) error {
	if a.By == "" || a.Reason == "" || !a.Until.After(l.db.Now()) {
		return errors.New("accept an item: it needs a person, a reason and an end that is to come")
	}
	n, err := l.db.Change(ctx, `UPDATE attention SET accepted_at = $2, accepted_until = $3, accepted_by = $4, accepted_reason = $5,
		accepted_evidence = evidence, accepted_word = $6 WHERE item_id = $1 AND closed_at = 0`,
		id, micros(l.db.Now()), micros(a.Until), l.db.Seal(place("attention.accepted_by", id), []byte(a.By)),
		l.db.Seal(place("attention.accepted_reason", id), []byte(a.Reason)), a.Word)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("accept item %s: %w", id, err)
	}
	return nil
}

// TakeItem says that somebody sees to an item. A critical one is not repeated any more.
func (l *Ledger) TakeItem(ctx context.Context, id, by string) error {
	return l.TakeItemBy(ctx, id, by, "")
}

// TakeItemBy is TakeItem by a word that was judged.
func (l *Ledger) TakeItemBy(ctx context.Context, id, by, word string) error {
	if by == "" {
		return errors.New("take an item: it needs a person")
	}
	n, err := l.db.Change(ctx, "UPDATE attention SET taken_at = $2, taken_by = $3, taken_word = $4 WHERE item_id = $1 AND closed_at = 0",
		id, micros(l.db.Now()), l.db.Seal(place("attention.taken_by", id), []byte(by)), word)
	if err == nil && n == 0 {
		err = ErrNotFound
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
func (l *Ledger) ItemsToTell(ctx context.Context, t Telling, limit int) ([]Item, error) {
	now := l.db.Now()
	found, err := l.items(ctx, l.db.Reader(), ` WHERE closed_at = 0 AND accepted_until <= $1 AND (by_holders = 0 OR holders > 0)
		AND severity > $6 AND (told_at = 0 AND (raised_at <= $5 OR severity >= $2) OR deadline <> 0 AND deadline <= $1 AND overdue_told_at = 0
			OR severity >= $2 AND taken_at = 0 AND told_at <= $3 OR joined_at <> 0 AND joined_at <= $5)
		ORDER BY severity DESC, raised_at, item_id LIMIT $4`,
		micros(now), int64(SeverityCritical), micros(now.Add(-t.Repeat)), limit, micros(now.Add(-t.Settle)), int64(SeverityInfo))
	if err != nil {
		return nil, fmt.Errorf("list the items to tell: %w", err)
	}
	return found, nil
}

// ToldItem writes down that an item was told, and whether that was after its deadline.
func (l *Ledger) ToldItem(ctx context.Context, id string, overdue bool) error {
	query := "UPDATE attention SET told_at = $2 WHERE item_id = $1"
	if overdue {
		query = "UPDATE attention SET told_at = $2, overdue_told_at = $2 WHERE item_id = $1"
	}
	if _, err := l.db.Change(ctx, query, id, micros(l.db.Now())); err != nil {
		return fmt.Errorf("write down that item %s was told: %w", id, err)
	}
	return nil
}

// ToldJoined writes down that those were told of who had come to wait because of an item by a time.
func (l *Ledger) ToldJoined(ctx context.Context, id string, by time.Time) error {
	_, err := l.db.Change(ctx, "UPDATE attention SET joined_at = 0 WHERE item_id = $1 AND joined_at <= $2", id, micros(by))
	return wrap("write down who was told of under item "+id, err)
}

// PruneItems deletes what was closed, and decided, before a time.
func (l *Ledger) PruneItems(ctx context.Context, before time.Time) error {
	err := l.db.WriteLow(ctx, func(ctx context.Context, q querier) error {
		if _, err := q.ExecContext(ctx, "DELETE FROM attention WHERE closed_at <> 0 AND closed_at < $1", micros(before)); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, "DELETE FROM attention_joined WHERE joined_at < $1", micros(before)); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "DELETE FROM attention_decisions WHERE carried_at <> 0 AND carried_at < $1", micros(before))
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
func (l *Ledger) ItemKinds(ctx context.Context) ([]ItemKind, error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT system, class, severity, COUNT(*), MIN(raised_at),
		SUM(holders) FROM attention WHERE closed_at = 0 AND accepted_until <= $1 GROUP BY severity, system, class
		ORDER BY severity DESC, system, class`, micros(l.db.Now()))
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
		k.Oldest = instant(oldest)
		found = append(found, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count the kinds of items: %w", err)
	}
	return found, nil
}
