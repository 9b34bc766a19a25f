// Package standing says how the systems beside OneLogin stand: how far Gatehouse may go there, when each was last read whole, whose its
// accounts are, and what is owed. It asks the ledger and no system.
package standing

import (
	"context"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/systems"
	"gatehouse/policy"
	"gatehouse/policy/system"
)

// System is how one system stands.
type System struct {
	Name string
	// Configured says that gatehouse.yaml has it, Policy is what the policy says about it, nil if nothing.
	Configured bool
	Policy     *system.System
	// ReadAt is when the last reading began that showed everything, TriedAt the last one at all; zero if there was none. Seen is how
	// many accounts the former showed.
	ReadAt, TriedAt time.Time
	Seen            int64
	// States are how many accounts are in which state, Believed how many memberships are believed that are not shown any more.
	States   map[identity.AccountLinkState]int64
	Believed int64
	// Debts are the steps that could not be carried out so far, leavers' first.
	Debts []systems.Debt
}

// Of says how every system stands that is configured or that a policy names, in the order of the former.
func Of(ctx context.Context, l *ledger.Ledger, p *policy.Policy, configured []string) ([]System, error) {
	var all []System
	for _, name := range configured {
		all = append(all, System{Name: name, Configured: true})
	}
	for _, s := range p.Systems() {
		i := slices.IndexFunc(all, func(known System) bool { return known.Name == s.Name })
		if i < 0 {
			i = len(all)
			all = append(all, System{Name: s.Name})
		}
		all[i].Policy = &s
	}
	for i := range all {
		if err := all[i].read(ctx, l); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *System) read(ctx context.Context, l *ledger.Ledger) (err error) {
	whole, found, err := l.Inventory().LastSweep(ctx, s.Name, inventory.SweepFull, true)
	if err != nil {
		return err
	}
	if found {
		s.ReadAt, s.Seen = whole.StartedAt, whole.Seen
	}
	for _, kind := range []inventory.SweepKind{inventory.SweepFull, inventory.SweepChanges} {
		last, _, err := l.Inventory().LastSweep(ctx, s.Name, kind, false)
		if err != nil {
			return err
		}
		if last.StartedAt.After(s.TriedAt) {
			s.TriedAt = last.StartedAt
		}
	}
	if s.States, err = l.Inventory().CountStates(ctx, s.Name); err != nil {
		return err
	}
	if s.Believed, err = l.Systems().Missing(ctx, s.Name); err != nil {
		return err
	}
	s.Debts, err = l.Systems().Debts(ctx, s.Name)
	return err
}

// Mode is how far Gatehouse may go: observe or enforce, "" where the policy says nothing about the system.
func (s System) Mode() string {
	if s.Policy == nil {
		return ""
	}
	return s.Policy.Mode
}

// Stale reports that what is known of the system is too old to give or take anything by.
func (s System) Stale(now time.Time) bool {
	return s.Policy != nil && (s.ReadAt.IsZero() || now.Sub(s.ReadAt) > s.Policy.MaxAge)
}

// Leavers counts the debts by which somebody who has left may still have access.
func (s System) Leavers() (n int) {
	for _, d := range s.Debts {
		if d.Leaving {
			n++
		}
	}
	return n
}

// Oldest is since when something is owed, zero if nothing is.
func (s System) Oldest() (since time.Time) {
	for _, d := range s.Debts {
		if since.IsZero() || d.Since.Before(since) {
			since = d.Since
		}
	}
	return since
}
