package people

import (
	"slices"
	"strconv"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
)

// noteOwned finds out whether somebody whose departure is known, ahead or not, owns an API credential: it stops working when
// its user is deleted, and is theirs to use until it is replaced.
func (p *Person) noteOwned(d *ledger.Dossier, a *api.Assessment) {
	leaves := endsAccess(a.Person) || a.Order != nil
	if !leaves && a.Person.LeaveAt.IsZero() {
		return
	}
	a.OwnedIn = a.Episode
	if !leaves {
		a.OwnedIn++ // The departure that is ahead has the next one.
	}
	add := func(ref identity.Ref) {
		if !slices.Contains(a.Owned, ref) {
			a.Owned = append(a.Owned, ref)
		}
	}
	if a.Account != nil && p.CredentialOwners.Own(*a.Account) {
		add(identity.OneLoginRef(a.Account.ID))
	}
	for _, row := range d.Accounts {
		if p.ownsByInventory(row) {
			add(row.Ref)
		}
	}
	for _, doubt := range a.Doubts {
		if doubt.Code != api.NoticeLeaverDoubt && p.CredentialOwners.Own(doubt.Account) {
			add(doubt.Ref())
		}
	}
	if len(a.Owned) == 0 {
		a.OwnedIn = 0
	}
}

// ownsByInventory reports that an account on record owns an API credential, by its id or what is known of its username.
func (p *Person) ownsByInventory(row inventory.Account) bool {
	id, isOneLogin := row.Ref.OneLogin()
	return isOneLogin && row.Belongs() && slices.ContainsFunc(p.CredentialOwners, func(owner string) bool {
		return owner == strconv.FormatInt(id, 10) || row.Digests.Username != "" && p.Ledger.Inventory().AddressDigest(owner) == row.Digests.Username
	})
}
