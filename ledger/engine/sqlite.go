package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
)

// busyTimeout is how long a statement waits for a lock that another process holds. Ours are held for milliseconds.
const busyTimeout = 10 * time.Second

// sqlite is the database for one machine: an SQLite file in WAL mode with one writing connection and several reading ones.
type sqlite struct {
	writes *sql.DB // the writer's connection and the checkpointer's
	reads  *sql.DB
	read   *prepared
	writer *writer
}

func openSQLite(ctx context.Context, path string, o Options) (database, error) {
	if path == "" || strings.Contains(path, ":memory:") || strings.ContainsAny(filepath.Base(path), "?#") {
		return nil, errors.New("an SQLite ledger needs the path of a file, without ? or #")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("resolve the ledger's path: %w", err)
	}
	if o.MustExist {
		if err := isLedger(ctx, path); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create the ledger's directory: %w", err)
	}
	if err := prepareFile(ctx, path); err != nil {
		return nil, err
	}
	maxConns := o.MaxConns
	if maxConns <= 0 {
		maxConns = 4
	}
	e := &sqlite{}
	if e.writes, err = openFile(path, 2); err != nil {
		return nil, err
	}
	if e.reads, err = openFile(path, maxConns, "query_only(1)"); err != nil {
		return nil, errors.Join(err, e.writes.Close())
	}
	e.read = newPrepared(e.reads)
	if e.writer, err = startWriter(ctx, e.writes); err != nil {
		return nil, errors.Join(err, e.writes.Close(), e.reads.Close())
	}
	return e, nil
}

// isLedger reports that a file is a ledger, without creating or changing anything.
func isLedger(ctx context.Context, path string) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w at %s", ErrNoLedger, path)
	case err != nil:
		return fmt.Errorf("look for the ledger: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w at %s: that is not a file", ErrNoLedger, path)
	}
	// Not read-only: a process that was killed may have left a WAL, which only a writer can take up.
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{
		"mode": {"rw"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())},
	}.Encode()}
	c, err := driver.NewConnector(u.String())
	if err != nil {
		return fmt.Errorf("open the ledger's file: %w", err)
	}
	db := sql.OpenDB(c)
	var there int
	found, err := QueryRow(ctx, db, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1", []any{migrationsTable}, &there)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if !found || there == 0 {
		return fmt.Errorf("%w in %s: the file has no tables of Gatehouse", ErrNoLedger, path)
	}
	return nil
}

// openFile opens a pool of connections to a file. The WAL is copied back by the checkpointer, off the path of commits;
// autocheckpoint is the safety net should that fall behind (in pages of 4 KiB).
func openFile(path string, conns int, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}, "_error_rc": {"1"}, "_dqs": {"0"}}
	q["_pragma"] = append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)", "synchronous(NORMAL)", "temp_store(MEMORY)", "wal_autocheckpoint(8000)",
	}, pragmas...)
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	c, err := driver.NewConnector(u.String())
	if err != nil {
		return nil, fmt.Errorf("open the ledger's file: %w", err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// prepareFile creates and migrates the file while no other process does. The lock is a transaction on a file beside it,
// so that it ends with its holder and works wherever SQLite does.
func prepareFile(ctx context.Context, path string) (err error) {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path + ".lock"), RawQuery: url.Values{
		"_txlock": {"exclusive"}, "_pragma": {"busy_timeout(60000)"},
	}.Encode()}
	c, err := driver.NewConnector(u.String())
	if err != nil {
		return fmt.Errorf("open the ledger's lock file: %w", err)
	}
	lock := sql.OpenDB(c)
	defer func() { err = errors.Join(err, lock.Close()) }()
	tx, err := lock.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("wait for another process that is opening the ledger: %w", err)
	}
	defer func() { err = rollback(tx, err) }()

	if err := createPrivate(path); err != nil {
		return err
	}
	db, err := openFile(path, 2)
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, goose.DialectSQLite3, db), db.Close())
}

// createPrivate creates the file readable by its owner only; SQLite gives its companions the same mode. It must not open
// a file that exists: closing it would drop the locks that SQLite holds on it elsewhere in this process.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create the ledger's file: %w", err)
	}
	return f.Close()
}

func (e *sqlite) Reader() Querier { return e.read }

func (e *sqlite) Write(ctx context.Context, w Work) error { return e.writer.write(ctx, w) }

func (e *sqlite) WriteOne(ctx context.Context, w Work) error { return e.writer.write(ctx, w) }

func (e *sqlite) WriteLow(ctx context.Context, w Work) error { return e.writer.doLow(ctx, w) }

// Lock has nothing to do: transactions begin IMMEDIATE and so already follow one another.
func (e *sqlite) Lock(context.Context, Querier, string) error { return nil }

func (e *sqlite) Ping(ctx context.Context) error {
	var n int
	_, err := QueryRow(ctx, e.reads, "SELECT COUNT(*) FROM sources", nil, &n)
	return err
}

func (e *sqlite) Close() error {
	err := e.writer.stop()
	return errors.Join(err, e.read.close(), e.reads.Close(), e.writes.Close())
}
