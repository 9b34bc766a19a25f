package policy

import (
	"strings"

	"gatehouse/identity"
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
	if identity.PlainAddress(r.WorkEmail) && !pl.ownDomain(r.WorkEmail) {
		// A company that takes another domain asks about nobody: naming.domain says when the addresses follow.
		pl.notices = append(pl.notices, pl.note(NoticeAddressDoubtful, textDoubtful("it is in another domain than the company's and the account's")))
		return question{}
	}
	why := ""
	switch {
	case pl.person.AddressTaken:
		why = "somebody else has it"
	case !identity.PlainAddress(r.WorkEmail):
		why = "it is no plain address"
	case identity.SameMailbox(r.WorkEmail, r.PersonalEmail):
		why = "HR has it as the private one too"
	default:
		desired.Profile.Email = r.WorkEmail
		return question{}
	}
	return question{NoticeAddressDoubtful, textDoubtful(why)}
}

func textDoubtful(why string) string {
	return "HR has another work address for this person, and the account does not get it: " + why +
		". Correct the record, or change the account by hand, then retry"
}

// ownDomain reports that an address is in the domain of new accounts, in the company's, or in the one that the account's is in.
func (pl *planner) ownDomain(address string) bool {
	domainOf := func(address string) string { return strings.ToLower(address[strings.LastIndex(address, "@")+1:]) }
	domain := domainOf(address)
	return domain == strings.ToLower(pl.Domain()) || domain == strings.ToLower(pl.domain) || domain == domainOf(pl.account.Email)
}
