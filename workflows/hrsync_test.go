package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// sync plays one comparison to its end.
func (p *play) sync() api.SyncOutcome {
	p.t.Helper()
	p.env.ExecuteWorkflow(api.TypeHRSync, api.SyncRequest{Source: "workday"})
	require.True(p.t, p.env.IsWorkflowCompleted())
	require.NoError(p.t, p.env.GetWorkflowError())
	var out api.SyncOutcome
	require.NoError(p.t, p.env.GetWorkflowResult(&out))
	return out
}

// syncState asks an open comparison for its state.
func (p *play) syncState() api.SyncState {
	p.t.Helper()
	value, err := p.env.QueryWorkflow(api.QueryState)
	require.NoError(p.t, err)
	var s api.SyncState
	require.NoError(p.t, value.Get(&s))
	return s
}

// syncWorld is a world whose HR source reports something and whose budget has room.
func syncWorld(t *testing.T, r api.SyncReport) *world {
	t.Helper()
	w := newWorld(t)
	w.report, w.held = r, api.BatchHeld{Granted: true}
	return w
}

func TestBaselineHintsNobody(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 60, Baseline: true})
	out := w.open(start).sync()
	require.Equal(t, "baseline taken, nobody hinted", out.Result)
	require.Equal(t, []string{"sync.collect"}, w.did())
}

func TestLeaversAreAdmittedThenEverybodyIsHinted(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 60, Changed: 3, Leavers: 2, Cursor: "c1"})
	w.admitted = api.BatchAdmitted{Admitted: 2}
	out := w.open(start).sync()
	require.Equal(t, "in step", out.Result)
	require.Equal(t, 3, out.Hinted)
	require.Equal(t, []string{"sync.collect", "sync.admit", "sync.hint"}, w.did())
	require.Equal(t, "c1", w.batches[1].Cursor)
	require.Equal(t, w.collects[0].Batch, w.batches[1].Batch)
}

// Leavers beyond the budget are left to a run of their own: the poll hints the others and ends.
func TestPollWaitsForNobody(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 60, Changed: 31, Leavers: 30, Cursor: "c1"})
	w.admitted = api.BatchAdmitted{Held: 30}
	p := w.open(start)
	out := p.sync()
	require.Equal(t, "30 leavers held by the budget, everybody else in step", out.Result)
	require.Equal(t, 30, out.Held)
	require.Equal(t, 1, w.tried("sync.hint"))
	require.Equal(t, start, p.env.Now().UTC())
}

// What there is to tell comes after the hints, and one who cannot be told holds up no poll: another run tells them.
func TestHintsComeBeforeWords(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 58, Changed: 1, Vanished: 2})
	out := w.open(start).sync()
	require.Equal(t, "in step", out.Result)
	require.Equal(t, []string{"sync.collect", "sync.admit", "sync.hint", "slack.vanished"}, w.did())
	require.Contains(t, w.messages[0].Text, "2 records")

	w = syncWorld(t, api.SyncReport{Seen: 58, Changed: 1, Vanished: 2})
	w.refusing("slack.vanished", 4)
	p := w.open(start)
	var told []api.Word
	p.env.OnWorkflow(api.TypeTell, mock.Anything, mock.Anything).Return(func(_ workflow.Context, in api.TellInput) (api.Told, error) {
		told = append(told, in.Word)
		return api.Told{}, nil
	})
	out = p.sync()
	require.Equal(t, "in step", out.Result)
	require.Equal(t, 1, w.tried("sync.hint"))
	require.Less(t, p.env.Now().UTC(), start.Add(2*time.Minute))
	require.Len(t, told, 1)
	require.Equal(t, api.MessageSyncVanished, told[0].Message.Kind)
}

// A source that cannot be read is told of after two periods, and the message that cannot be delivered is handed on.
func TestSourceThatIsBehindIsTold(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 60, Changed: 1})
	w.before("sync.collect", slow(5))
	p := w.open(start)
	p.after(59*time.Minute, func() { require.Empty(t, p.syncState().Attention) })
	p.after(61*time.Minute, func() {
		require.Equal(t, "source_behind", p.syncState().Attention[0].Code)
		require.Equal(t, api.StageAttention, p.syncState().Stage)
		require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
	})
	out := p.sync()
	require.Equal(t, "in step", out.Result)
	require.Len(t, w.posted(), 1)
}

func TestQuarantinedReportIsReadAgainByItself(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 3, Quarantine: "57 of 60 people are missing"})
	p := w.open(start)
	p.after(20*time.Minute, func() {
		require.Equal(t, "source_quarantined", p.syncState().Attention[0].Code)
		w.change(func() { w.report = api.SyncReport{Seen: 60, Changed: 1} })
	})
	require.Equal(t, "in step", p.sync().Result)
	require.Equal(t, start.Add(30*time.Minute), p.env.Now().UTC(), "the third reading, two quarters of an hour later")
	require.Equal(t, 3, w.tried("sync.collect"))
	require.Equal(t, 1, w.tried("slack.quarantine:2026-03-02"), "told once a day")
	require.False(t, w.collects[2].Accept)
}

// Those who have to be out by their own record do not wait for the report in which they stand.
func TestQuarantinedReportHoldsUpNoDeparture(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 3, Quarantine: "57 of 60 people are missing", Confirmed: "b/confirmed/1", Leavers: 2, Changed: 1, Unconfirmed: 4})
	w.admitted = api.BatchAdmitted{Admitted: 2}
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, []string{"sync.collect", "sync.admit", "sync.hint", "slack.quarantine:2026-03-02"}, w.did())
		for _, b := range w.batches {
			require.Equal(t, "b/confirmed/1", b.Batch)
		}
		require.True(t, w.batches[1].Partial)
		require.Empty(t, w.batches[1].Cursor)
		require.Contains(t, w.messages[0].Text, "3 people have to be out by their own records")
		require.Contains(t, w.messages[0].Text, "4 more are said to leave")
		w.change(func() { w.report = api.SyncReport{Seen: 60, Changed: 1, Cursor: "c1"} })
		p.by(api.VerbRetry)
	})
	out := p.sync()
	require.Equal(t, "in step", out.Result)
	require.Equal(t, 6, out.Hinted)
	require.Equal(t, "c1", w.batches[3].Cursor)
	require.False(t, w.batches[3].Partial)
}

func TestQuarantinedReportIsAcceptedOnSomebodysWord(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 3, Quarantine: "57 of 60 people are missing"})
	w.before("sync.collect", func(_ context.Context, attempt int) error {
		if attempt == 2 {
			w.change(func() { w.report = api.SyncReport{Seen: 3, Changed: 1} })
		}
		return nil
	})
	p := w.open(start)
	p.after(time.Minute, func() { p.by(api.VerbAllow) })
	require.Equal(t, "in step", p.sync().Result)
	require.Equal(t, start.Add(time.Minute), p.env.Now().UTC())
	require.True(t, w.collects[1].Accept)
}

func TestQuarantinedReportIsRejected(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 3, Quarantine: "57 of 60 people are missing"})
	p := w.open(start)
	p.after(time.Minute, func() { p.by(api.VerbReject) })
	require.Equal(t, "rejected by an operator", p.sync().Result)
	require.Zero(t, w.tried("sync.hint"))
}

func TestSyncRefusesADecisionNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 3, Quarantine: "57 of 60 people are missing"})
	p := w.open(start)
	var early, unfitting *answer
	w.before("sync.collect", func(_ context.Context, attempt int) error {
		if attempt == 1 {
			early = p.by(api.VerbAllow)
		}
		return nil
	})
	p.after(time.Minute, func() {
		unfitting = p.by(api.VerbLink)
		p.by(api.VerbReject)
	})
	p.sync()
	require.ErrorContains(t, early.refused, "nothing is waiting for allow")
	require.ErrorContains(t, unfitting.refused, "nothing is waiting for link")
}

func TestSyncStepThatCannotGoOnAsks(t *testing.T) {
	t.Parallel()
	for verb, result := range map[string]string{api.VerbRetry: "in step", api.VerbAbort: "aborted by an operator"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			w := syncWorld(t, api.SyncReport{Seen: 60, Changed: 1})
			w.refusing("sync.hint", 1)
			p := w.open(start)
			p.after(time.Minute, func() {
				require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
				p.by(verb)
			})
			require.Equal(t, result, p.sync().Result)
			require.Equal(t, start.Add(time.Minute), p.env.Now().UTC())
		})
	}
	w := syncWorld(t, api.SyncReport{Seen: 60, Changed: 1})
	w.refusing("sync.hint", 1)
	p := w.open(start)
	require.Equal(t, "in step", p.sync().Result)
	require.Equal(t, start.Add(15*time.Minute), p.env.Now().UTC(), "what was repaired needs nobody to say so")
}
