package lifecycle

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
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
	if err := r.SetStage(ctx, stage); err != nil {
		return api.Outcome{}, err
	}
	switch _, err := r.runInterruptible(ctx, work); {
	case step.IsSuperseded(err):
		return api.Outcome{}, r.reconsider(ctx)
	case err != nil:
		return r.end(ctx, err)
	}
	if r.lookAfter {
		return api.Outcome{}, r.continueAsPerson(ctx)
	}
	if r.in.Check < len(r.assessment.VerifyAfter) || r.systems.open() {
		// The next read-back is hours away, or another system owes something: wait for it in a run without history.
		r.in.Watching = true
		if err := r.flush(ctx); err != nil {
			return api.Outcome{}, err
		}
		return api.Outcome{}, r.continueAs(ctx, api.TypeOffboarding)
	}
	if !r.plan().Due.IsZero() {
		// An order that lapses, or a first day to come.
		return api.Outcome{}, r.continueAsPerson(ctx)
	}
	if r.settles() {
		return r.conclude(ctx, "access ended")
	}
	return r.finish(ctx, "access ended")
}

// offboard is the runbook of a leaver, after sign-in of the first account has ended.
func (r *run) offboard(ctx workflow.Context) error {
	r.SetStatus(ctx, "Taking access away")
	r.atOnce = step.HasQueueOfItsOwn(ctx)
	if slices.ContainsFunc(r.plan().Steps, isResponse) && r.reaches() {
		r.respondBeside(ctx, r.assessment)
	}
	if r.reaches() {
		return r.offboardEverywhere(ctx)
	}
	r.beginSystems(ctx, r.assessment, leavingOnly(r.assessment.Systems), false)
	first := r.primaryAccount()
	branches := []func(workflow.Context) error{first.endAccess, r.inLine(r.leaverTicket()), r.inLine(r.leaverMessage())}
	if !r.atOnce {
		branches = []func(workflow.Context) error{first.takeRoles, first.takeCredentials, r.inLine(r.leaverTicket()), r.inLine(r.leaverMessage())}
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
	if err := first.readBack(ctx, ""); err != nil {
		return err
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.watch(ctx)
}

// inLine tells a word as part of the work.
func (r *run) inLine(w api.Word) func(workflow.Context) error {
	return func(ctx workflow.Context) error { return r.deliverInLine(ctx, w) }
}

func (r *run) leaverTicket() api.Word {
	return r.ticket("jira.ticket", "open the ticket for IT", api.TicketInput{
		OnceKey: r.effect("ticket"), Kind: "leaver", Account: r.assessment.Account, Roles: r.assessment.Account.Roles,
	})
}

func (r *run) leaverMessage() api.Word {
	return r.message("slack.security", "tell security", api.Message{
		OnceKey: r.effect("slack-security") + r.roundName(), Kind: api.MessageLeaverSecurity, Audience: api.AudienceSecurity,
		Account: &identity.Account{ID: r.accountInput().AccountID}, Text: r.cause(),
	})
}

// watch reads back at the moments the policy lists. It returns early when the next one is so far off that a fresh run
// should wait for it, and when a hint asks for another look. Where access had come back, the same wait begins again: only
// a read-back that finds nothing counts.
func (r *run) watch(ctx workflow.Context) error {
	if r.in.Watching {
		r.beginSystems(ctx, r.assessment, leavingOnly(r.assessment.Systems), false)
		r.readUnread()
	}
	for r.in.Check < len(r.assessment.VerifyAfter) && !r.lookAfter {
		wait := r.untilNextCheck()
		if wait > step.LongWait && !r.in.Watching {
			return nil
		}
		r.readBacks.watching = true
		if begun := r.in.CheckAt; !begun.IsZero() {
			wait, r.in.CheckAt = max(begun.Sub(workflow.Now(ctx)), time.Second), step.NoTime
		}
		r.State.Due = workflow.Now(ctx).Add(wait)
		if err := r.SetStage(ctx, api.StageWatching); err != nil {
			return err
		}
		r.SetStatus(ctx, "Access has ended; watching that it stays so")
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout:      wait,
			TimerOptions: workflow.TimerOptions{Summary: "read back again"},
		}, func() bool { return r.lookAfter || r.readBacks.checkNow || r.readBacks.readNow }); err != nil {
			return err
		}
		if r.lookAfter {
			return nil
		}
		if r.readBacks.readNow && !r.readBacks.checkNow {
			if err := r.readBackNow(ctx); err != nil {
				return err
			}
			if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
				return nil
			}
			continue
		}
		r.State.Due, r.readBacks.checkNow, r.readBacks.readNow = step.NoTime, false, false
		r.in.Check++
		r.readBacks.returned, r.readBacks.checking = false, true
		if err := r.readBackAll(ctx, fmt.Sprintf(":%d", r.in.Check)); err != nil {
			return err
		}
		r.readBacks.checking = false
		if r.readBacks.returned && r.reaches() {
			r.in.Check--
			if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
				return nil // A fresh run goes on watching.
			}
		}
	}
	if r.lookAfter {
		return nil
	}
	r.readBacks.watching = true
	if err := r.untilDoubtsDecided(ctx); err != nil || r.lookAfter {
		return err
	}
	return r.untilSystemsDone(ctx)
}
