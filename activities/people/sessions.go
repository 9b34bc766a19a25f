package people

import (
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
)

// endSessions has the sessions of accounts ended that were suspended before the departure was seen: a suspension by
// somebody else says nothing about them. Where offboarding does not act by itself, only an order does so.
func (p *Person) endSessions(pol *policy.Policy, d *ledger.Dossier, theirs []identity.Account, a *api.Assessment) {
	if a.Order == nil && pol.Modes().Offboarding != policy.ModeEnforce {
		return
	}
	if a.Plan.Verdict != identity.VerdictNone && a.Plan.Verdict != identity.VerdictWait {
		return
	}
	for _, account := range theirs {
		if sessionsOpen(pol, d, account) {
			a.Suspended = append(a.Suspended, account)
		}
	}
}

// sessionsOpen reports that an account is suspended and that nothing proves that its sessions were ended in the present
// departure.
func sessionsOpen(pol *policy.Policy, d *ledger.Dossier, a identity.Account) bool {
	return a.Status == identity.AccountSuspended && pol.Protected(a) == "" && !slices.ContainsFunc(d.Accounts, func(row inventory.Account) bool {
		return row.Ref == identity.OneLoginRef(a.ID) && !row.ContainedAt.IsZero()
	})
}

// unended reports that an account on record for somebody is not known to have been closed in the present departure.
func unended(d *ledger.Dossier) bool {
	return slices.ContainsFunc(d.Accounts, func(row inventory.Account) bool {
		return ownAccount(row) && row.ContainedAt.IsZero()
	})
}

// ownAccount reports that the ledger has an account of OneLogin on record as a person's own.
func ownAccount(row inventory.Account) bool {
	_, isOneLogin := row.Ref.OneLogin()
	return isOneLogin && row.Belongs() && !NoPersons(row.Kind)
}
