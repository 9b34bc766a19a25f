package systems

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// noteWaiting keeps what a departure has waited with for room in a budget until it is carried out. The hold is gone as soon as there is room or
// somebody allows it, and HR may write a next first day before anything is done.
func (s *Systems) noteWaiting(ctx context.Context, a *api.Assessment, system string, plans []identity.SystemPlan) error {
	for _, v := range a.Person.Systems {
		if v.System != system {
			continue
		}
		for _, account := range v.Accounts {
			i := slices.IndexFunc(plans, func(p identity.SystemPlan) bool { return p.Account == account.ID && p.Leaving })
			if i < 0 && undecided(a) || i >= 0 && plans[i].Observe {
				continue
			}
			var kinds []identity.SystemStepKind
			if i >= 0 {
				kinds = waitingIn(plans[i], len(account.Waiting) > 0)
			}
			if slices.Equal(kinds, account.Waiting) {
				continue
			}
			if err := s.Ledger.Systems().NoteWaiting(ctx, identity.Ref{System: system, ID: account.ID}, kinds, a.Key, a.Episode); err != nil {
				return err
			}
		}
	}
	return nil
}

// undecided reports that no plan of a departure means nothing: nobody knows where the person stands, or their account at OneLogin is open before
// their first day and has to be closed first.
func undecided(a *api.Assessment) bool {
	open := a.Account != nil && a.Account.Status != identity.AccountSuspended
	return a.Person.Standing == identity.StandingUpcoming && open || !a.Person.Belongs() && !a.Person.Out()
}

// waitingIn are the kinds of steps of a departure that wait with the end of sign-in, or have waited. Licences wait by themselves.
func waitingIn(p identity.SystemPlan, waited bool) (kinds []identity.SystemStepKind) {
	if !waited && !slices.ContainsFunc(p.Held, func(s identity.SystemStep) bool { return s.Kind.EndsAccess() }) {
		return nil
	}
	for _, s := range slices.Concat(p.Steps, p.Held) {
		if s.Kind != identity.SystemReleaseLicences {
			kinds = append(kinds, s.Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
