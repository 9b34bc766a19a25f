package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgres is the database for many machines. pgx prepares and caches statements per connection by itself.
type postgres struct {
	db     *sql.DB
	closed atomic.Bool
}

// writeAttempts bounds how often a transaction that lost a race is run again at once.
const writeAttempts = 5

func openPostgres(ctx context.Context, url string, o Options) (database, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		// The cause quotes the URL, and with it the password.
		return nil, errors.New("the PostgreSQL URL cannot be parsed: expected postgres://user:password@host:port/database")
	}
	maxConns := o.MaxConns
	if maxConns <= 0 {
		maxConns = 16
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(max(2, maxConns)) // Migrating holds one for the lock.
	db.SetMaxIdleConns(max(2, maxConns))
	p := &postgres{db: db}
	if o.MustExist {
		if err := p.isLedger(ctx, cfg); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if err := p.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

// isLedger reports that a database is a ledger, without changing anything.
func (p *postgres) isLedger(ctx context.Context, cfg *pgx.ConnConfig) error {
	var there bool
	if _, err := QueryRow(ctx, p.db, "SELECT to_regclass($1) IS NOT NULL", []any{migrationsTable}, &there); err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("%w in the database %q at %s: it has no tables of Gatehouse", ErrNoLedger, cfg.Database, cfg.Host)
	}
	return nil
}

// migrate holds a transaction's advisory lock meanwhile, which a crash or a connection pooler cannot leave behind.
func (p *postgres) migrate(ctx context.Context) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	err = p.Lock(ctx, tx, "migrate")
	if err == nil {
		err = migrate(ctx, goose.DialectPostgres, p.db)
	}
	if rb := tx.Rollback(); rb != nil && !errors.Is(rb, sql.ErrTxDone) {
		err = errors.Join(err, rb)
	}
	return err
}

func (p *postgres) Reader() Querier { return p.db }

func (p *postgres) Write(ctx context.Context, w Work) error {
	return p.retryOnConflict(ctx, func() error {
		tx, err := p.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := w(ctx, tx); err != nil {
			return rollback(tx, err)
		}
		return tx.Commit()
	})
}

func (p *postgres) WriteOne(ctx context.Context, w Work) error {
	return p.retryOnConflict(ctx, func() error { return w(ctx, p.db) })
}

// WriteLow needs no lane of its own: PostgreSQL's transactions do not wait for one another.
func (p *postgres) WriteLow(ctx context.Context, w Work) error { return p.Write(ctx, w) }

// retryOnConflict repeats what PostgreSQL has rolled back because of a concurrent transaction.
func (p *postgres) retryOnConflict(ctx context.Context, attempt func() error) error {
	var err error
	for range writeAttempts {
		if p.closed.Load() {
			return ErrClosed
		}
		if err = attempt(); err == nil || !lostRace(err) || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("gave up after %d conflicts with other writers: %w", writeAttempts, err)
}

func rollback(tx *sql.Tx, err error) error {
	if rb := tx.Rollback(); rb != nil && !errors.Is(rb, sql.ErrTxDone) {
		return errors.Join(err, rb)
	}
	return err
}

// lostRace recognises serialization failures, deadlocks and unique violations. The last come from two transactions that
// each found a row absent; run again, one of them finds it.
// Source: postgresql.org/docs/current/errcodes-appendix.html.
func lostRace(err error) bool {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		return false
	}
	return pe.Code == "40001" || pe.Code == "40P01" || pe.Code == "23505"
}

func (p *postgres) Lock(ctx context.Context, q Querier, name string) error {
	const space = 0x6761 // keeps the ledger's locks apart from those of other programs in the database
	_, err := q.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1::int, hashtext($2))", space, name)
	return err
}

func (p *postgres) Ping(ctx context.Context) error { return p.db.PingContext(ctx) }

func (p *postgres) Close() error {
	p.closed.Store(true)
	return p.db.Close()
}
