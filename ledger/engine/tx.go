package engine

import (
	"context"
	"errors"
)

// In is the database inside the transaction of q, in which [DB.Write] runs its work: what is read and written through it is part
// of that transaction, and it must not be used after its end.
func (db *DB) In(q Querier) DB {
	return DB{database: within{base: db.database, q: q}, seal: db.seal, clock: db.clock, digestKey: db.digestKey}
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
