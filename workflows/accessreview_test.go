package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
)

// reviewWorld is a world whose reviews succeed.
type reviewWorld struct {
	*world
	opened  api.ReviewOpened
	started []api.ReviewStart
	inputs  []api.ReviewInput
	written api.ReviewWritten
	mailed  api.ReviewMailed
}

func (w *reviewWorld) registerReview(env *testsuite.TestWorkflowEnvironment) {
	count := func(ctx context.Context, in api.ReviewInput) (api.ReviewCount, error) {
		return api.ReviewCount{Items: 60}, w.step(ctx, func() { w.inputs = append(w.inputs, in) })
	}
	for name, fn := range map[string]any{
		api.ReviewBegin: func(ctx context.Context, in api.ReviewStart) (api.ReviewStarted, error) {
			return api.ReviewStarted{Campaign: "2026-11", WorkflowID: "access-review/2026-11"},
				w.step(ctx, func() { w.started = append(w.started, in) })
		},
		api.ReviewOpen: func(ctx context.Context, in api.ReviewInput) (out api.ReviewOpened, err error) {
			err = w.step(ctx, func() { w.inputs, out = append(w.inputs, in), w.opened })
			return out, err
		},
		api.ReviewApps: count, api.ReviewUsers: count, api.ReviewRoles: count, api.ReviewAssess: count,
		api.ReviewFreeze: func(ctx context.Context, _ api.ReviewInput) (api.ReviewSnapshot, error) {
			return api.ReviewSnapshot{AsOf: start, Users: 60, Access: 180, Findings: 7}, w.step(ctx, nil)
		},
		api.ReviewWrite: func(ctx context.Context, _ api.ReviewInput) (api.ReviewWritten, error) {
			out := w.written
			out.Link, out.Rows = "https://sheet.example/1", 187
			return out, w.step(ctx, nil)
		},
		api.ReviewMail: func(ctx context.Context, _ api.ReviewInput) error { return w.step(ctx, nil) },
		api.ReviewManagers: func(ctx context.Context, _ api.ReviewInput) (api.ReviewMailed, error) {
			out := w.mailed
			out.Managers, out.Unmanaged = 8, 2
			return out, w.step(ctx, nil)
		},
	} {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// openReview prepares a run of AccessReview under an id.
func (w *reviewWorld) openReview(id string) *play {
	p := w.open(start)
	w.registerReview(p.env)
	p.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep})
	return p
}

func (p *play) review(in api.ReviewRequest) (out api.ReviewOutcome, err error) {
	p.t.Helper()
	p.env.ExecuteWorkflow(api.TypeAccessReview, in)
	require.True(p.t, p.env.IsWorkflowCompleted())
	if err = p.env.GetWorkflowError(); err == nil {
		require.NoError(p.t, p.env.GetWorkflowResult(&out))
	}
	return out, err
}

var november = api.ReviewRequest{Campaign: "2026-11", Own: true}

func TestReviewIsFrozenBeforeAnybodySeesIt(t *testing.T) {
	t.Parallel()
	w := &reviewWorld{world: newWorld(t)}
	out, err := w.openReview("access-review/2026-11").review(november)
	require.NoError(t, err)
	require.Equal(t, []string{
		"review.open", "review.apps", "review.users", "review.roles", "review.assess", "review.freeze",
		"sheets.write",
	}, w.did()[:7])
	require.ElementsMatch(t, []string{"gmail.compliance", "gmail.managers"}, w.did()[7:])
	require.Equal(t, api.ReviewOutcome{
		Campaign: "2026-11", Result: "reviewed", Link: "https://sheet.example/1",
		Snapshot: api.ReviewSnapshot{AsOf: start, Users: 60, Access: 180, Findings: 7},
		Mailed:   api.ReviewMailed{Managers: 8, Unmanaged: 2},
	}, out)
	for _, in := range w.inputs {
		require.Equal(t, api.ReviewInput{Campaign: "2026-11"}, in)
	}
}

func TestFinishedReviewIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	w := &reviewWorld{world: newWorld(t), opened: api.ReviewOpened{Frozen: true, Finished: true}}
	out, err := w.openReview("access-review/2026-11").review(november)
	require.NoError(t, err)
	require.Equal(t, "was finished before", out.Result)
	require.Equal(t, []string{"review.open"}, w.did())
}

// TestScheduledRunStartsTheMonth: the month is that of the time the run was meant for, so that a backfill reviews the
// month that was missed.
func TestScheduledRunStartsTheMonth(t *testing.T) {
	t.Parallel()
	meant := time.Date(2025, 11, 1, 6, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		id        string
		in        api.ReviewRequest
		scheduled bool
		want      api.ReviewStart
	}{
		"by a schedule": {"access-review-2026-03-02T09:00:00Z", api.ReviewRequest{}, true, api.ReviewStart{At: meant}},
		"with a zone": {
			"access-review-2026-03-02T09:00:00Z",
			api.ReviewRequest{Zone: "Asia/Tokyo"},
			true,
			api.ReviewStart{At: meant, Zone: "Asia/Tokyo"},
		},
		"by hand":          {"somebody-tries", api.ReviewRequest{}, false, api.ReviewStart{At: start}},
		"under another id": {"somebody-tries", api.ReviewRequest{Campaign: "2026-11"}, false, api.ReviewStart{Campaign: "2026-11", At: start}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &reviewWorld{world: newWorld(t)}
			p := w.openReview(c.id)
			if c.scheduled {
				require.NoError(t, p.env.SetTypedSearchAttributesOnStart(temporal.NewSearchAttributes(
					temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime").ValueSet(meant))))
			}
			out, err := p.review(c.in)
			require.NoError(t, err)
			require.Equal(t, []api.ReviewStart{c.want}, w.started)
			require.Equal(t, []string{"review.start"}, w.did())
			require.Equal(t, "is reviewed by access-review/2026-11", out.Result)
		})
	}
}

func TestReviewParksAndGoesOn(t *testing.T) {
	t.Parallel()
	w := &reviewWorld{world: newWorld(t)}
	w.refusing("sheets.write", 1)
	p := w.openReview("access-review/2026-11")
	var skipped *answer
	p.after(time.Minute, func() {
		s := p.state()
		require.Equal(t, api.StageAttention, s.Stage)
		require.Equal(t, "sheets.write", s.Attention[0].Step)
		skipped = p.by(api.VerbSkip)
		p.by(api.VerbRetry)
	})
	out, err := p.review(november)
	require.NoError(t, err)
	require.Equal(t, "reviewed", out.Result)
	require.ErrorContains(t, skipped.refused, "nothing is waiting for skip", "a review without its sheet is none")
	require.Equal(t, 2, w.tried("sheets.write"))
	require.Equal(t, 1, w.tried("review.freeze"))
	require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
}

// TestReaderWhoIsRefusedKeepsItFromNobody: compliance cannot be written to, a reader cannot be given access, and some e-mails
// are refused. The managers are written to all the same, and IT is told what to do by hand.
func TestReaderWhoIsRefusedKeepsItFromNobody(t *testing.T) {
	t.Parallel()
	w := &reviewWorld{world: newWorld(t)}
	w.written.Unshared = []api.Unshared{{Address: "gone@acme.example", Link: "https://sheet.example/1"}}
	w.mailed.Refused = 1
	w.refusing("gmail.compliance", 9)
	p := w.openReview("access-review/2026-11")
	p.after(time.Minute, func() {
		require.Equal(t, []string{"gmail.managers"}, w.did("gmail.managers"))
		require.Equal(t, "gmail.compliance", p.state().Attention[0].Step)
		require.Contains(t, w.posted(), api.MessageReviewUnshared)
		p.by(api.VerbSkip)
	})
	out, err := p.review(november)
	require.NoError(t, err)
	require.Equal(t, "reviewed", out.Result)
	for _, m := range w.messages {
		if m.Kind == api.MessageReviewUnshared {
			require.Equal(t, "gone@acme.example", m.Lines[0].Value)
		}
	}
	require.Contains(t, w.messages[len(w.messages)-1].Text, "1 e-mail of access review 2026-11")
}

// TestAbortedReviewFails so that the same campaign can be started again.
func TestAbortedReviewFails(t *testing.T) {
	t.Parallel()
	w := &reviewWorld{world: newWorld(t)}
	w.refusing("review.open", 1)
	p := w.openReview("access-review/2026-11")
	p.after(time.Minute, func() { p.by(api.VerbAbort) })
	_, err := p.review(november)
	require.ErrorContains(t, err, "aborted by an operator")
	require.Empty(t, w.did("review.apps"))
}
