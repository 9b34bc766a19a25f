package outcome

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// StandingAccess adds to an employed person and their account what the ledger knows of how they came by what they hold:
// whether HR has moved them since their access was last in step, and what Gatehouse gave. Nobody who leaves waits for it.
func (k Keeper) StandingAccess(ctx context.Context, d *ledger.Dossier, source string, person *identity.Person, account *identity.Account, bare bool) (*ledger.StandingAccess, error) {
	if bare || !person.Standing.Employed() {
		return nil, nil
	}
	var ref identity.Ref
	if account != nil {
		ref = identity.OneLoginRef(account.ID)
	}
	known, err := k.Ledger.Access(ctx, d.Person.Key, ref, d.Person.Episode, source)
	if err != nil || account == nil {
		return &known, err
	}
	now := policy.Position(person.Record)
	person.Moved = known.Position != "" && now != "" && known.Position != now
	account.Given = known.Given
	account.Kept, err = k.Ledger.Inventory().Kept(ctx, ref)
	return &known, err
}

// NoteAccess keeps the ledger in step with what an assessment found: the position for which access is as it should be,
// access that nobody knows the giver of, and that only another policy can help.
func NoteAccess(pol *policy.Policy, a *api.Assessment, known *ledger.StandingAccess, seen *Notes) {
	if known == nil {
		return
	}
	inStep := a.Plan.Verdict == identity.VerdictNone || a.Plan.Verdict == identity.VerdictWait
	notePosition(pol, a, known, inStep, seen)
	found := roster.Finding{Source: a.Source, Kind: roster.FindingBeyondPolicy, Subject: a.Key}
	switch {
	case len(a.Plan.Found) > 0:
		found.Why = words.Sure("beyond_policy", view{Account: a.Account.ID, Roles: a.Plan.Found})
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Roster().AddFindings(ctx, found) })
	case known.Found && inStep:
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
			return l.Roster().SettleFinding(ctx, found.Source, found.Kind, found.Subject)
		})
	}
	code := undecided(a.Plan)
	switch {
	case code != "":
		hash := a.Plan.PolicyHash
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
			return l.Policies().WaitForPolicy(ctx, a.Key, hash, code)
		})
	case known.Waits:
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Policies().WaitedForPolicy(ctx, a.Key, "") })
	}
}

// notePosition keeps for which position, and by what rules, access is in step. Whoever cannot sign in may hold what other rules gave.
func notePosition(pol *policy.Policy, a *api.Assessment, known *ledger.StandingAccess, inStep bool, seen *Notes) {
	was := inventory.Position{Key: a.Key, Digest: known.Position, Rules: known.Rules, Policy: known.Policy}
	now := was
	now.Digest = policy.Position(a.Person.Record)
	// A suspend order keeps a mover's roles as they are.
	settled := inStep && (!a.Person.Moved || a.Suspend == nil && followed(pol, a))
	if settled && a.Plan.Desired.SignIn {
		now.Rules, now.Policy = pol.RuleAccess(a.Person), a.Plan.PolicyHash
	}
	if a.Account == nil || now.Digest == "" || known.Position != "" && !settled || now == was {
		return
	}
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Inventory().NotePosition(ctx, now) })
}

// followed reports that nothing is left to take from a mover: somebody on leave, and somebody under an order, has nothing
// to do for now and may still hold what the old position gave.
func followed(pol *policy.Policy, a *api.Assessment) bool {
	managed := pol.ManagedRoles()
	return !slices.ContainsFunc(a.Account.Roles, func(role string) bool {
		return slices.Contains(managed, role) && !slices.Contains(a.Plan.Desired.Roles, role)
	})
}

// ofPolicy are the blocking notices that another policy may settle.
var ofPolicy = []string{
	policy.NoticeDepartmentUnmapped, policy.NoticeRuleFailed, policy.NoticeGroupConflict, policy.NoticeConflict,
	policy.NoticeNoRestrictGroup, policy.NoticeNameChanged, policy.NoticeAddressChanged, policy.NoticeProtected,
}

// undecided is the notice because of which a plan waits for another policy, empty if it waits for none.
func undecided(plan identity.Plan) string {
	if plan.Verdict != identity.VerdictAttention {
		return ""
	}
	for _, n := range plan.Notices {
		if n.Blocking && slices.Contains(ofPolicy, n.Code) {
			return n.Code
		}
	}
	return ""
}
