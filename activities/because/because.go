// Package because says why the access of somebody changes.
package because

import (
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// Explain adds to an assessment that changes access why it does, and what that is in step with afterwards.
func Explain(pol *policy.Policy, d ledger.Dossier, a *api.Assessment, known *ledger.StandingAccess) {
	change := a.Plan.Verdict == identity.VerdictChange
	if known == nil || !change && a.Plan.Verdict != identity.VerdictJoin {
		return
	}
	if change {
		a.Because = whyOf(pol, slices.Concat(d.Orders, d.Ended), a, known)
	}
	position, rules := policy.Position(a.Person.Record), pol.RuleAccess(a.Person)
	if position == "" || rules == "" || !a.Plan.Desired.SignIn || a.Person.Moved && leavesAny(pol, a) ||
		slices.ContainsFunc(a.Plan.Notices, func(n identity.Notice) bool { return n.Blocking }) {
		return
	}
	a.InStep = &api.InStep{Position: position, Rules: rules, Policy: a.Plan.PolicyHash}
}

// leavesAny reports that a plan leaves a managed role that the position does not give.
func leavesAny(pol *policy.Policy, a *api.Assessment) bool {
	if a.Account == nil {
		return false
	}
	removed, _ := a.Plan.Step(identity.StepRemoveRoles)
	managed := pol.ManagedRoles()
	return slices.ContainsFunc(a.Account.Roles, func(role string) bool {
		return slices.Contains(managed, role) && !slices.Contains(removed.Names, role) && !slices.Contains(a.Plan.Desired.Roles, role)
	})
}

// parts are what a change of access consists of.
type parts struct {
	granted, ended, overlap, denied, restricted, unrestricted bool
	// rules says that something of it is by no order.
	rules bool
	lines []api.Line
}

// whyOf is why a plan changes access, nil where it changes none. What the rules ask for is named before what orders do.
func whyOf(pol *policy.Policy, orders []identity.Order, a *api.Assessment, known *ledger.StandingAccess) *api.Because {
	p := partsOf(pol, orders, a)
	cause := api.Cause("")
	switch {
	case p.rules:
		cause = byRules(pol, a, known)
	case p.granted:
		cause = api.CauseGranted
	case p.ended:
		cause = api.CauseEnded
	case p.overlap:
		cause = api.CauseOverlap
	case p.denied:
		cause = api.CauseDenied
	case p.restricted:
		cause = api.CauseRestricted
	case p.unrestricted:
		cause = api.CauseUnrestricted
	case a.Plan.Has(identity.StepRename):
		cause = api.CauseName
	case a.Plan.Desired.Profile.Email != "" && a.Plan.Has(identity.StepSetProfile):
		cause = api.CauseAddress
	default:
		return nil
	}
	return &api.Because{Cause: cause, Lines: p.lines}
}

// byRules tells why somebody is to have something else by the rules than they have.
func byRules(pol *policy.Policy, a *api.Assessment, known *ledger.StandingAccess) api.Cause {
	switch rules := pol.RuleAccess(a.Person); {
	case a.Person.Moved:
		return api.CausePosition
	case known.Rules == "":
		return api.CauseInStep
	case known.Rules == rules:
		return api.CauseRepair
	case known.Policy != a.Plan.PolicyHash:
		return api.CausePolicy
	}
	return api.CauseRecord
}

// partsOf divides a change by what asks for it. A grant that has given a role before explains nothing: that the role is missing
// is somebody else's doing.
func partsOf(pol *policy.Policy, orders []identity.Order, a *api.Assessment) parts {
	var p parts
	explained := func(step identity.Step, roles func(identity.Order) []string, part func(identity.Order) (*bool, string)) {
		var by []string
		for _, o := range orders {
			if !slices.Contains(step.Orders, o.ID) {
				continue
			}
			ofOrder := slices.DeleteFunc(roles(o), func(role string) bool { return !slices.Contains(step.Names, role) })
			if len(ofOrder) == 0 {
				continue
			}
			by = append(by, ofOrder...)
			is, label := part(o)
			*is = true
			if label != "" && o.Rule == "" {
				p.lines = append(p.lines, api.Line{Label: label, Value: o.Reason + untilOf(o)})
			}
		}
		p.rules = p.rules || slices.ContainsFunc(step.Names, func(role string) bool { return !slices.Contains(by, role) })
	}
	add, _ := a.Plan.Step(identity.StepAddRoles)
	explained(add, func(o identity.Order) []string {
		return slices.DeleteFunc(slices.Clone(o.Roles), func(role string) bool { return slices.Contains(o.Given, role) })
	}, func(identity.Order) (*bool, string) { return &p.granted, "Given for" })
	remove, _ := a.Plan.Step(identity.StepRemoveRoles)
	remove.Orders = slices.Concat(remove.Orders, remove.Denies)
	explained(remove, func(o identity.Order) []string {
		if o.Kind == identity.OrderDeny {
			return slices.Clone(o.Roles)
		}
		return slices.Clone(o.Given)
	}, func(o identity.Order) (*bool, string) {
		if o.Kind == identity.OrderDeny {
			return &p.denied, "" // Why is between those who decide.
		}
		if o.Rule == identity.RuleOverlap {
			return &p.overlap, ""
		}
		return &p.ended, "Had been given for"
	})
	p.rules = p.rules || a.Plan.Has(identity.StepKeepRoles)
	if !a.Plan.Has(identity.StepSetGroup) || a.Account == nil {
		return p
	}
	switch restricted := slices.ContainsFunc(orders, func(o identity.Order) bool {
		return o.Kind == identity.OrderRestrict && o.InForce(a.Person.AsOf)
	}); {
	case restricted:
		p.restricted = true
	case pol.Restricted(a.Account.Group):
		p.unrestricted = true
	default:
		p.rules = true
	}
	return p
}

// untilOf says until when an order gives what it gives.
func untilOf(o identity.Order) string {
	if o.Until.IsZero() {
		return ""
	}
	return ", until " + o.Until.In(time.UTC).Format("2 January 2006, 15:04 MST")
}
