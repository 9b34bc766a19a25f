package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
)

// Reasons are neutral: a person who waits for a last day reads like anybody who waits.
const (
	reasonSettled   = "nothing to do before the next check"
	reasonPrepare   = "an account is due ahead of the first day"
	reasonCreate    = "an account is due"
	reasonActivate  = "the account is due to be activated"
	reasonReturn    = "the account is due to be brought back"
	reasonDiffers   = "the account differs from what the policy gives"
	reasonLeft      = "sign-in has to end"
	reasonOrdered   = "an order ends sign-in"
	reasonGone      = "the person has been gone for as long as accounts are kept"
	reasonUndo      = "the hire was rescinded and the account never used"
	reasonRescinded = "the hire was rescinded"
	reasonAttention = "a person has to decide first"
)

// planner is the state of one call of Plan.
type planner struct {
	*Policy
	person  identity.Person
	account *identity.Account
	orders  []identity.Order
	// ended are the orders that are over: what a grant has added is taken back.
	ended   []identity.Order
	notices []identity.Notice
	// stripAt is when the rest of a leaver's access goes, zero if it goes with their sign-in.
	stripAt time.Time
	// found are managed roles that nobody knows the giver of, which are left.
	found []string
	// unwritable says that the employee id had to stand in for a name in the usernames.
	unwritable bool
}

// Plan returns the difference between what a person's account should be at person.AsOf and what it is. account is nil
// if there is none. It depends on nothing but its arguments and the policy.
//
// What decides comes in this order: protection of the account, a contain order, a departure in HR, a suspend order,
// responses, a freeze order, what HR cannot say, and only then access rules. A blocking notice leaves no steps, except
// that a departure and these orders are carried out whatever else is unclear.
func (p *Policy) Plan(person identity.Person, account *identity.Account, orders []identity.Order) identity.Plan {
	pl := &planner{Policy: p, person: person, account: account, notices: slices.Clone(person.Notices)}
	if pl.nobodys() {
		pl.withoutRecord()
	}
	instants := []time.Time{person.CreateAt, person.ActivateAt, person.ChangeAt, person.LeaveAt, person.WarnAt}
	switchedOff := pl.take(orders)
	for _, o := range pl.orders {
		instants = append(instants, o.Until)
	}
	plan := pl.decide()
	for i, s := range plan.Steps {
		instants = append(instants, s.Until)
		plan.Steps[i].Asked = pl.askers(slices.Concat(s.Orders, s.Denies))
	}
	instants = append(instants, pl.stripAt)
	plan.Due = earliestAfter(person.AsOf, instants...)
	if plan.Verdict == identity.VerdictNone && !plan.Due.IsZero() {
		plan.Verdict = identity.VerdictWait
	}
	plan.Notices, plan.SwitchedOff = pl.notices, switchedOff
	slices.Sort(pl.found)
	plan.Found = pl.found
	plan.PolicyHash = p.hash
	return plan
}

// take divides orders into those in force and those that are over. It returns those that a switch keeps from being carried out.
func (pl *planner) take(orders []identity.Order) (switchedOff []string) {
	for _, o := range orders {
		if !o.InForce(pl.person.AsOf) {
			pl.ended = append(pl.ended, o)
			continue
		}
		if o.Off != "" {
			stands := false
			if o, stands = pl.carriedOut(o); !stands {
				switchedOff = append(switchedOff, o.ID)
				continue
			}
		}
		pl.orders = append(pl.orders, o)
	}
	return switchedOff
}

func (pl *planner) decide() identity.Plan {
	if pl.account != nil {
		if reason := pl.Protected(*pl.account); reason != "" {
			if steps := pl.refuseToOpen("the account is protected"); len(steps) > 0 {
				return pl.respond(steps)
			}
			pl.notices = append(pl.notices, pl.block(NoticeProtected, "the account is "+reason+": change it by hand, or change safety.protected"))
			return attention(identity.Desired{})
		}
	}
	switch {
	case pl.ordered(identity.OrderContain) != nil:
		return pl.moot(pl.leave(reasonOrdered), "an order has ended this person's access")
	case pl.left():
		return pl.moot(pl.leave(reasonLeft), "the person has left")
	case Recordless(pl.person) && pl.account != nil && (pl.account.Status != identity.AccountSuspended || pl.leaver.StripAfter > 0):
		if plan := pl.leave(reasonLeft); plan.Verdict == identity.VerdictLeave {
			return pl.moot(plan, "the person has left")
		}
	case pl.person.Standing == identity.StandingRescinded:
		return pl.moot(pl.rescinded(), "the hire was rescinded")
	}
	if plan, decided := pl.byOrder(); decided {
		return plan
	}
	pl.restrain()
	if pl.nobodys() {
		return pl.accountAlone()
	}
	if !pl.person.Standing.Employed() {
		return attention(identity.Desired{})
	}
	return pl.employed()
}

// ordered returns the latest order of a kind that is in force, or nil.
func (pl *planner) ordered(kind identity.OrderKind) *identity.Order {
	var latest *identity.Order
	for i := range pl.orders {
		o := &pl.orders[i]
		if o.Kind == kind && (latest == nil || cmp.Or(o.At.Compare(latest.At), cmp.Compare(o.ID, latest.ID)) > 0) {
			latest = o
		}
	}
	return latest
}

// left also holds for a person assessed before their leave moment and planned at or after it.
func (pl *planner) left() bool {
	p := pl.person
	return p.Standing == identity.StandingLeft ||
		p.Standing.Employed() && !p.LeaveAt.IsZero() && !p.LeaveAt.After(p.AsOf)
}

// Recordless reports that a departure of theirs was carried out, and that no source has a record by now which could say anything else.
func Recordless(person identity.Person) bool {
	return !person.LeftAt.IsZero() && !slices.ContainsFunc(person.Notices, func(n identity.Notice) bool {
		return n.Blocking && n.Code != NoticeRecordMissing
	})
}

// restrain notes the orders that forbid changes.
func (pl *planner) restrain() {
	if pl.ordered(identity.OrderFreeze) != nil {
		pl.notices = append(pl.notices, pl.block(NoticeFrozen, "an order forbids changes to this account: release it or let it lapse"))
	}
	for _, o := range pl.orders {
		if !o.Kind.Known() {
			pl.notices = append(pl.notices, pl.block(NoticeUnknownOrder,
				fmt.Sprintf("an order of the unknown kind %q is in force, perhaps of a newer version: nothing changes until it is released", o.Kind)))
		}
	}
}

// blocked reports whether a notice has to be resolved first.
func (pl *planner) blocked() bool {
	return slices.ContainsFunc(pl.notices, func(n identity.Notice) bool { return n.Blocking })
}

// leave ends sign-in and takes every role but those a leaver keeps, at once or, with leaver.strip_after, later: such
// steps say from when.
func (pl *planner) leave(reason string) identity.Plan {
	if pl.account == nil {
		return settled(identity.Desired{})
	}
	kept, taken := divide(pl.account.Roles, func(role string) bool {
		return slices.Contains(pl.leaver.KeepRoles, role) && !pl.denied(role)
	})
	desired := identity.Desired{Exists: true, Group: pl.account.Group, Roles: kept}
	// A suspension for an order would be lifted with it, so it is made the departure's.
	suspended := pl.account.Status == identity.AccountSuspended && pl.account.SuspendedFor == ""
	// What a hold has kept goes now, also from an account that has no role left.
	preservedBefore := pl.released()
	later := pl.waitUntil(reason)
	if preserved := pl.ordered(identity.OrderHold) != nil; preserved {
		desired.Roles = slices.Sorted(slices.Values(pl.account.Roles))
		taken = nil
		pl.notices = append(pl.notices, pl.note(NoticePreserved, "what the account holds is preserved: its roles and factors stay, and it is not deleted"))
	}
	if suspended && (len(taken) == 0 && !preservedBefore || !later.IsZero()) {
		if pl.stripAt = later; later.IsZero() {
			return pl.deletion(reason, desired)
		}
		return settled(desired)
	}
	var steps steps
	steps.add(!suspended, identity.StepSuspend)
	steps.add(true, identity.StepLogOut)
	atOnce := len(steps)
	steps.add(len(taken) > 0, identity.StepRemoveRoles, taken...)
	steps.add(true, identity.StepScramblePassword)
	steps.add(pl.ordered(identity.OrderHold) == nil, identity.StepRemoveFactors)
	for i := range steps[atOnce:] {
		steps[atOnce+i].Until = later
	}
	return identity.Plan{Verdict: identity.VerdictLeave, Reason: reason, Desired: desired, Steps: steps}
}

// released reports that a hold is over whose end has yet to be carried out, and that no other one is in force.
func (pl *planner) released() bool {
	return pl.ordered(identity.OrderHold) == nil && slices.ContainsFunc(pl.ended, func(o identity.Order) bool { return o.Kind == identity.OrderHold })
}

// waitUntil returns when roles, password and factors go that do not go with the sign-in. Only a departure that HR planned
// leaves them for a while.
func (pl *planner) waitUntil(reason string) time.Time {
	if reason != reasonLeft || pl.leaver.StripAfter == 0 || pl.person.Record.Involuntary {
		return time.Time{}
	}
	left := pl.person.LeaveAt
	if !pl.person.LeftAt.IsZero() {
		left = pl.person.LeftAt // No record says it any more.
	}
	return earliestAfter(pl.person.AsOf, left.Add(pl.leaver.StripAfter))
}

// rescinded deletes an account that was made for the hire and never used. Under a freeze order it only ends sign-in.
func (pl *planner) rescinded() identity.Plan {
	switch {
	case pl.account == nil:
		return settled(identity.Desired{})
	case !pl.account.CreatedByUs || !pl.account.LastLogin.IsZero() || pl.ordered(identity.OrderFreeze) != nil,
		pl.ordered(identity.OrderHold) != nil:
		return pl.leave(reasonRescinded)
	}
	var steps steps
	steps.add(pl.account.Status == identity.AccountActive, identity.StepSuspend)
	steps.add(true, identity.StepDelete)
	return identity.Plan{Verdict: identity.VerdictUndo, Reason: reasonUndo, Steps: steps}
}

// settled is a plan with nothing to do. Plan turns it into VerdictWait if an instant is awaited; the reason is the
// same then, so that nothing tells a planned leaver from anybody else.
func settled(desired identity.Desired) identity.Plan {
	return identity.Plan{Verdict: identity.VerdictNone, Reason: reasonSettled, Desired: desired}
}

func attention(desired identity.Desired) identity.Plan {
	return identity.Plan{Verdict: identity.VerdictAttention, Reason: reasonAttention, Desired: desired}
}

// steps are the steps of a plan in the order in which they are added, which is the order of identity.StepKind.
type steps []identity.Step

func (s *steps) add(needed bool, kind identity.StepKind, names ...string) {
	if needed {
		*s = append(*s, identity.Step{Kind: kind, Names: names})
	}
}

// addFor adds a step about roles, if there are any, that is done for orders.
func (s *steps) addFor(orders []string, kind identity.StepKind, roles []string) {
	if len(roles) > 0 {
		*s = append(*s, identity.Step{Kind: kind, Names: roles, Orders: orders})
	}
}

// divide splits roles by a test; both parts are sorted.
func divide(roles []string, test func(string) bool) (yes, no []string) {
	for _, role := range roles {
		if test(role) {
			yes = append(yes, role)
		} else {
			no = append(no, role)
		}
	}
	slices.Sort(yes)
	slices.Sort(no)
	return yes, no
}
