package policy

import (
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/policy/system"
)

// question is what somebody has to be asked, without a code if nothing.
type question struct{ code, text string }

// AddressChanged reports that HR has given somebody another work address since the account last followed it, and that the account has
// yet to. What HR's address was then is known only of an account that followed it: an address that never agreed is left alone.
func AddressChanged(r identity.Record, a identity.Account) bool {
	was, known := a.KeptOf(identity.FieldEmail)
	return known && r.WorkEmail != "" && !r.NameDoubted && !identity.SameMailbox(was.Wrote, r.WorkEmail) && !identity.SameMailbox(a.Email, r.WorkEmail)
}

// addressed decides what a new work address in HR does to an account that exists, as mover.rename says, and what somebody is to be
// asked about it. A private address is never used.
func (pl *planner) addressed(desired *identity.Desired) question {
	r := pl.person.Record
	if pl.account == nil || pl.mover.Rename == RenameDisplay {
		return question{}
	}
	if was, known := pl.account.KeptOf(identity.FieldEmail); known && r.WorkEmail != "" && identity.SameMailbox(was.Wrote, r.WorkEmail) &&
		!identity.SameMailbox(pl.account.Email, r.WorkEmail) {
		pl.notices = append(pl.notices, pl.NotKept([]identity.Kept{was})...)
	}
	if !AddressChanged(r, *pl.account) {
		return question{}
	}
	if pl.mover.Rename == RenameAttention {
		return question{NoticeAddressChanged, "HR has another work address for this person than the account. Change the account by hand, or set mover.rename in the " +
			"policy, then retry"}
	}
	why, foreign := pl.doubtful(r.WorkEmail, pl.account.Email)
	switch {
	case why == "":
		desired.Profile.Email = r.WorkEmail
		return question{}
	case foreign:
		pl.notices = append(pl.notices, pl.note(NoticeAddressDoubtful, textDoubtful(why)))
		return question{}
	}
	return question{NoticeAddressDoubtful, textDoubtful(why)}
}

// AddressTaken says why nobody gets an address that reaches somebody else.
const AddressTaken = "somebody else has it, or a group, or an account that is said not to be theirs"

// doubtful says why an address that HR has for the person is given to no account of theirs, "" where nothing speaks against it. had are
// the addresses that the account has. foreign says that it is the domain alone: a company that takes another domain asks about nobody,
// and naming.domain says when the addresses follow.
func (pl *planner) doubtful(address string, had ...string) (why string, foreign bool) {
	same := func(other string) bool { return identity.SameMailbox(address, other) }
	switch {
	case slices.ContainsFunc(pl.person.TakenAddresses, same):
		return AddressTaken, false
	case !identity.PlainAddress(address):
		return "it is no plain address", false
	case same(pl.person.Record.PersonalEmail):
		return "HR has it as the private one too", false
	case !pl.ownDomain(address, had):
		return "it is in another domain than the company's and the account's", true
	}
	return "", false
}

// doubtfulElsewhere is the notice that an account beside OneLogin, which has an address or none, does not get the one that HR has. What
// OneLogin's account has is theirs.
func (pl *planner) doubtfulElsewhere(address, has string) (identity.Notice, bool) {
	had := []string{has}
	if pl.account != nil {
		had = append(had, pl.account.Email)
	}
	why, foreign := pl.doubtful(address, had...)
	code := NoticeAddressDoubtful
	switch {
	case why == "", pl.account != nil && identity.SameMailbox(address, pl.account.Email):
		return identity.Notice{}, false
	case foreign:
		code = system.NoticeOtherDomain
	}
	return pl.note(code, "HR's address for this person is not written: "+why+". Correct the record, or change the account by hand"), true
}

// NewAddresses are the addresses of HR's that accounts of somebody's may get. They have to be nobody else's.
func (p *Policy) NewAddresses(person identity.Person, account *identity.Account) []string {
	out := p.systems.NewAddresses(system.Case{Person: person, OneLogin: account, Views: person.Systems, Values: viewOf(&person)})
	if account != nil && p.mover.Rename == RenameAccount && AddressChanged(person.Record, *account) && !slices.Contains(out, person.Record.WorkEmail) {
		out = append(out, person.Record.WorkEmail)
	}
	return out
}

func textDoubtful(why string) string {
	return "HR has another work address for this person, and the account does not get it: " + why +
		". Correct the record, or change the account by hand, then retry"
}

// ownDomain reports that an address is in the domain of new accounts, in the company's, or in that of an address that an account has.
func (pl *planner) ownDomain(address string, had []string) bool {
	domainOf := func(address string) string { return strings.ToLower(address[strings.LastIndex(address, "@")+1:]) }
	domain := domainOf(address)
	return domain == strings.ToLower(pl.Domain()) || domain == strings.ToLower(pl.domain) ||
		slices.ContainsFunc(had, func(other string) bool { return domain == domainOf(other) })
}
