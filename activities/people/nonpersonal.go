package people

import (
	"context"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// NonPersonal says of an account that it is no person's own. What somebody has said of the account stands above the policy's list.
// An account that the list matches and that is, or may be, that of somebody of whom HR has a record is doubtful: it stays a person's. So
// does one that the inventory does not have yet, because nobody has compared it with HR.
func NonPersonal(pol *policy.Policy, a identity.Account, row inventory.Account) (entry policy.NonPersonal, is, doubtful bool) {
	if NoPersons(row.Kind) {
		return policy.NonPersonal{Kind: row.Kind}, true, false
	}
	entry, listed := pol.NonPersonal(a)
	switch {
	case !listed || row.Kind == identity.KindPerson, row.ObservedAt.IsZero():
		return policy.NonPersonal{}, false, false
	case Someones(row):
		return entry, false, true
	}
	return entry, true, false
}

// Someones reports that an account is, or may be, that of somebody of whom HR has a record.
func Someones(row inventory.Account) bool {
	source, _, err := identity.SplitKey(row.Person)
	return err == nil && source != identity.SourceAccount && (row.Belongs() || row.State == identity.AccountCandidate)
}

// ListedAsNoPersons reports that the policy takes an account, which is tied to somebody in a way, for no person's. An external id that
// names them, the record and a person's word say more than a condition of accounts.non_personal.
func ListedAsNoPersons(pol *policy.Policy, a identity.Account, tied match.Tied) bool {
	if pol.ReviewService(a) != "" {
		return true
	}
	_, listed := pol.NonPersonal(a)
	return listed && weaklyTied(tied)
}

// NonPersonalByID is NonPersonal for the id of an account.
func (p *Person) NonPersonalByID(ctx context.Context, id int64) (policy.NonPersonal, bool, error) {
	row, _, err := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(id))
	if err != nil {
		return policy.NonPersonal{}, false, err
	}
	entry, is, _ := NonPersonal(p.Policy(), row.Document, row)
	return entry, is, nil
}
