package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// unmapped is the assessment of somebody in a department that no rule is for.
func unmapped() api.Assessment {
	a := attention("department_unmapped")
	a.Beside, a.Attended = true, true
	a.Person.Record.Department, a.Plan.PolicyHash = "Robotics", "one"
	return a
}

// TestWhatARunWaitsForIsOnTheList while it waits, and off it before the run ends.
func TestWhatARunWaitsForIsOnTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shared = true
	w.finds(unmapped())
	p := w.open(start)
	p.after(time.Hour, func() {
		w.change(func() {
			require.Len(t, w.parked, 1)
			require.Empty(t, w.dropped)
		})
		p.by(api.VerbAbort)
	})
	e := p.person()
	require.NoError(t, e.err)
	in := w.parked[0]
	require.Equal(t, api.PersonID(key), in.Workflow)
	require.Equal(t, []string{"department_unmapped", "Robotics", "one", "plan", key}, []string{in.Code, in.About, in.Policy, in.Step, in.Key})
	require.NotEmpty(t, in.Item)
	require.Len(t, w.dropped, 1)
	require.Equal(t, in.At, w.dropped[0].At)
	require.Empty(t, w.posted(), "one message tells everybody who waits because of it, and this run sends none")
}

// TestQuestionOfOnePersonIsToldByTheirRun, and so is any while the list cannot be written.
func TestQuestionOfOnePersonIsToldByTheirRun(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(w *world){
		"nobody shares it": func(*world) {},
		"the ledger does not answer": func(w *world) {
			w.shared = true
			w.listing = func(context.Context) error { return errors.New("no answer") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			set(w)
			w.finds(unmapped())
			p := w.open(start)
			p.after(time.Hour, func() {
				require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
				p.by(api.VerbAbort)
			})
			require.NoError(t, p.person().err)
		})
	}
}

// TestRunsOfBeforeListNothing: they go on as they began.
func TestRunsOfBeforeListNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := unmapped()
	a.Attended = false
	w.finds(a)
	p := w.open(start)
	p.after(time.Hour, func() { p.by(api.VerbAbort) })
	require.NoError(t, p.person().err)
	require.Empty(t, w.parked)
	require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
}

// TestQuestionIsRenewedDaily for as long as it waits without an end.
func TestQuestionIsRenewedDaily(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.Beside, a.Attended = true, true
	w.refusing("onelogin.remove-roles", 1)
	p := w.open(start)
	p.after(73*time.Hour, func() {
		w.change(func() {
			require.Len(t, w.parked, 4, "when it was parked, and on three days")
			for _, in := range w.parked {
				require.Equal(t, w.parked[0].Item, in.Item)
			}
		})
		p.by(api.VerbRetry)
	})
	p.template(api.TypeOffboarding, a)
	require.Len(t, w.dropped, 1)
}

// listed has a test whose subject is another one take whatever is put on the list and off it.
func listed(add func(name string, fn any)) {
	add(api.AttentionHold, func(context.Context, api.Parked) (api.Listed, error) { return api.Listed{}, nil })
	add(api.AttentionDrop, func(context.Context, api.Parked) error { return nil })
}
