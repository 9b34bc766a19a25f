package systems

import (
	"cmp"
	"context"

	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
)

// itemGone is the class of the item about accounts of people that were dropped.
const itemGone = "system_accounts_gone"

// going is an account that is about to be dropped, and whose it was.
type going struct {
	ID     string `json:"id"`
	Person string `json:"person,omitempty"`
	Left   bool   `json:"left,omitempty"`
}

// missed notes accounts that a complete reading has not shown, and forgets those of which that is not the first, once they were
// missing for as long as anything is believed. Where an operator has said that they were deleted, this reading is enough.
func (sw *sweep) missed(ctx context.Context, missing []identity.Ref) error {
	if err := sw.forget(ctx); err != nil {
		return err // An earlier attempt was about to drop an account.
	}
	books := sw.Ledger.Inventory()
	again, err := books.MissAccounts(ctx, sw.rec, missing)
	if err != nil {
		return err
	}
	if sw.accept {
		again = missing
	}
	for _, ref := range again {
		step.Beat(ctx, sw.rec.Seen)
		row, _, err := books.Account(ctx, ref)
		if err != nil {
			return err
		}
		if !sw.accept && sw.Clock().Sub(row.MissingSince) < cmp.Or(sw.keep, keptAtLeast) {
			continue
		}
		_, there, err := sw.reread(ctx, ref.ID)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		sw.at.Going = &going{ID: ref.ID}
		if row.Belongs() {
			sw.at.Going.Person = row.Person
			if sw.at.Going.Left, err = sw.hasLeft(ctx, row.Person); err != nil {
				return err
			}
		}
		if err := sw.save(ctx); err != nil {
			return err
		}
		if err := sw.forget(ctx); err != nil {
			return err
		}
	}
	return nil
}

// forget drops the account that is about to be, counts it and tells its person. An attempt that is repeated does and counts it once.
func (sw *sweep) forget(ctx context.Context) error {
	gone := sw.at.Going
	if gone == nil {
		return nil
	}
	if err := sw.Ledger.Inventory().DropAccount(ctx, identity.Ref{System: sw.name, ID: gone.ID}); err != nil {
		return err
	}
	if err := sw.hint(ctx, gone.Person); err != nil {
		return err
	}
	step.Log(ctx).Info("an account is off the record: it is not shown any more, and does not exist", "system", sw.name, "account", gone.ID)
	sw.at.Dropped++
	switch {
	case gone.Person == "":
	case gone.Left:
		sw.at.GoneOfLeavers++
	default:
		sw.at.GoneOfOthers++
	}
	sw.at.Going = nil
	return sw.save(ctx)
}

// hasLeft reports that somebody does not work here any more.
func (sw *sweep) hasLeft(ctx context.Context, key string) (bool, error) {
	people, err := sw.Ledger.People().Some(ctx, []string{key})
	if err != nil {
		return false, err
	}
	p, known := people.People[key]
	return known && !p.Employed && p.Episode > 0, nil
}

// tellGone raises the item about accounts of people that this reading has dropped. The next complete one that drops none closes it.
func (sw *sweep) tellGone(ctx context.Context) error {
	gone := int(sw.at.GoneOfLeavers + sw.at.GoneOfOthers)
	if gone == 0 {
		if !sw.concludes() {
			return nil
		}
		return sw.Ledger.Worklist().ClearItem(ctx, sw.name, itemGone, "")
	}
	text, next, err := sweepWords.Pair(itemGone, sweepView{System: sw.name, Accounts: gone, Left: int(sw.at.GoneOfLeavers), Others: int(sw.at.GoneOfOthers)})
	if err != nil {
		return err
	}
	return sw.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: sw.name, Class: itemGone, Severity: worklist.SeverityWarning, Owner: "it", Text: text, Next: next,
		Deadline: sw.Clock().Add(answerWithin), Evidence: sw.rec.ID,
	})
}
