package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// phase is what an account needs before its person can sign in.
type phase int

const (
	// phaseInUse: nothing; the account is the person's to use.
	phaseInUse phase = iota
	// phaseAbsent: there is no account.
	phaseAbsent
	// phasePrepared: the account was prepared and never activated.
	phasePrepared
	// phaseSuspendedByUs: Gatehouse suspended it, and the reason is gone.
	phaseSuspendedByUs
	// phaseOrderOver: Gatehouse suspended it for an order, which is over.
	phaseOrderOver
	// phaseSuspendedElsewhere: somebody else suspended or locked it.
	phaseSuspendedElsewhere
)

func phaseOf(a *identity.Account, at time.Time) phase {
	if a == nil {
		return phaseAbsent
	}
	switch a.Status {
	case identity.AccountSuspended:
		switch {
		case a.SuspendedByUs && a.SuspendedFor != "":
			return phaseOrderOver
		case a.SuspendedByUs:
			return phaseSuspendedByUs
		}
		return phaseSuspendedElsewhere
	case identity.AccountLocked:
		if a.LockedFor == "" && locked(a, at) {
			return phaseSuspendedElsewhere
		}
	case identity.AccountUnactivated, identity.AccountPasswordPending:
		if a.InvitationSentAt.IsZero() {
			return phasePrepared
		}
	case identity.AccountActive, identity.AccountPasswordExpired, identity.AccountAwaitingReset, identity.AccountSecurityQuestions:
	}
	return phaseInUse
}

// employed plans for somebody who belongs to the company or is about to.
func (pl *planner) employed() identity.Plan {
	access := pl.access(&pl.person)
	pl.notices = append(pl.notices, access.doubts...)
	pl.garbled()
	if !access.specific && pl.person.Record.Department != "" && len(access.doubts) == 0 {
		pl.notices = append(pl.notices, pl.note(NoticeDepartmentWithoutRule,
			"only rules for everyone match: add a rule for the department, or correct the department in the source"))
	}
	group, roles := pl.openFor(access)
	desired := identity.Desired{
		Exists: true, SignIn: true, Group: group, Roles: roles, Rules: access.rules, Profile: pl.profile(),
	}
	pl.grant(&desired)
	pl.deny(&desired)
	restricted := pl.restrict(&desired)
	asks := pl.renamed(&desired)
	address := pl.addressed(&desired)
	phase := phaseOf(pl.account, pl.person.AsOf)
	switch {
	case pl.person.Standing == identity.StandingUpcoming && pl.person.AsOf.Before(pl.person.ActivateAt):
		return pl.upcoming(phase, desired)
	case pl.person.Standing == identity.StandingOnLeave && phase != phaseInUse:
		// Nobody is let in while they are away, and an account nobody can use needs no care.
		desired.Exists, desired.SignIn = pl.account != nil, false
		return pl.unlessBlocked(settled(desired))
	}
	pl.questions(phase, desired)
	if pl.blocked() {
		return pl.held(desired, restricted, phase)
	}
	if phase == phaseOrderOver {
		return pl.lift(desired, restricted)
	}
	plan := pl.difference(phase, desired, restricted, access.specific)
	if text := pl.deniedReturns(phase); text != "" && !pl.blocked() {
		plan = pl.askOnceDone(plan, NoticeDeniedReturns, text)
	}
	if asks && phase == phaseInUse && !pl.blocked() {
		plan = pl.askOnceDone(plan, NoticeNameChanged, textNameChanged)
	}
	if address.code != "" && phase == phaseInUse && !pl.blocked() {
		plan = pl.askOnceDone(plan, address.code, address.text)
	}
	return plan
}

// upcoming plans before the first day: the account is made ahead and given only the early roles.
func (pl *planner) upcoming(phase phase, desired identity.Desired) identity.Plan {
	desired.SignIn = false
	if phase != phaseAbsent || pl.person.AsOf.Before(pl.person.CreateAt) {
		desired.Exists = phase != phaseAbsent
		return pl.unlessBlocked(settled(desired))
	}
	desired.Roles = slices.Sorted(slices.Values(pl.joiner.EarlyRoles))
	pl.deny(&desired)
	pl.questions(phase, desired)
	var steps steps
	steps.add(true, identity.StepCreate, groupNames(desired.Group)...)
	steps.add(len(desired.Roles) > 0, identity.StepAddRoles, desired.Roles...)
	return pl.unlessBlocked(identity.Plan{Verdict: identity.VerdictJoin, Reason: reasonPrepare, Desired: desired, Steps: steps})
}

// difference compares an account, if there is one, with what it should be.
func (pl *planner) difference(phase phase, desired identity.Desired, restricted, specific bool) identity.Plan {
	var steps steps
	actual := pl.account
	if phase == phaseAbsent {
		actual = &identity.Account{}
		steps.add(true, identity.StepCreate, groupNames(desired.Group)...)
	}
	_, added := divide(desired.Roles, func(role string) bool { return slices.Contains(actual.Roles, role) })
	if phase != phaseAbsent {
		steps.add(len(desired.Profile.Usernames) > 0, identity.StepRename)
		steps = append(steps, pl.profileSteps(desired.Profile, *actual)...)
		moves := desired.Group != "" && desired.Group != actual.Group && (restricted || !pl.withhold())
		steps.add(moves, identity.StepSetGroup, desired.Group)
		surplus := pl.surplus(phase, desired)
		catchAll := ""
		if moves && !restricted && actual.Group != "" && !pl.Restricted(actual.Group) {
			catchAll = desired.Group
		}
		if pl.unmapped(phase, specific, surplus, catchAll) {
			return pl.held(desired, restricted, phase)
		}
		removed, kept := surplus, []old(nil)
		if phase == phaseInUse {
			removed, kept = pl.overlap(surplus, desired.Roles)
		}
		removed = pl.withDenied(removed, phase)
		stays, _ := divide(actual.Roles, func(role string) bool { return !slices.Contains(removed, role) })
		if pl.forbidden(stays, added) {
			return pl.held(desired, restricted, phase)
		}
		for _, keep := range pl.keepSteps(kept) {
			steps = append(steps, keep)
			desired.Roles = slices.Sorted(slices.Values(slices.Concat(desired.Roles, keep.Names)))
		}
		steps = append(steps, pl.removal(removed)...)
	} else if pl.forbidden(nil, added) {
		return attention(desired)
	}
	plan := identity.Plan{Verdict: identity.VerdictJoin, Desired: desired}
	steps.addFor(pl.granting(added), identity.StepAddRoles, added)
	if phase != phaseInUse {
		steps.add(true, identity.StepActivate)
		steps.add(pl.joiner.Credential == CredentialInvite, identity.StepInvite)
	}
	plan.Steps = steps
	switch phase {
	case phaseAbsent:
		plan.Reason = reasonCreate
	case phasePrepared:
		plan.Reason = reasonActivate
	case phaseSuspendedByUs:
		plan.Reason = reasonReturn
	case phaseInUse, phaseOrderOver, phaseSuspendedElsewhere:
		if len(steps) == 0 {
			return settled(desired)
		}
		plan.Verdict, plan.Reason = identity.VerdictChange, reasonDiffers
	}
	return plan
}

// surplus returns the roles to take. Of an account in use only managed roles are taken, and of these only what Gatehouse
// gave, unless HR has changed the position: the rest is found and left. One that comes back starts
// from policy and not from what was left behind.
func (pl *planner) surplus(phase phase, desired identity.Desired) []string {
	if pl.withhold() || pl.ordered(identity.OrderHold) != nil {
		return nil
	}
	surplus, _ := divide(pl.account.Roles, func(role string) bool {
		if slices.Contains(desired.Roles, role) || pl.denied(role) {
			return false
		}
		switch {
		case pl.wasGiven(role):
			return true
		case phase == phaseSuspendedByUs && !slices.Contains(pl.leaver.KeepRoles, role):
			// What a withdrawn departure has yet to take, and rules do not manage, was never to go.
			return !pl.person.Withdrawn || pl.managed[role]
		case !pl.managed[role]:
			return false
		case pl.drift == DriftRemove, pl.person.Moved, slices.Contains(pl.account.Given, role):
			return true
		}
		pl.found = append(pl.found, role)
		return false
	})
	return surplus
}

// withhold reports that the source dropped a field, or sent one that cannot be read: no role is taken because of that, and no
// group changed unless an order says so.
func (pl *planner) withhold() bool {
	return len(pl.person.Record.Missing)+len(pl.person.Record.Garbled) > 0
}

// garbled says that texts of the record cannot be read. No account is made of such a record; of one that is there nothing is
// overwritten by it.
func (pl *planner) garbled() {
	fields := pl.person.Record.Garbled
	if len(fields) == 0 {
		return
	}
	notice := pl.note(NoticeTextGarbled, fmt.Sprintf("the source sent %s in a broken encoding: until it is repaired there, nothing is written to the account by it, "+
		"no role is taken and no group changed", strings.Join(fields, ", ")))
	if pl.account == nil {
		notice = pl.block(NoticeTextGarbled, fmt.Sprintf("the source sent %s in a broken encoding, and an account would be made of it: "+
			"correct the record or the export in the source", strings.Join(fields, ", ")))
	}
	pl.notices = append(pl.notices, notice)
}

// restrict puts the group of a restrict order above that of the rules.
func (pl *planner) restrict(desired *identity.Desired) bool {
	order := pl.ordered(identity.OrderRestrict)
	if order == nil {
		if desired.Group == "" && pl.account != nil && pl.mfa.terms.Restrict.Group != "" && pl.account.Group == pl.mfa.terms.Restrict.Group {
			pl.notices = append(pl.notices, pl.note(NoticeNoGroup,
				"the account is in the group of restricted accounts without an order, and no rule says where it belongs: add a rule that sets a group"))
		}
		return false
	}
	group := pl.restrictedTo(order)
	if group == "" {
		pl.notices = append(pl.notices, pl.block(NoticeNoRestrictGroup,
			"a restrict order names no group and the policy has none: set mfa.restrict.group or order it again with a group"))
		return false
	}
	desired.Group = group
	return true
}

// held is the plan of somebody about whom something has to be decided first. A restriction is carried out all the
// same: it takes nothing that a freeze or a doubt would want to keep. What is denied is taken unless a freeze forbids it.
func (pl *planner) held(desired identity.Desired, restricted bool, phase phase) identity.Plan {
	plan := attention(desired)
	if phase != phaseInUse {
		return plan
	}
	var steps steps
	steps.add(restricted && desired.Group != pl.account.Group, identity.StepSetGroup, desired.Group)
	if denied, _ := pl.deniedHeld(phase); pl.ordered(identity.OrderFreeze) == nil {
		steps = append(steps, pl.removal(denied)...)
	}
	if len(steps) > 0 {
		plan.Verdict, plan.Reason, plan.Steps = identity.VerdictChange, reasonDiffers, steps
	}
	return plan
}

func (pl *planner) unlessBlocked(plan identity.Plan) identity.Plan {
	if pl.blocked() {
		return attention(plan.Desired)
	}
	return plan
}

// questions raises the notices that matter once something is about to be done with the account.
func (pl *planner) questions(phase phase, desired identity.Desired) {
	ask := func(n identity.Notice) { pl.notices = append(pl.notices, n) }
	switch phase {
	case phaseSuspendedElsewhere:
		ask(pl.block(NoticeSuspendedElsewhere, "the account is "+pl.account.Status.String()+
			", and not by Gatehouse, which does not lift that by itself: lift it in OneLogin or by an enable order, or terminate the person in the source"))
	case phaseAbsent:
		if len(desired.Profile.Usernames) == 0 {
			ask(pl.block(NoticeNoUsername, "neither the name nor the employee id gives a username: complete the record in the source"))
		}
		if pl.unwritable {
			ask(pl.note(NoticeUsernameFallback, "the name cannot be written in Latin letters, so that the employee id stands in: set a preferred name, or rename the account"))
		}
		if pl.person.Late {
			ask(pl.note(NoticeHiredLate, "the hire was entered after the first day, so that the account comes late"))
		}
	case phaseInUse, phasePrepared, phaseSuspendedByUs, phaseOrderOver:
	}
	if pl.account != nil && pl.account.ExternalID != "" && !slices.Contains(pl.ExternalIDs(pl.person.Key, pl.person.Record), pl.account.ExternalID) {
		ask(pl.note(NoticeForeignExternalID, "the account carries an external id that is not this person's, which is left alone: check that the link is right"))
	}
}

// profile is what the account should say. It uses the name the person goes by, lists usernames only for an account
// that has to be made, and leaves an external id that is there as it is: in another format it identifies the account
// just as well, and one that is foreign is not ours to replace.
func (pl *planner) profile() identity.Profile {
	r := pl.person.Record
	out := identity.Profile{
		FirstName: cmp.Or(r.PreferredName, r.FirstName), LastName: r.LastName,
		Title: r.Title, Department: r.Department, Company: r.Company, Phone: r.WorkPhone, PersonalEmail: r.PersonalEmail,
	}
	if pl.account == nil {
		out.Usernames, pl.unwritable = pl.usernames(r, allUsernames)
	} else {
		out.ExternalID = pl.account.ExternalID
	}
	if ids := pl.ExternalIDs(pl.person.Key, r); out.ExternalID == "" && len(ids) > 0 {
		out.ExternalID = ids[0]
	}
	pl.fromSystems(&out)
	pl.set(&out)
	return out
}

// profileSteps write the profile if it differs. A value in whose place OneLogin has kept another one is not written again
// before HR or OneLogin says something else.
func (pl *planner) profileSteps(want identity.Profile, have identity.Account) []identity.Step {
	differences := have.Differences(want, pl.person.ManagerAccount)
	open := slices.DeleteFunc(slices.Clone(differences), func(d identity.Kept) bool { return have.Keeps(d) })
	kept := slices.DeleteFunc(differences, func(d identity.Kept) bool { return slices.Contains(open, d) })
	pl.notices = append(pl.notices, pl.NotKept(kept)...)
	if len(open) == 0 {
		return nil
	}
	return []identity.Step{{Kind: identity.StepSetProfile, Orders: pl.settingOrders(open)}}
}

// NotKept is the notice that OneLogin keeps other values than those that were written; none if there are none.
func (p *Policy) NotKept(kept []identity.Kept) []identity.Notice {
	if len(kept) == 0 {
		return nil
	}
	fields := make([]string, len(kept))
	for i, k := range kept {
		fields[i] = string(k.Field)
	}
	return []identity.Notice{p.note(NoticeValueNotKept, fmt.Sprintf("OneLogin has been told HR's %s and keeps something else: it is not written again "+
		"before either of them changes; correct it in the source or in OneLogin", strings.Join(fields, ", ")))}
}

// ManagerWithoutAccount is the notice that an account was made without the manager whom HR names.
func (p *Policy) ManagerWithoutAccount() identity.Notice {
	return p.note(NoticeNoManager, "the manager whom HR names has no OneLogin account: the account was made without one, and gets it when there is one")
}

func groupNames(group string) []string {
	if group == "" {
		return nil
	}
	return []string{group}
}
