package persons

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// carried is what carrying out an order came to. What an account said may be personal data.
type carried struct {
	Taken  []identity.Taken  `json:"taken,omitempty"`
	Before map[string]string `json:"before,omitempty"`
}

func (s Orders) readCarried(id, stored string) (carried, error) {
	var c carried
	if stored == "" {
		return c, nil
	}
	sealed, err := base64.RawStdEncoding.DecodeString(stored)
	if err != nil {
		return c, fmt.Errorf("open orders.carried: %w", err)
	}
	plain, err := s.db.Open(engine.Place("orders.carried", id), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &c)
	}
	return c, err
}

// noteCarried changes what is known of carrying out an order. Change reports whether there is anything new.
func (s Orders) noteCarried(ctx context.Context, id string, change func(*carried) bool) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		var stored string
		found, err := engine.QueryRow(ctx, q, "SELECT carried FROM orders WHERE order_id = $1", []any{id}, &stored)
		if err != nil || !found {
			return err
		}
		c, err := s.readCarried(id, stored)
		if err != nil || !change(&c) {
			return err
		}
		plain, err := json.Marshal(c)
		if err != nil {
			return err
		}
		stored = base64.RawStdEncoding.EncodeToString(s.db.Seal(engine.Place("orders.carried", id), plain))
		_, err = q.ExecContext(ctx, "UPDATE orders SET carried = $2 WHERE order_id = $1", id, stored)
		return err
	})
	if err != nil {
		return fmt.Errorf("note what became of order %s: %w", id, err)
	}
	return nil
}

// NoteTaken counts that a deny order takes roles, by an assessment of this moment: another attempt at the same counts nothing. What
// was taken longer ago than the count goes back begins anew.
func (s Orders) NoteTaken(ctx context.Context, id string, roles []string, at time.Time, goesBack time.Duration) error {
	return s.noteCarried(ctx, id, func(c *carried) bool {
		changed := false
		for _, role := range roles {
			i := slices.IndexFunc(c.Taken, func(t identity.Taken) bool { return t.Role == role })
			switch {
			case i < 0:
				c.Taken = append(c.Taken, identity.Taken{Role: role, Times: 1, At: at})
			case !at.After(c.Taken[i].At):
				continue
			case at.Sub(c.Taken[i].At) >= goesBack:
				c.Taken[i].Times, c.Taken[i].At = 1, at
			default:
				c.Taken[i].Times, c.Taken[i].At = c.Taken[i].Times+1, at
			}
			changed = true
		}
		return changed
	})
}

// ForgetTaken begins the count of what a deny order has taken anew, because somebody says that what gave it is stopped.
func (s Orders) ForgetTaken(ctx context.Context, id string) error {
	return s.noteCarried(ctx, id, func(c *carried) bool {
		known := len(c.Taken) > 0
		c.Taken = nil
		return known
	})
}

// NoteBefore keeps what an account said before a set order changed it. What is known already stays: a later look sees the order's.
func (s Orders) NoteBefore(ctx context.Context, id string, before map[string]string) error {
	return s.noteCarried(ctx, id, func(c *carried) bool {
		changed := false
		for name, value := range before {
			if _, known := c.Before[name]; known {
				continue
			}
			if c.Before == nil {
				c.Before = map[string]string{}
			}
			c.Before[name], changed = value, true
		}
		return changed
	})
}
