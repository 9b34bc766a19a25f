package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

func TestChangesAreReservedThenHinted(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 60, Changed: 3, Leavers: 2, Cursor: "c1"})
	out := w.open(start).sync()
	require.Equal(t, "in step", out.Result)
	require.Equal(t, 3, out.Hinted)
	require.Equal(t, []string{"sync.collect", "sync.reserve", "sync.hint"}, w.did())
	require.Equal(t, "c1", w.batches[1].Cursor)
	require.Equal(t, w.collects[0].Batch, w.batches[1].Batch)
}

func TestVanishedRecordsAreTold(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, api.SyncReport{Seen: 58, Changed: 1, Vanished: 2})
	out := w.open(start).sync()
	require.Equal(t, "in step", out.Result)
	require.Equal(t, []api.MessageKind{api.MessageSyncVanished}, w.posted())
	require.Contains(t, w.messages[0].Text, "2 records")
	require.Equal(t, 1, w.tried("sync.hint"))
}

func TestLeaversBeyondTheBudgetWaitForAPerson(t *testing.T) {
	t.Parallel()
	held := api.SyncReport{Seen: 60, Changed: 31, Leavers: 30, Cursor: "c1"}
	t.Run("allow", func(t *testing.T) {
		t.Parallel()
		w := syncWorld(t, held)
		w.held = api.BatchHeld{Asked: 30, Allowed: 3}
		p := w.open(start)
		var nameless *answer
		p.after(time.Minute, func() {
			s := p.syncState()
			require.Equal(t, api.StageAttention, s.Stage)
			require.Equal(t, api.NoticeBudgetContain, s.Attention[0].Code)
			require.Contains(t, s.Attention[0].Text, "30 people would lose access, but the budget allows 3")
			require.Zero(t, w.tried("sync.hint"))
			nameless = p.decide(api.VerbAllow, api.Decision{})
			p.by(api.VerbAllow)
		})
		out := p.sync()
		require.ErrorContains(t, nameless.refused, "who decides?")
		require.Equal(t, "in step", out.Result)
		require.Equal(t, []string{"sync.collect", "sync.reserve", "sync.reserve", "sync.hint"},
			w.did("sync.collect", "sync.reserve", "sync.hint", "sync.drop"))
		require.True(t, w.batches[1].Override)
		require.Equal(t, "grace", w.batches[1].By)
		require.Equal(t, []api.MessageKind{api.MessageSyncHeld}, w.posted())
	})
	t.Run("reject drops the leavers only", func(t *testing.T) {
		t.Parallel()
		w := syncWorld(t, held)
		w.held = api.BatchHeld{Asked: 30, Allowed: 3}
		p := w.open(start)
		p.after(time.Minute, func() { p.by(api.VerbReject) })
		out := p.sync()
		require.Equal(t, "in step, leavers rejected by an operator", out.Result)
		require.Equal(t, []string{"sync.collect", "sync.reserve", "sync.drop", "sync.hint"},
			w.did("sync.collect", "sync.reserve", "sync.hint", "sync.drop"))
		require.Equal(t, []string{"leaver"}, w.batches[1].Kinds)
		require.Equal(t, "grace", w.batches[1].By)
	})
	t.Run("by itself once there is room", func(t *testing.T) {
		t.Parallel()
		w := syncWorld(t, held)
		w.held = api.BatchHeld{Asked: 30, Allowed: 3}
		p := w.open(start)
		p.after(23*time.Hour, func() { w.change(func() { w.held.Granted = true }) })
		require.Equal(t, "in step", p.sync().Result)
		require.Equal(t, 2, w.tried("sync.reserve"))
		require.False(t, w.batches[1].Override)
	})
	t.Run("while Slack is down", func(t *testing.T) {
		t.Parallel()
		w := syncWorld(t, held)
		w.held = api.BatchHeld{Asked: 30, Allowed: 3}
		w.before("slack.held", func(context.Context, int) error { return unreachable() })
		p := w.open(start)
		p.after(time.Minute, func() { p.by(api.VerbAllow) })
		require.Equal(t, "in step", p.sync().Result)
		require.Equal(t, start.Add(time.Minute), p.env.Now().UTC(), "the decision does not wait for the message")
	})
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
	require.Equal(t, 1, w.tried("slack.quarantine"), "told once")
	require.False(t, w.collects[2].Accept)
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
			w := syncWorld(t, api.SyncReport{Seen: 60, Changed: 1, Vanished: 1})
			w.refusing("slack.vanished", 1)
			w.refusing("sync.hint", 1)
			p := w.open(start)
			p.after(time.Minute, func() { p.by(verb) })
			p.after(2*time.Minute, func() { p.by(verb) })
			require.Equal(t, result, p.sync().Result)
		})
	}
}
