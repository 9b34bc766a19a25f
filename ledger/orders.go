package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gatehouse/identity"
)

// orderDetail is what a person wrote, and so may hold personal data.
type orderDetail struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

func (l *Ledger) openOrder(o *identity.Order, stored []byte) error {
	plain, err := l.opened(place("orders.detail", o.ID), stored)
	if err != nil {
		return fmt.Errorf("read order %s: %w", o.ID, err)
	}
	var d orderDetail
	if err := json.Unmarshal(plain, &d); err != nil {
		return fmt.Errorf("read order %s: %w", o.ID, err)
	}
	o.By, o.Reason = d.By, d.Reason
	return nil
}

// PutOrder records an order. The ID makes it idempotent: a repetition updates kind, reason, expiry and group, but never
// the person, and never reopens an order that was released. An At of zero means now. The person is created if absent.
func (l *Ledger) PutOrder(ctx context.Context, o identity.Order) error {
	if o.ID == "" || o.Key == "" || o.Kind == "" {
		return errors.New("put order: it needs an id, a person's key and a kind")
	}
	if o.At.IsZero() {
		o.At = l.now()
	}
	detail, err := json.Marshal(orderDetail{By: o.By, Reason: o.Reason})
	if err != nil {
		return fmt.Errorf("put order %s: %w", o.ID, err)
	}
	err = l.engine.write(ctx, func(ctx context.Context, q querier) error {
		if err := l.ensurePerson(ctx, q, o.Key); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `
INSERT INTO orders (order_id, person_key, kind, group_name, detail, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id) DO UPDATE SET kind = excluded.kind,
	group_name = excluded.group_name, detail = excluded.detail, expires_at = excluded.expires_at
	WHERE orders.released_at = 0`,
			o.ID, o.Key, string(o.Kind), o.Group, l.sealed(place("orders.detail", o.ID), detail), micros(o.At), micros(o.Until))
		return err
	})
	if err != nil {
		return fmt.Errorf("put order %s: %w", o.ID, err)
	}
	return nil
}

// ReleaseOrder ends an order and reports whether it was still unreleased; one that is absent or was released before is
// left as it is.
func (l *Ledger) ReleaseOrder(ctx context.Context, id, by, reason string) (bool, error) {
	detail, err := json.Marshal(orderDetail{By: by, Reason: reason})
	if err != nil {
		return false, fmt.Errorf("release order %s: %w", id, err)
	}
	var n int64
	err = l.engine.writeOne(ctx, func(ctx context.Context, q querier) error {
		n, err = affected(ctx, q,
			"UPDATE orders SET released_at = $2, release_detail = $3 WHERE order_id = $1 AND released_at = 0",
			id, micros(l.now()), l.sealed(place("orders.release_detail", id), detail))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("release order %s: %w", id, err)
	}
	return n > 0, nil
}

// Orders returns the open orders about a person, oldest first: neither released nor expired.
func (l *Ledger) Orders(ctx context.Context, key string) ([]identity.Order, error) {
	d, _, err := l.Dossier(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return d.Orders, nil
}
