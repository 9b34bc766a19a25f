package onelogin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gatehouse/connectors"
)

// The bounds of the cache of verdicts.
const (
	verdictTTL  = 2 * time.Minute
	maxVerdicts = 20_000
)

// guard refuses a write to a protected account, or to an id that cannot be one. The verdict is at most two minutes old;
// if there is none, the user is read first. Containment is refused like any other write: a break-glass account that
// can be locked out by mistake is none.
func (c *Client) guard(ctx context.Context, op string, id int64) error {
	if id <= 0 {
		return invalid(op, "a user id is a positive number")
	}
	if c.protected == nil || c.lifted == id {
		return nil
	}
	reason, known := c.verdicts.get(id)
	if !known {
		u, err := c.User(ctx, id)
		if err != nil {
			return err
		}
		reason = c.protected(u)
	}
	return refusal(op, reason)
}

// guardEmail is guard for writes that name a user by e-mail address. It costs a request, and is not used for anything
// that must be fast.
func (c *Client) guardEmail(ctx context.Context, op, email string) error {
	if c.protected == nil {
		return nil
	}
	users, err := c.UsersByEmail(ctx, email)
	if err != nil {
		return err
	}
	for _, u := range users {
		if err := refusal(op, c.protected(u)); err != nil {
			return err
		}
	}
	return nil
}

// judge remembers the verdict on a user that was read in full.
func (c *Client) judge(u User) {
	if c.protected != nil {
		c.verdicts.put(u.ID, c.protected(u))
	}
}

func refusal(op, reason string) error {
	if reason == "" {
		return nil
	}
	return &connectors.Error{
		System: system, Op: op, Kind: connectors.KindRefused, Code: "protected_account",
		Err: fmt.Errorf("the account is protected: %s", reason),
	}
}

func invalid(op, problem string) error {
	return &connectors.Error{System: system, Op: op, Kind: connectors.KindInvalid, Err: errors.New(problem)}
}

// verdicts is a bounded cache: two maps of which the older is thrown away when it has aged, or the newer is full.
type verdicts struct {
	clock func() time.Time

	mu        sync.Mutex
	young     map[int64]verdict
	old       map[int64]verdict
	rotatedAt time.Time
}

type verdict struct {
	reason string
	at     time.Time
}

func newVerdicts(clock func() time.Time) *verdicts {
	return &verdicts{clock: clock, young: map[int64]verdict{}, rotatedAt: clock()}
}

func (v *verdicts) get(id int64) (reason string, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found, ok := v.young[id]
	if !ok {
		found, ok = v.old[id]
	}
	if !ok || v.clock().Sub(found.at) >= verdictTTL {
		return "", false
	}
	return found.reason, true
}

func (v *verdicts) put(id int64, reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.clock()
	if len(v.young) >= maxVerdicts/2 || now.Sub(v.rotatedAt) >= verdictTTL {
		v.old, v.young, v.rotatedAt = v.young, map[int64]verdict{}, now
	}
	v.young[id] = verdict{reason: reason, at: now}
}
