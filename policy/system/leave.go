package system

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// leave plans the end of every account that a leaver has in a system. How old the inventory is does not matter: a step reads its account
// before it writes.
func (c *Case) leave(sys System, view identity.SystemView) []identity.SystemPlan {
	var out []identity.SystemPlan
	for _, a := range view.Accounts {
		if !personal(a) {
			continue
		}
		if plan := c.untouchable(sys, a); plan != nil {
			if a.Document.Status != identity.AccountSuspended {
				out = append(out, *plan)
			}
			continue
		}
		l := leaver{Case: c, sys: sys, view: view, account: a, plan: identity.SystemPlan{Account: a.ID}}
		l.all()
		out = append(out, l.plan)
	}
	return out
}

// unfinished plans what a departure still owes, or waits with for room in a budget, of somebody who is to begin anew, and who is out until then.
func (c *Case) unfinished(sys System, view identity.SystemView) (out []identity.SystemPlan) {
	closed := c.OneLogin == nil || c.OneLogin.Status == identity.AccountSuspended
	if c.begun() || !closed || len(view.Owed) == 0 && !view.Held {
		return nil
	}
	for _, p := range c.leave(sys, view) {
		p.Carried, p.Notices = nil, nil
		p.Steps = slices.DeleteFunc(p.Steps, func(s identity.SystemStep) bool { return !view.Held && !slices.Contains(view.Owed, s.Kind) })
		if len(p.Steps) > 0 {
			p.Leaving = true
			due(&p, c.Person.AsOf, c.Person.ActivateAt)
			out = append(out, p)
		}
	}
	return out
}

// leaver plans the end of one account.
type leaver struct {
	*Case
	sys     System
	view    identity.SystemView
	account identity.SystemAccount
	plan    identity.SystemPlan
}

// all plans every step in its order. A hold order leaves those that end sign-in.
func (l *leaver) all() {
	lock := l.sys.traits.lock && l.sys.Leaver.SignIn == SignInLock
	steps := l.sys.traits.closing
	if lock {
		steps = locking
	}
	for _, kind := range steps {
		l.step(kind)
	}
	l.returned()
	l.transfer()
	if lock && l.sys.Leaver.SuspendAfter > 0 && !l.suspended() {
		l.addAfter(identity.SystemStep{Kind: identity.SystemSuspend}, l.sys.Leaver.SuspendAfter)
	}
	if to := l.sys.Leaver.MoveTo; to != "" && !identity.SamePlace(l.account.Container, to) && !l.Held {
		l.add(identity.SystemStep{Kind: identity.SystemMove, To: to})
	}
	if after := l.sys.Leaver.ReleaseLicencesAfter; after > 0 && len(l.account.Licences) > 0 && !l.Held && !l.Doubted && l.handsOver() {
		l.addAfter(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: sorted(l.account.Licences)}, after)
	}
}

// handsOver reports that nothing is lost with the licences: what the account owns is handed over, or it is in this plan, and the licences
// go after it.
func (l *leaver) handsOver() bool {
	return l.sys.Leaver.TransferTo == "" || l.done(identity.SystemTransfer) || l.plan.Has(identity.SystemTransfer)
}

func (l *leaver) add(s identity.SystemStep) { l.plan.Steps = append(l.plan.Steps, s) }

// addAfter adds a step that is due so long after sign-in ended.
func (l *leaver) addAfter(s identity.SystemStep, after time.Duration) {
	s.After = l.Left.Add(after)
	if s.After.After(l.Person.AsOf) {
		due(&l.plan, l.Person.AsOf, s.After)
		return
	}
	l.add(s)
}

func (l *leaver) suspended() bool { return l.account.Document.Status == identity.AccountSuspended }

// done reports that a step was carried out. What locks an account has to be done again once somebody has signed in since.
func (l *leaver) done(kind identity.SystemStepKind) bool {
	locked := l.account.Done[identity.SystemEndSessions]
	if kind.EndsAccess() && !locked.IsZero() && l.account.Document.LastLogin.After(locked) && !l.account.Done[kind].After(l.account.Document.LastLogin) {
		return false
	}
	return !l.account.Done[kind].IsZero()
}

// returned notes that sign-in has to be ended which had been ended before.
func (l *leaver) returned() {
	for _, s := range l.plan.Steps {
		if at := l.account.Done[s.Kind]; s.Kind.EndsAccess() && at.After(l.plan.Returned) {
			l.plan.Returned = at
		}
	}
}

// step adds one step unless the account shows that it is so already, or it was carried out.
func (l *leaver) step(kind identity.SystemStepKind) {
	switch kind {
	case identity.SystemSuspend:
		if !l.suspended() || l.account.Document.Frozen && !l.done(kind) {
			l.add(identity.SystemStep{Kind: kind})
		}
	case identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote:
		if !l.done(kind) {
			l.add(identity.SystemStep{Kind: kind})
		}
	case identity.SystemAutoReply:
		l.reply()
	case identity.SystemDelegate:
		l.delegate()
	case identity.SystemRemoveGroups:
		l.remove(kind, slices.DeleteFunc(slices.Clone(l.account.Groups), l.keeps))
	case identity.SystemRemoveRoles:
		l.remove(kind, l.account.Roles)
	default:
	}
}

func (l *leaver) remove(kind identity.SystemStepKind, names []string) {
	if taken := sorted(names); len(taken) > 0 && !l.Held {
		l.add(identity.SystemStep{Kind: kind, Names: taken})
	}
}

// keeps reports that a leaver keeps a group: by its name, or by one that it had before while that is nothing's or that of several.
func (l *leaver) keeps(group string) bool {
	return slices.Contains(l.sys.Leaver.KeepGroups, group) || slices.ContainsFunc(l.account.Formerly[identity.ObjectGroup][group], func(was string) bool {
		o := identity.SystemObject{System: l.sys.Name, Kind: identity.ObjectGroup, Name: was}
		return slices.Contains(l.sys.Leaver.KeepGroups, was) && slices.Contains(l.view.Unclear, o)
	})
}

// closed reports that a mailbox is closed, so that it can neither answer nor be delegated. It says so while the mailbox should be open, and
// later where this departure has locked the account: a hold order may have outlived the time in which the mailbox was open.
func (l *leaver) closed() bool {
	after := l.sys.Leaver.SuspendAfter
	matters := after == 0 || l.Person.AsOf.Before(l.Left.Add(after)) || !l.account.Done[identity.SystemResetPassword].IsZero()
	if l.suspended() && matters && !slices.ContainsFunc(l.plan.Notices, func(n identity.Notice) bool { return n.Code == NoticeMailClosed }) {
		l.plan.Notices = append(l.plan.Notices, l.Note(NoticeMailClosed, l.sys.Name+
			": the account was suspended before its mail was answered or handed over: mail is rejected; open it for a while by hand if that matters, and see before that it forwards nothing"))
	}
	return l.suspended()
}

func (l *leaver) reply() {
	if l.sys.Leaver.Text == "" || l.done(identity.SystemAutoReply) || l.Held || l.closed() {
		return
	}
	fill, known := l.names(l.sys.Leaver.Subject + l.sys.Leaver.Text)
	if !known {
		return // A later look knows the names.
	}
	reply := identity.SystemStep{Kind: identity.SystemAutoReply, Subject: fill.Replace(l.sys.Leaver.Subject), Text: fill.Replace(l.sys.Leaver.Text)}
	if strings.Contains(reply.Subject+reply.Text, FieldManagerEmail) && l.view.Manager != l.account.ID {
		reply.To = l.view.Manager // Whose address the text names is read when it is set.
	}
	l.add(reply)
}

// names fills a text in with the names in HR, and where that was not read with those of the account. known reports that the text has
// all that it asks for.
func (l *leaver) names(text string) (fill *strings.Replacer, known bool) {
	r, doc := l.Person.Record, l.account.Document
	first, last := cmp.Or(displayed(r), doc.FirstName), cmp.Or(r.LastName, doc.LastName)
	lacks := func(field, name string) bool { return name == "" && strings.Contains(text, field) }
	return strings.NewReplacer(FieldFirst, first, FieldLast, last), !lacks(FieldFirst, first) && !lacks(FieldLast, last)
}

func (l *leaver) delegate() {
	if l.sys.Leaver.DelegateTo == "" || l.done(identity.SystemDelegate) || l.Held || l.closed() {
		return
	}
	if to := l.heir(l.sys.Leaver.DelegateTo); to != "" {
		l.add(identity.SystemStep{Kind: identity.SystemDelegate, To: to})
	}
}

// transfer hands over what the account owns. Until that is done, the roles that carry the app stay.
func (l *leaver) transfer() {
	if l.sys.Leaver.TransferTo == "" || l.done(identity.SystemTransfer) || l.Held {
		return
	}
	if l.sys.Mode == ModeEnforce {
		l.plan.Carried = slices.Clone(l.sys.CarriedBy)
	}
	if to := l.heir(l.sys.Leaver.TransferTo); to != "" {
		l.add(identity.SystemStep{Kind: identity.SystemTransfer, To: to})
	}
}

// heir is the account that gets something, "" if nobody knows it.
func (l *leaver) heir(to string) string {
	if to != Manager {
		return to
	}
	if l.view.Manager != "" && l.view.Manager != l.account.ID {
		return l.view.Manager
	}
	if !slices.ContainsFunc(l.plan.Notices, func(n identity.Notice) bool { return n.Code == NoticeNoHeir }) {
		text := l.sys.Name + ": no manager who stays has an account there that is known and can sign in, so that nothing is handed over: name a manager in HR, link the manager's account, or hand over by hand"
		if l.sys.Leaver.TransferTo != "" && l.sys.Leaver.ReleaseLicencesAfter > 0 {
			text += "; the licences stay until then, release them by hand after handing over by hand"
		}
		l.plan.Notices = append(l.plan.Notices, l.Note(NoticeNoHeir, text))
	}
	return ""
}

// displayed is the first name that somebody goes by.
func displayed(r identity.Record) string {
	if r.PreferredName != "" {
		return r.PreferredName
	}
	return r.FirstName
}

// without returns those of the names that are not among others, in order.
func without(names, others []string) []string {
	return sorted(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(others, n) }))
}

func sorted(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }
