package systems

import (
	"context"
	"maps"
	"time"

	"gatehouse/activities/step"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	ledgersystems "gatehouse/ledger/systems"
)

// note reads the account once more and keeps what it looks like now, so that the inventory need not wait for the next reading. Where
// it cannot be read, the next reading tells.
func (c *carrying) note(ctx context.Context) error {
	reading, stop := shareOf(ctx, 2)
	defer stop()
	a, err := c.able.Read(reading, target.ReadRequest{ID: c.ref.ID, Urgent: c.in.Leaving})
	if err != nil {
		step.Log(ctx).Info("the account was not read after a step", "system", c.ref.System, "step", c.in.Step.Kind, "error", err)
		if !c.known || c.in.Step.Kind != identity.SystemSuspend {
			return nil
		}
		a = c.was
	}
	c.state.Status = a.Document.Status.String()
	// It counts as read when the step began: a system that shows a write late must not undo what is known of it.
	if c.licences == nil {
		return c.noteRead(ctx, c.began, a, nil)
	}
	return c.noteRead(ctx, c.began, a, map[identity.SystemObjectKind][]string{identity.ObjectLicence: c.licences})
}

// noteRead keeps what a reading of one account has shown, which was asked for at an instant, with what it holds beside its memberships.
func (s *Systems) noteRead(ctx context.Context, at time.Time, a target.Account, holds map[identity.SystemObjectKind][]string) error {
	if !a.Whole {
		return nil // It does not tell enough: the next reading does.
	}
	row := ledgersystems.Row{
		Account: inventory.Account{
			Ref: a.Ref, DirectoryID: a.DirectoryID, TrustedIDP: a.TrustedIDP, Document: a.Document, Status: a.Document.Status, LastLogin: a.Document.LastLogin,
		},
		Container: a.Container, Manager: a.Manager, ManagerUnknown: a.Manager == "" && a.ManagerAddress != "", Keep: s.keepAbsent(a.Ref.System),
	}
	if kind, shown := s.membershipKind(a.Ref.System); shown {
		row.Holds = map[identity.SystemObjectKind][]string{kind: a.Memberships}
		maps.Copy(row.Holds, holds)
	}
	return s.Ledger.Systems().Note(ctx, at, row)
}

// membershipKind is what the memberships of a system's accounts are: groups where it manages groups, else roles.
func (s *Systems) membershipKind(system string) (kind identity.SystemObjectKind, shown bool) {
	switch s.Targets[system].(type) {
	case target.GroupManager:
		return identity.ObjectGroup, true
	case target.RoleManager:
		return identity.ObjectRole, true
	}
	return "", false
}

// keepAbsent is how long what a system does not show any more is believed.
func (s *Systems) keepAbsent(name string) time.Duration {
	for _, sys := range s.Policy().Systems() {
		if sys.Name == name {
			return sys.KeepAbsent
		}
	}
	return 0
}

// done keeps that a step was carried out of which the account itself shows nothing.
func (c *carrying) done(ctx context.Context) error { return c.doneWith(ctx, ledgersystems.Ended{}) }

// doneWith keeps with it what is needed to take the step back.
func (c *carrying) doneWith(ctx context.Context, e ledgersystems.Ended) error {
	e.Key, e.Episode, e.Step, e.At = c.in.Key, c.in.Episode, c.in.Step.Kind, c.Clock()
	return c.Ledger.Systems().NoteEnded(ctx, c.ref, e)
}

// noteOwner says whether the account's suspension is ours to lift.
func (c *carrying) noteOwner(ctx context.Context, l *ledger.Ledger, byUs bool) error {
	return l.Inventory().MarkSuspended(ctx, c.ref, c.in.Key, byUs, "")
}
