package persons

import (
	"context"
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// isOff is true of an order o that a switch stops.
const isOff = `EXISTS (SELECT 1 FROM agent_switches w WHERE o.agent <> '' AND w.scope IN ('all', 'agent/' || o.agent, 'tool/' || o.tool))`

// NoteOff says of the orders of agents by which switch nothing is done for them. Where no agent has asked for any it costs nothing.
func (s Orders) NoteOff(ctx context.Context, orders []identity.Order) error {
	if !slices.ContainsFunc(orders, func(o identity.Order) bool { return o.Agent != "" }) {
		return nil
	}
	scopes, err := engine.Texts(ctx, s.db.Reader(), "SELECT scope FROM agent_switches")
	if err != nil {
		return engine.Wrapf(err, "read which agents are off")
	}
	for i := range orders {
		orders[i].Off = offBy(orders[i], scopes)
	}
	return nil
}

// offBy is the switch that stops an order, the narrowest first.
func offBy(o identity.Order, scopes []string) string {
	if o.Agent == "" {
		return ""
	}
	for _, scope := range []string{"tool/" + o.Tool, "agent/" + o.Agent, "all"} {
		if slices.Contains(scopes, scope) {
			return scope
		}
	}
	return ""
}

// noteOff is NoteOff for orders with what became of them.
func (s Orders) noteOff(ctx context.Context, records []OrderRecord) error {
	orders := make([]identity.Order, len(records))
	for i, r := range records {
		orders[i] = r.Order
	}
	if err := s.NoteOff(ctx, orders); err != nil {
		return err
	}
	for i := range records {
		records[i].Off = orders[i].Off
	}
	return nil
}
