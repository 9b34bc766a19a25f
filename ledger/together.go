package ledger

import (
	"context"
	"errors"
)

// Together runs several of the ledger's methods in one transaction, which is kept as a whole or not at all: one commit
// is waited for instead of many. do gets a ledger of its own and must use no other; it may run more than once, each
// time on a fresh transaction, so it must only assign what it captures. It must not wait for anything but the ledger,
// because others wait for what it has locked.
func (l *Ledger) Together(ctx context.Context, do func(ctx context.Context, l *Ledger) error) error {
	return l.engine.write(ctx, func(ctx context.Context, q querier) error {
		return do(ctx, &Ledger{engine: within{base: l.engine, q: q}, seal: l.seal, clock: l.clock, digestKey: l.digestKey})
	})
}

// within is an engine inside a transaction of another one.
type within struct {
	base engine
	q    querier
}

func (w within) reader() querier                             { return w.q }
func (w within) write(ctx context.Context, do work) error    { return do(ctx, w.q) }
func (w within) writeOne(ctx context.Context, do work) error { return do(ctx, w.q) }
func (w within) writeLow(ctx context.Context, do work) error { return do(ctx, w.q) }
func (w within) lock(ctx context.Context, _ querier, name string) error {
	return w.base.lock(ctx, w.q, name)
}
func (w within) ping(ctx context.Context) error { return w.base.ping(ctx) }
func (w within) close() error                   { return errors.New("a transaction's ledger is not closed by hand") }
