package agents

import (
	"context"

	"gatehouse/ledger/engine"
)

// Refuses says what would refuse a call now, "" if nothing would: a switch, or a bound. It is asked before something is done for a call
// that cannot be undone; Record decides.
func (s Store) Refuses(ctx context.Context, c Call, b Bounds) (deniedBy string, err error) {
	deniedBy, err = s.refuses(ctx, s.db.Reader(), c, b)
	return deniedBy, engine.Wrapf(err, "ask what refuses a call of agent %s", c.Agent)
}
