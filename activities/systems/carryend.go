package systems

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/journal"
)

// suspend makes the account unable to sign in. The ledger learns first that the suspension is ours, so that a crash in between never
// makes it look like somebody else's. A suspension that somebody else has made stays theirs.
func (c *carrying) suspend(ctx context.Context) (bool, error) {
	system, err := capable[target.Suspender](c, "suspend accounts")
	if err != nil {
		return false, err
	}
	open := !c.known || c.was.Document.Status != identity.AccountSuspended
	if open && !c.row.SuspendedByUs {
		if err := c.noteOwner(ctx, c.Ledger, true); err != nil {
			return false, err
		}
	}
	a, err := system.Suspend(ctx, c.write)
	switch {
	case connectors.IsKind(err, connectors.KindConflict) && a.Ref.ID == c.ref.ID:
		// Sign-in has ended, and the system refuses what goes with it. Somebody is told, and it is not asked for again.
		c.state.Left = append(c.state.Left, leftToDo(err))
		if err := c.done(ctx); err != nil {
			return false, err
		}
	case connectors.IsKind(err, connectors.KindRefused) && open && !c.row.SuspendedByUs:
		return false, errors.Join(err, c.noteOwner(ctx, c.Ledger, false))
	case err != nil:
		return false, err
	}
	c.state.Status = a.Document.Status.String()
	changed := open || c.was.Document.Frozen
	// Where it cannot be read now, that it is closed is known all the same.
	c.was.Document.Status, c.was.Document.Frozen = a.Document.Status, a.Document.Frozen
	return changed, c.note(ctx)
}

// leftToDo is what a system says that is left to do by hand.
func leftToDo(err error) string {
	var e *connectors.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.System + ": " + e.Err.Error()
	}
	return err.Error()
}

// resetPassword sets a password that nobody knows.
func (c *carrying) resetPassword(ctx context.Context) (bool, error) {
	if err := c.setPassword(ctx); err != nil {
		return false, err
	}
	return true, c.done(ctx)
}

func (c *carrying) setPassword(ctx context.Context) error {
	system, err := capable[target.CredentialResetter](c, "reset passwords")
	if err != nil {
		return err
	}
	return system.ResetPassword(ctx, target.ResetRequest{Write: c.write})
}

// endSessions ends the sessions that the system holds.
func (c *carrying) endSessions(ctx context.Context) (bool, error) {
	if err := c.signOut(ctx); err != nil {
		return false, err
	}
	return true, c.done(ctx)
}

func (c *carrying) signOut(ctx context.Context) error {
	system, err := capable[target.SessionEnder](c, "end sessions")
	if err != nil {
		return err
	}
	return system.EndSessions(ctx, c.write)
}

// revokeGrants takes away what acts for the account beside its password. Where there was an address or a number for recovery, the
// person may have set a password by it since theirs was reset: it is reset once more, and the sessions end. An attempt that came to
// no end may have seen one, and nobody knows. One of which a part was refused knows, and the next one is about that part alone. What a
// mailbox forwards by itself ends last, so that nothing waits for the mailbox.
func (c *carrying) revokeGrants(ctx context.Context) (bool, error) {
	system, err := capable[target.GrantRevoker](c, "revoke what apps were granted")
	if err != nil {
		return false, err
	}
	key := fmt.Sprintf("%s/%d/%s/revoke", c.in.Key, c.in.Episode, c.ref)
	interrupted, had, err := c.claimRevoking(ctx, key)
	if err != nil {
		return false, err
	}
	revoked, refused := system.RevokeGrants(ctx, c.write)
	if err := refused; err != nil && !partly(err) {
		return false, err
	}
	recovery := revoked.Recovery || interrupted
	if recovery {
		if err := c.setPassword(ctx); err != nil {
			return false, err
		}
		if err := c.signOut(ctx); err != nil {
			return false, err
		}
	}
	found := ""
	if c.state.Recovery = recovery || had; c.state.Recovery {
		found = hadRecovery
	}
	if err := c.Ledger.Journal().Done(ctx, key, []byte(found)); err != nil {
		return false, err
	}
	if err := c.endForwarding(ctx); err != nil || refused != nil {
		return false, errors.Join(refused, err)
	}
	if err := c.done(ctx); err != nil {
		return false, err
	}
	return true, c.Ledger.Journal().Forget(ctx, key)
}

// partly reports that what was refused is named, and that the rest is done.
func partly(err error) bool {
	var refused *connectors.Refusals
	return errors.As(err, &refused)
}

// hadRecovery is what an attempt leaves to the next one that has found a way of recovery and closed it.
const hadRecovery = "recovery"

// claimRevoking begins an attempt. The claim stands while it is under way: interrupted says that one before came to no end, had that one
// has closed a way of recovery and come to no end only after that.
func (c *carrying) claimRevoking(ctx context.Context, key string) (interrupted, had bool, err error) {
	claims := c.Ledger.Journal()
	claim, err := claims.Claim(ctx, key)
	if err != nil || claim.State != journal.Done {
		return claim.State == journal.Claimed, false, err
	}
	if err := claims.Forget(ctx, key); err != nil {
		return false, false, err
	}
	_, err = claims.Claim(ctx, key)
	return false, string(claim.Result) == hadRecovery, err
}

// endForwarding has the mailbox send on nothing any more: the person may have had it send all to themselves. A mailbox that is not open
// gets nothing that it could send on.
func (c *carrying) endForwarding(ctx context.Context) error {
	system, able := c.able.(target.ForwardingEnder)
	if !able {
		return nil
	}
	_, err := system.EndForwarding(ctx, c.write)
	switch {
	case noMailbox(err):
		return nil
	case connectors.IsKind(err, connectors.KindUnauthorized):
		c.state.Left = append(c.state.Left, c.in.System+": nobody has looked whether the mailbox forwards its mail, because the credential may not see mailboxes' "+
			"settings: switch automatic forwarding off by hand for as long as the mailbox is open")
		return nil
	}
	return err
}

// demote takes away what the account may administer.
func (c *carrying) demote(ctx context.Context) (bool, error) {
	system, err := capable[target.AdminDemoter](c, "take the roles of an administrator away")
	if err != nil {
		return false, err
	}
	lost, err := system.Demote(ctx, c.write)
	if err != nil {
		return false, err
	}
	return len(lost.Roles) > 0, c.done(ctx)
}
