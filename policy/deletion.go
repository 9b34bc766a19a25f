package policy

import (
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// readDeleteAfter reads when accounts of leavers are deleted. Less than a day leaves nobody the time to correct HR.
func (p *Policy) readDeleteAfter(s yamlfile.Section) {
	s.Duration("delete_after", yamlfile.OrNever, &p.leaver.DeleteAfter)
	if d := p.leaver.DeleteAfter; d == 0 || d >= yamlfile.Day {
		return
	}
	if w, ok := s.Text("delete_after"); ok {
		s.Fail(w.Node, "leaver.delete_after cannot be %q: a deletion cannot be undone. Write never, or 1d or more", w.Text)
	}
}

// Keeping is the policy without the deletion of what leavers have: what has to be done before anything is deleted.
func (p *Policy) Keeping() *Policy {
	keeping := *p
	keeping.leaver.DeleteAfter = 0
	return &keeping
}

// stopsDeletion reports that an order in force contradicts the deletion of an account, or could: what a newer version meant by
// it is not known here. An exemption and what is done once say nothing about whether the account is kept.
func stopsDeletion(o identity.Order) bool {
	return !o.Kind.Known() || slices.Contains([]identity.OrderKind{
		identity.OrderContain, identity.OrderSuspend, identity.OrderFreeze, identity.OrderHold, identity.OrderGrant,
	}, o.Kind)
}

// protectedAtAll reports that the account is protected, whatever was lifted for its person's departure.
func (pl *planner) protectedAtAll() bool {
	account := *pl.account
	account.Lifted = false
	return pl.Protected(account) != ""
}

// deletion plans for an account whose access has ended and of which nothing is left to take: it is deleted once its person has been gone
// for long enough by HR's word. What an order ends is not deleted: an order says nothing of the time after.
func (pl *planner) deletion(reason string, desired identity.Desired) identity.Plan {
	plan := settled(desired)
	if pl.leaver.DeleteAfter == 0 || reason != reasonLeft || pl.person.LeaveAt.IsZero() {
		return plan
	}
	plan.DeleteAt = pl.person.LeaveAt.Add(pl.leaver.DeleteAfter)
	switch {
	case plan.DeleteAt.After(pl.person.AsOf):
	case slices.ContainsFunc(pl.orders, stopsDeletion):
		pl.notices = append(pl.notices, pl.note(NoticeNotDeletedYet, "the account is not deleted while an order about the person stands"))
	case pl.account.LastLogin.After(pl.person.LeaveAt):
		pl.notices = append(pl.notices, pl.note(NoticeNotDeleted, "somebody signed in to it at "+
			pl.account.LastLogin.UTC().Format(time.RFC3339)+", after its person had left"))
	case pl.protectedAtAll():
		pl.notices = append(pl.notices, pl.note(NoticeNotDeleted, "it is protected; lifting that was for the end of its access"))
	case pl.blocked():
	default:
		return identity.Plan{
			Verdict: identity.VerdictDelete, Reason: reasonGone, DeleteAt: plan.DeleteAt,
			Steps: []identity.Step{{Kind: identity.StepDelete}},
		}
	}
	return plan
}
