package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
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
		if untilOverdue(ctx, by) {
			r.sayOverdue(ctx, by, episode, heldBy, account)
		}
	})
	return cancel
}

// untilOverdue waits for a deadline; false if there was no need to wait for it to the end.
func untilOverdue(ctx workflow.Context, by time.Time) bool {
	timer := workflow.NewTimerWithOptions(ctx, by.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: "until the departure is overdue"})
	return timer.Get(ctx, nil) == nil
}

// watchDeparture is keepDeadline for a run that cannot assess the person, because HR or OneLogin does not answer: by when
// they have to be out is asked of the ledger, and again while that knows of nothing.
func (r *run) watchDeparture(ctx workflow.Context, heldBy string) (stop func()) {
	if workflow.GetVersion(ctx, changeDeadlineWatched, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return func() {}
	}
	s := step{ID: "person.departure", Activity: api.PersonDeparture, Summary: "read in the ledger by when they have to be out"}
	scope, cancel := workflow.WithCancel(ctx)
	workflow.GoNamed(scope, "deadline", func(ctx workflow.Context) {
		for wait := lookAtDeparture; ctx.Err() == nil; wait = min(2*wait, time.Hour) {
			var d api.Departure
			if err := quickly(ctx, s, api.DepartureInput{Key: r.in.Key}, &d); err != nil {
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
	r.showOverdue(ctx, by)
	if r.warned[episode] {
		return
	}
	r.warned[episode] = true
	r.note(ctx, api.Fact{
		Step: "overdue", Template: r.state.Template, Episode: episode, Outcome: "sign-in had to be off by " + clock(by) + "; held up by: " + heldBy,
		Finished: workflow.Now(ctx),
	}, "")
	word := r.message("slack.overdue", "warn security: a departure is overdue", api.Message{
		OnceKey: effectKey(r.in.Key, episode, "contain-overdue") + r.again(), Kind: api.MessageDepartureOverdue, Audience: api.AudienceSecurity,
		Account: account, Text: heldBy,
	})
	word.Episode = episode
	r.speak(word)
}

// showOverdue shows it in the run's state and at what waits for a decision, messages apart.
func (d *desk) showOverdue(ctx workflow.Context, by time.Time) {
	d.state.Overdue = by
	for i, item := range d.state.Attention {
		if !aboutWords(item) {
			d.state.Attention[i].Overdue = by
		}
	}
	d.render(ctx)
}

// aboutWords reports that an item is about a message, a ticket or a page, which holds up nobody's departure.
func aboutWords(item api.Attention) bool {
	system, _, _ := strings.Cut(item.Step, ".")
	return system == "slack" || system == "jira" || system == "pagerduty" || item.Code == api.NoticeCredentialOwner
}

// inTime says that sign-in has ended, or need not.
func (r *run) inTime(ctx workflow.Context) {
	if !r.state.Overdue.IsZero() {
		r.state.Overdue = noTime
		r.render(ctx)
	}
}

// byDeadline tries a step until the departure is overdue, says so then, and leaves going on to the caller. The deadline
// costs no timer of its own.
func (r *run) byDeadline(ctx workflow.Context, s step, in, out any) (done bool, err error) {
	left := r.assessment.OverdueAt.Sub(workflow.Now(ctx))
	if r.assessment.OverdueAt.IsZero() || left <= time.Second {
		return false, nil
	}
	r.busy = true
	began := workflow.Now(ctx)
	err = workflow.ExecuteActivity(containOptions(ctx, s, left), s.Activity, in).Get(ctx, out)
	switch {
	case err == nil:
		r.noteDone(ctx, s, began, out)
		return true, nil
	case ctx.Err() != nil || temporal.IsCanceledError(err):
		return false, err
	}
	return false, nil
}

// clock is a moment as operators read it.
func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }
