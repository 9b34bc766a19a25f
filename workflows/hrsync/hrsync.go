package hrsync

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// quarantineLook is how often a quarantined source is read again: a report repaired in HR lifts its own quarantine.
const quarantineLook = 15 * time.Minute

// HRSync is the safety net under the webhooks: it compares one HR source with what the ledger last saw and hints the
// people whose record changed. A report that cannot be trusted changes nothing. A poll waits for nobody: leavers beyond
// the budget are left to a run of their own, and what there is to tell comes after the hints.
func HRSync(ctx workflow.Context, in api.SyncRequest) (api.SyncOutcome, error) {
	s := &hrSync{
		Console: step.New(api.State{Template: api.TypeHRSync}), source: in.Source, batch: workflow.GetInfo(ctx).FirstRunID,
		every: in.Every,
	}
	s.Taken = in.Decided
	if err := s.open(ctx); err != nil {
		return api.SyncOutcome{}, err
	}
	if workflow.GetVersion(ctx, step.ChangeHolds, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return s.waitForPeople(ctx)
	}
	s.Tell, s.Steady, s.words = s.tellOfPoll, true, step.NewAsides(ctx, &s.Console)
	workflow.GoNamed(ctx, "behind", s.reportBehind)
	err := s.compare(ctx)
	s.read = true
	if left := errors.Join(s.words.Leave(ctx, step.Heard), s.Settle(ctx)); err == nil {
		err = left
	}
	if err != nil {
		return s.done(ctx, err)
	}
	return s.result(s.outcome()), nil
}

// compare reads the source and hints whoever has changed.
func (s *hrSync) compare(ctx workflow.Context) error {
	if err := s.collect(ctx); err != nil {
		return err
	}
	s.read = true
	defer s.saySetAside(ctx)
	if s.report.Baseline && s.report.Changed == 0 {
		return nil
	}
	if err := s.admitAndHint(ctx, api.BatchInput{Source: s.source, Batch: s.batch, Cursor: s.report.Cursor}); err != nil {
		return err
	}
	if s.report.Vanished > 0 {
		s.say(ctx, "vanished", api.MessageSyncVanished, s.vanished(), nil)
	}
	return nil
}

// admitAndHint draws the leavers of a batch on the budget and hints whoever may be.
func (s *hrSync) admitAndHint(ctx workflow.Context, batch api.BatchInput) error {
	s.SetStatus(ctx, "Asking the budget for the leavers")
	var admitted api.BatchAdmitted
	admit := api.Call.SyncAdmit(api.BatchInput{Source: s.source, Batch: batch.Batch}, &admitted)
	if err := s.runSweep(ctx, step.Step{ID: "sync.admit", Activity: admit, Summary: "reserve the leavers on the budget"}); err != nil {
		return err
	}
	s.held, s.heldOthers = admitted.Held, heldOthers(admitted)
	return s.hint(ctx, batch)
}

// outcome says in a few words how the source and the ledger stand.
func (s *hrSync) outcome() string {
	switch {
	case s.report.Baseline && s.hinted == 0:
		return "baseline taken, nobody hinted"
	case s.report.Baseline:
		return fmt.Sprintf("baseline taken, %d hinted", s.hinted)
	case len(s.heldOthers) > 0:
		parts := s.heldOthers
		if s.held > 0 {
			parts = append([]string{fmt.Sprintf("%d leavers", s.held)}, parts...)
		}
		return strings.Join(parts, ", ") + " held by the budget, everybody else in step"
	case s.held > 0:
		return fmt.Sprintf("%d leavers held by the budget, everybody else in step", s.held)
	}
	return "in step"
}

// heldOthers are those whom the budgets hold besides leavers, in words.
func heldOthers(a api.BatchAdmitted) []string {
	var parts []string
	if a.HeldJoins > 0 {
		parts = append(parts, fmt.Sprintf("%d joiners", a.HeldJoins))
	}
	if a.HeldDeletions > 0 {
		parts = append(parts, fmt.Sprintf("%d deletions", a.HeldDeletions))
	}
	if a.HeldAhead > 0 {
		parts = append(parts, fmt.Sprintf("%d departures ahead", a.HeldAhead))
	}
	return parts
}

// saySetAside tells IT once a day which records could not be read, because nobody else will read them.
func (s *hrSync) saySetAside(ctx workflow.Context) {
	r := s.report
	if r.SetAside == 0 {
		return
	}
	text := fmt.Sprintf("%d of %d records could not be read or used and are set aside (%s). The others went on, and these are tried "+
		"again at each poll. `starter records --source %s` lists them.", r.SetAside, r.Seen, r.SetAsideWhy, s.source)
	if r.SetAsideLeft > 0 {
		text += fmt.Sprintf(" %d of them say that somebody has left: until they can be read, end that access with `starter offboard --now`.", r.SetAsideLeft)
	}
	st, in := s.message(ctx, "set-aside", api.MessageSyncSetAside, text)
	in.OnceKey = fmt.Sprintf("sync/%s/set-aside/%d/%s", s.source, r.SetAside, workflow.Now(ctx).UTC().Format(time.DateOnly))
	s.words.Say(api.Word{Step: st.ID, Summary: st.Summary, Template: api.TypeHRSync, Message: &in})
}

func (s *hrSync) vanished() string {
	return fmt.Sprintf("%d records are no longer in the report. Nothing was changed for them.", s.report.Vanished)
}

// usually is how often a source is polled if its schedule does not say.
const usually = time.Hour

// reportBehind raises an alarm about a source that could not be read for two periods: the one before this poll and this one.
// What a quarantine has to say is told by itself.
func (s *hrSync) reportBehind(ctx workflow.Context) {
	every := s.every
	if every <= 0 {
		every = usually
	}
	inTime, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: every, TimerOptions: workflow.TimerOptions{Summary: "until the source is behind by two periods"},
	}, func() bool { return s.read })
	if err != nil || inTime || s.report.Quarantine != "" {
		return
	}
	text := fmt.Sprintf("%s could not be read for two periods of %s. Nobody who joins, moves or leaves there is seen by polls; "+
		"webhooks are still heard. The pending step of this run says what the source answers.", s.source, every)
	item := api.Attention{Step: "sync.behind", Code: "source_behind", Text: text, Options: []string{api.VerbSkip}, Since: workflow.Now(ctx)}
	for decided := false; !s.read && !decided && err == nil; {
		_, decided, err = s.Wait(ctx, item, step.Patience, func() bool { return s.read })
	}
}

// tellOfPoll tells IT what is parked. A quarantine is told in words of its own.
func (s *hrSync) tellOfPoll(ctx workflow.Context, item api.Attention) {
	if item.Code != codeQuarantined {
		s.TellIT(ctx, item)
	}
}

// codeQuarantined marks a source that is quarantined.
const codeQuarantined = api.CodeSourceQuarantined

// waitForPeople is a poll as it was when it waited for a decision about leavers beyond the budget.
func (s *hrSync) waitForPeople(ctx workflow.Context) (api.SyncOutcome, error) {
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
		if err := s.post(ctx, "vanished", api.MessageSyncVanished, s.vanished()); err != nil {
			return s.done(ctx, err)
		}
	}
	if err := s.hint(ctx, api.BatchInput{Source: s.source, Batch: s.batch, Cursor: s.report.Cursor}); err != nil {
		return s.done(ctx, err)
	}
	if s.rejected {
		return s.result("in step, leavers rejected by an operator"), nil
	}
	return s.result("in step"), nil
}

// hrSync is one run of HRSync.
type hrSync struct {
	step.Console
	source string
	report api.SyncReport
	hinted int
	batch  string
	told   []string
	// every is how often the source is polled, read says that this poll has read it, held how many leavers are held.
	every time.Duration
	read  bool
	held  int
	// heldOthers are in words whom the budgets hold besides leavers.
	heldOthers []string
	// words are told beside the poll; nil in runs that began when a poll waited for people.
	words *step.Asides
	// rejected says that the leavers were dropped on somebody's word.
	rejected bool
}

var errRejected = errors.New("rejected by an operator")

func (s *hrSync) open(ctx workflow.Context) error {
	s.Attributes = []temporal.SearchAttributeUpdate{api.AttrSource.ValueSet(s.source)}
	if err := step.ServeState(ctx, func() (api.SyncState, error) { return s.syncState(), nil }); err != nil {
		return err
	}
	return step.HandleDecisions(ctx, &s.Console, s.syncState)
}

func (s *hrSync) syncState() api.SyncState {
	return api.SyncState{
		Source: s.source, Stage: s.State.Stage, Doing: s.State.Doing, Report: s.report, Hinted: s.hinted,
		Held: s.held, Attention: s.State.Attention,
	}
}

// collect reads the source and stages what changed. A quarantined report is read again until it is sound or a person
// accepts it as it is.
func (s *hrSync) collect(ctx workflow.Context) error {
	accept := api.SyncInput{Source: s.source, Batch: s.batch}
	for {
		s.SetStatus(ctx, "Reading the HR source and comparing it with the ledger")
		var report api.SyncReport
		collect := api.Call.SyncCollect(accept, &report)
		if err := s.runSweep(ctx, step.Step{ID: "sync.collect", Activity: collect, Summary: "read " + s.source + " and compare"}); err != nil {
			return err
		}
		s.report = report
		if report.Quarantine == "" {
			return nil
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			if s.words != nil {
				if err := s.words.Leave(ctx, step.Heard); err != nil {
					return err
				}
			}
			return workflow.NewContinueAsNewError(ctx, api.TypeHRSync, api.SyncRequest{Source: s.source, Every: s.every, Decided: s.Taken})
		}
		if err := s.letOut(ctx); err != nil {
			return err
		}
		item := api.Attention{
			Step: "sync.collect", Code: codeQuarantined, Text: report.Quarantine,
			Options: []string{api.VerbAllow, api.VerbReject, api.VerbRetry},
		}
		s.announceQuarantine(ctx, item)
		d, err := s.Ask(ctx, item, quarantineLook)
		if err != nil {
			return err
		}
		if d.Verb == api.VerbReject {
			return errRejected
		}
		accept.Accept, accept.Accepted, accept.By = false, "", ""
		if d.Verb == api.VerbAllow {
			accept.Accept, accept.Accepted = true, report.Doubt
			if report.Doubt != "" {
				accept.By = d.By
			}
		}
	}
}

// letOut sees to those who have to be out by their own record, although the report in which they stand is quarantined: the
// budget and the hints are those of every poll.
func (s *hrSync) letOut(ctx workflow.Context) error {
	if s.words == nil || s.report.Confirmed == "" {
		return nil
	}
	batch := api.BatchInput{Source: s.source, Batch: s.report.Confirmed, Partial: true}
	return s.admitAndHint(ctx, batch)
}

// quarantined says why the source is quarantined, and what was done all the same.
func (s *hrSync) quarantined() string {
	text := s.report.Quarantine
	if n := s.report.Leavers + s.report.Changed - s.report.WentOn; s.report.Confirmed != "" && n > 0 {
		text += fmt.Sprintf(" %d people have to be out by their own records, which were read one by one: they do not wait for this.", n)
	}
	if s.report.WentOn > 0 {
		text += fmt.Sprintf(" %d other changes went on.", s.report.WentOn)
	}
	if s.report.Unconfirmed > 0 {
		text += fmt.Sprintf(" %d more are said to leave, and their own records could not be read yet.", s.report.Unconfirmed)
	}
	return text
}

// announceQuarantine tells IT that the source is quarantined: once, and where a run sees to its words every day anew.
func (s *hrSync) announceQuarantine(ctx workflow.Context, item api.Attention) {
	if s.words == nil {
		s.announce(ctx, "quarantine", api.MessageSyncQuarantine, item)
		return
	}
	item.Item = s.Identify(ctx, item)
	s.say(ctx, "quarantine:"+workflow.Now(ctx).UTC().Format(time.DateOnly), api.MessageSyncQuarantine, s.quarantined(), step.Asked(item))
}

// say tells IT something once per run and subject, beside the poll.
func (s *hrSync) say(ctx workflow.Context, subject string, kind api.MessageKind, text string, about *api.Asked) {
	if slices.Contains(s.told, subject) {
		return
	}
	s.told = append(s.told, subject)
	st, in := s.message(ctx, subject, kind, text)
	in.Asked = about
	s.words.Say(api.Word{Step: st.ID, Summary: st.Summary, Template: api.TypeHRSync, Message: &in})
}

// reserve draws the whole batch of leavers on the budget before anybody is hinted.
func (s *hrSync) reserve(ctx workflow.Context) error {
	if s.report.Leavers == 0 {
		return nil
	}
	in := api.BatchInput{Source: s.source, Batch: s.batch}
	for {
		var held api.BatchHeld
		reserve := api.Call.SyncReserve(in, &held)
		if err := s.runSweep(ctx, step.Step{ID: "sync.reserve", Activity: reserve, Summary: "reserve the batch of leavers on the budget"}); err != nil {
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
		d, err := s.Ask(ctx, item, step.ReassessAfter)
		if err != nil {
			return err
		}
		switch d.Verb {
		case api.VerbReject:
			// Only the leavers are dropped; joiners and movers of the same report go on.
			s.rejected = true
			drop := api.Call.SyncDrop(api.BatchInput{Source: s.source, Batch: s.batch, By: d.By, Kinds: []string{"leaver"}})
			return s.runSweep(ctx, step.Step{ID: "sync.drop", Activity: drop, Summary: "drop the leavers: rejected by " + d.By})
		case api.VerbAllow:
			in.Override, in.By = true, d.By
		}
	}
}

func (s *hrSync) hint(ctx workflow.Context, batch api.BatchInput) error {
	s.SetStatus(ctx, "Hinting the people who changed")
	var sent api.BatchSent
	if err := s.runSweep(ctx, step.Step{
		ID: "sync.hint", Activity: api.Call.SyncHint(batch, &sent), Summary: "hint the people who changed",
	}); err != nil {
		return err
	}
	s.hinted += sent.Sent
	if sent.Held > 0 {
		s.heldOthers = append(s.heldOthers, fmt.Sprintf("%d changes", sent.Held))
	}
	return nil
}

// runSweep runs a sweep activity and parks where it cannot go on.
func (s *hrSync) runSweep(ctx workflow.Context, st step.Step) error {
	again := step.ReassessAfter
	if s.words != nil {
		again = quarantineLook // A source or a ledger that was repaired needs nobody to say so.
	}
	_, err := s.RunAgain(step.SweepOptions(ctx, st), st, again, api.VerbRetry, api.VerbAbort)
	return err
}

// post posts to the IT channel, once per run and subject.
func (s *hrSync) post(ctx workflow.Context, subject string, kind api.MessageKind, text string) error {
	st, in := s.message(ctx, subject, kind, text)
	st.Activity = api.Call.SlackPost(in, nil)
	return s.runSweep(ctx, st)
}

// announce is post for a question that is about to be asked: it can be answered whether or not the message gets through.
func (s *hrSync) announce(ctx workflow.Context, subject string, kind api.MessageKind, item api.Attention) {
	if slices.Contains(s.told, subject) {
		return
	}
	s.told = append(s.told, subject)
	item.Item = s.Identify(ctx, item)
	st, in := s.message(ctx, subject, kind, item.Text)
	in.Asked = step.Asked(item)
	st.Activity = api.Call.SlackPost(in, nil)
	workflow.GoNamed(ctx, "tell "+subject, func(ctx workflow.Context) {
		if err := st.Execute(step.SweepOptions(ctx, st)); err != nil {
			workflow.GetLogger(ctx).Warn("message not sent", "subject", subject, "error", err)
		}
	})
}

// message is what is posted about a subject, and the step that posts it, as far as it does not depend on the message.
func (s *hrSync) message(ctx workflow.Context, subject string, kind api.MessageKind, text string) (step.Step, api.Message) {
	return step.Step{ID: "slack." + subject, Summary: "tell IT"}, api.Message{
		OnceKey: "sync/" + s.batch + "/" + subject, Kind: kind, Audience: api.AudienceIT,
		Text: s.source + ": " + text, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID,
	}
}

// done turns an operator's word into a regular end.
func (s *hrSync) done(_ workflow.Context, err error) (api.SyncOutcome, error) {
	if errors.Is(err, step.ErrAborted) || errors.Is(err, errRejected) {
		return s.result(err.Error()), nil
	}
	return api.SyncOutcome{}, err
}

func (s *hrSync) result(text string) api.SyncOutcome {
	return api.SyncOutcome{Source: s.source, Report: s.report, Hinted: s.hinted, Held: s.held, Result: text}
}
