package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// Offboarding takes away what a leaver still has. Person suspended the account before this began; the rest goes side
// by side, is read back from OneLogin, and is read back again later, because mappings and people can undo it.
func Offboarding(ctx workflow.Context, in api.ChainInput) (api.Outcome, error) {
	r, err := open(ctx, api.TypeOffboarding, in)
	if err != nil {
		return api.Outcome{}, err
	}
	work, stage := r.offboard, api.StageWorking
	if in.Watching {
		work, stage = r.watch, api.StageWatching
	}
	if err := r.mark(ctx, stage); err != nil {
		return api.Outcome{}, err
	}
	if _, err := r.attend(ctx, work); err != nil {
		return r.end(ctx, err)
	}
	if r.lookAfter {
		return api.Outcome{}, r.handBack(ctx)
	}
	if r.in.Check < len(r.assessment.VerifyAfter) {
		// The next read-back is hours away: wait for it in a run without history.
		r.in.Watching = true
		if err := r.flush(ctx); err != nil {
			return api.Outcome{}, err
		}
		return api.Outcome{}, r.continueAs(ctx, api.TypeOffboarding)
	}
	if !r.plan().Due.IsZero() {
		// An order that lapses, or a first day to come.
		return api.Outcome{}, r.handBack(ctx)
	}
	return r.finish(ctx, "access ended")
}

// offboard is the runbook of a leaver, after sign-in has ended.
func (r *run) offboard(ctx workflow.Context) error {
	r.doing(ctx, "Taking access away")
	r.atOnce = hasQueueOfItsOwn(ctx)
	branches := []func(workflow.Context) error{r.endAccess, r.openTicket, r.tellSecurity}
	if !r.atOnce {
		branches = []func(workflow.Context) error{r.takeRoles, r.takeCredentials, r.openTicket, r.tellSecurity}
	}
	if r.in.Overdue {
		branches = append(branches, r.warnOverdue)
	}
	if slices.ContainsFunc(r.plan().Steps, isResponse) {
		r.respondBeside(ctx, r.assessment)
	}
	if err := r.sideBySide(ctx, branches...); err != nil {
		return err
	}
	if err := r.readBack(ctx, ""); err != nil {
		return err
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.watch(ctx)
}

// What OneLogin still gives to somebody who cannot sign in any more.
var (
	removeRoles      = step{ID: "onelogin.remove-roles", Activity: api.OneLoginEnsureNoRoles, Summary: "remove every role"}
	scramblePassword = step{ID: "onelogin.scramble-password", Activity: api.OneLoginScramble, Summary: "scramble the password"}
	removeFactors    = step{ID: "onelogin.remove-factors", Activity: api.OneLoginNoFactors, Summary: "remove the MFA factors"}
)

// endAccess takes all of it away at once, and what that leaves over by steps that go on for as long as it takes and that
// an operator can pause and skip.
func (r *run) endAccess(ctx workflow.Context) error {
	s := step{ID: "onelogin.end-access", Activity: api.OneLoginEndAccess, Summary: "remove every role, scramble the password, remove the MFA factors"}
	r.busy = true
	began := workflow.Now(ctx)
	var ended api.AccessEnded
	err := workflow.ExecuteActivity(onceOptions(ctx, s), s.Activity, r.rolesHeld()).Get(ctx, &ended)
	if err != nil && (ctx.Err() != nil || temporal.IsCanceledError(err)) {
		return err
	}
	for _, part := range []struct {
		step
		done bool
	}{{removeRoles, ended.Roles}, {scramblePassword, ended.Password}, {removeFactors, ended.Factors}} {
		if part.done {
			r.noteDone(ctx, part.step, began, nil)
		}
	}
	var left []func(workflow.Context) error
	if !ended.Roles {
		left = append(left, r.takeRoles)
	}
	switch {
	case !ended.Password:
		left = append(left, r.takeCredentials)
	case !ended.Factors:
		left = append(left, r.takeFactors)
	}
	return r.sideBySide(ctx, left...)
}

// rolesHeld is every role but those the policy keeps. What was held is in the evidence of the suspension.
func (r *run) rolesHeld() api.RolesInput {
	return api.RolesInput{AccountInput: r.account(), Keep: r.assessment.KeepRoles, Held: r.assessment.Account.Roles}
}

func (r *run) takeRoles(ctx workflow.Context) error {
	_, err := r.do(ctx, removeRoles, r.rolesHeld(), &api.AccountState{})
	return err
}

// takeCredentials scrambles the password before it removes the factors, so that at no moment a known password is
// enough.
func (r *run) takeCredentials(ctx workflow.Context) error {
	if _, err := r.do(ctx, scramblePassword, r.account(), &api.AccountState{}); err != nil {
		return err
	}
	return r.takeFactors(ctx)
}

func (r *run) takeFactors(ctx workflow.Context) error {
	_, err := r.do(ctx, removeFactors, r.account(), &api.AccountState{})
	return err
}

func (r *run) openTicket(ctx workflow.Context) error {
	s := step{ID: "jira.ticket", Activity: api.JiraTicket, Summary: "open the ticket for IT"}
	var ticket api.Ticket
	_, err := r.do(ctx, s, api.TicketInput{
		OnceKey: r.effect("ticket"), Kind: "leaver", Key: r.in.Key, Account: r.assessment.Account,
		Roles: r.assessment.Account.Roles, WorkflowID: api.PersonID(r.in.Key),
	}, &ticket)
	r.in.Ticket = ticket.Key
	return err
}

func (r *run) tellSecurity(ctx workflow.Context) error {
	s := step{ID: "slack.security", Activity: api.SlackPost, Summary: "tell security"}
	_, err := r.do(ctx, s, api.Message{
		OnceKey: r.effect("slack-security"), Kind: api.MessageLeaverSecurity, Audience: api.AudienceSecurity,
		Key: r.in.Key, Account: &identity.Account{ID: r.account().AccountID}, WorkflowID: api.PersonID(r.in.Key),
		Text: r.cause(),
	}, &api.Posted{})
	return err
}

// watch reads back at the moments the policy lists. It returns early when the next one is so far off that a fresh run
// should wait for it, and when a hint asks for another look.
func (r *run) watch(ctx workflow.Context) error {
	for r.in.Check < len(r.assessment.VerifyAfter) && !r.lookAfter {
		wait := r.assessment.VerifyAfter[r.in.Check]
		if wait > longWait && !r.in.Watching {
			return nil
		}
		r.state.Due = workflow.Now(ctx).Add(wait)
		if err := r.mark(ctx, api.StageWatching); err != nil {
			return err
		}
		r.doing(ctx, "Access has ended; watching that it stays so")
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout:      wait,
			TimerOptions: workflow.TimerOptions{Summary: "read back again"},
		}, func() bool { return r.lookAfter }); err != nil {
			return err
		}
		if r.lookAfter {
			return nil
		}
		r.state.Due = noTime
		r.in.Check++
		if err := r.readBack(ctx, fmt.Sprintf(":%d", r.in.Check)); err != nil {
			return err
		}
	}
	return nil
}

// readBack asks OneLogin what the account looks like, mends what has come back until it stays away, and notes the
// confirmed containment. Access that returns a second time at once is somebody's or something's doing: it is asked about.
func (r *run) readBack(ctx workflow.Context, round string) error {
	now, skipped, err := r.readOnce(ctx, "onelogin.read-back"+round, r.atOnce && round == "")
	if err != nil || skipped {
		return err
	}
	for mended := 0; !now.Gone && !ended(now, r.assessment.KeepRoles); mended++ {
		if mended == 2 {
			d, err := r.park(ctx, api.Attention{
				Step: "onelogin.read-back" + round, Code: "access_keeps_returning",
				Text:    "Access was taken away twice and came back each time. Look for a mapping or a person who gives it, then retry.",
				Options: []string{api.VerbRetry, api.VerbSkip},
			})
			if err != nil || d.Verb == api.VerbSkip {
				return err
			}
			mended = 0
		}
		if err := r.mend(ctx, round, now); err != nil {
			return err
		}
		if now, skipped, err = r.readOnce(ctx, "onelogin.read-back"+round+":mended", false); err != nil || skipped {
			return err
		}
	}
	r.facts[len(r.facts)-1].Outcome = "confirmed"
	r.contained = workflow.Now(ctx)
	if now.FactorsByHand > 0 && round == "" {
		return r.tellByHand(ctx, now.FactorsByHand)
	}
	return nil
}

// readOnce reads an account back: first within the task if that is asked for, which costs no round through the queue, and
// by a step that tries on if that fails or is not.
func (r *run) readOnce(ctx workflow.Context, id string, withinTask bool) (now api.AccountState, skipped bool, err error) {
	s := step{ID: id, Activity: api.OneLoginReadBack, Summary: "read back that access has ended"}
	in := api.ReadBackInput{AccountInput: r.account(), Factors: true}
	if withinTask {
		began := workflow.Now(ctx)
		if quickly(ctx, s, in, &now) == nil {
			r.noteDone(ctx, s, began, now)
			return now, false, nil
		}
	}
	skipped, err = r.do(ctx, s, in, &now)
	return now, skipped, err
}

// tellByHand tells IT what no API can do. The password is scrambled, so what is left opens nothing by itself.
func (r *run) tellByHand(ctx workflow.Context, factors int) error {
	s := step{ID: "slack.by-hand", Activity: api.SlackPost, Summary: "tell IT which factors are left to remove by hand"}
	_, err := r.do(ctx, s, api.Message{
		OnceKey: r.effect("slack-by-hand"), Kind: api.MessageLeaverByHand, Audience: api.AudienceIT,
		Key: r.in.Key, Account: r.assessment.Account, WorkflowID: api.PersonID(r.in.Key),
		Text: fmt.Sprintf("%d factors", factors),
	}, &api.Posted{})
	return err
}

// mend repeats what has come undone and says so to security.
func (r *run) mend(ctx workflow.Context, round string, now api.AccountState) error {
	r.doing(ctx, "Access had come back; taking it away again")
	if now.Status != identity.AccountSuspended.String() {
		s := step{ID: "onelogin.suspend:mend" + round, Activity: api.OneLoginEnsureSuspended, Summary: "suspend the account again"}
		if _, err := r.doIn(containOptions(ctx, s, patience), s, r.account(), &api.AccountState{}); err != nil {
			return err
		}
		s = step{ID: "onelogin.log-out:mend" + round, Activity: api.OneLoginEnsureLoggedOut, Summary: "end its sessions again"}
		if _, err := r.do(ctx, s, r.account(), &api.AccountState{}); err != nil {
			return err
		}
	}
	s := step{ID: "onelogin.remove-roles:mend" + round, Activity: api.OneLoginEnsureNoRoles, Summary: "remove roles again"}
	if _, err := r.do(ctx, s, api.RolesInput{
		AccountInput: r.account(), Keep: r.assessment.KeepRoles, Held: now.Roles,
	}, &api.AccountState{}); err != nil {
		return err
	}
	if now.Factors > 0 {
		s = step{ID: "onelogin.remove-factors:mend" + round, Activity: api.OneLoginNoFactors, Summary: "remove MFA factors again"}
		if _, err := r.do(ctx, s, r.account(), &api.AccountState{}); err != nil {
			return err
		}
	}
	s = step{ID: "slack.drift" + round, Activity: api.SlackPost, Summary: "tell security that access had come back"}
	_, err := r.do(ctx, s, api.Message{
		OnceKey: r.effect("slack-drift" + round), Kind: api.MessageLeaverDrift, Audience: api.AudienceSecurity,
		Key: r.in.Key, Account: &identity.Account{ID: r.account().AccountID}, WorkflowID: api.PersonID(r.in.Key),
	}, &api.Posted{})
	return err
}

// ended reports whether an account gives no access any more.
func ended(now api.AccountState, keep []string) bool {
	if now.Status != identity.AccountSuspended.String() || now.Factors > 0 {
		return false
	}
	kept := map[string]bool{}
	for _, k := range keep {
		kept[k] = true
	}
	for _, role := range now.Roles {
		if !kept[role] {
			return false
		}
	}
	return true
}
