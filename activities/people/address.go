package people

import (
	"context"
	"slices"

	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/systems"
	"gatehouse/policy"
)

// followsAddress sees whether HR has given somebody another work address, where the account had the one before. That is written down,
// because HR's address before is forgotten with this look: whatever holds the change up, the next one knows of it. Of each address that
// an account may get it finds out whether somebody else has it.
func (p *Person) followsAddress(ctx context.Context, pol *policy.Policy, person *identity.Person, account *identity.Account, seen *outcome.Notes) error {
	id := int64(0)
	if account != nil {
		id = account.ID
		p.noteAddress(pol, *person, account, seen)
	}
	for _, address := range pol.NewAddresses(*person, account) {
		taken, err := p.AddressTaken(ctx, person.Key, id, address)
		if err != nil {
			return err
		}
		if taken {
			person.TakenAddresses = append(person.TakenAddresses, address)
		}
	}
	return nil
}

// noteAddress writes down that an account had HR's address of before.
func (p *Person) noteAddress(pol *policy.Policy, person identity.Person, account *identity.Account, seen *outcome.Notes) {
	if person.Record.WorkEmail == "" || pol.Mover().Rename == policy.RenameDisplay {
		return
	}
	before := seen.AddressBefore(person.Record.Source, person.Record.EmployeeID)
	if _, known := account.KeptOf(identity.FieldEmail); before != "" && p.Ledger.Digest(account.Email) == before && !settledAddress(person.Record, *account, known) {
		noted := identity.Kept{Field: identity.FieldEmail, Wrote: account.Email, Holds: account.Email}
		account.Kept = append(slices.DeleteFunc(slices.Clone(account.Kept), func(k identity.Kept) bool { return k.Field == identity.FieldEmail }), noted)
		ref, kept := identity.OneLoginRef(account.ID), slices.Clone(account.Kept)
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Inventory().NoteKept(ctx, ref, kept) })
	}
}

// settledAddress reports that the account has HR's address, or that what is known of its address is about the one that HR has now.
func settledAddress(r identity.Record, a identity.Account, known bool) bool {
	was, _ := a.KeptOf(identity.FieldEmail)
	return identity.SameMailbox(a.Email, r.WorkEmail) || known && identity.SameMailbox(was.Wrote, r.WorkEmail)
}

// AddressTaken reports that what is sent to an address reaches somebody else: another account, the HR record of somebody else or a group has
// it, or has it without its tag. Accounts elsewhere of which nobody has said whose they are may be the person's own.
func (p *Person) AddressTaken(ctx context.Context, key string, account int64, address string) (bool, error) {
	reached := []string{address}
	if bare := identity.WithoutTag(address); bare != address {
		reached = append(reached, bare)
	}
	for _, each := range reached {
		taken, err := p.takenAtOneLogin(ctx, key, account, each, each != address)
		if err == nil && !taken {
			taken, err = p.takenElsewhere(ctx, key, each)
		}
		if err != nil || taken {
			return taken, err
		}
	}
	return false, nil
}

// takenAtOneLogin reports that another account in OneLogin has an address, be it one of theirs unless the address is without its tag.
func (p *Person) takenAtOneLogin(ctx context.Context, key string, account int64, address string, untagged bool) (bool, error) {
	users, err := p.OneLogin.UsersByEmail(ctx, address)
	if err != nil {
		return false, err
	}
	for _, u := range users {
		if u.ID == account {
			continue
		}
		row, _, err := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(u.ID))
		if theirs := untagged && row.Belongs() && row.Person == key; err != nil || !theirs {
			return err == nil, err
		}
	}
	return false, nil
}

// takenElsewhere reports that the HR record of somebody else has an address, or that it is the address, username or alias of an account
// beside OneLogin that is somebody else's, no person's, or by somebody's word not this person's, or the name of a group. What a mailbox of
// theirs has is theirs, whatever had it before.
func (p *Person) takenElsewhere(ctx context.Context, key, address string) (bool, error) {
	people, err := p.Ledger.People().PeopleWithAddress(ctx, p.Ledger.Digest(address))
	if err != nil || slices.ContainsFunc(people, func(k string) bool { return k != key }) {
		return err == nil, err
	}
	var mailboxes []string // Their systems.
	for _, sys := range p.Policy().Systems() {
		if sys.Mailboxes() {
			mailboxes = append(mailboxes, sys.Name)
		}
	}
	books, digest := p.Ledger.Inventory(), []string{p.Ledger.Inventory().AddressDigest(address)}
	accounts, err := books.Find(ctx, inventory.Traces{Emails: digest, Usernames: digest, Further: digest})
	accounts = slices.DeleteFunc(accounts, func(a inventory.Account) bool { return a.Ref.System == identity.SystemOneLogin })
	switch {
	case err != nil:
		return false, err
	case slices.ContainsFunc(accounts, func(a inventory.Account) bool { return a.Person != key && (a.Belongs() || NoPersons(a.Kind)) }):
		return true, nil
	case slices.ContainsFunc(accounts, func(a inventory.Account) bool {
		return a.Belongs() && a.MissingSince.IsZero() && slices.Contains(mailboxes, a.Ref.System)
	}):
		return false, nil
	}
	for _, a := range accounts {
		if a.Belongs() {
			continue
		}
		if _, refused, err := books.Refused(ctx, a.Ref, key); err != nil || refused {
			return refused, err
		}
	}
	for _, name := range mailboxes {
		groups, err := p.Ledger.Systems().Named(ctx, name, identity.ObjectGroup, identity.FoldAddress(address))
		if err != nil || slices.ContainsFunc(groups, func(o systems.Object) bool { return !o.Gone }) {
			return err == nil, err
		}
	}
	return false, nil
}

// WorksAsAnother reports that HR has an address as the work address of somebody else, who may be yet to begin, and of this person not.
func (p *Person) WorksAsAnother(ctx context.Context, key, address string) (bool, error) {
	digests := []string{p.Ledger.Digest(address)}
	records, err := p.Ledger.People().RecordsLike(ctx, persons.RecordTraces{Addresses: digests})
	return AnothersWork(records, key, digests), err
}

// AnothersWork reports by records that have one of some addresses, given by their digests, that one of these is the work address of
// somebody else and none of this person.
func AnothersWork(records []persons.RecordLike, key string, digests []string) bool {
	own, others := false, false
	for _, r := range records {
		has := slices.Contains(digests, r.Digests.WorkEmail)
		own, others = own || has && r.Key == key, others || has && r.Key != key
	}
	return others && !own
}
