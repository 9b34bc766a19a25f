package worklist

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// Severity is how much an item matters.
type Severity int

// The severities, from the least. A critical item is told again until somebody takes it.
const (
	SeverityInfo     Severity = 1
	SeverityWarning  Severity = 2
	SeverityCritical Severity = 3
)

// String is the severity's word.
func (s Severity) String() string {
	switch s {
	case SeverityInfo:
		return "info"
	case SeverityWarning:
		return "warning"
	case SeverityCritical:
		return "critical"
	default:
		return fmt.Sprintf("severity %d", int(s))
	}
}

// The fingerprint of a ticket that went out as a message; the object is its key.
const (
	SystemTicket = "gatehouse"
	ClassTicket  = "ticket_by_message"
)

// Item is something that needs a person: one for each cause, however many wait because of it.
type Item struct {
	// System, Class and Object are the fingerprint: which system, which class of error, and which credential or object it is
	// about. They are words and keys, never names.
	System, Class, Object string
	Severity              Severity
	// Owner is who is to mend it: it, security, people or a system's owner.
	Owner string
	// Text says what is wrong, Next is the one command or button that mends it. Neither names a person.
	Text, Next string
	// Evidence is a digest of what the item rests on. An exception ends when it changes. Empty is one that never changes.
	Evidence string
	// Lingers says that its cause comes and goes by itself: one that has come back within a day stays for a while after nobody
	// waits because of it.
	Lingers bool
	// Joint says that one item is for many of whom each has to be seen to: whoever took the item, or lives with it, has not seen
	// those who came after that.
	Joint bool
	// Deadline is when it is told again, zero for never.
	Deadline            time.Time
	RaisedAt, RenewedAt time.Time

	// What follows is read only: raising an item leaves it as it is.

	// ID is the short name of the fingerprint.
	ID string
	// Holders is how many wait because of it.
	Holders int
	// ByHolders says that the item closes itself when nobody waits because of it any more.
	ByHolders bool
	// ToldAt and OverdueToldAt are when it was told last, and when it was told that its deadline has passed.
	ToldAt, OverdueToldAt time.Time
	// JoinedAt is when the last came to wait of whom nobody was told yet.
	JoinedAt time.Time
	TakenAt  time.Time
	TakenBy  string
	// TakenWord is the word by which it was taken; empty if nobody has signed that.
	TakenWord string
	ClosedAt  time.Time
	// Accepted is the exception that covers it; nil if none does.
	Accepted *Acceptance
}

// Acceptance is an exception: somebody lives with an item until a day, for a reason.
type Acceptance struct {
	By, Reason string
	At, Until  time.Time
	// Word is the word that made it; empty if nobody has signed that.
	Word string
}

// ItemFilter says which items are listed. The zero value means every open one that no exception covers.
type ItemFilter struct {
	// ID is an item's id or the beginning of it. It finds closed and accepted items too.
	ID string
	// Severity is the least that is listed.
	Severity                     Severity
	System, Class, Object, Owner string
	// Holder is the workflow id of a run that waits.
	Holder string
	// Accepted lists those that an exception covers, instead of the others; Closed those that are closed.
	Accepted, Closed bool
	// Limit bounds the list (0: no bound), Offset is how many are passed over.
	Limit, Offset int
}

// ItemID is the short name of a fingerprint.
func ItemID(system, class, object string) string {
	sum := sha256.Sum256([]byte(system + "\x00" + class + "\x00" + object))
	return hex.EncodeToString(sum[:6])
}

const (
	// again is how soon an item that was closed may come back without being told as a new one.
	reopened = 24 * time.Hour
	// blink is how soon it may come back and be as old as it was: its holders let go of it between two tries.
	blink = 10 * time.Minute
)

// RaiseItem writes an item down, or renews severity, owner, text, next, evidence and deadline of the one with its
// fingerprint. While it is open its severity only rises, because many raise it, and its deadline stays. One that was closed
// is open again.
func (s Store) RaiseItem(ctx context.Context, item Item) error {
	if err := item.check(); err != nil {
		return err
	}
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error { return s.raise(ctx, q, item, raising{}) })
	if err != nil {
		return fmt.Errorf("raise the item %s/%s: %w", item.System, item.Class, err)
	}
	return nil
}

func (i Item) check() error {
	switch {
	case i.System == "" || i.Class == "" || i.Owner == "" || i.Text == "" || i.Next == "":
		return errors.New("raise an item: it needs a system, a class, an owner, a text and a next step")
	case i.Severity < SeverityInfo || i.Severity > SeverityCritical:
		return fmt.Errorf("raise the item %s/%s: there is no %s", i.System, i.Class, i.Severity)
	}
	return nil
}

// raising says how an item is raised: for as long as somebody holds it, and by somebody who tells it themselves.
type raising struct{ byHolders, told bool }

// raise is one statement. An exception that rests on other evidence is dropped, and what was told before the item was last
// closed counts only for a day.
func (s Store) raise(ctx context.Context, q engine.Querier, i Item, how raising) error {
	now := s.db.Now()
	told := int64(0)
	if how.told {
		told = engine.Micros(now)
	}
	_, err := q.ExecContext(ctx, `
INSERT INTO attention (item_id, system, class, object, severity, owner, says, next_step, evidence, by_holders, deadline, raised_at, renewed_at, told_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)
ON CONFLICT (item_id) DO UPDATE SET says = excluded.says,
	severity = CASE WHEN attention.closed_at = 0 AND attention.severity > excluded.severity THEN attention.severity ELSE excluded.severity END,
	owner = CASE WHEN attention.closed_at = 0 AND attention.severity > excluded.severity THEN attention.owner ELSE excluded.owner END,
	next_step = excluded.next_step, evidence = excluded.evidence, renewed_at = excluded.renewed_at, closed_at = 0,
	by_holders = CASE WHEN attention.closed_at <> 0 THEN excluded.by_holders ELSE attention.by_holders * excluded.by_holders END,
	deadline = CASE WHEN attention.closed_at = 0 AND (excluded.deadline = 0 OR attention.deadline <> 0 AND attention.deadline < excluded.deadline)
		THEN attention.deadline ELSE excluded.deadline END,
	overdue_told_at = CASE WHEN attention.closed_at <> 0 AND attention.closed_at < $15 THEN 0 ELSE attention.overdue_told_at END,
	raised_at = CASE WHEN attention.closed_at <> 0 AND attention.closed_at < $15 THEN excluded.raised_at ELSE attention.raised_at END,
	taken_at = CASE WHEN attention.closed_at <> 0 AND attention.closed_at < $15 THEN 0 ELSE attention.taken_at END,
	told_at = CASE WHEN attention.closed_at <> 0 AND attention.closed_at < $14
		OR attention.accepted_until <> 0 AND attention.accepted_evidence <> excluded.evidence
		OR attention.severity < excluded.severity THEN excluded.told_at ELSE attention.told_at END,
	accepted_until = CASE WHEN attention.accepted_evidence <> excluded.evidence THEN 0 ELSE attention.accepted_until END,
	flapped_at = CASE WHEN $16 = 1 AND (attention.closed_at <> 0 AND attention.closed_at >= $14
		OR attention.closed_at = 0 AND attention.flapped_at <> 0 AND attention.holders <= 0) THEN excluded.renewed_at ELSE attention.flapped_at END`,
		ItemID(i.System, i.Class, i.Object), i.System, i.Class, i.Object, int64(i.Severity), i.Owner, i.Text, i.Next, i.Evidence,
		engine.Flag(how.byHolders), engine.Micros(i.Deadline), engine.Micros(now), told, engine.Micros(now.Add(-reopened)), engine.Micros(now.Add(-blink)), engine.Flag(i.Lingers))
	return err
}

// ClearItem closes an item because its cause is gone, and lets go of who was waiting. One that is not open is no error.
func (s Store) ClearItem(ctx context.Context, system, class, object string) error {
	id := ItemID(system, class, object)
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		closed, err := engine.Affected(ctx, q, "UPDATE attention SET closed_at = $1, holders = 0 WHERE item_id = $2 AND closed_at = 0", engine.Micros(s.db.Now()), id)
		if err != nil || closed == 0 {
			return err
		}
		_, err = q.ExecContext(ctx, "DELETE FROM attention_holders WHERE item_id = $1", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("clear the item %s/%s: %w", system, class, err)
	}
	return nil
}

// Items lists items: the most severe first, among equals the oldest.
func (s Store) Items(ctx context.Context, f ItemFilter) ([]Item, error) {
	where, args := f.where(s.db.Now())
	limit := ""
	if f.Limit > 0 || f.Offset > 0 {
		args = append(args, cmp.Or(f.Limit, 1<<30), f.Offset)
		limit = fmt.Sprintf(" LIMIT $%d OFFSET $%d", len(args)-1, len(args))
	}
	found, err := s.items(ctx, s.db.Reader(), where+" ORDER BY severity DESC, raised_at, item_id"+limit, args...)
	if err != nil {
		return nil, fmt.Errorf("list the items: %w", err)
	}
	return found, nil
}

// CountItems counts the items that a filter lists, by severity. Limit and offset do not matter.
func (s Store) CountItems(ctx context.Context, f ItemFilter) (map[Severity]int, error) {
	where, args := f.where(s.db.Now())
	rows, err := s.db.Reader().QueryContext(ctx, "SELECT severity, COUNT(*) FROM attention"+where+" GROUP BY severity", args...)
	if err != nil {
		return nil, fmt.Errorf("count the items: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	counts := map[Severity]int{}
	for rows.Next() {
		var severity Severity
		var n int
		if err := rows.Scan(&severity, &n); err != nil {
			return nil, fmt.Errorf("count the items: %w", err)
		}
		counts[severity] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count the items: %w", err)
	}
	return counts, nil
}

func (f ItemFilter) where(now time.Time) (clause string, args []any) {
	var parts []string
	add := func(condition string, value any) {
		args = append(args, value)
		parts = append(parts, fmt.Sprintf(condition, len(args)))
	}
	if f.ID != "" {
		// The ids that begin with it: hexadecimal digits come before the letter g.
		add("item_id >= $%d", f.ID)
		add("item_id < $%d", f.ID+"g")
		return " WHERE " + strings.Join(parts, " AND "), args
	}
	if f.Closed {
		parts = append(parts, "closed_at <> 0")
	} else {
		parts = append(parts, "closed_at = 0")
		if f.Accepted {
			add("accepted_until > $%d", engine.Micros(now))
		} else {
			add("accepted_until <= $%d", engine.Micros(now))
		}
	}
	if f.Severity > 0 {
		add("severity >= $%d", int64(f.Severity))
	}
	for _, c := range []struct{ column, value string }{
		{"system", f.System}, {"class", f.Class}, {"object", f.Object}, {"owner", f.Owner},
	} {
		if c.value != "" {
			add(c.column+" = $%d", c.value)
		}
	}
	if f.Holder != "" {
		add("item_id IN (SELECT item_id FROM attention_holders WHERE workflow_id = $%d)", f.Holder)
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

const itemColumns = `item_id, system, class, object, severity, owner, says, next_step, evidence, by_holders, deadline, raised_at, renewed_at,
	closed_at, told_at, overdue_told_at, taken_at, taken_by, accepted_at, accepted_until, accepted_by, accepted_reason, holders, joined_at,
	taken_word, accepted_word`

func (s Store) items(ctx context.Context, q engine.Querier, tail string, args ...any) ([]Item, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+itemColumns+" FROM attention"+tail, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Item
	for rows.Next() {
		i, err := s.scanItem(rows.Scan)
		if err != nil {
			return nil, err
		}
		found = append(found, i)
	}
	return found, rows.Err()
}

func (s Store) scanItem(scan func(...any) error) (Item, error) {
	var (
		i                                                Item
		byHolders                                        int64
		deadline, raised, renewed, closed, told, overdue int64
		taken, accepted, until, joined                   int64
		takenBy, acceptedBy, reason                      []byte
		acceptedWord                                     string
	)
	err := scan(&i.ID, &i.System, &i.Class, &i.Object, &i.Severity, &i.Owner, &i.Text, &i.Next, &i.Evidence, &byHolders, &deadline,
		&raised, &renewed, &closed, &told, &overdue, &taken, &takenBy, &accepted, &until, &acceptedBy, &reason, &i.Holders, &joined,
		&i.TakenWord, &acceptedWord)
	if err != nil {
		return Item{}, err
	}
	i.ByHolders = byHolders == 1
	i.Deadline, i.RaisedAt, i.RenewedAt, i.ClosedAt = engine.Instant(deadline), engine.Instant(raised), engine.Instant(renewed), engine.Instant(closed)
	i.ToldAt, i.OverdueToldAt, i.TakenAt, i.JoinedAt = engine.Instant(told), engine.Instant(overdue), engine.Instant(taken), engine.Instant(joined)
	if taken != 0 {
		if i.TakenBy, err = s.db.OpenText(engine.Place("attention.taken_by", i.ID), takenBy); err != nil {
			return Item{}, err
		}
	}
	if until <= engine.Micros(s.db.Now()) {
		return i, nil
	}
	a := Acceptance{At: engine.Instant(accepted), Until: engine.Instant(until), Word: acceptedWord}
	if a.By, err = s.db.OpenText(engine.Place("attention.accepted_by", i.ID), acceptedBy); err != nil {
		return Item{}, err
	}
	if a.Reason, err = s.db.OpenText(engine.Place("attention.accepted_reason", i.ID), reason); err != nil {
		return Item{}, err
	}
	i.Accepted = &a
	return i, nil
}
