package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/inventory"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger"
	ledgerinventory "gatehouse/ledger/inventory"
)

// Target ends, gives back and reads access in any system. Every method is an absolute statement that may be made twice.
type Target struct {
	// Systems are the systems in which people have accounts, by name.
	Systems map[string]target.System
	Ledger  *ledger.Ledger
	Person  *people.Person
	// Accounts is told what accounts look like after a write.
	Accounts *inventory.Accounts
	Clock    func() time.Time
}

// capability returns what a system can be asked for, as [step.Capability] does.
func capability[T any](t *Target, ref identity.Ref, doing string) (T, error) {
	return step.Capability[T](t.Systems, ref, doing)
}

// closing says how access is taken from an account: also from a protected one whose protection two people have lifted.
func (t *Target) closing(ctx context.Context, in api.TargetInput) (target.Write, error) {
	lifted := len(in.LiftedBy) >= 2 && !identity.SameDecider(in.LiftedBy[0], in.LiftedBy[1])
	if in.Lifted {
		row, _, err := t.Ledger.Inventory().Account(ctx, in.Ref)
		if err != nil {
			return target.Write{}, err
		}
		lifted = row.Lifted && row.Person == in.Key
	}
	return target.Write{ID: in.Ref.ID, Lifted: lifted}, nil
}

// EnsureSuspended makes the account unable to sign in. The ledger learns first that the suspension is ours, so that a
// crash in between never makes it look like somebody else's.
func (t *Target) EnsureSuspended(ctx context.Context, in api.TargetInput) (api.TargetState, error) {
	system, err := capability[target.Suspender](t, in.Ref, "suspend accounts")
	if err != nil {
		return api.TargetState{}, err
	}
	write, err := t.closing(ctx, in)
	if err == nil {
		err = t.claimSuspension(ctx, in)
	}
	if err != nil {
		return api.TargetState{}, err
	}
	a, err := system.Suspend(ctx, write)
	if connectors.IsKind(err, connectors.KindRefused) {
		err = errors.Join(err, t.Ledger.Inventory().MarkSuspended(ctx, in.Ref, in.Key, false, ""))
	}
	if err != nil {
		return t.removalResult(ctx, in.Ref, err)
	}
	state := api.TargetState{Ref: a.Ref, Status: a.Document.Status.String(), Changed: true}
	if in.LogOut {
		state.LoggedOut = t.logOutToo(ctx, in)
	}
	return state, nil
}

// logOutTooWithin bounds the log-out that follows a suspension at once: the suspension has to be reported.
const logOutTooWithin = 3 * time.Second

// logOutToo tries once to end the sessions of an account that has just been suspended. Done is false if they have to be
// ended by a step of their own, which tries for as long as it takes.
func (t *Target) logOutToo(ctx context.Context, in api.TargetInput) (done bool) {
	ctx, cancel := context.WithTimeout(ctx, logOutTooWithin)
	defer cancel()
	_, err := t.EnsureLoggedOut(ctx, in)
	return !leftToItsStep(ctx, "log out", err)
}

// claimSuspension writes down whose suspension it is going to be: a departure's, a suspend order's, or nobody's if
// somebody else had closed the account before.
func (t *Target) claimSuspension(ctx context.Context, in api.TargetInput) error {
	key := in.Key
	if in.Doubt {
		key = "" // A mark must not put the account on record for somebody.
	}
	if in.Foreign {
		return t.Ledger.Inventory().MarkSuspended(ctx, in.Ref, key, false, "")
	}
	return t.Ledger.Inventory().MarkSuspended(ctx, in.Ref, key, true, in.Order)
}

// removalResult is the answer of a step that takes something away. An account that is gone has nothing left to lose; one "not
// found" is no proof of that, so that the account is read before it is believed.
func (t *Target) removalResult(ctx context.Context, ref identity.Ref, err error) (api.TargetState, error) {
	if step.IsNotFound(err) {
		_, there, reading := t.existing(ctx, ref)
		switch {
		case reading != nil:
			return api.TargetState{}, reading
		case there:
			return api.TargetState{}, step.RetryAfter(fmt.Sprintf("%s said that account %s does not exist, and then showed it", ref.System, ref.ID), time.Second)
		}
		return api.TargetState{Ref: ref, Gone: true}, nil
	}
	return api.TargetState{Ref: ref, Changed: err == nil}, err
}

// read reads an account on which the end of somebody's access depends.
func (t *Target) read(ctx context.Context, ref identity.Ref) (target.Account, error) {
	system, err := capability[target.System](t, ref, "read accounts")
	if err != nil {
		return target.Account{}, err
	}
	return system.Read(ctx, target.ReadRequest{ID: ref.ID, Urgent: true})
}

// existing reads an account that may be gone, as [step.Existing] does.
func (t *Target) existing(ctx context.Context, ref identity.Ref) (target.Account, bool, error) {
	system, err := capability[target.System](t, ref, "read accounts")
	if err != nil {
		return target.Account{}, false, err
	}
	return step.Existing(ctx, system, target.ReadRequest{ID: ref.ID, Urgent: true})
}

// EnsureLoggedOut ends the sessions that the system holds. Sessions inside apps go on until they end by themselves.
func (t *Target) EnsureLoggedOut(ctx context.Context, in api.TargetInput) (api.TargetState, error) {
	system, err := capability[target.SessionEnder](t, in.Ref, "end sessions")
	if err != nil {
		return api.TargetState{}, err
	}
	write, err := t.closing(ctx, in)
	if err == nil {
		err = system.EndSessions(ctx, write)
	}
	return t.removalResult(ctx, in.Ref, err)
}

// EndSessions ends the sessions once per order. A protected account's are not ended, whatever was lifted for a departure.
func (t *Target) EndSessions(ctx context.Context, in api.TargetResponse) (api.TargetState, error) {
	system, err := capability[target.SessionEnder](t, in.Ref, "end sessions")
	if err != nil {
		return api.TargetState{}, err
	}
	return t.respond(ctx, in, func(ctx context.Context) error {
		return system.EndSessions(ctx, target.Write{ID: in.Ref.ID})
	})
}

// respond carries a response out once. An attempt that got no answer is simply made again.
func (t *Target) respond(ctx context.Context, in api.TargetResponse, write func(context.Context) error) (api.TargetState, error) {
	return t.removalResult(ctx, in.Ref, t.once(ctx, in, nil, write))
}

// once carries out what an order asks for, over retries, crashes and Reset: the ledger knows whether it was. Found tells
// whether an attempt that got no answer went through; without it the write is simply made again.
func (t *Target) once(ctx context.Context, in api.TargetResponse, found func(context.Context, time.Time) (bool, error), write func(context.Context) error) error {
	// The ledger keeps what the activities of OneLogin returned from the beginning.
	done := api.AccountState{Changed: true}
	done.AccountID, _ = in.Ref.OneLogin()
	_, err := step.Once(ctx, t.Ledger, t.Clock, step.Creation[api.AccountState]{
		Key: "order/" + in.Response,
		Find: func(ctx context.Context, since time.Time) (api.AccountState, bool, error) {
			if found == nil {
				return api.AccountState{}, false, nil
			}
			there, err := found(ctx, since)
			return done, there, err
		},
		Make: func(ctx context.Context) (api.AccountState, error) { return done, write(ctx) },
	})
	return err
}

// EnsureRemoved takes the account out of roles or groups. One given since shows in the read-back.
func (t *Target) EnsureRemoved(ctx context.Context, in api.RemovalInput) (api.TargetState, error) {
	if len(in.From) == 0 {
		return api.TargetState{Ref: in.Ref}, nil
	}
	system, err := capability[target.Remover](t, in.Ref, "take roles away")
	if err == nil {
		err = t.Person.Preserved(ctx, in.Key)
	}
	if err != nil {
		return api.TargetState{}, err
	}
	write, err := t.closing(ctx, in.TargetInput)
	if err == nil {
		err = system.Remove(ctx, target.RemoveRequest{Write: write, From: in.From})
	}
	return t.removalResult(ctx, in.Ref, err)
}

// EnsureActive opens the account, unless orders or HR, read right before the write, no longer want it open, or somebody
// else has closed it since the plan was made.
func (t *Target) EnsureActive(ctx context.Context, in api.TargetInput) (api.TargetState, error) {
	system, err := capability[target.Resumer](t, in.Ref, "open accounts")
	if err != nil {
		return api.TargetState{}, err
	}
	if err := t.Person.MayActivate(ctx, in.Key, in.Ref); err != nil {
		return api.TargetState{}, err
	}
	if err := t.closedElsewhere(ctx, in.Ref); err != nil {
		return api.TargetState{}, err
	}
	a, err := system.Resume(ctx, target.Write{ID: in.Ref.ID})
	if err != nil {
		return api.TargetState{}, err
	}
	err = t.noted(ctx, a, func(ctx context.Context, l *ledger.Ledger) error {
		return l.Inventory().MarkSuspended(ctx, in.Ref, "", false, "")
	})
	if err != nil {
		return api.TargetState{}, err
	}
	return targetState(a, true), nil
}

// closedElsewhere stops a step from lifting a suspension or lock that Gatehouse did not make: it counts as an order, and
// the plan may be days old by the time its step gets through.
func (t *Target) closedElsewhere(ctx context.Context, ref identity.Ref) error {
	row, _, err := t.Ledger.Inventory().Account(ctx, ref)
	if err != nil {
		return err
	}
	a, err := t.Systems[ref.System].Read(ctx, target.ReadRequest{ID: ref.ID})
	if err != nil {
		return err
	}
	status := a.Document.Status
	if status == identity.AccountLocked || (status == identity.AccountSuspended && !row.SuspendedByUs) {
		return step.Superseded("the account is " + status.String() + ", and not by Gatehouse")
	}
	return nil
}

// noted writes to the ledger what a write to an account leads to, and with it what the account looks like now, so that the
// inventory need not wait for the next sweep. It must never stand before a containment.
func (t *Target) noted(ctx context.Context, a target.Account, write func(context.Context, *ledger.Ledger) error) error {
	now := t.Clock()
	row, err := ledgerinventory.Account{}, error(nil)
	if a.Whole {
		if row, err = t.Accounts.Entry(ctx, a); err != nil {
			return err
		}
	}
	return t.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if write != nil {
			if err := write(ctx, l); err != nil {
				return err
			}
		}
		if !a.Whole {
			return nil // The reply does not tell enough: the next sweep does.
		}
		return l.Inventory().NoteAccount(ctx, now, row)
	})
}

// ReadBack tells what the account really looks like now.
func (t *Target) ReadBack(ctx context.Context, in api.TargetInput) (api.TargetState, error) {
	a, err := t.read(ctx, in.Ref)
	if err != nil {
		return t.removalResult(ctx, in.Ref, err)
	}
	return targetState(a, false), nil
}

func targetState(a target.Account, changed bool) api.TargetState {
	return api.TargetState{
		Ref: a.Ref, Username: a.Document.Username, Email: a.Document.Email, Status: a.Document.Status.String(),
		Memberships: a.Memberships, Changed: changed,
	}
}
