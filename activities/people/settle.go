package people

import (
	"context"
	"errors"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/inventory"
)

// Settle keeps somebody's word on an account in doubt. "Theirs" puts it on record, in place of whatever the ledger
// thought; "not theirs" holds for as long as what was shown stays the same, and takes back a suspension that was only
// there until somebody had decided.
func (p *Person) Settle(ctx context.Context, in api.SettleInput) error {
	switch in.Decision.Verb {
	case "link":
		return p.linkByWord(ctx, in)
	case "allow":
		switch {
		case in.Code == api.NoticeProtectedLeaver && len(in.LiftedBy) > 1:
			return p.lift(ctx, in)
		case in.Code != api.NoticeBudgetContain:
			return nil
		}
		source, _, err := identity.SplitKey(in.Key)
		if err != nil {
			return step.NonRetryable(api.ErrInvalid, err.Error())
		}
		_, err = p.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: budgeting.OfSource(budgeting.Contain, source), Window: p.Policy().Safety().Window, Override: true, By: in.Decision.By,
			Keys: []string{budgeting.Key(budgeting.Contain, in.Key, in.Episode, "") + "@" + in.Ref.String()},
		})
		return err
	case "separate":
		for _, shown := range append([]api.Shown{{Ref: in.Ref, Evidence: in.Evidence}}, in.Also...) {
			if in.Elsewhere {
				break
			}
			if err := p.Ledger.Inventory().RefuseAccount(ctx, shown.Ref, in.Key, shown.Evidence, in.Decision.By); err != nil {
				return err
			}
		}
		return p.reopen(ctx, in)
	}
	return nil
}

// lift records that two people have lifted the protection of a leaver's account, who say with it whose it is.
func (p *Person) lift(ctx context.Context, in api.SettleInput) error {
	if err := p.linkByWord(ctx, in); err != nil {
		return err
	}
	return p.Ledger.Inventory().MarkLifted(ctx, in.Ref, in.Key, in.Episode)
}

// linkByWord puts an account on record because a person said so, whoever it was on record for.
func (p *Person) linkByWord(ctx context.Context, in api.SettleInput) error {
	link := inventory.LinkAccount{Ref: in.Ref, Person: in.Key, Use: identity.UseSecondary, By: "a person's word", DecidedBy: in.Decision.By}
	return p.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		err := l.Inventory().LinkAccount(ctx, link)
		var taken inventory.ErrAccountTaken
		if !errors.As(err, &taken) {
			return err
		}
		if err := l.Inventory().UnlinkAccount(ctx, in.Ref, in.Decision.By); err != nil {
			return err
		}
		return l.Inventory().LinkAccount(ctx, link)
	})
}

// reopen activates an account again that was suspended for a doubt which is over, unless somebody else had closed it.
func (p *Person) reopen(ctx context.Context, in api.SettleInput) error {
	id, ok := in.Ref.OneLogin()
	if !ok || !in.Suspended {
		return nil
	}
	row, found, err := p.Ledger.Inventory().Account(ctx, in.Ref)
	if err != nil || !found || !row.SuspendedByUs {
		return err
	}
	active := onelogin.StatusActive
	if _, err := p.OneLogin.UpdateUser(ctx, id, onelogin.UserChange{Status: &active}); err != nil {
		return err
	}
	return p.Ledger.Inventory().MarkSuspended(ctx, in.Ref, in.Key, false, "")
}
