package ledger

import (
	"context"
	"fmt"

	"gatehouse/ledger/engine"
	"gatehouse/ledger/roster"
)

// Ledger is an open ledger. It is safe for concurrent use.
type Ledger struct {
	db     engine.DB
	active roster.Counts
}

// Open opens the ledger at url, creates what is missing and brings the schema up to date. url is a path
// ("var/ledger.db"), "sqlite://" followed by a path, or a "postgres://" URL. Several processes may open the same ledger
// at the same time. A path's directory is created if it does not exist. With [Options.MustExist] nothing is created.
func Open(ctx context.Context, url string, o Options) (*Ledger, error) {
	db, err := engine.Open(ctx, url, o)
	if err != nil {
		return nil, err
	}
	return &Ledger{db: db}, nil
}

// Close waits for the writes under way and closes the database.
func (l *Ledger) Close() error {
	if err := l.db.Close(); err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}

// Ping reports whether the database answers.
func (l *Ledger) Ping(ctx context.Context) error {
	if err := l.db.Ping(ctx); err != nil {
		return fmt.Errorf("ping ledger: %w", err)
	}
	return nil
}

// Writable reports whether the ledger can be written, without changing anything: a file or a server that has become read-only
// answers every question, and refuses the first order.
func (l *Ledger) Writable(ctx context.Context) error {
	err := l.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE sources SET last_size = last_size WHERE 1 = 0")
		return err
	})
	if err != nil {
		return fmt.Errorf("write to the ledger: %w", err)
	}
	return nil
}

// Digest makes a value comparable without storing it: see [engine.DB.Digest].
func (l *Ledger) Digest(value string) string { return l.db.Digest(value) }

// ValueDigest makes the value of an attribute comparable as it is written. An empty value has the empty digest.
func (l *Ledger) ValueDigest(value string) string { return l.db.ValueDigest(value) }

// InTx runs several methods of the ledger and of its stores in one transaction, which is kept as a whole or not at all: one
// commit is waited for instead of many. do gets a ledger of its own and must use no other; it may run more than once, each
// time on a fresh transaction, so it must only assign what it captures. It must not wait for anything but the ledger,
// because others wait for what it has locked.
func (l *Ledger) InTx(ctx context.Context, do func(ctx context.Context, l *Ledger) error) error {
	return l.db.Write(ctx, func(ctx context.Context, q engine.Querier) error { return do(ctx, &Ledger{db: l.db.In(q)}) })
}
