package lifecycle

import (
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// keptRoles are the roles that a leaver keeps: those of the policy, and those that carry an app from which files have yet to be
// handed over.
func (r *run) keptRoles() []string {
	kept := r.assessment.KeepRoles
	for _, a := range r.systems.accounts {
		if a.handingOver {
			kept = append(kept[:len(kept):len(kept)], without(a.plan.Carried, kept)...)
		}
	}
	return kept
}

// transferOf is the transfer of a plan. Where nobody knows to whom, or there is no room for it, that is one to nobody.
func transferOf(plan identity.SystemPlan) identity.SystemStep {
	for _, s := range plan.Steps {
		if s.Kind == identity.SystemTransfer {
			return s
		}
	}
	return identity.SystemStep{Kind: identity.SystemTransfer, To: toNobody}
}

// toNobody tells a transfer to nobody from one to whoever the system thinks fit.
const toNobody = "nobody"

// askCarried asks what is to become of roles that carry an app from which files cannot be handed over: nobody knows to whom, or
// there is no room for it in a budget. The run stays open for the answer, and looks again every day.
func (r *run) askCarried(a *systemAccount) {
	s := &systemStep{SystemStep: identity.SystemStep{Kind: identity.SystemTransfer, To: toNobody}}
	s.digest = digestOf(a.plan, s.SystemStep)
	if !a.handingOver || a.has(s.Kind) || a.plan.Has(s.Kind) || a.knows(s.digest) || r.State.Template != api.TypeOffboarding {
		return
	}
	why := "there is no room for that in a safety budget"
	for _, n := range a.plan.Notices {
		why = n.Text
	}
	item := api.Attention{
		Step: string(s.Kind) + systemPlace(a, s), Code: api.NoticeNotHandedOver, Options: []string{api.VerbRetry, api.VerbSkip},
		Text: systemName(a) + ": its files are not handed over (" + why + "). Until they are, the OneLogin roles stay that carry the app; sign-in has ended. " +
			"Retry looks again; skip takes the roles all the same.",
	}
	a.asking = append(a.asking, s.digest)
	r.inScope(a, "ask about files", func(ctx workflow.Context) {
		r.untilHandedOver(ctx, a, s, item)
		a.asking = slices.DeleteFunc(a.asking, func(digest string) bool { return digest == s.digest })
	})
}

// untilHandedOver asks until files are handed over, or somebody has decided that they are not.
func (r *run) untilHandedOver(ctx workflow.Context, a *systemAccount, s *systemStep, item api.Attention) {
	over := func() bool { return !a.handingOver || a.has(identity.SystemTransfer) }
	for !over() {
		d, _, err := r.parkUntil(ctx, item, step.ReassessAfter, over)
		if err != nil || over() {
			return
		}
		if d.Verb == api.VerbSkip {
			fact := r.systemFact(ctx, a, s, "skipped")
			fact.Actor, fact.Cause = d.By, d.Reason
			r.recordFact(ctx, fact, systemWords(a, s)+": skipped by "+step.Named(d))
			a.handingOver = false
			r.removeCarried(ctx, a)
			r.systems.keep(s, api.SystemSkipped)
			return
		}
		r.hints.unanswered = true
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: time.Minute, TimerOptions: workflow.TimerOptions{Summary: "until it was looked at again"},
		}, over); err != nil {
			return
		}
	}
}

// onlyCarried reports that an assessment finds access that is left because files have yet to be handed over, and nothing else.
func (r *run) onlyCarried(now api.Assessment) bool {
	return now.Account != nil && now.Account.Status == identity.AccountSuspended && len(now.Account.Roles) > 0 && len(now.Others) == 0 &&
		slices.ContainsFunc(r.systems.accounts, func(a *systemAccount) bool { return a.handingOver }) &&
		len(without(now.Account.Roles, r.keptRoles())) == 0
}

// removeCarried removes the OneLogin roles that were kept until an account's files were handed over.
func (r *run) removeCarried(ctx workflow.Context, a *systemAccount) {
	if r.State.Template != api.TypeOffboarding || r.stripsLater(ctx) || r.assessment.Preserve {
		return
	}
	if r.systems.removing == nil {
		r.systems.removing = workflow.NewMutex(r.root)
	}
	if r.systems.removing.Lock(ctx) != nil {
		return
	}
	defer r.systems.removing.Unlock()
	for _, c := range r.closings() {
		held := without(c.account.Roles, without(c.account.Roles, a.plan.Carried))
		if held = without(held, r.keptRoles()); len(held) == 0 {
			continue
		}
		remove := api.Call.OneLoginEnsureNoRoles(api.RolesInput{AccountInput: c.input(), Keep: r.keptRoles(), Held: held}, &api.AccountState{})
		s := c.named(step.Step{ID: "onelogin.remove-carried", Activity: remove, Summary: "remove the roles that carry the app of " + a.plan.System})
		if _, err := r.runStep(ctx, s); err != nil {
			workflow.GetLogger(ctx).Info("roles that carry an app were not removed", "outcome", err)
		}
	}
}

// readSystemsBack reads each account of a departure back that a system has. Nothing waits for it.
func (r *run) readSystemsBack(round string) {
	for _, a := range r.systems.accounts {
		if a.plan.Leaving && !a.plan.Observe && a.ref.ID != "" && !a.reading {
			a.reading = true
			r.inScope(a, "read back", func(ctx workflow.Context) {
				defer func() { a.reading = false }()
				r.readSystemBack(ctx, a, round)
				r.wake()
			})
		}
	}
}

// readUnread goes on with what the run before was reading back.
func (r *run) readUnread() {
	for _, a := range r.systems.accounts {
		if p := r.in.Systems; p != nil && slices.Contains(p.Unread, a.ref) && a.plan.Leaving && !a.plan.Observe && !a.reading {
			a.reading = true
			r.inScope(a, "read back", func(ctx workflow.Context) {
				defer func() { a.reading = false }()
				r.readSystemBack(ctx, a, "")
			})
		}
	}
}

// readSystemBack reads one account back until sign-in is found to have stayed off, where it had been ended. An account that can sign in
// again is closed again, more and more seldom, and security hears of it.
func (r *run) readSystemBack(ctx workflow.Context, a *systemAccount, round string) {
	for returned := 0; ctx.Err() == nil; returned++ {
		now, err := r.readSystem(ctx, a, round)
		if err != nil || now.Gone || !a.ended || now.Status != identity.AccountActive.String() {
			return
		}
		r.closeSystemAgain(ctx, a, round)
		r.tellSystemReturned(ctx, a, round, strconv.Itoa(returned))
		wait := min(time.Minute<<min(returned, 6), time.Hour)
		if workflow.NewTimerWithOptions(ctx, wait, workflow.TimerOptions{Summary: "read " + a.plan.System + " back again"}).Get(ctx, nil) != nil {
			return
		}
	}
}

// readSystem reads an account back for as long as it takes.
func (r *run) readSystem(ctx workflow.Context, a *systemAccount, round string) (now api.SystemState, err error) {
	s := &systemStep{SystemStep: identity.SystemStep{Kind: "read-back"}, infix: round, since: workflow.Now(ctx)}
	for budget := owedAfter; ; budget = step.Patience {
		read := step.Step{
			ID: r.systemID(a, s), Summary: systemName(a) + ": read back that access has ended",
			Activity: api.Call.SystemsReadBack(api.SystemReadBack{Key: r.in.Key, System: a.plan.System, Account: a.ref.ID}, &now),
		}
		err = read.Execute(systemOptions(ctx, read, s.Kind, budget))
		if err == nil {
			fact := r.systemFact(ctx, a, s, "read")
			if now.Gone || a.ended && now.Status != identity.AccountActive.String() {
				fact.Outcome = "confirmed"
			}
			fact.After = now
			r.recordFact(ctx, fact, "")
			return now, nil
		}
		if ctx.Err() != nil || temporal.IsCanceledError(err) {
			return now, err
		}
		r.recordFact(ctx, r.systemFact(ctx, a, s, "not read: "+step.Failed(read, err).Code), "")
		if isFinal(err) {
			return now, err
		}
	}
}

// closeSystemAgain repeats what had ended sign-in.
func (r *run) closeSystemAgain(ctx workflow.Context, a *systemAccount, round string) {
	for _, planned := range a.ending {
		s := &systemStep{SystemStep: planned, infix: ":mend" + round, since: workflow.Now(ctx)}
		if state, err := r.tryStep(ctx, a, s, owedAfter); state != stepDone {
			r.goOnBehind(a, s, state, err)
		}
	}
}

// tellOpenedAgain tells security, once sign-in has been ended again, that an account which was closed had been opened since.
func (r *run) tellOpenedAgain(ctx workflow.Context, a *systemAccount) {
	open := slices.ContainsFunc(a.behind, func(s *systemStep) bool { return s.Kind.EndsAccess() })
	if a.plan.Returned.IsZero() || open || ctx.Err() != nil {
		return // While what ends sign-in is owed, the debt is told.
	}
	at := a.plan.Returned.UTC().Format(roundOf)
	if code := "systems-returned/" + shortDigest(a.ref.String(), at); !r.told.knows(code) {
		r.told.add(code)
		r.tellSystemReturned(ctx, a, ":again", at)
	}
}

// tellSystemReturned tells security that somebody who has left could sign in again, and wakes somebody when that happens again.
func (r *run) tellSystemReturned(ctx workflow.Context, a *systemAccount, round, which string) {
	ref := a.ref.String()
	if r.in.Returns == nil {
		r.in.Returns = map[string]int{}
	}
	r.in.Returns[ref]++
	if err := r.deliver(ctx, r.message("slack.drift"+round+"@"+ref, "tell security that access had come back", api.Message{
		OnceKey: r.effect("slack-drift"+round) + "@" + ref + "/" + which, Kind: api.MessageLeaverDrift, Audience: api.AudienceSecurity,
		Lines: []api.Line{{Label: "Account", Value: ref}},
	})); err != nil {
		workflow.GetLogger(ctx).Info("security was not told", "outcome", err)
	}
	if r.assessment.Pages && r.in.Returns[ref] == returnsBeforePage {
		r.page("returns", a.ref, "", "URGENT: "+systemName(a)+" of somebody who has left was closed and could sign in again, "+
			strconv.Itoa(returnsBeforePage)+" times. Find what opens it.")
	}
}

// leave keeps what a step leaves to do for somebody.
func (r *run) leave(a *systemAccount, s *systemStep, text string) {
	if line := systemWords(a, s) + ": " + text; !slices.Contains(s.left, line) {
		s.left, a.left = append(s.left, line), append(a.left, line)
	}
}

// tellLeft tells IT, and a leaver's ticket, what is left to do about an account.
func (r *run) tellLeft(ctx workflow.Context, a *systemAccount) {
	lines := a.left
	if a.left = nil; len(lines) == 0 || ctx.Err() != nil {
		return
	}
	code := "systems-left/" + shortDigest(a.episode, lines)
	if r.told.knows(code) {
		return
	}
	r.told.add(code)
	in := api.Message{OnceKey: r.effect(code), Kind: api.MessageSystemsLeft, Audience: api.AudienceIT}
	for _, line := range lines {
		in.Lines = append(in.Lines, api.Line{Label: "What", Value: line})
	}
	if err := r.deliver(ctx, r.message("slack.left"+"@"+a.ref.String(), "tell IT what is left to do in "+a.plan.System, in)); err != nil {
		workflow.GetLogger(ctx).Info("IT was not told", "outcome", err)
	}
	r.comment(ctx, a, lines)
}

// comment tells a leaver's ticket something. Where this chain has none, one is opened.
func (r *run) comment(ctx workflow.Context, a *systemAccount, lines []string) {
	if !a.plan.Leaving {
		return
	}
	w := api.Word{
		Step: "jira.left@" + a.ref.String(), Summary: "tell the ticket how it stands in " + a.plan.System, Template: r.State.Template, Episode: a.episode,
		Conclude: &api.ConcludeInput{
			CommentInput: api.CommentInput{OnceKey: r.effect("ticket-systems/" + shortDigest(lines)), Lines: lines}, Of: r.effect("ticket"),
		},
	}
	known, own := "systems-ticket/"+r.effect("ticket"), "systems-ticket/"+r.effect("ticket-systems")
	switch {
	case r.State.Template == api.TypeOffboarding:
		if !r.told.knows(known) {
			r.told.add(known)
		}
	case r.told.knows(known):
	case r.told.knows(own):
		w.Conclude.Of = r.effect("ticket-systems")
	default:
		r.told.add(own)
		w = r.ticket("jira.ticket-systems", "open a ticket for IT", api.TicketInput{
			OnceKey: r.effect("ticket-systems"), Kind: api.TicketSystems, Lines: lines,
			Summary: "A departure is not complete in systems beside OneLogin",
		})
	}
	if err := r.deliver(ctx, w); err != nil {
		workflow.GetLogger(ctx).Info("the ticket was not told", "outcome", err)
	}
}
