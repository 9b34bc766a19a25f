package mfa

import (
	"context"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/mfa"
)

// anew gives a restriction an id of its own if the one before has been released within the same clock: giving that one
// again would restrict nobody.
func (m *MFA) anew(ctx context.Context, c *checked) error {
	o := c.look.Order
	before, found, err := m.Ledger.Orders().ByID(ctx, o.ID)
	if err == nil && found && !before.Released.IsZero() {
		o.ID = fmt.Sprintf("%s-%d", o.ID, c.state.StageAt.Unix())
	}
	return err
}

// deadlines turns the terms into instants.
func (c *checked) deadlines() {
	c.look.EscalateAt = c.state.Since.Add(c.terms.Grace)
	if c.state.ExtendedUntil.After(c.look.EscalateAt) {
		c.look.EscalateAt = c.state.ExtendedUntil
	}
	if c.terms.RestrictAfter > 0 && !c.terms.Restrict.None() && c.pol.Protected(*c.who.Account) == "" {
		c.look.RestrictAt = c.escalatedAt().Add(c.terms.RestrictAfter)
	}
}

// deadline is the next one that the person faces, zero if none is left.
func (c *checked) deadline() time.Time {
	switch {
	case c.look.Verdict != api.MFACourse, c.look.Stage == mfa.StageRestricted && !c.look.Resume:
		return time.Time{}
	case c.now.Before(c.look.EscalateAt):
		return c.look.EscalateAt
	}
	return c.look.RestrictAt
}

// redate notes that another deadline counts by now than is on record, because of a risk, a rule or another policy.
func (c *checked) redate() {
	if c.look.Verdict != api.MFACourse && c.look.Verdict != api.MFALeave || c.state.Since.IsZero() {
		return
	}
	now, shown := c.deadline().Truncate(time.Microsecond), c.state.Deadline
	c.look.Redated = !now.Equal(shown)
	c.look.Sooner = c.look.Redated && !now.IsZero() && now.Before(shown)
}

// escalatedAt is when the manager was told, or will be. However late that was, the whole time after it is granted.
func (c *checked) escalatedAt() time.Time {
	at := c.look.EscalateAt
	switch c.look.Stage {
	case mfa.StageEscalated:
		if c.state.StageAt.After(at) {
			at = c.state.StageAt
		}
	case mfa.StageRestricted:
	default:
		if c.now.After(at) {
			at = c.now
		}
	}
	return at
}

// due compares the instants with now.
func (c *checked) due() {
	l, every := &c.look, c.terms.RemindEvery
	count := 1 + int(c.now.Sub(l.Since)/every)
	restricted := l.Stage == mfa.StageRestricted
	escalated := l.Stage == mfa.StageEscalated || restricted
	late := !c.now.Before(l.EscalateAt)
	l.Resume = escalated && !late
	l.Escalate = !escalated && late
	if !l.RestrictAt.IsZero() && !c.now.Before(l.RestrictAt) && !restricted {
		l.Order = c.restriction()
	}
	if count > l.Reminders && (!restricted || l.Resume) && l.Order == nil {
		l.Reminder = count
	}
	next := l.Since.Add(time.Duration(count) * every)
	if restricted && !l.Resume {
		next = c.now.Add(every)
	}
	l.Due = earliest(c.now, next, l.EscalateAt, l.RestrictAt)
}

// restriction is the order that the terms call for. Its id is the same for one clock and one extension of it, so that
// giving it twice is giving it once, and giving it after an extension is giving another.
func (c *checked) restriction() *identity.Order {
	o := &identity.Order{
		ID: fmt.Sprintf("%s%d-%d", restrictionID(c.look.AccountID), c.look.Clock, c.state.ExtendedUntil.Unix()), Key: c.look.Key,
		Kind: identity.OrderRestrict, Group: c.terms.Restrict.Group, By: api.ByGatehouse, Rule: ruleMFA,
		Reason: c.lacks() + " since " + c.look.Since.UTC().Format(time.DateOnly),
	}
	if c.state.ExtendedUntil.IsZero() {
		o.ID = fmt.Sprintf("%s%d", restrictionID(c.look.AccountID), c.look.Clock)
	}
	if c.terms.Restrict.Suspend {
		o.Kind, o.Group = identity.OrderSuspend, ""
	}
	return o
}

// restrictionID is how the ids of an account's restrictions begin.
func restrictionID(account int64) string { return fmt.Sprintf("mfa-%d-", account) }

// earliest returns the first of some instants that is after now, zero if none is.
func earliest(now time.Time, instants ...time.Time) time.Time {
	var out time.Time
	for _, at := range instants {
		if at.After(now) && (out.IsZero() || at.Before(out)) {
			out = at
		}
	}
	return out
}
