package lifecycle

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// recordWithin is how soon a fact is in the ledger, whatever the run is busy with or waits for.
const recordWithin = 10 * time.Second

// evidence is what a run has done and the ledger may not have yet.
type evidence struct {
	// facts are noted, recording are being written; urgent asks for that at once.
	facts, recording []api.Fact
	writing          workflow.Mutex
	urgent           bool
	// contained is when the loss of access was read back, closed the accounts for which it was, and over when the last of
	// them was.
	contained time.Time
	closed    []api.ContainedAccount
	// inStep is what access was read back as in step with.
	inStep *api.InStep
	over   time.Time
}

// unrecorded are the facts that the ledger may not have yet.
func (e *evidence) unrecorded() []api.Fact {
	return append(e.recording[:len(e.recording):len(e.recording)], e.facts...)
}

// written takes over that the ledger has all this.
func (e *evidence) written(in api.RecordInput) {
	e.closed = e.closed[len(in.Closed):]
	if e.over.Equal(in.Over) {
		e.over = step.NoTime
	}
	if e.inStep == in.InStep {
		e.inStep = nil
	}
}

// keepEvidence writes down what the run has noted: before it waits for a person, and ten seconds after something was
// noted at the latest. A run that gets through its work sooner writes everything at once at its end, so that on a good day
// this costs a timer.
func (r *run) keepEvidence(ctx workflow.Context) {
	noted := func() bool { return r.beside() && len(r.evidence.facts) > 0 }
	for ctx.Err() == nil {
		if err := workflow.Await(ctx, noted); err != nil {
			return
		}
		late, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: recordWithin, TimerOptions: workflow.TimerOptions{Summary: "until the evidence is written"},
		}, func() bool { return r.evidence.urgent || !noted() })
		if err != nil {
			return
		}
		if late && !r.evidence.urgent {
			continue
		}
		r.evidence.urgent = false
		if err := r.flush(ctx); err != nil {
			return
		}
	}
}

// recordFact keeps a fact for the evidence and, with a text, a line for the operator. A fact is complete when it is noted: it may
// be on its way to the ledger as soon as the run waits for anything.
func (r *run) recordFact(ctx workflow.Context, f api.Fact, text string) {
	r.evidence.facts = append(r.evidence.facts, f)
	if text != "" {
		r.State.Done = append(r.State.Done, text)
	}
	r.Render(ctx)
}

// noteDone keeps the fact of a step that succeeded, and what it left if it says so.
func (r *run) noteDone(ctx workflow.Context, s step.Step, began time.Time, after any) {
	f := api.Fact{
		Step: s.ID, Template: r.State.Template, Outcome: "done", After: after, Started: began, Finished: workflow.Now(ctx),
	}
	if s.Complete != nil {
		s.Complete(&f)
	}
	r.recordFact(ctx, f, s.Summary)
}

// flush writes the evidence. A run does not end before it is recorded. One writes at a time; the others wait for it and
// then write what is left.
func (r *run) flush(ctx workflow.Context) error {
	e := &r.evidence
	if err := e.writing.Lock(ctx); err != nil {
		return err
	}
	defer e.writing.Unlock()
	if len(e.facts) == 0 && e.over.IsZero() {
		return nil
	}
	in := api.RecordInput{
		Key:        r.in.Key,
		Episode:    r.assessment.Episode,
		RunID:      workflow.GetInfo(ctx).WorkflowExecution.RunID,
		PolicyHash: r.assessment.Plan.PolicyHash,
		Facts:      e.facts,
		Contained:  e.contained,
		Closed:     e.closed,
		Over:       e.over,
		InStep:     e.inStep,
	}
	s := step.Step{ID: "ledger.record", Activity: api.Call.LedgerRecord(in), Summary: "record the evidence"}
	// Whoever notes something meanwhile notes it behind these.
	e.recording, e.facts = e.facts, nil
	defer func() { e.recording = nil }()
	for {
		err := step.LocalThen(ctx, s, func(ctx workflow.Context) error { return r.execute(ctx, s) })
		if err == nil {
			e.written(in)
			return nil
		}
		if ctx.Err() == nil {
			_, err = r.park(ctx, step.Failed(s, err, api.VerbRetry))
		}
		if err != nil {
			e.facts = e.unrecorded()
			return err
		}
	}
}
