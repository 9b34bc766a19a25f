package lifecycle

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// lookAtDeparture is how soon the ledger is asked again by when a person has to be out, if it does not know of a
// departure: HR may answer meanwhile and OneLogin not. The wait doubles up to an hour.
const lookAtDeparture = time.Minute

// keepDeadline has security told, once, if something still holds a departure up when the person's sign-in had to be off.
// It costs a timer, so it begins with what holds the departure up and not with the run. Stop it when that is over.
func (r *run) keepDeadline(ctx workflow.Context, heldBy string) (stop func()) {
	return r.keepDeadlineOf(ctx, heldBy, r.assessment.Account)
}

// keepDeadlineOf is keepDeadline where another account than the first holds the departure up: security reads which.
func (r *run) keepDeadlineOf(ctx workflow.Context, heldBy string, account *identity.Account) (stop func()) {
	if !r.persists() {
		account = r.assessment.Account
	}
	by, episode := r.assessment.OverdueAt, r.assessment.Episode
	if by.IsZero() {
		return func() {}
	}
	if !by.After(workflow.Now(ctx)) {
		r.sayOverdue(ctx, by, episode, heldBy, account)
		return func() {}
	}
	scope, cancel := workflow.WithCancel(ctx)
	workflow.GoNamed(scope, "deadline", func(ctx workflow.Context) {
		if step.UntilOverdue(ctx, by) {
			r.sayOverdue(ctx, by, episode, heldBy, account)
		}
	})
	return cancel
}

// watchDeparture is keepDeadline for a run that cannot assess the person, because HR or OneLogin does not answer: by when
// they have to be out is asked of the ledger, and again while that knows of nothing.
func (r *run) watchDeparture(ctx workflow.Context, heldBy string) (stop func()) {
	if workflow.GetVersion(ctx, step.ChangeDeadlineWatched, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return func() {}
	}
	scope, cancel := workflow.WithCancel(ctx)
	workflow.GoNamed(scope, "deadline", func(ctx workflow.Context) {
		for wait := lookAtDeparture; ctx.Err() == nil; wait = min(2*wait, time.Hour) {
			var d api.Departure
			read := api.Call.PersonDeparture(api.DepartureInput{Key: r.in.Key}, &d)
			s := step.Step{ID: "person.departure", Activity: read, Summary: "read in the ledger by when they have to be out"}
			if err := step.Quickly(ctx, s); err != nil {
				workflow.GetLogger(ctx).Warn("the ledger does not say by when they have to be out", "error", err)
			}
			now := workflow.Now(ctx)
			switch {
			case d.OverdueAt.IsZero():
			case !d.OverdueAt.After(now):
				r.sayOverdue(ctx, d.OverdueAt, d.Episode, heldBy, r.assessment.Account)
				return
			default:
				wait = min(wait, d.OverdueAt.Sub(now))
			}
			if workflow.Sleep(ctx, wait) != nil {
				return
			}
		}
	})
	return cancel
}

// sayOverdue shows that somebody who must be out is not known to be, and tells security, once for each departure.
func (r *run) sayOverdue(ctx workflow.Context, by time.Time, episode int, heldBy string, account *identity.Account) {
	r.ShowOverdue(ctx, by)
	if r.warned[episode] {
		return
	}
	r.warned[episode] = true
	r.recordFact(ctx, api.Fact{
		Step: "overdue", Template: r.State.Template, Episode: episode, Outcome: "sign-in had to be off by " + step.Clock(by) + "; held up by: " + heldBy,
		Finished: workflow.Now(ctx),
	}, "")
	word := r.message("slack.overdue", "warn security: a departure is overdue", api.Message{
		OnceKey: step.EffectKey(r.in.Key, episode, "contain-overdue") + r.roundName(), Kind: api.MessageDepartureOverdue, Audience: api.AudienceSecurity,
		Account: account, Text: heldBy,
	})
	word.Episode = episode
	r.speak(word)
}

// inTime says that sign-in has ended, or need not.
func (r *run) inTime(ctx workflow.Context) {
	if !r.State.Overdue.IsZero() {
		r.State.Overdue = step.NoTime
		r.Render(ctx)
	}
}

// byDeadline tries a step until the departure is overdue, says so then, and leaves going on to the caller. The deadline
// costs no timer of its own.
func (r *run) byDeadline(ctx workflow.Context, s step.Step) (done bool, err error) {
	left := r.assessment.OverdueAt.Sub(workflow.Now(ctx))
	if r.assessment.OverdueAt.IsZero() || left <= time.Second {
		return false, nil
	}
	r.busy = true
	began := workflow.Now(ctx)
	err = r.execute(step.ContainOptions(ctx, s, left), s)
	switch {
	case err == nil:
		r.noteDone(ctx, s, began, s.Activity.Result())
		return true, nil
	case ctx.Err() != nil || temporal.IsCanceledError(err):
		return false, err
	}
	return false, nil
}
