package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNotFound is returned when the row that a method is to change does not exist.
var ErrNotFound = errors.New("not in the ledger")

// ErrNoLedger is returned by [Open] with [Options.MustExist] where there is no ledger.
var ErrNoLedger = errors.New("there is no ledger")

// ErrNewer is returned by [Open] where a newer program has brought the schema further than this one knows.
var ErrNewer = errors.New("the ledger is newer than this program")

// ErrClosed is returned by every write after Close.
var ErrClosed = errors.New("the ledger is closed")

// Options are the choices of [Open]. The zero value is a working default.
type Options struct {
	// Seal encrypts the columns that hold personal data. Nil stores them in clear.
	Seal *Sealer
	// Clock is the source of "now" (default time.Now).
	Clock func() time.Time
	// DigestKey keys the HMAC of [Ledger.Digest]. Empty means plain SHA-256, which anyone with a list of e-mail addresses
	// can reverse.
	DigestKey []byte
	// MaxConns is the largest number of connections: to PostgreSQL in all (default 16), on SQLite for reading (default 4).
	MaxConns int
	// MustExist opens only a ledger that is there already: an absent or empty database is [ErrNoLedger], and is left as
	// it is.
	MustExist bool
}

// Ledger is an open ledger. It is safe for concurrent use.
type Ledger struct {
	engine    engine
	seal      *Sealer
	clock     func() time.Time
	digestKey []byte
	active    activeCounts
}

// querier runs statements. *sql.DB and *sql.Tx are queriers, and so is prepared.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// work is a unit of writing. It may run more than once, each time on a fresh transaction, so it must only assign what
// it captures, never add to it.
type work func(ctx context.Context, q querier) error

// engine is a database. It has two implementations: lite and postgres.
type engine interface {
	// reader is for statements that only read.
	reader() querier
	// write runs w in one transaction.
	write(ctx context.Context, w work) error
	// writeOne runs w, which issues exactly one statement and so needs no transaction of its own.
	writeOne(ctx context.Context, w work) error
	// writeLow is write for work that nobody waits for. It gives way to everything else, shares its transaction with
	// nobody, and has to be small, because it is not interrupted.
	writeLow(ctx context.Context, w work) error
	// lock makes concurrent transactions that take the same name follow one another.
	lock(ctx context.Context, q querier, name string) error
	ping(ctx context.Context) error
	close() error
}

// Open opens the ledger at url, creates what is missing and brings the schema up to date. url is a path
// ("var/ledger.db"), "sqlite://" followed by a path, or a "postgres://" URL. Several processes may open the same ledger
// at the same time. A path's directory is created if it does not exist. With [Options.MustExist] nothing is created.
func Open(ctx context.Context, url string, o Options) (*Ledger, error) {
	l := &Ledger{seal: o.Seal, clock: o.Clock, digestKey: o.DigestKey}
	if l.clock == nil {
		l.clock = time.Now
	}
	var err error
	switch scheme, rest, _ := strings.Cut(url, "://"); {
	case scheme == "postgres" || scheme == "postgresql":
		l.engine, err = openPostgres(ctx, url, o)
	case scheme == "sqlite":
		l.engine, err = openLite(ctx, rest, o)
	case strings.Contains(url, "://"):
		return nil, fmt.Errorf("open ledger: scheme %q is not supported: use a path, sqlite:// or postgres://", scheme)
	default:
		l.engine, err = openLite(ctx, url, o)
	}
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return l, nil
}

// Close waits for the writes under way and closes the database.
func (l *Ledger) Close() error {
	if err := l.engine.close(); err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}

// Ping reports whether the database answers.
func (l *Ledger) Ping(ctx context.Context) error {
	if err := l.engine.ping(ctx); err != nil {
		return fmt.Errorf("ping ledger: %w", err)
	}
	return nil
}

// Writable reports whether the ledger can be written, without changing anything: a file or a server that has become read-only
// answers every question, and refuses the first order.
func (l *Ledger) Writable(ctx context.Context) error {
	err := l.engine.write(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, "UPDATE sources SET last_size = last_size WHERE 1 = 0")
		return err
	})
	if err != nil {
		return fmt.Errorf("write to the ledger: %w", err)
	}
	return nil
}

// now is the clock's time in the ledger's resolution.
func (l *Ledger) now() time.Time { return l.clock().UTC().Truncate(time.Microsecond) }
