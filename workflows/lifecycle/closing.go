package lifecycle

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// closing is the end of one account of a human. The steps about the first account of a run have plain names; those
// about another one end in its reference, such as onelogin.end-access@onelogin/42.
type closing struct {
	*run
	account *identity.Account
	suffix  string
	// liftedBy are the two people who lifted the protection of a protected account.
	liftedBy []string
	// doubt says that nobody knows yet whose the account is.
	doubt bool
}

func (r *run) primaryAccount() closing { return closing{run: r, account: r.assessment.Account} }

func (r *run) further(a identity.Account) closing {
	return closing{run: r, account: &a, suffix: "@" + identity.OneLoginRef(a.ID).String()}
}

// named is a step about this account.
func (c closing) named(s step.Step) step.Step {
	s.ID += c.suffix
	return s
}

func (c closing) input() api.AccountInput {
	if c.suffix == "" {
		return c.accountInput()
	}
	return api.AccountInput{Key: c.in.Key, AccountID: c.account.ID, LiftedBy: c.liftedBy, Lifted: c.account.Lifted, Doubt: c.doubt}
}

// endSignIn suspends a further account. That of the first has been suspended before a template begins.
func (c closing) endSignIn(ctx workflow.Context) error {
	in := c.input()
	in.LogOut = true
	var state api.AccountState
	s := c.named(step.Step{ID: "onelogin.suspend", Activity: api.Call.OneLoginEnsureSuspended(in, &state), Summary: "suspend the account"})
	out := c.named(step.Step{ID: "onelogin.log-out", Summary: "end its sessions"})
	began := workflow.Now(ctx)
	s = s.Noting(func(f *api.Fact) { f.Before, f.Cause = c.account, c.cause() })
	done, err := c.byDeadline(ctx, s)
	skipped := false
	if err == nil && !done {
		defer c.keepDeadlineOf(ctx, "a further account of theirs is not suspended", &identity.Account{ID: c.account.ID})()
		skipped, err = c.runStepWith(step.ContainOptions(ctx, s, step.Patience), s)
	}
	switch {
	case err != nil || skipped:
		return err
	case state.LoggedOut:
		c.noteDone(ctx, out, began, nil)
		return nil
	}
	out.Activity = api.Call.OneLoginEnsureLoggedOut(c.input(), &api.AccountState{})
	_, err = c.runStepWith(step.ContainOptions(ctx, out, step.Patience), out)
	return err
}

// What OneLogin still gives to somebody who cannot sign in any more: removeRoles, scramblePassword and removeFactors take it.
func (c closing) removeRoles() step.Step {
	remove := api.Call.OneLoginEnsureNoRoles(c.rolesHeld(), &api.AccountState{})
	return c.named(step.Step{ID: "onelogin.remove-roles", Activity: remove, Summary: "remove every role"})
}

func (c closing) scramblePassword() step.Step {
	scramble := api.Call.OneLoginScramble(c.input(), &api.AccountState{})
	return c.named(step.Step{ID: "onelogin.scramble-password", Activity: scramble, Summary: "scramble the password"})
}

func (c closing) removeFactors() step.Step {
	remove := api.Call.OneLoginNoFactors(c.input(), &api.AccountState{})
	return c.named(step.Step{ID: "onelogin.remove-factors", Activity: remove, Summary: "remove the MFA factors"})
}

// endAccess takes all of it away at once, and what that leaves over by steps that go on for as long as it takes and that
// an operator can pause and skip.
func (c closing) endAccess(ctx workflow.Context) error {
	switch {
	case c.stripsLater(ctx):
		return nil // The policy leaves the rest for a while; the plan comes back to it.
	case c.assessment.Preserve:
		_, err := c.runStep(ctx, c.scramblePassword())
		return err
	}
	var ended api.AccessEnded
	s := c.named(step.Step{
		ID: "onelogin.end-access", Activity: api.Call.OneLoginEndAccess(c.rolesHeld(), &ended),
		Summary: "remove every role, scramble the password, remove the MFA factors",
	})
	c.busy = true
	began := workflow.Now(ctx)
	err := c.execute(step.OnceOptions(ctx, s), s)
	if err != nil && (ctx.Err() != nil || temporal.IsCanceledError(err)) {
		return err
	}
	for _, part := range []struct {
		step.Step
		done bool
	}{{c.removeRoles(), ended.Roles}, {c.scramblePassword(), ended.Password}, {c.removeFactors(), ended.Factors}} {
		if part.done {
			c.noteDone(ctx, part.Step, began, nil)
		}
	}
	var left []func(workflow.Context) error
	if !ended.Roles {
		left = append(left, c.takeRoles)
	}
	switch {
	case !ended.Password:
		left = append(left, c.takeCredentials)
	case !ended.Factors:
		left = append(left, c.takeFactors)
	}
	return c.sideBySide(ctx, left...)
}

// rolesHeld is every role but those the policy keeps. What was held is in the evidence of the suspension.
func (c closing) rolesHeld() api.RolesInput {
	return api.RolesInput{AccountInput: c.input(), Keep: c.keptRoles(), Held: c.account.Roles}
}

func (c closing) takeRoles(ctx workflow.Context) error {
	_, err := c.runStep(ctx, c.removeRoles())
	return err
}

// takeCredentials scrambles the password before it removes the factors, so that at no moment a known password is
// enough.
func (c closing) takeCredentials(ctx workflow.Context) error {
	if _, err := c.runStep(ctx, c.scramblePassword()); err != nil {
		return err
	}
	return c.takeFactors(ctx)
}

func (c closing) takeFactors(ctx workflow.Context) error {
	_, err := c.runStep(ctx, c.removeFactors())
	return err
}

// readBack asks OneLogin what the account looks like, takes away again what has come back, and notes the confirmed
// containment. Access that returns again and again is somebody's or something's doing: that is asked about while the
// containment goes on.
func (c closing) readBack(ctx workflow.Context, round string) error {
	if c.reaches() {
		delete(c.readBacks.confirmed, c.ref())
	}
	now, skipped, err := c.readOnce(ctx, "onelogin.read-back"+round, c.atOnce && round == "" && c.suffix == "")
	if err != nil || skipped {
		return err
	}
	came := false
	for mended := 0; !now.Gone && !c.ended(ctx, now); mended++ {
		c.readBacks.returned, came = true, true
		if now.Protected != "" && c.persists() {
			c.readBacks.stillOpen = true
			return c.askProtected(ctx, round)
		}
		if !c.persists() {
			c.countReturn()
		}
		if mended >= 2 && !c.persists() {
			goOn, err := c.askWhileReturning(ctx, round, mended)
			if err != nil || !goOn {
				return err
			}
		}
		if err := c.remediateDrift(ctx, round, now); err != nil {
			return err
		}
		if now, skipped, err = c.readOnce(ctx, "onelogin.read-back"+round+":mended", false); err != nil || skipped {
			return err
		}
		if c.persists() && c.cameBack() {
			if !now.Gone && !c.ended(ctx, now) {
				c.readBacks.stillOpen = true
				return nil // The watch comes back to it, and to the other accounts meanwhile.
			}
			break
		}
	}
	if c.persists() && !came {
		c.stayedAway()
	}
	if !c.reaches() {
		c.evidence.contained = workflow.Now(ctx)
	} else {
		c.readBacks.confirmed[c.ref()] = true
		c.evidence.closed = append(c.evidence.closed, api.ContainedAccount{Ref: c.ref(), At: workflow.Now(ctx)})
	}
	if now.FactorsByHand > 0 && round == "" {
		return c.tellByHand(ctx, now.FactorsByHand)
	}
	return nil
}

// askWhileReturning asks what gives the access back. A run that covers every account of a human goes on taking it away
// meanwhile, more and more seldom; an older one waits for the answer. GoOn is false if a person said to leave it.
func (c closing) askWhileReturning(ctx workflow.Context, round string, mended int) (goOn bool, err error) {
	item := api.Attention{
		Step: "onelogin.read-back" + round + c.suffix, Code: "access_keeps_returning",
		Text:    "Access was taken away twice and came back each time. Look for a mapping or a person who gives it, then retry.",
		Options: []string{api.VerbRetry, api.VerbSkip},
	}
	if !c.reaches() {
		if mended%2 != 0 {
			return true, nil
		}
		d, err := c.park(ctx, item)
		return err == nil && d.Verb != api.VerbSkip, err
	}
	item.Text = "Access to OneLogin account " + c.ref().ID + " comes back each time it is taken away" + c.source(ctx, round) +
		". It is taken away again, more and more seldom. Stop what gives it, then retry; skip leaves the access as it is."
	d, decided, err := c.parkUntil(ctx, item, backOff(mended), func() bool { return c.lookAfter })
	return err == nil && (!decided || d.Verb != api.VerbSkip), err
}

// backOff is how long a containment waits before it is repeated once more.
func backOff(mended int) time.Duration {
	return min(15*time.Second<<min(mended-2, 10), time.Hour)
}

// untold is the source of access that OneLogin's events say nothing of.
const untold = ", and OneLogin's events do not say by what"

// sourceAlone is what source says, as an answer of its own.
func sourceAlone(source string) string {
	if source == untold {
		return "OneLogin's events do not say"
	}
	return strings.TrimPrefix(source, ": by ")
}

// source names what gave the access back, as far as OneLogin's events say so.
func (c closing) source(ctx workflow.Context, round string) string {
	var by api.ReopenedBy
	find := api.Call.OneLoginReopenedBy(c.input(), &by)
	s := c.named(step.Step{ID: "onelogin.reopened-by" + round, Activity: find, Summary: "find out what gives the access back"})
	if err := c.execute(step.OnceOptions(ctx, s), s); err != nil || by.What == "" {
		return untold
	}
	return ": by " + by.What
}

// readOnce reads an account back: first within the task if that is asked for, which costs no round through the queue, and
// by a step that tries on if that fails or is not.
func (c closing) readOnce(ctx workflow.Context, id string, withinTask bool) (now api.AccountState, skipped bool, err error) {
	read := api.Call.OneLoginReadBack(api.ReadBackInput{AccountInput: c.input(), Factors: true}, &now)
	s := c.named(step.Step{ID: id, Activity: read, Summary: "read back that access has ended"})
	s = s.Noting(func(f *api.Fact) {
		if now.Gone || c.ended(ctx, now) {
			f.Outcome = "confirmed"
		}
	})
	if withinTask {
		began := workflow.Now(ctx)
		if step.Quickly(ctx, s) == nil {
			c.noteDone(ctx, s, began, now)
			return now, false, nil
		}
	}
	skipped, err = c.runStep(ctx, s)
	return now, skipped, err
}

// tellByHand tells IT what no API can do. The password is scrambled, so what is left opens nothing by itself.
func (c closing) tellByHand(ctx workflow.Context, factors int) error {
	return c.deliver(ctx, c.message("slack.by-hand"+c.suffix, "tell IT which factors are left to remove by hand", api.Message{
		OnceKey: c.effect("slack-by-hand") + c.suffix, Kind: api.MessageLeaverByHand, Audience: api.AudienceIT,
		Account: c.account, Text: fmt.Sprintf("%d factors", factors),
	}))
}

// remediateDrift repeats what has come undone and says so to security.
func (c closing) remediateDrift(ctx workflow.Context, round string, now api.AccountState) error {
	c.SetStatus(ctx, "Access had come back; taking it away again")
	if now.Status != identity.AccountSuspended.String() {
		suspend := api.Call.OneLoginEnsureSuspended(c.input(), &api.AccountState{})
		s := c.named(step.Step{ID: "onelogin.suspend:mend" + round, Activity: suspend, Summary: "suspend the account again"})
		if _, err := c.runStepWith(step.ContainOptions(ctx, s, step.Patience), s); err != nil {
			return err
		}
		logOut := api.Call.OneLoginEnsureLoggedOut(c.input(), &api.AccountState{})
		s = c.named(step.Step{ID: "onelogin.log-out:mend" + round, Activity: logOut, Summary: "end its sessions again"})
		if _, err := c.runStep(ctx, s); err != nil {
			return err
		}
	}
	if c.stripsLater(ctx) || c.assessment.Preserve {
		return c.tellReturned(ctx, round)
	}
	roles := api.Call.OneLoginEnsureNoRoles(api.RolesInput{
		AccountInput: c.input(), Keep: c.keptRoles(), Held: now.Roles,
	}, &api.AccountState{})
	s := c.named(step.Step{ID: "onelogin.remove-roles:mend" + round, Activity: roles, Summary: "remove roles again"})
	if _, err := c.runStep(ctx, s); err != nil {
		return err
	}
	if now.Factors > 0 {
		factors := api.Call.OneLoginNoFactors(c.input(), &api.AccountState{})
		s = c.named(step.Step{ID: "onelogin.remove-factors:mend" + round, Activity: factors, Summary: "remove MFA factors again"})
		if _, err := c.runStep(ctx, s); err != nil {
			return err
		}
	}
	return c.tellReturned(ctx, round)
}

func (c closing) tellReturned(ctx workflow.Context, round string) error {
	by := ""
	if c.persists() {
		by = c.whatGives(ctx, round)
	}
	return c.deliver(ctx, c.message("slack.drift"+round+c.suffix, "tell security that access had come back", api.Message{
		OnceKey: c.effect("slack-drift"+round) + c.suffix, Kind: api.MessageLeaverDrift, Audience: api.AudienceSecurity,
		Account: &identity.Account{ID: c.input().AccountID}, Text: sourceAlone(by),
	}))
}

// stripsLater reports that the policy leaves roles, password and factors for a while after sign-in has ended.
func (r *run) stripsLater(ctx workflow.Context) bool {
	s, planned := r.plan().Step(identity.StepScramblePassword)
	return planned && s.Until.After(workflow.Now(ctx))
}

// ended reports whether an account gives no access any more that was to be taken by now.
func (r *run) ended(ctx workflow.Context, now api.AccountState) bool {
	if r.stripsLater(ctx) || r.assessment.Preserve {
		return now.Status == identity.AccountSuspended.String()
	}
	return ended(now, r.keptRoles())
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
