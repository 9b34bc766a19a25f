package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// quarantineLook is how often a quarantined source is read again: a report repaired in HR lifts its own quarantine.
const quarantineLook = 15 * time.Minute

// HRSync is the safety net under the webhooks: it compares one HR source with what the ledger last saw and hints the
// people whose record changed. A report that cannot be trusted changes nothing, and a batch of leavers beyond the
// budget waits for a person.
func HRSync(ctx workflow.Context, in api.SyncRequest) (api.SyncOutcome, error) {
	s := &hrSync{desk: newDesk(api.State{Template: api.TypeHRSync}), source: in.Source, batch: workflow.GetInfo(ctx).FirstRunID}
	s.taken = in.Decided
	if err := s.open(ctx); err != nil {
		return api.SyncOutcome{}, err
	}
	if err := s.collect(ctx); err != nil {
		return s.done(ctx, err)
	}
	if s.report.Baseline {
		return s.result("baseline taken, nobody hinted"), nil
	}
	if err := s.reserve(ctx); err != nil {
		return s.done(ctx, err)
	}
	if s.report.Vanished > 0 {
		if err := s.post(ctx, "vanished", api.MessageSyncVanished,
			fmt.Sprintf("%d records are no longer in the report. Nothing was changed for them.", s.report.Vanished)); err != nil {
			return s.done(ctx, err)
		}
	}
	if err := s.hint(ctx); err != nil {
		return s.done(ctx, err)
	}
	if s.rejected {
		return s.result("in step, leavers rejected by an operator"), nil
	}
	return s.result("in step"), nil
}

// hrSync is one run of HRSync.
type hrSync struct {
	desk
	source string
	report api.SyncReport
	hinted int
	batch  string
	told   []string
	// rejected says that the leavers were dropped on somebody's word.
	rejected bool
}

var errRejected = errors.New("rejected by an operator")

func (s *hrSync) open(ctx workflow.Context) error {
	s.attributes = []temporal.SearchAttributeUpdate{api.AttrSource.ValueSet(s.source)}
	if err := serveState(ctx, func() (api.SyncState, error) { return s.syncState(), nil }); err != nil {
		return err
	}
	return handleDecisions(ctx, &s.desk, s.syncState)
}

func (s *hrSync) syncState() api.SyncState {
	return api.SyncState{
		Source: s.source, Stage: s.state.Stage, Doing: s.state.Doing, Report: s.report, Hinted: s.hinted,
		Attention: s.state.Attention,
	}
}

// collect reads the source and stages what changed. A quarantined report is read again until it is sound or a person
// accepts it as it is.
func (s *hrSync) collect(ctx workflow.Context) error {
	accept := false
	for {
		s.doing(ctx, "Reading the HR source and comparing it with the ledger")
		st := step{ID: "sync.collect", Activity: api.SyncCollect, Summary: "read " + s.source + " and compare"}
		var report api.SyncReport
		in := api.SyncInput{Source: s.source, Batch: s.batch, Accept: accept}
		if err := s.do(ctx, st, in, &report); err != nil {
			return err
		}
		s.report = report
		if report.Quarantine == "" {
			return nil
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, api.TypeHRSync, api.SyncRequest{Source: s.source, Decided: s.taken})
		}
		item := api.Attention{
			Step: "sync.collect", Code: "source_quarantined", Text: report.Quarantine,
			Options: []string{api.VerbAllow, api.VerbReject, api.VerbRetry},
		}
		s.announce(ctx, "quarantine", api.MessageSyncQuarantine, item)
		d, err := s.ask(ctx, item, quarantineLook)
		if err != nil {
			return err
		}
		if d.Verb == api.VerbReject {
			return errRejected
		}
		accept = d.Verb == api.VerbAllow
	}
}

// reserve draws the whole batch of leavers on the budget before anybody is hinted.
func (s *hrSync) reserve(ctx workflow.Context) error {
	if s.report.Leavers == 0 {
		return nil
	}
	in := api.BatchInput{Source: s.source, Batch: s.batch}
	for {
		var held api.BatchHeld
		st := step{ID: "sync.reserve", Activity: api.SyncReserve, Summary: "reserve the batch of leavers on the budget"}
		if err := s.do(ctx, st, in, &held); err != nil {
			return err
		}
		if held.Granted {
			return nil
		}
		text := fmt.Sprintf("%d people would lose access, but the budget allows %d in its window and %d are used. "+
			"Nobody was touched. Allow the batch, or reject it if the report is wrong.", held.Asked, held.Allowed, held.Used)
		item := api.Attention{
			Step: "sync.reserve", Code: api.NoticeBudgetContain, Text: text, Options: []string{api.VerbAllow, api.VerbReject, api.VerbRetry},
		}
		s.announce(ctx, "held", api.MessageSyncHeld, item)
		d, err := s.ask(ctx, item, lookAgain)
		if err != nil {
			return err
		}
		switch d.Verb {
		case api.VerbReject:
			// Only the leavers are dropped; joiners and movers of the same report go on.
			s.rejected = true
			st := step{ID: "sync.drop", Activity: api.SyncDrop, Summary: "drop the leavers: rejected by " + d.By}
			return s.do(ctx, st, api.BatchInput{Source: s.source, Batch: s.batch, By: d.By, Kinds: []string{"leaver"}}, nil)
		case api.VerbAllow:
			in.Override, in.By = true, d.By
		}
	}
}

func (s *hrSync) hint(ctx workflow.Context) error {
	s.doing(ctx, "Hinting the people who changed")
	st := step{ID: "sync.hint", Activity: api.SyncHint, Summary: "hint the people who changed"}
	var sent api.BatchSent
	if err := s.do(ctx, st, api.BatchInput{Source: s.source, Batch: s.batch, Cursor: s.report.Cursor}, &sent); err != nil {
		return err
	}
	s.hinted = sent.Sent
	return nil
}

// do runs a sweep activity and parks where it cannot go on.
func (s *hrSync) do(ctx workflow.Context, st step, in, out any) error {
	_, err := s.doIn(sweepOptions(ctx, st), st, in, out, api.VerbRetry, api.VerbAbort)
	return err
}

// post posts to the IT channel, once per run and subject.
func (s *hrSync) post(ctx workflow.Context, subject string, kind api.MessageKind, text string) error {
	st, in := s.message(ctx, subject, kind, text)
	return s.do(ctx, st, in, nil)
}

// announce is post for a question that is about to be asked: it can be answered whether or not the message gets through.
func (s *hrSync) announce(ctx workflow.Context, subject string, kind api.MessageKind, item api.Attention) {
	if slices.Contains(s.told, subject) {
		return
	}
	s.told = append(s.told, subject)
	item.Item = s.identify(ctx, item)
	st, in := s.message(ctx, subject, kind, item.Text)
	in.Asked = asked(item)
	workflow.GoNamed(ctx, "tell "+subject, func(ctx workflow.Context) {
		if err := workflow.ExecuteActivity(sweepOptions(ctx, st), st.Activity, in).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("message not sent", "subject", subject, "error", err)
		}
	})
}

func (s *hrSync) message(ctx workflow.Context, subject string, kind api.MessageKind, text string) (step, api.Message) {
	return step{ID: "slack." + subject, Activity: api.SlackPost, Summary: "tell IT"}, api.Message{
		OnceKey: "sync/" + s.batch + "/" + subject, Kind: kind, Audience: api.AudienceIT,
		Text: s.source + ": " + text, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID,
	}
}

// done turns an operator's word into a regular end.
func (s *hrSync) done(_ workflow.Context, err error) (api.SyncOutcome, error) {
	if errors.Is(err, errAborted) || errors.Is(err, errRejected) {
		return s.result(err.Error()), nil
	}
	return api.SyncOutcome{}, err
}

func (s *hrSync) result(text string) api.SyncOutcome {
	return api.SyncOutcome{Source: s.source, Report: s.report, Hinted: s.hinted, Result: text}
}
