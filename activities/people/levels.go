package people

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// By what Gatehouse learned that an account of somebody who must be out is open.
const (
	OpenByEvent = "event"
	OpenBySweep = "sweep"
	OpenByMatch = "match"
	OpenByPoll  = "poll"
)

const (
	// hintedAgainAfter is how long an account's person is not hinted again because of it, however often it is opened: the run
	// that was hinted reads back by itself meanwhile.
	hintedAgainAfter = 2 * time.Minute
	// mostHinted is how many people are hinted at a time; the next check hints the others.
	mostHinted = 200
	// mostLeftBefore is how many who had left before the first reading are hinted one by one. More of them are a batch, which
	// the next poll draws on the budget as a whole.
	mostLeftBefore = 5
)

// HintOpen hints everybody who must be out, as far as the ledger knows, and of whom the inventory has an account that may
// give access: once for each change of such an account. It has the departure open again before that, so that somebody
// watches its deadline whatever becomes of the hint. Refs narrows it to accounts that were just read; nil means all.
func (p *Person) HintOpen(ctx context.Context, refs []identity.Ref, by string) error {
	if p == nil || p.Launch == nil || refs != nil && len(refs) == 0 {
		return nil
	}
	now := p.Clock()
	open, err := p.Ledger.Inventory().OpenAccounts(ctx, now, refs)
	if err != nil || len(open) == 0 {
		return err
	}
	people, err := p.toHint(ctx, open, now, by)
	if err != nil {
		return err
	}
	var failed error
	for _, accounts := range people[:min(len(people), mostHinted)] {
		failed = errors.Join(failed, p.hintOne(ctx, accounts, now, by))
	}
	return failed
}

// toHint groups the open accounts by who is to be hinted because of them, and leaves out what is settled.
func (p *Person) toHint(ctx context.Context, open []inventory.OpenAccount, now time.Time, by string) ([][]inventory.OpenAccount, error) {
	pol := p.Policy()
	of := map[string][]inventory.OpenAccount{}
	before := map[string]bool{}
	for _, a := range open {
		hinted := a.Change == a.HintedFor && (by != OpenByPoll || !a.Ordered)
		switch {
		case hinted, now.Sub(a.HintedAt) < hintedAgainAfter, !a.Ordered && pol.Modes().Offboarding == policy.ModeObserve:
			continue
		}
		if service, err := p.Service(ctx, pol, a); err != nil || service {
			if err != nil {
				return nil, err
			}
			continue
		}
		of[a.Key] = append(of[a.Key], a)
		if a.LeftBefore && !a.Ordered {
			before[a.Key] = true
		}
	}
	var people [][]inventory.OpenAccount
	for key, accounts := range of {
		if !before[key] || len(before) <= mostLeftBefore {
			people = append(people, accounts)
		}
	}
	slices.SortFunc(people, func(a, b []inventory.OpenAccount) int { return cmp.Compare(a[0].Key, b[0].Key) })
	return people, nil
}

// Service reports that policy sees no person's own in an account of which nobody has said what it is. What is on record for somebody
// of whom HR has a record stays theirs, whatever accounts.non_personal matches.
func (p *Person) Service(ctx context.Context, pol *policy.Policy, a inventory.OpenAccount) (bool, error) {
	if a.Kind == identity.KindPerson {
		return false, nil
	}
	row, _, err := p.Ledger.Inventory().Account(ctx, a.Ref)
	if err != nil || Someones(row) && pol.ReviewService(row.Document) == "" {
		return false, err
	}
	return pol.ServiceAccount(row.Document) != "", nil
}

// hintOne hints one person because of accounts of theirs.
func (p *Person) hintOne(ctx context.Context, accounts []inventory.OpenAccount, now time.Time, by string) error {
	key := accounts[0].Key
	d := persons.Departure{Key: key}
	if source, _, err := identity.SplitKey(key); err == nil && source != identity.SourceAccount && !accounts[0].Ordered {
		d.Source = source
	}
	if err := p.Ledger.People().ReopenDeparture(ctx, d, now); err != nil {
		return err
	}
	if _, err := p.Launch.Send(ctx, key, api.Hint{Source: api.HintInventory, Cause: "open account (" + by + ")"}); err != nil {
		return err
	}
	return p.Ledger.Inventory().NoteOpenHint(ctx, accounts, now)
}

// HintRefs is hintOpen for OneLogin accounts by their ids.
func (p *Person) HintRefs(ctx context.Context, ids []string, by string) error {
	refs := make([]identity.Ref, 0, len(ids))
	for _, id := range ids {
		refs = append(refs, identity.Ref{System: identity.SystemOneLogin, ID: id})
	}
	return p.HintOpen(ctx, refs, by)
}

// knownOpen reports that by the inventory an account on record for somebody may give access.
func knownOpen(d *ledger.Dossier) bool {
	return slices.ContainsFunc(d.Accounts, mayBeOpen)
}

func mayBeOpen(row inventory.Account) bool {
	return ownAccount(row) && row.Status != identity.AccountSuspended && !row.ObservedAt.IsZero() && row.MissingSince.IsZero()
}

// noteReturned says of an assessment that ends access once more in the same departure since when it had been thought to be
// over, and has the departure open again.
func noteReturned(d ledger.Dossier, a *api.Assessment, seen *outcome.Notes) {
	if a.Plan.Verdict != identity.VerdictLeave || a.Account == nil {
		return
	}
	for _, row := range d.Departures {
		if row.ReopenedAt.After(a.Returned) && (row.Order != "" || row.Episode <= a.Episode) {
			a.Returned = row.ReopenedAt
		}
	}
	if !a.Returned.IsZero() {
		return
	}
	for _, account := range append([]identity.Account{*a.Account}, a.Others...) {
		i := slices.IndexFunc(d.Accounts, func(row inventory.Account) bool { return row.Ref == identity.OneLoginRef(account.ID) })
		if i >= 0 && d.Person.Episode == a.Episode && d.Accounts[i].ContainedAt.After(a.Returned) {
			a.Returned = d.Accounts[i].ContainedAt
		}
	}
	if !a.Returned.IsZero() {
		at := a.Person.AsOf
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
			return l.People().ReopenDeparture(ctx, persons.Departure{Key: a.Key}, at)
		})
	}
}
