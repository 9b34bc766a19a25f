package engine

import (
	"context"
	"errors"
)

// InTx runs do in one transaction, which is kept as a whole or not at all. do gets a database of its own and must use no
// other; it may run more than once, each time on a fresh transaction.
func (db *DB) InTx(ctx context.Context, do func(ctx context.Context, db DB) error) error {
	return db.Write(ctx, func(ctx context.Context, q Querier) error {
		return do(ctx, DB{database: within{base: db.database, q: q}, seal: db.seal, clock: db.clock, digestKey: db.digestKey})
	})
}

// within is a database inside a transaction of another one.
type within struct {
	base database
	q    Querier
}

func (w within) Reader() Querier { return w.q }

func (w within) Write(ctx context.Context, do Work) error { return do(ctx, w.q) }

func (w within) WriteOne(ctx context.Context, do Work) error { return do(ctx, w.q) }

func (w within) WriteLow(ctx context.Context, do Work) error { return do(ctx, w.q) }

func (w within) Lock(ctx context.Context, _ Querier, name string) error {
	return w.base.Lock(ctx, w.q, name)
}

func (w within) Ping(ctx context.Context) error { return w.base.Ping(ctx) }

func (w within) Close() error { return errors.New("a transaction's ledger is not closed by hand") }
