package engine

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"gatehouse/ledger/migrations"
)

// migrationsTable says which migrations have been applied. A database without it is no ledger.
const migrationsTable = "gatehouse_migrations"

// migrate applies the pending migrations. The caller holds the lock that keeps other processes from doing the same:
// goose by itself has one for PostgreSQL only, and takes it after it has created its version table.
func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB) error {
	p, err := goose.NewProvider(dialect, db, migrations.Files,
		goose.WithTableName(migrationsTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if current > target {
		return fmt.Errorf("%w: the schema is at version %d, this program knows %d: run the newer program", ErrNewer, current, target)
	}
	return nil
}
