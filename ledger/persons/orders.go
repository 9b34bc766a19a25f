package persons

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// orderDetail is what a person wrote, and so may hold personal data, and what only the order's own run reads.
type orderDetail struct {
	By      string `json:"by"`
	Reason  string `json:"reason"`
	Minutes int    `json:"minutes,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Agent   string `json:"agent,omitempty"`
	Tool    string `json:"tool,omitempty"`
	Request string `json:"request,omitempty"`
	// Attributes are what a set order has the account say.
	Attributes map[string]string `json:"attributes,omitempty"`
	// Proof shows who it was.
	Proof json.RawMessage `json:"proof,omitempty"`
}

// orderRow is an order as it is stored.
type orderRow struct {
	id, key, kind, group, roles, given string
	carried                            string
	created, expires, released         int64
	detail, releaseDetail              []byte
}

// order opens a stored order. One that was released ends at that moment, unless it lapsed before.
func (s Orders) order(key string, r orderRow) (identity.Order, error) {
	o := identity.Order{
		ID: r.id, Key: key, Kind: identity.OrderKind(r.kind), Group: r.group, At: engine.Instant(r.created), Until: engine.Instant(r.expires),
	}
	if r.released != 0 && (r.expires == 0 || r.released < r.expires) {
		o.Until = engine.Instant(r.released)
	}
	plain, err := s.db.Open(engine.Place("orders.detail", o.ID), r.detail)
	if err != nil {
		return o, fmt.Errorf("read order %s: %w", o.ID, err)
	}
	var d orderDetail
	err = errors.Join(json.Unmarshal(plain, &d), readNames(r.roles, &o.Roles), readNames(r.given, &o.Given))
	if err != nil {
		return o, fmt.Errorf("read order %s: %w", o.ID, err)
	}
	o.By, o.Reason, o.Minutes, o.Rule = d.By, d.Reason, d.Minutes, d.Rule
	o.Agent, o.Tool, o.Request, o.Attributes = d.Agent, d.Tool, d.Request, d.Attributes
	c, err := s.readCarried(o.ID, r.carried)
	if err != nil {
		return o, fmt.Errorf("read order %s: %w", o.ID, err)
	}
	o.Taken, o.Before = c.Taken, c.Before
	return o, nil
}

// names is how a list of roles is stored: JSON, and nothing for none.
func names(roles []string) (string, error) {
	if len(roles) == 0 {
		return "", nil
	}
	data, err := json.Marshal(roles)
	return string(data), err
}

func readNames(stored string, into *[]string) error {
	if stored == "" {
		return nil
	}
	return json.Unmarshal([]byte(stored), into)
}

// Put records an order. The ID makes it idempotent: a repetition updates kind, reason, expiry, group, roles and
// minutes, but never reopens an order that was released, and leaves one about another person as it is. An At of zero
// means now. The person is created if absent. A contain or suspend order is a departure from its At on.
func (s Orders) Put(ctx context.Context, o identity.Order) error {
	return s.PutSigned(ctx, o, nil)
}

// PutSigned is Put with the JSON that shows who has given the order, which is kept with it.
func (s Orders) PutSigned(ctx context.Context, o identity.Order, proof []byte) error {
	if o.ID == "" || o.Key == "" || o.Kind == "" {
		return errors.New("put order: it needs an id, a person's key and a kind")
	}
	if o.At.IsZero() {
		o.At = s.db.Now()
	}
	detail, err := json.Marshal(orderDetail{
		By: o.By, Reason: o.Reason, Minutes: o.Minutes, Rule: o.Rule, Agent: o.Agent, Tool: o.Tool, Request: o.Request, Attributes: o.Attributes, Proof: proof,
	})
	if err != nil {
		return fmt.Errorf("put order %s: %w", o.ID, err)
	}
	roles, err := names(o.Roles)
	if err != nil {
		return fmt.Errorf("put order %s: %w", o.ID, err)
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := Store(s).EnsurePerson(ctx, q, o.Key); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `
INSERT INTO orders (order_id, person_key, kind, group_name, roles, detail, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (order_id) DO UPDATE SET kind = excluded.kind,
	group_name = excluded.group_name, roles = excluded.roles, detail = excluded.detail, expires_at = excluded.expires_at,
	settled_at = 0 WHERE orders.released_at = 0 AND (orders.person_key = excluded.person_key OR EXISTS (
		SELECT 1 FROM people p WHERE p.person_key = orders.person_key AND p.forward = excluded.person_key))`,
			o.ID, o.Key, string(o.Kind), o.Group, roles, s.db.Seal(engine.Place("orders.detail", o.ID), detail), engine.Micros(o.At), engine.Micros(o.Until))
		if err != nil {
			return err
		}
		return Store(s).ofOrder(ctx, q, o)
	})
	if err != nil {
		return fmt.Errorf("put order %s: %w", o.ID, err)
	}
	return nil
}

// Release ends an order and reports whether it was still unreleased; one that is absent or was released before is
// left as it is.
func (s Orders) Release(ctx context.Context, id, by, reason string) (bool, error) {
	return s.ReleaseSigned(ctx, id, by, reason, nil)
}

// ReleaseSigned is Release with the JSON that shows who has ended the order, which is kept with it.
func (s Orders) ReleaseSigned(ctx context.Context, id, by, reason string, proof []byte) (bool, error) {
	detail, err := json.Marshal(orderDetail{By: by, Reason: reason, Proof: proof})
	if err != nil {
		return false, fmt.Errorf("release order %s: %w", id, err)
	}
	var n int64
	err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		n, err = engine.Affected(ctx, q,
			"UPDATE orders SET released_at = $2, release_detail = $3 WHERE order_id = $1 AND released_at = 0",
			id, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("orders.release_detail", id), detail))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("release order %s: %w", id, err)
	}
	return n > 0, nil
}

// Move hands the orders that are not released over to another person, who is created if absent.
func (s Orders) Move(ctx context.Context, from, to string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := Store(s).EnsurePerson(ctx, q, to); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "UPDATE orders SET person_key = $2 WHERE person_key = $1 AND released_at = 0", from, to)
		return err
	})
	if err != nil {
		return fmt.Errorf("move the orders of %s to %s: %w", from, to, err)
	}
	return nil
}

// NoteGiven remembers which of a grant order's roles it adds to an account that did not hold them, so that they are
// taken back when it ends. Repeating it adds nothing.
func (s Orders) NoteGiven(ctx context.Context, id string, added []string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		var roles, given string
		found, err := engine.QueryRow(ctx, q, "SELECT roles, given_roles FROM orders WHERE order_id = $1", []any{id}, &roles, &given)
		if err != nil || !found {
			return err
		}
		var ordered, before []string
		if err := errors.Join(readNames(roles, &ordered), readNames(given, &before)); err != nil {
			return err
		}
		after := slices.Clone(before)
		for _, role := range added {
			if slices.Contains(ordered, role) && !slices.Contains(after, role) {
				after = append(after, role)
			}
		}
		if len(after) == len(before) {
			return nil
		}
		slices.Sort(after)
		text, err := names(after)
		if err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, "UPDATE orders SET given_roles = $2 WHERE order_id = $1", id, text)
		return err
	})
	if err != nil {
		return fmt.Errorf("note what order %s gives: %w", id, err)
	}
	return nil
}

// Settle says that what an ended grant order gave has been taken back, that an ended hold keeps nothing any more, or that an account
// says nothing any more of what an ended set order had it say.
// It may be repeated.
func (s Orders) Settle(ctx context.Context, id string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE orders SET settled_at = $2 WHERE order_id = $1 AND settled_at = 0", id, engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("settle order %s: %w", id, err)
	}
	return nil
}

// OrderRecord is an order and what became of it.
type OrderRecord struct {
	identity.Order
	// Released is when the order was released or, a response, carried out; zero if neither. ReleasedBy and ReleaseReason
	// say by whom and why, or what was done.
	Released                  time.Time
	ReleasedBy, ReleaseReason string
	// Proof is the JSON that shows who has given it, ReleaseProof who has ended it; nil where nothing does.
	Proof, ReleaseProof []byte
}

// ByID returns an order, over or not.
func (s Orders) ByID(ctx context.Context, id string) (OrderRecord, bool, error) {
	found, err := s.orders(ctx, "order_id = $1", id)
	if err != nil || len(found) == 0 {
		return OrderRecord{}, false, err
	}
	return found[0], true, nil
}

// Of returns every order there ever was about a person, those of records forwarded to them included, oldest first.
func (s Orders) Of(ctx context.Context, key string) ([]OrderRecord, error) {
	return s.orders(ctx, "person_key = $1 OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1)", key)
}

// Open returns the orders of everybody that are neither released nor expired, oldest first.
func (s Orders) Open(ctx context.Context) ([]OrderRecord, error) {
	return s.orders(ctx, "released_at = 0 AND (expires_at = 0 OR expires_at > $1)", engine.Micros(s.db.Now()))
}

func (s Orders) orders(ctx context.Context, where string, args ...any) ([]OrderRecord, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT order_id, person_key, kind, group_name, roles, given_roles, carried,
		created_at, expires_at, released_at, detail, release_detail FROM orders WHERE `+where+
		" ORDER BY created_at, order_id", args...)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var out []OrderRecord
	for rows.Next() {
		var r orderRow
		if err := rows.Scan(&r.id, &r.key, &r.kind, &r.group, &r.roles, &r.given, &r.carried, &r.created, &r.expires, &r.released,
			&r.detail, &r.releaseDetail); err != nil {
			return nil, fmt.Errorf("read orders: %w", err)
		}
		o, err := s.record(r)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return out, nil
}

// orderProof is what shows who has given an order.
func (s Orders) orderProof(r orderRow) ([]byte, error) {
	plain, err := s.db.Open(engine.Place("orders.detail", r.id), r.detail)
	var d orderDetail
	if err == nil {
		err = json.Unmarshal(plain, &d)
	}
	if err != nil {
		return nil, fmt.Errorf("read who gave order %s: %w", r.id, err)
	}
	return d.Proof, nil
}

func (s Orders) record(r orderRow) (OrderRecord, error) {
	rec := OrderRecord{Released: engine.Instant(r.released)}
	released := r.released
	r.released = 0 // A record keeps when the order would have lapsed.
	var err error
	if rec.Order, err = s.order(r.key, r); err != nil {
		return rec, err
	}
	if rec.Proof, err = s.orderProof(r); err != nil || released == 0 {
		return rec, err
	}
	plain, err := s.db.Open(engine.Place("orders.release_detail", r.id), r.releaseDetail)
	if err != nil {
		return rec, fmt.Errorf("read the end of order %s: %w", r.id, err)
	}
	var d orderDetail
	if err := json.Unmarshal(plain, &d); err != nil {
		return rec, fmt.Errorf("read the end of order %s: %w", r.id, err)
	}
	rec.ReleasedBy, rec.ReleaseReason, rec.ReleaseProof = d.By, d.Reason, d.Proof
	return rec, nil
}
