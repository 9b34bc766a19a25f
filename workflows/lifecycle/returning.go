package lifecycle

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// returnsBeforeQuestion is how often access has to come back before somebody is asked what gives it, and before Gatehouse
// takes it away more and more seldom.
const returnsBeforeQuestion = 3

// returning is what a run knows of access that keeps coming back: the accounts about which it is asked what gives it, and what that
// was found to be.
type returning struct {
	asking map[string]bool
	by     map[string]string
}

// cameBack keeps that access to this account came back, and was taken away again: somebody is woken, and then asked what
// gives it. The question stands beside the run, which goes on taking the access away. Often reports that it comes back
// again and again.
func (c closing) cameBack() (often bool) {
	c.countReturn()
	if c.returns() < returnsBeforeQuestion {
		return false
	}
	c.askReturning()
	return true
}

// ref names the account.
func (c closing) ref() identity.Ref { return identity.OneLoginRef(c.account.ID) }

func (c closing) returns() int { return c.in.Returns[c.ref().String()] }

// askReturning asks what gives access back, once at a time, until a read-back finds that it has stayed away.
func (c closing) askReturning() {
	ref := c.ref().String()
	if c.returning.asking[ref] {
		return
	}
	c.returning.asking[ref] = true
	item := api.Attention{
		Step: "onelogin.returning" + c.suffix, Code: "access_keeps_returning",
		Text: "Access to OneLogin account " + c.ref().ID + " comes back each time it is taken away" + c.returning.by[ref] +
			". It is taken away again, more and more seldom. Stop what gives it, then retry.",
		Options: []string{api.VerbRetry},
	}
	workflow.GoNamed(c.root, "ask what gives access back to "+ref, func(ctx workflow.Context) {
		defer delete(c.returning.asking, ref)
		for c.returning.asking[ref] {
			d, decided, err := c.parkUntil(ctx, item, step.ReassessAfter, func() bool { return !c.returning.asking[ref] })
			if err != nil {
				return
			}
			if decided {
				c.recordFact(ctx, api.Fact{
					Step: item.Step, Template: c.State.Template, Outcome: "retried", Actor: d.By, Cause: d.Reason, Finished: workflow.Now(ctx),
				}, "")
				delete(c.in.Returns, ref)
				c.readBacks.checkNow = true
				return
			}
		}
	})
}

// stayedAway withdraws the question about an account whose access was found not to have come back.
func (c closing) stayedAway() {
	if c.readBacks.watching {
		c.returning.asking[c.ref().String()] = false
	}
}

// untilNextCheck is how long to wait before the accounts are read back again. It grows while access keeps coming back.
func (r *run) untilNextCheck() time.Duration {
	wait := r.assessment.VerifyAfter[r.in.Check]
	if !r.keepsReturning() {
		return wait
	}
	return max(wait, backOff(r.mostReturns()-1))
}

// keepsReturning reports that access to one of the accounts comes back so often that it is asked what gives it, and taken
// away more and more seldom: what says that it is open again brings no faster round.
func (r *run) keepsReturning() bool { return r.persists() && r.mostReturns() >= returnsBeforeQuestion }

func (r *run) mostReturns() (most int) {
	for _, ref := range workflow.DeterministicKeys(r.in.Returns) {
		if strings.HasPrefix(ref, identity.SystemOneLogin+"/") {
			most = max(most, r.in.Returns[ref])
		}
	}
	return most
}

// whatGives says what gave access back, and keeps it for whoever is asked or woken.
func (c closing) whatGives(ctx workflow.Context, round string) string {
	by := c.source(ctx, round)
	c.returning.by[c.ref().String()] = by
	return by
}

// backBetweenChecks takes over that an assessment, made for a hint, found access back between two read-backs. It asks for a
// fresh run at once, unless access comes back so often that the next read-back has to do.
func (r *run) backBetweenChecks() {
	if !r.persists() {
		r.lookAfter = r.lookAfter || r.State.Stage == api.StageWatching
		return
	}
	if !r.readBacks.watching || r.readBacks.checking {
		return
	}
	c := r.primaryAccount()
	if c.returns() < returnsBeforeQuestion {
		c.countReturn()
		r.lookAfter = true
	}
}

// pagedReturns is what somebody is woken with when access keeps returning.
func (c closing) pagedReturns(ref identity.Ref) string {
	text := fmt.Sprintf("URGENT: access to OneLogin account %s of somebody who has left was taken away and came back, %d times", ref.ID, returnsBeforePage)
	if by := c.returning.by[ref.String()]; by != "" {
		return text + by + "."
	}
	return text + ". Find the mapping, directory or person that gives it."
}
