package people

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
)

// itemNotDeleted is the item about an account that is due to be deleted and speaks against it itself.
const itemNotDeleted = "leaver_account_kept"

// deletionDue reports that accounts of a person are due to be deleted: HR wants them out for long enough, nothing else is left to do,
// and something is on record.
func deletionDue(pol *policy.Policy, d *ledger.Dossier, a *api.Assessment) bool {
	at := deleteAt(pol, d, a)
	return !at.IsZero() && !at.After(a.Person.AsOf)
}

// deleteAt is when accounts of a person are deleted, zero if they are not.
func deleteAt(pol *policy.Policy, d *ledger.Dossier, a *api.Assessment) time.Time {
	after := pol.Leaver().DeleteAfter
	left := a.Person.Standing == identity.StandingLeft && !a.Person.LeaveAt.IsZero() && a.Order == nil && outcome.NothingLeft(a.Plan.Verdict)
	if after == 0 || !left || !slices.ContainsFunc(d.Accounts, ownAccount) {
		return time.Time{}
	}
	return a.Person.LeaveAt.Add(after)
}

// planDeletion makes the plan of somebody who has been gone for as long as accounts are kept: their accounts are deleted, each by its
// own conditions. Found is what a search for all of their accounts came to. Whatever needs something else first is planned first, and
// this again when that is done.
func (p *Person) planDeletion(ctx context.Context, pol *policy.Policy, d *ledger.Dossier, found *accounts, a *api.Assessment, seen *outcome.Notes) error {
	a.Plan.DeleteAt = deleteAt(pol, d, a)
	if found == nil || !deletionDue(pol, d, a) || len(a.Doubts)+len(a.Suspended) > 0 {
		return nil
	}
	over, err := p.Ledger.People().DepartureContained(ctx, a.Key, a.Episode)
	if err != nil || !over {
		return err
	}
	if waits, err := p.sourceDoubted(ctx, d); err != nil || waits != "" {
		a.Plan.Notices = append(a.Plan.Notices, notDeleted(pol, policy.NoticeNotDeletedYet, waits)...)
		return err
	}
	for _, row := range d.Accounts {
		if !ownAccount(row) {
			continue
		}
		if err := p.judgeDeletion(ctx, pol, d, row, found, a, seen); err != nil {
			return err
		}
	}
	if len(a.Delete) > 0 {
		plan := pol.Plan(a.Person, &a.Delete[0], slices.Concat(d.Orders, d.Ended))
		plan.Due, plan.Notices = a.Plan.Due, a.Plan.Notices
		for _, account := range a.Delete {
			plan.Steps[0].Names = append(plan.Steps[0].Names, identity.OneLoginRef(account.ID).String())
		}
		a.Plan = plan
	}
	return nil
}

// judgeDeletion says of one account on record that it is deleted, or why it is not.
func (p *Person) judgeDeletion(ctx context.Context, pol *policy.Policy, d *ledger.Dossier, row inventory.Account, found *accounts, a *api.Assessment, seen *outcome.Notes) error {
	i := slices.IndexFunc(found.theirs, func(account identity.Account) bool { return identity.OneLoginRef(account.ID) == row.Ref })
	if i < 0 {
		return p.keepUncertain(ctx, pol, row, a, seen)
	}
	account := found.theirs[i]
	plan := pol.Plan(a.Person, &account, slices.Concat(d.Orders, d.Ended))
	why, err := p.speaksAgainst(ctx, a.Key, row, account, plan)
	if err != nil {
		return err
	}
	waits, _ := plan.Notice(policy.NoticeNotDeletedYet)
	_, said := a.Plan.Notice(policy.NoticeNotDeletedYet)
	switch {
	case why != "":
		p.keepAccount(pol, row.Ref, why, a, seen)
	case plan.Verdict == identity.VerdictDelete:
		a.Delete = append(a.Delete, account)
		p.letGo(row.Ref, seen)
	case waits.Code != "" && !said:
		a.Plan.Notices = append(a.Plan.Notices, waits)
	}
	return nil
}

// sourceDoubted says why an HR source of a person is quarantined, "" if none is.
func (p *Person) sourceDoubted(ctx context.Context, d *ledger.Dossier) (string, error) {
	for _, link := range d.Links {
		state, err := p.Ledger.Roster().Source(ctx, link.Source)
		if err != nil {
			return "", err
		}
		if !state.QuarantinedAt.IsZero() {
			return "no account is deleted while the report of " + link.Source + " is quarantined", nil
		}
	}
	return "", nil
}

func notDeleted(pol *policy.Policy, code, text string) []identity.Notice {
	if text == "" {
		return nil
	}
	return []identity.Notice{{Code: code, Text: text, Owner: pol.Leaver().FallbackOwner}}
}

// speaksAgainst says what about an account itself speaks against its deletion, "" if nothing does.
func (p *Person) speaksAgainst(ctx context.Context, key string, row inventory.Account, account identity.Account, plan identity.Plan) (string, error) {
	named, err := p.keyOfExternalID(ctx, account.ExternalID, key)
	switch {
	case err != nil:
		return "", err
	case p.CredentialOwners.Own(account):
		return "it owns an API credential (onelogin.credential_owners), which would stop working", nil
	case row.State != identity.AccountLinked:
		return "it is disputed whose it is", nil
	case named != key:
		return "its external id names " + named, nil
	}
	n, _ := plan.Notice(policy.NoticeNotDeleted)
	return n.Text, nil
}

// keepUncertain is about an account on record that a search has not found to be certainly the person's. It may be gone.
func (p *Person) keepUncertain(ctx context.Context, pol *policy.Policy, row inventory.Account, a *api.Assessment, seen *outcome.Notes) error {
	id, _ := row.Ref.OneLogin()
	u, there, err := Existing(ctx, p.OneLogin.For(onelogin.Containment), id)
	switch {
	case err != nil:
		return err
	case !there:
		p.finishDeletion(row.Ref, seen)
		p.letGo(row.Ref, seen)
		return nil
	}
	account, err := p.describe(ctx, u, marksOf(row))
	if err != nil {
		return err
	}
	p.keepAccount(pol, row.Ref, cmp.Or(pol.Protected(*account), "nobody is certain any more that it is this person's"), a, seen)
	return nil
}

// keepAccount has somebody told, once, that an account is not deleted.
func (p *Person) keepAccount(pol *policy.Policy, ref identity.Ref, why string, a *api.Assessment, seen *outcome.Notes) {
	v := view{Key: a.Key, Ref: ref.String(), Why: why}
	a.Plan.Notices = append(a.Plan.Notices, notDeleted(pol, policy.NoticeNotDeleted, words.Sure("not_deleted", v))...)
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return raiseItem(ctx, l, itemNotDeleted, ref.String(), v)
	})
}

// letGo closes the item about an account that nothing speaks against any more.
func (p *Person) letGo(ref identity.Ref, seen *outcome.Notes) {
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return l.Worklist().ClearItem(ctx, identity.SystemOneLogin, itemNotDeleted, ref.String())
	})
}

// finishDeletion keeps that an account is gone, if it was about to be deleted: whoever deleted it came to no end.
func (p *Person) finishDeletion(ref identity.Ref, seen *outcome.Notes) {
	now := p.Clock()
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Inventory().FinishDeletion(ctx, ref, now) })
}

// wasDeleted reports that Gatehouse was about to delete an account, which is gone.
func (p *Person) wasDeleted(ctx context.Context, ref identity.Ref, seen *outcome.Notes) (bool, error) {
	_, begun, err := p.Ledger.Inventory().Deletion(ctx, ref)
	if err == nil && begun {
		p.finishDeletion(ref, seen)
	}
	return begun, err
}

// MayDelete is asked right before an account of somebody who has left is deleted. HR, orders and the account are read again and all
// conditions judged anew, because days may have passed since the plan was made.
func (p *Person) MayDelete(ctx context.Context, key string, ref identity.Ref) (api.Assessment, error) {
	look := *p
	look.dry = true
	a, err := look.assess(ctx, api.AssessInput{Key: key})
	if err != nil {
		return a, err
	}
	deletes := slices.ContainsFunc(a.Delete, func(account identity.Account) bool { return identity.OneLoginRef(account.ID) == ref })
	if a.Plan.Verdict != identity.VerdictDelete || !deletes {
		return a, step.Superseded("the account is not to be deleted any more")
	}
	return a, nil
}
