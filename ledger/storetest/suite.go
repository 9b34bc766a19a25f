// Package storetest is what the tests of the ledger and of its stores have in common: both engines, a clock that is moved by
// hand, and the rows that most of them need.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"gatehouse/ledger"
	"gatehouse/ledger/ledgertest"
	"gatehouse/ledger/migrations"
)

// Engine is one kind of database: each test gets an empty one of its own.
type Engine struct {
	Name string
	// URL is where a new database is opened.
	URL func(t testing.TB) string
	// Raw opens the same database behind the ledger's back.
	Raw func(t testing.TB, url string) *sql.DB
	// FailSettle makes every change of the staged table's rows fail.
	FailSettle []string
}

// SQLite is an engine of files.
func SQLite() Engine {
	return Engine{
		Name: "sqlite",
		URL:  func(t testing.TB) string { return filepath.Join(t.TempDir(), "var", "ledger.db") },
		Raw: func(t testing.TB, url string) *sql.DB {
			db, err := sql.Open("sqlite", "file:"+url+"?_pragma=busy_timeout(10000)")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return db
		},
		FailSettle: []string{"CREATE TRIGGER broken BEFORE UPDATE ON staged BEGIN SELECT RAISE(ABORT, 'power cut'); END"},
	}
}

// Postgres is an engine of databases on a server.
func Postgres(server string) Engine {
	var n atomic.Int64
	return Engine{
		Name: "postgres",
		URL: func(t testing.TB) string {
			return ledgertest.Database(t, server, fmt.Sprintf("ledger_%d", n.Add(1)))
		},
		Raw: func(t testing.TB, url string) *sql.DB {
			cfg, err := pgx.ParseConfig(url)
			require.NoError(t, err)
			db := stdlib.OpenDB(*cfg)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return db
		},
		FailSettle: []string{"ALTER TABLE staged ADD CONSTRAINT broken CHECK (hinted_at = 0 AND dropped_at = 0)"},
	}
}

// MigrateTo takes a database to a version of the schema, up or down.
func (e Engine) MigrateTo(t testing.TB, db *sql.DB, version int64) {
	t.Helper()
	dialect := goose.DialectSQLite3
	if e.Name == "postgres" {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db, migrations.Files,
		goose.WithTableName("gatehouse_migrations"), goose.WithDisableGlobalRegistry(true))
	require.NoError(t, err)
	current, err := p.GetDBVersion(context.Background())
	require.NoError(t, err)
	if current > version {
		_, err = p.DownTo(context.Background(), version)
	} else {
		_, err = p.UpTo(context.Background(), version)
	}
	require.NoError(t, err)
}

// Clock is a time source that tests move by hand.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock stands still on a morning in November 2026.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)} }

// Now is the time it shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// OnEach runs tests on both engines, all side by side. PostgreSQL is skipped where it is not installed.
func OnEach(t *testing.T, tests map[string]func(*testing.T, Engine)) {
	t.Helper()
	run := func(t *testing.T, e Engine) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, e)
			})
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite()) })
	t.Run("postgres", func(t *testing.T) { run(t, Postgres(ledgertest.Postgres(t))) })
}

// Open opens a ledger until the test ends.
func Open(t testing.TB, url string, o ledger.Options) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), url, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// AtOnce runs do n times concurrently and returns the first error.
func AtOnce(n int, do func(i int) error) error {
	start := make(chan struct{})
	errs := make(chan error, n)
	for i := range n {
		go func() {
			<-start
			errs <- do(i)
		}()
	}
	close(start)
	var first error
	for range n {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
