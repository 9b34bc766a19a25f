package incident

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

const (
	// readWithin is how long a case is read for before somebody is told that it cannot be: longer than a ledger is away when
	// it is started anew.
	readWithin = 2 * time.Minute
	// readAgain is how soon a case that cannot be read is read again by itself, at first and at last.
	readAgain, readSeldom = 5 * time.Minute, time.Hour
)

// reading is how far the run has read its case.
type reading struct {
	// news says that the run before may not have seen all that was said, lookedAt when the case was last looked at.
	news     bool
	lookedAt time.Time
	// unread says that the case cannot be read now.
	unread bool
}

// readCaseAgain reads the case as it is now. If it cannot be read, somebody is told, and the run looks again once it can be: until
// then the pager's words and people's decisions are heard as ever, by what was known before.
func (i *incident) readCaseAgain(ctx workflow.Context) (read bool, err error) {
	unread := i.readCase(ctx)
	if unread == nil || ctx.Err() != nil || temporal.IsCanceledError(unread) {
		return unread == nil, unread
	}
	if workflow.GetVersion(ctx, step.ChangeCaseUnread, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return true, i.readOnceAsked(ctx, unread)
	}
	i.reading.unread = true
	i.spawn(ctx, "read the case", func(ctx workflow.Context) error {
		defer func() { i.reading.unread = false }()
		if err := i.untilRead(ctx, unread); err != nil {
			return err
		}
		i.reading.news = true
		return nil
	})
	return false, nil
}

// lookFirst is look for a run that knows nothing of its case yet, and can do nothing before it does. Security is told that
// something has happened and that nobody was paged for it.
func (i *incident) lookFirst(ctx workflow.Context) error {
	unread := i.readCase(ctx)
	if unread == nil || ctx.Err() != nil || temporal.IsCanceledError(unread) {
		return unread
	}
	if workflow.GetVersion(ctx, step.ChangeCaseUnread, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return i.readOnceAsked(ctx, unread)
	}
	workflow.GoNamed(ctx, "tell security", func(ctx workflow.Context) {
		text := fmt.Sprintf("%s: something happened to %s (case %d), and the ledger cannot read what. Nobody was paged and nothing "+
			"was done about it. Look at the events of this account in OneLogin; Gatehouse goes on as soon as the case can be read.",
			i.in.Case.Rule, i.in.Case.Subject, i.in.Case.Number)
		post := api.Call.SlackPost(api.Message{
			OnceKey: i.id + "/unread", Kind: api.MessageIncident, Audience: api.AudienceSecurity, Key: i.in.Case.Subject,
			Text: text, WorkflowID: i.id,
		}, nil)
		i.tolerant(ctx, step.Step{ID: "slack.unread", Activity: post, Summary: "tell security that the case cannot be read"})
	})
	if err := i.untilRead(ctx, unread); err != nil {
		return err
	}
	if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		return i.continueAsNew(ctx)
	}
	return nil
}

// lookAtCase is the step that reads the case.
func (i *incident) lookAtCase() step.Step {
	return step.Step{ID: "events.case", Activity: api.Call.EventsCase(i.in.Case, &i.seen), Summary: "look at the case"}
}

// readCase reads the case for as long as a short outage takes.
func (i *incident) readCase(ctx workflow.Context) error {
	s := i.lookAtCase()
	short := workflow.WithScheduleToCloseTimeout(step.Options(ctx, s), readWithin)
	err := s.Execute(short)
	i.seen.Shown, i.reading.lookedAt = max(i.seen.Shown, i.ticket.shown), workflow.Now(ctx)
	return err
}

// untilRead shows that the case cannot be read, and returns when it has been. It is read again from time to time, and at
// once when somebody says so.
func (i *incident) untilRead(ctx workflow.Context, unread error) error {
	for pause := readAgain; unread != nil; pause = min(2*pause, readSeldom) {
		item := step.Failed(i.lookAtCase(), unread, api.VerbRetry, api.VerbAbort)
		item.Code = "case_unread"
		item.Text = fmt.Sprintf("The case cannot be read: %s. Its incident goes on by itself once it can be.", strings.TrimSuffix(item.Text, "."))
		decision, err := i.Ask(ctx, item, pause)
		switch {
		case err != nil:
			return err
		case decision.Verb == api.VerbAbort:
			i.Log(ctx, "look at the case: aborted by "+step.Named(decision))
			return step.ErrAborted
		}
		unread = i.readCase(ctx)
		if unread != nil && (ctx.Err() != nil || temporal.IsCanceledError(unread)) {
			return unread
		}
	}
	return nil
}

// readOnceAsked is how a run went on that began when a case that could not be read was read again after a day.
func (i *incident) readOnceAsked(ctx workflow.Context, unread error) error {
	s := i.lookAtCase()
	decision, err := i.Ask(ctx, step.Failed(s, unread, api.VerbRetry, api.VerbAbort), step.ReassessAfter)
	switch {
	case err != nil:
		return err
	case decision.Verb == api.VerbAbort:
		i.Log(ctx, s.Summary+": aborted by "+step.Named(decision))
		return step.ErrAborted
	}
	_, err = i.RunWith(step.Options(ctx, s), s, api.VerbRetry, api.VerbAbort)
	i.seen.Shown, i.reading.lookedAt = max(i.seen.Shown, i.ticket.shown), workflow.Now(ctx)
	return err
}
