package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/internal/keyring"
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
	Seal *keyring.Ring
	// Clock is the source of "now" (default time.Now).
	Clock func() time.Time
	// DigestKey keys the HMAC of [DB.Digest]. Empty means plain SHA-256, which anyone with a list of e-mail addresses
	// can reverse.
	DigestKey []byte
	// MaxConns is the largest number of connections: to PostgreSQL in all (default 16), on SQLite for reading (default 4).
	MaxConns int
	// MustExist opens only a ledger that is there already: an absent or empty database is [ErrNoLedger], and is left as
	// it is.
	MustExist bool
}

// DB is an open database, safe for concurrent use, or a transaction of one: see [DB.In].
type DB struct {
	database
	seal      *keyring.Ring
	clock     func() time.Time
	digestKey []byte
}

// Querier runs statements. *sql.DB and *sql.Tx are queriers, and so is prepared.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Work is a unit of writing. It may run more than once, each time on a fresh transaction, so it must only assign what
// it captures, never add to it.
type Work func(ctx context.Context, q Querier) error

// database is what a DB stands on. It has two implementations, sqlite and postgres, and within for a transaction of either.
type database interface {
	// Reader is for statements that only read.
	Reader() Querier
	// Write runs w in one transaction.
	Write(ctx context.Context, w Work) error
	// WriteOne runs w, which issues exactly one statement and so needs no transaction of its own.
	WriteOne(ctx context.Context, w Work) error
	// WriteLow is Write for work that nobody waits for. It gives way to everything else, shares its transaction with
	// nobody, and has to be small, because it is not interrupted.
	WriteLow(ctx context.Context, w Work) error
	// Lock makes concurrent transactions that take the same name follow one another.
	Lock(ctx context.Context, q Querier, name string) error
	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	// Close waits for the writes under way and closes the database.
	Close() error
}

// Open opens the database at url, creates what is missing and brings the schema up to date. What url may be, and who may
// open the same one, is with [ledger.Open].
func Open(ctx context.Context, url string, o Options) (DB, error) {
	db := DB{seal: o.Seal, clock: o.Clock, digestKey: o.DigestKey}
	if db.clock == nil {
		db.clock = time.Now
	}
	var err error
	switch scheme, rest, _ := strings.Cut(url, "://"); {
	case scheme == "postgres" || scheme == "postgresql":
		db.database, err = openPostgres(ctx, url, o)
	case scheme == "sqlite":
		db.database, err = openSQLite(ctx, rest, o)
	case strings.Contains(url, "://"):
		err = fmt.Errorf("scheme %q is not supported: use a path, sqlite:// or postgres://", scheme)
	default:
		db.database, err = openSQLite(ctx, url, o)
	}
	if err != nil {
		return DB{}, fmt.Errorf("open ledger: %w", err)
	}
	return db, nil
}

// Now is the clock's time in the ledger's resolution.
func (db *DB) Now() time.Time { return db.clock().UTC().Truncate(time.Microsecond) }

// Change runs one statement that writes and returns how many rows it changed.
func (db *DB) Change(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = db.WriteOne(ctx, func(ctx context.Context, q Querier) error {
		n, err = Affected(ctx, q, query, args...)
		return err
	})
	return n, err
}
