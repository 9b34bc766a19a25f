package inventory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gatehouse/activities/roll"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
)

// AccountEvents are the ids of events after which an account is not what the inventory has: created, locked, opened, closed,
// deleted, given or stripped of a role by hand or over the API. Profile updates and roles by mappings are left to the sweeps:
// a directory or a mapping changes everybody at once, and reading that would hold up the events that matter. The ids are the
// same in every tenant. Source: onelogin-event-types, checked against the vendor's sample.
var AccountEvents = []int{12, 13, 15, 16, 17, 19, 21, 32, 147, 148, 291, 513, 514, 530, 533, 551, 552, 553, 554}

// gone events are those after which an account does not exist.
var goneEvents = []int{17, 530}

const (
	// mostTouched bounds how many accounts are read again after one reading of events: a sweep finds the others.
	mostTouched = 300
	// clocksApart is how far OneLogin's clock and ours may differ before an account is taken to be read after an event.
	clocksApart = 10 * time.Second
)

// Touched collects the accounts that events say have changed.
type Touched map[int64]onelogin.Event

// Add notes what an event says of an account.
func (t Touched) Add(e onelogin.Event) {
	if e.UserID == 0 || !slices.Contains(AccountEvents, e.Type) {
		return
	}
	if last, found := t[e.UserID]; !found || !e.At.Before(last.At) {
		t[e.UserID] = e
	}
}

// Refresh reads the accounts again that events say have changed since they were read, the latest first. It is a service to
// the inventory, which the next sweep renders too: what fails is written down and left to it.
func (a *Accounts) Refresh(ctx context.Context, changed Touched) (read int) {
	if len(changed) == 0 {
		return 0
	}
	ids, err := a.stale(ctx, changed)
	for part := range slices.Chunk(ids, roll.IdsAtOnce) {
		if err != nil {
			break
		}
		var there map[int64]bool
		if there, err = a.reread(ctx, part); err != nil {
			break
		}
		read += len(there)
		for _, id := range part {
			if err == nil && !there[id] {
				_, err = a.verify(ctx, identity.OneLoginRef(id))
			}
		}
	}
	if err != nil {
		step.Log(ctx).Info("accounts that events tell of are left to the next sweep", "accounts", len(changed), "error", err)
	}
	return read
}

// stale are the accounts that were not read since their latest event.
func (a *Accounts) stale(ctx context.Context, changed Touched) ([]int64, error) {
	events := make([]onelogin.Event, 0, len(changed))
	refs := make([]identity.Ref, 0, len(changed))
	for id, e := range changed {
		events, refs = append(events, e), append(refs, identity.OneLoginRef(id))
	}
	at, err := a.Ledger.Inventory().ObservedAt(ctx, refs)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(events, func(a, b onelogin.Event) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.UserID, b.UserID)) })
	var ids []int64
	for _, e := range events {
		read, known := at[identity.OneLoginRef(e.UserID)]
		if known && read.After(e.At.Add(clocksApart)) || !known && slices.Contains(goneEvents, e.Type) {
			continue
		}
		if ids = append(ids, e.UserID); len(ids) == mostTouched {
			break
		}
	}
	return ids, nil
}
