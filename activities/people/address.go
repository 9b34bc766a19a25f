package people

import (
	"context"
	"slices"

	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
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

// AddressTaken reports that another account, in OneLogin or as the address, username or alias of one elsewhere, or the HR record of
// somebody else has an address. Accounts elsewhere of which nobody has said whose they are may be the person's own.
func (p *Person) AddressTaken(ctx context.Context, key string, account int64, address string) (bool, error) {
	users, err := p.OneLogin.UsersByEmail(ctx, address)
	if err != nil {
		return false, err
	}
	for _, u := range users {
		if u.ID != account {
			return true, nil
		}
	}
	people, err := p.Ledger.People().PeopleWithAddress(ctx, p.Ledger.Digest(address))
	if err != nil || slices.ContainsFunc(people, func(k string) bool { return k != key }) {
		return err == nil, err
	}
	digest := []string{p.Ledger.Inventory().AddressDigest(address)}
	accounts, err := p.Ledger.Inventory().Find(ctx, inventory.Traces{Emails: digest, Usernames: digest, Further: digest})
	return slices.ContainsFunc(accounts, func(a inventory.Account) bool {
		return a.Ref.System != identity.SystemOneLogin && a.Person != key && (a.Belongs() || NoPersons(a.Kind))
	}), err
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
