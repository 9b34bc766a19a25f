package systems

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	books "gatehouse/ledger/inventory"
)

// hasOne is asked right before somebody is made an account. Accounts there that are nobody's are compared with them as a reading does: the
// company may have made theirs before HR had the record, or since the last reading. What is certainly theirs is put on record, and of what
// may be theirs a person is asked. In both cases nothing is made.
func (s *Systems) hasOne(ctx context.Context, in api.SystemInput, records []identity.Record) error {
	rows, err := s.perhapsOf(ctx, in, records)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		with, err := s.compareWith(ctx, in.System)
		if err != nil {
			return err
		}
		judgements, err := s.judge(ctx, s.Policy(), rows, with)
		if err != nil {
			return err
		}
		// What is somebody else's is left to the next reading, which tells them.
		judgements = slices.DeleteFunc(judgements, func(j books.Judgement) bool { return j.Person != in.Key })
		if _, err := s.Ledger.Inventory().JudgeAccounts(ctx, judgements); err != nil {
			return err
		}
	}
	now, err := s.Ledger.Inventory().AccountsIn(ctx, []string{in.System}, []string{in.Key}, false)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(now[in.Key], func(a books.Account) bool { return !a.Belongs() }) {
		if err := s.askWhose(ctx, in.System); err != nil {
			return err
		}
		return step.Superseded("an account there may be the person's, and nobody has said whose it is")
	}
	_, _, err = s.onRecord(ctx, in)
	return err
}

// perhapsOf are the accounts that are nobody's and share an address or an external id with somebody. One with the external id that Gatehouse
// gives is left out: making the account finds it, and knows whether an earlier attempt has made it.
func (s *Systems) perhapsOf(ctx context.Context, in api.SystemInput, records []identity.Record) ([]books.Account, error) {
	inventory, ours := s.Ledger.Inventory(), anchor(in)
	asked := []string{in.Step.Account.Email, in.Step.Account.Username}
	traces := books.Traces{}
	for _, r := range records {
		asked = append(asked, r.WorkEmail)
		traces.Emails = append(traces.Emails, inventory.AddressDigest(r.PersonalEmail))
		for _, id := range s.Policy().ExternalIDs(in.Key, r) {
			traces.ExternalIDs = append(traces.ExternalIDs, inventory.ExternalIDDigest(id))
		}
	}
	asked = slices.DeleteFunc(asked, func(address string) bool { return !strings.Contains(address, "@") })
	if err := s.readNamed(ctx, in, asked); err != nil {
		return nil, err
	}
	for _, address := range asked {
		traces.Emails = append(traces.Emails, inventory.AddressDigest(address))
	}
	traces.Usernames, traces.Further = traces.Emails, traces.Emails
	found, err := inventory.Find(ctx, traces)
	return slices.DeleteFunc(found, func(a books.Account) bool {
		return a.Ref.System != in.System || a.Belongs() || a.Document.ExternalID == ours
	}), err
}

// readNamed reads the accounts that the system finds by addresses and that are nobody's, as far as it can find any.
func (s *Systems) readNamed(ctx context.Context, in api.SystemInput, addresses []string) error {
	finder, able := s.Targets[in.System].(target.Finder)
	if !able {
		return nil
	}
	read := map[string]bool{}
	for _, address := range addresses {
		if address = identity.FoldAddress(address); read[address] {
			continue
		}
		read[address] = true
		found, err := finder.Find(ctx, target.FindRequest{Email: address})
		if err != nil && !connectors.IsKind(err, connectors.KindInvalid) {
			return err
		}
		for _, a := range found {
			row, _, err := s.Ledger.Inventory().Account(ctx, a.Ref)
			if err == nil && !row.Belongs() && a.Document.ExternalID != anchor(in) {
				err = s.readOne(ctx, in.System, a.Ref.ID)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readOne keeps what an account looks like now.
func (s *Systems) readOne(ctx context.Context, system, id string) error {
	began := s.Clock()
	a, there, err := step.Existing(ctx, s.Targets[system], target.ReadRequest{ID: id})
	if err != nil || !there {
		return err
	}
	return s.noteRead(ctx, began, a, nil)
}
