package systems

import (
	"context"
	"slices"

	"gatehouse/connectors/target"
	books "gatehouse/ledger/inventory"
	ledgersystems "gatehouse/ledger/systems"
	"gatehouse/ledger/worklist"
)

// itemHeirs is the class of the item about mailboxes of leavers that are in the hands of somebody who has left since.
const itemHeirs = "system_heirs_left"

// askHeirs keeps that item in step, after a reading or, if a leaver is named, where one of those mailboxes is in their hands. A departure
// hands a mailbox over once: nobody else gets it by itself, and what somebody mends by hand is not read.
func (s *Systems) askHeirs(ctx context.Context, system, leaver string) error {
	if _, mailboxes := s.Targets[system].(target.MailDelegator); !mailboxes {
		return nil
	}
	boxes, err := s.Ledger.Systems().Handed(ctx, system)
	if err != nil {
		return err
	}
	left, theirs, err := s.heirsLeft(ctx, system, boxes, leaver)
	if err != nil || leaver != "" && !theirs {
		return err
	}
	var ids []string
	for _, box := range boxes {
		unread := len(box.Delegates) > 0 && !slices.ContainsFunc(box.Delegates, func(id string) bool { return !left[id] })
		if unread || left[box.Reply] {
			ids = append(ids, box.ID)
		}
	}
	asked, err := s.ofLeavers(ctx, system, ids)
	if err != nil {
		return err
	}
	return s.tellWhose(ctx, system, itemHeirs, worklist.SeverityWarning, "it", asked)
}

// heirsLeft are the accounts that mailboxes are in the hands of and whose person has left, or that do not exist any more. Theirs says that
// one is that of the leaver who is named.
func (s *Systems) heirsLeft(ctx context.Context, system string, boxes []ledgersystems.Handed, leaver string) (left map[string]bool, theirs bool, err error) {
	var ids, owners []string
	for _, box := range boxes {
		ids = append(ids, box.Heirs()...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	rows, err := s.Ledger.Inventory().AccountDocuments(ctx, system, ids)
	if err != nil {
		return nil, false, err
	}
	of := map[string]books.Account{}
	for _, row := range rows {
		of[row.Ref.ID], owners = row, append(owners, row.Person)
	}
	people, err := s.Ledger.People().Some(ctx, owners)
	if err != nil {
		return nil, false, err
	}
	left = map[string]bool{}
	for _, id := range ids {
		row, known := of[id]
		owner, assessed := people.People[row.Person]
		switch {
		case !known:
			left[id] = true
		case !row.Belongs():
			// Nobody's, such as that of an archive: the policy names it.
		case leaver != "" && row.Person == leaver:
			left[id], theirs = true, true
		default:
			left[id] = assessed && !owner.Employed && owner.Episode > 0
		}
	}
	return left, theirs, nil
}

// ofLeavers are those of some accounts whose person has not come back: from whoever has, the next plan takes back what was set.
func (s *Systems) ofLeavers(ctx context.Context, system string, ids []string) ([]books.Account, error) {
	rows, err := s.Ledger.Inventory().AccountDocuments(ctx, system, ids)
	if err != nil {
		return nil, err
	}
	var owners []string
	for _, row := range rows {
		owners = append(owners, row.Person)
	}
	people, err := s.Ledger.People().Some(ctx, owners)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(row books.Account) bool { return row.Belongs() && people.People[row.Person].Employed })
	books.Sort(rows)
	return rows, nil
}
