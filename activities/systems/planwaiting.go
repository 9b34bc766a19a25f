package systems

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
	policysystem "gatehouse/policy/system"
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
			if i < 0 && undecided(a) || i >= 0 && plans[i].Observe || leftAlone(account, plans) {
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

// leftAlone reports that nothing is planned about an account because nothing can be done about it now: it is not shown, it is open whose it is,
// or it is protected.
func leftAlone(account identity.SystemAccount, plans []identity.SystemPlan) bool {
	return account.Missing || account.Disputed || slices.ContainsFunc(plans, func(p identity.SystemPlan) bool {
		return p.Account == account.ID && slices.ContainsFunc(p.Notices, func(n identity.Notice) bool { return n.Code == policysystem.NoticeProtected })
	})
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
