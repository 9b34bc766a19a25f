package systems

import (
	"context"

	"gatehouse/ledger/engine"
)

// Owing returns the systems in which anything is owed, by name.
func (s Store) Owing(ctx context.Context) ([]string, error) {
	names, err := engine.Texts(ctx, s.db.Reader(), "SELECT DISTINCT system FROM system_debts ORDER BY system")
	return names, engine.Wrapf(err, "read in which systems anything is owed")
}

// SettleSystem strikes all that is owed in a system.
func (s Store) SettleSystem(ctx context.Context, system string) error {
	_, err := s.db.Change(ctx, "DELETE FROM system_debts WHERE system = $1", system)
	return engine.Wrapf(err, "settle all that is owed in %s", system)
}
