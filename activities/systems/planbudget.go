package systems

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/outcome"
	"gatehouse/activities/reading"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/policy"
	policysystem "gatehouse/policy/system"
)

// apart are the parts of what is planned in a system that wait by themselves: a departure must not wait because there is no room for
// a change, nor for a deletion, which follows long after it.
var apart = []string{budgeting.Contain, budgeting.Delete, ""}

// partOf is the part that a budget belongs to.
func partOf(budget string) string {
	name, _, _ := strings.Cut(budget, "/")
	if slices.Contains(apart, name) {
		return name
	}
	return ""
}

// heldAs is whom the budgets of a system hold for a part: what a person waits for there has nothing to do with what they wait for
// elsewhere.
func heldAs(key, system, of string) string {
	return strings.TrimSuffix(key+"/"+system+"/"+of, "/")
}

// draw asks the budgets of a system for room for what is planned there: for all of a part, or it waits in the batch of its kind, which
// a run of its own asks about. Waiting are the names under which the person waits by now.
func (s *Systems) draw(ctx context.Context, pol *policy.Policy, a *api.Assessment, sys policysystem.System, plans []identity.SystemPlan, waiting []string) error {
	wants := s.reservations(pol, a, sys, plans)
	if len(wants) > 0 {
		accounts, err := s.countOf(ctx, sys.Name)
		if err != nil {
			return err
		}
		for i := range wants {
			wants[i].Limit.Of = int(accounts)
		}
		if err := s.letThrough(ctx, a, wants, waiting); err != nil {
			return err
		}
	}
	for _, name := range apart {
		together := slices.DeleteFunc(slices.Clone(wants), func(r budgets.Reservation) bool { return partOf(r.Budget) != name })
		refused, err := s.drawTogether(ctx, a, sys, plans, together)
		if err == nil && !refused {
			err = s.leaveHolds(ctx, heldAs(a.Key, sys.Name, name), waiting)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// letThrough lets a departure through that somebody has let through at OneLogin: it is one decision for all of it. Who is let through
// waits with nobody any more.
func (s *Systems) letThrough(ctx context.Context, a *api.Assessment, wants []budgets.Reservation, waiting []string) (err error) {
	for i := range wants {
		r := &wants[i]
		if partOf(r.Budget) != budgeting.Contain {
			continue
		}
		if !r.Override {
			r.Override, err = s.Ledger.Budgets().LetThrough(ctx, budgeting.OfSource(budgeting.Contain, a.Source), r.Keys[0])
		}
		if err == nil && r.Override {
			err = s.leaveHolds(ctx, r.HeldAs, waiting)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// drawTogether reserves everything, or holds it back and reserves nothing.
func (s *Systems) drawTogether(ctx context.Context, a *api.Assessment, sys policysystem.System, plans []identity.SystemPlan, wants []budgets.Reservation) (refused bool, err error) {
	if len(wants) == 0 {
		return false, nil
	}
	var full int
	var held []budgets.Held
	var ref api.HoldRef
	tell := false
	err = s.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		var err error
		if held, full, err = l.Budgets().ReserveAll(ctx, wants); err != nil || full < 0 {
			return err
		}
		full = fullest(held, full)
		budget, _, _ := strings.Cut(wants[full].Budget, "/")
		ref = api.HoldRef{Source: sys.Name, Kind: holdKind(budget)}
		back := budgets.HeldBack{
			Source: ref.Source, Kind: ref.Kind, Person: wants[full].HeldAs, Used: held[full].Used, Allowed: held[full].Allowed,
		}
		for _, r := range wants {
			back.Keys = append(back.Keys, budgets.Key{Budget: r.Budget, Key: r.Keys[0]})
		}
		tell, err = l.Budgets().HoldBack(ctx, back)
		return err
	})
	if err != nil || full < 0 {
		return false, err
	}
	wait(a, plans, wants[full], held[full], ref)
	if !tell {
		return true, nil
	}
	return true, s.Launch.Hold(ctx, ref, api.HoldGrown)
}

// fullest is the budget that a hold is about: the first one without room, not one that is held together with it.
func fullest(held []budgets.Held, refused int) int {
	i := slices.IndexFunc(held, func(h budgets.Held) bool { return !h.Granted && h.Used >= h.Allowed })
	if i < 0 {
		return refused
	}
	return i
}

// holdKind is what the batch of a budget is called: that of departures as where HR is polled.
func holdKind(budget string) string {
	if budget == budgeting.Contain {
		return reading.KindLeaver
	}
	return budgeting.HoldKind(budget)
}

// wait holds back what a budget has no room for, and says so in the plans that it is about.
func wait(a *api.Assessment, plans []identity.SystemPlan, refused budgets.Reservation, held budgets.Held, ref api.HoldRef) {
	budget, _, _ := strings.Cut(refused.Budget, "/")
	text := planWords.Sure("held_with_others", heldView{
		System: ref.Source, Budget: budget, Used: held.Used, Allowed: held.Allowed, Hold: api.HoldID(ref),
	})
	for i := range plans {
		p := &plans[i]
		before := len(p.Held)
		if !p.Observe {
			hold(p, func(step identity.SystemStep) bool { return waitsFor(partOf(budget), *p, step) })
		}
		if len(p.Held) > before {
			p.Notices = append(p.Notices, identity.Notice{Code: budgeting.Prefix + budget, Text: text, Owner: a.FallbackOwner})
		}
	}
}

// waitsFor reports that a step of a plan waits where a part has no room. All of a departure waits with the end of sign-in. No change keeps
// what ends sign-in waiting, nor what gives somebody their mailbox back, unless that comes after what opens it.
func waitsFor(of string, p identity.SystemPlan, step identity.SystemStep) bool {
	switch of {
	case budgeting.Contain:
		return p.Leaving || step.Kind.EndsAccess()
	case budgeting.Delete:
		// What replaces a licence waits with it: the one may exclude the other.
		return step.Kind == identity.SystemReleaseLicences || step.Kind == identity.SystemAssignLicences
	}
	return !p.Leaving && !step.Kind.EndsAccess() && !first(p, step.Kind)
}

// first reports that a kind of step takes back what a departure has set, and that a plan begins with such steps up to that one.
func first(p identity.SystemPlan, kind identity.SystemStepKind) bool {
	for _, s := range p.Steps {
		switch {
		case !s.Kind.ReturnsMailbox():
			return false
		case s.Kind == kind:
			return true
		}
	}
	return false
}

// leaveHolds takes somebody out of the batches in which they wait under a name: nothing that was held is wanted any more.
func (s *Systems) leaveHolds(ctx context.Context, name string, waiting []string) error {
	if !slices.Contains(waiting, name) {
		return nil
	}
	holds, err := s.Ledger.Budgets().HeldFor(ctx, name)
	if err != nil || len(holds) == 0 {
		return err
	}
	if err := s.Ledger.Budgets().LeaveHolds(ctx, name); err != nil {
		return err
	}
	for _, h := range holds {
		if err := s.Launch.Hold(ctx, api.HoldRef{Source: h.Source, Kind: h.Kind}, api.HoldGrown); err != nil {
			return err
		}
	}
	return nil
}

// reservations is the room that plans in a system need in its budgets.
func (s *Systems) reservations(pol *policy.Policy, a *api.Assessment, sys policysystem.System, plans []identity.SystemPlan) []budgets.Reservation {
	steps := map[string][]identity.SystemStep{}
	for _, p := range plans {
		if p.Observe {
			continue
		}
		for _, step := range p.Steps {
			for _, budget := range budgetsOf(a, sys, p, step) {
				steps[budget] = append(steps[budget], step)
			}
		}
	}
	limits := map[string]policy.Limit{}
	for budget := range steps {
		limits[budget] = limitOf(pol, sys, budget)
	}
	var all []budgets.Reservation
	for _, budget := range budgeting.ByWeight(limits) {
		r := budgets.Reservation{
			Budget: budgeting.OfSource(budget, sys.Name), Keys: []string{budgeting.Key(budget, a.Key, a.Episode, wanted(steps[budget]))},
			Window: pol.Safety().Window, Limit: budgets.Limit{Count: limits[budget].Count, Percent: limits[budget].Percent},
			Override: budget == budgeting.Contain && byName(a), Hold: true, HeldAs: heldAs(a.Key, sys.Name, partOf(budget)), By: api.ByGatehouse,
		}
		if budgeting.OfMoves(budget) {
			r.Person = a.Key + "/"
		}
		all = append(all, r)
	}
	return all
}

// byName reports that a named person has ordered that somebody is out: no budget holds that.
func byName(a *api.Assessment) bool {
	for _, o := range []*identity.Order{a.Order, a.Suspend} {
		if o != nil && o.Rule == "" {
			return true
		}
	}
	return outcome.Lifted(a)
}

// limitOf is the limit of a budget of a system: the system's own, else that of the section safety.
func limitOf(pol *policy.Policy, sys policysystem.System, budget string) policy.Limit {
	if own, found := sys.Limits[budget]; found {
		return policy.Limit{Count: own.Count, Percent: own.Percent}
	}
	return budgeting.LimitOf(pol.Safety(), budget)
}

// wanted tells one change from the next.
func wanted(steps []identity.SystemStep) string {
	text, err := json.Marshal(steps)
	if err != nil {
		return "" // Steps can be written as JSON.
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:10])
}

// budgetsOf are the budgets that a step of a plan draws on. A departure draws on that of departures, if there is sign-in to end, and on
// that of deletions for what the system may delete.
func budgetsOf(a *api.Assessment, sys policysystem.System, p identity.SystemPlan, step identity.SystemStep) []string {
	account := accountIn(a, p)
	switch {
	case step.Kind == identity.SystemReleaseLicences:
		return []string{budgeting.Delete}
	case step.Kind.EndsAccess() && (account == nil || account.Document.Status != identity.AccountSuspended):
		return []string{budgeting.Contain}
	case p.Leaving:
		return nil
	}
	privileged := slices.ContainsFunc(append(slices.Clone(step.Names), step.Profile), func(name string) bool { return slices.Contains(sys.Privileged, name) })
	if step.Kind == identity.SystemAddGroups || step.Kind == identity.SystemAddRoles {
		privileged = privileged || sys.HidesPrivileged(policysystem.ViewIn(a.Person.Systems, p.System))
	}
	all := changeBudgets(step)
	// What a new account is given first was counted when it was made.
	if p.Account == "" || account != nil && fresh(a.Person, *account) {
		all = slices.DeleteFunc(all, func(budget string) bool { return budget == budgeting.Grant || budget == budgeting.Profile })
	}
	if privileged && !slices.Contains(all, budgeting.Remove) {
		all = append(all, budgeting.Privileged)
	}
	return all
}

// firstGiven is how long after the making of an account, or after the first day that it was made for, something belongs to what it is
// given first.
const firstGiven = 24 * time.Hour

// fresh reports that an account was made by Gatehouse just now, and has been given nothing yet.
func fresh(p identity.Person, a identity.SystemAccount) bool {
	from := a.MadeAt
	if p.ActivateAt.After(from) {
		from = p.ActivateAt
	}
	return !a.MadeAt.IsZero() && len(a.Given) == 0 && p.AsOf.Before(from.Add(firstGiven))
}

// changeBudgets are the budgets of a kind of step about somebody who stays.
func changeBudgets(step identity.SystemStep) []string {
	switch step.Kind {
	case identity.SystemCreate:
		return []string{budgeting.Join}
	case identity.SystemResume:
		return []string{budgeting.Reactivate}
	case identity.SystemWriteProfile, identity.SystemMove:
		return []string{budgeting.Profile}
	case identity.SystemRemoveGroups, identity.SystemRemoveRoles:
		return []string{budgeting.Remove}
	case identity.SystemAddGroups, identity.SystemAddRoles, identity.SystemAssignLicences:
		return []string{budgeting.Grant}
	default:
		return nil
	}
}

// accountIn is the account that a plan is about, as the inventory shows it; nil for one that has to be made.
func accountIn(a *api.Assessment, p identity.SystemPlan) *identity.SystemAccount {
	for _, v := range a.Person.Systems {
		for i := range v.Accounts {
			if v.System == p.System && v.Accounts[i].ID == p.Account {
				return &v.Accounts[i]
			}
		}
	}
	return nil
}
