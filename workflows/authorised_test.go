package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// list plays a run about a list that is due a day after the start.
func (p *play) authorised() api.AuthorisedOutcome {
	p.t.Helper()
	p.env.ExecuteWorkflow(api.TypeAuthorised, api.AuthorisedInput{ID: "berlin", At: start.Add(24 * time.Hour)})
	require.True(p.t, p.env.IsWorkflowCompleted())
	require.NoError(p.t, p.env.GetWorkflowError())
	var out api.AuthorisedOutcome
	require.NoError(p.t, p.env.GetWorkflowResult(&out))
	return out
}

func TestListWaitsForItsMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.authorised = api.AuthorisedState{Source: "workday", Kind: api.AuthoriseContain, People: 42, Approvals: 2, Pages: true}
	p := w.open(start)
	p.after(23*time.Hour, func() {
		require.Contains(t, p.state().Doing, "2 of 2 approvals; nothing is done before 2026-03-03 09:00 UTC")
		w.change(func() { w.authorised.Done = true })
	})
	require.Equal(t, "carried out: 42 people", p.authorised().Result)
	require.Equal(t, start.Add(24*time.Hour), p.env.Now().UTC())
	require.Empty(t, w.posted())
}

// TestListThatNobodyApproves: nothing is done by time. Security is told at the moment and every day, and a late word counts.
func TestListThatNobodyApproves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.authorised = api.AuthorisedState{Source: "workday", Kind: api.AuthoriseContain, People: 42, Approvals: 1}
	p := w.open(start)
	p.after(24*time.Hour-time.Minute, func() { require.Empty(t, w.posted()) })
	p.after(24*time.Hour+time.Minute, func() {
		require.Equal(t, []api.MessageKind{api.MessageHoldOverdue}, w.posted())
		require.Contains(t, w.messages[0].Text, "42 people has come and 1 of 2 people have approved it. Nothing was done")
		require.Equal(t, api.AudienceSecurity, w.messages[0].Audience)
	})
	p.after(48*time.Hour+time.Hour, func() {
		require.Len(t, w.posted(), 2)
		w.change(func() { w.authorised.Approvals, w.authorised.Done = 2, true })
		p.env.SignalWorkflow(api.SignalAuthorised, nil)
	})
	require.Equal(t, "carried out: 42 people", p.authorised().Result)
	require.Equal(t, start.Add(49*time.Hour), p.env.Now().UTC())
}

func TestListThatIsWithdrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.authorised = api.AuthorisedState{Source: "workday", Kind: api.AuthoriseMove, People: 7}
	p := w.open(start)
	p.after(time.Hour, func() {
		w.change(func() { w.authorised.Withdrawn = true })
		p.env.SignalWorkflow(api.SignalAuthorised, nil)
	})
	require.Equal(t, "withdrawn, nothing was done", p.authorised().Result)
}

// TestListThatGrowsIsAskedAboutOnce: runs add one person after the other, and nobody is asked about each of them.
func TestListThatGrowsIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shown = list("aaaaaaaaaaaaaaaa", 1)
	p := w.open(start)
	p.after(0, func() { p.env.SignalWorkflow(api.SignalHold, api.HoldGrown) })
	p.after(2*time.Second, func() {
		require.Empty(t, p.state().Attention)
		w.change(func() { w.shown = list("bbbbbbbbbbbbbbbb", 63) })
		w.change(func() {
			w.shown.Changes = []api.HeldChange{{Kind: api.HoldGrant, People: 63}, {Kind: api.HoldGroup, People: 60}}
		})
	})
	p.after(time.Minute, func() {
		a := p.state().Attention[0]
		require.Equal(t, "budget_grant", a.Code)
		require.Contains(t, a.Text, "63 people would get roles, but the budget allows 15")
		require.Contains(t, a.Text, "In all: 63 would get roles, 60 would change their group.")
		require.NotContains(t, a.Text, "have left")
		p.by(api.VerbAllow)
	})
	p.env.ExecuteWorkflow(api.TypeHold, api.HoldInput{Source: "workday", Kind: api.HoldGrant})
	require.NoError(t, p.env.GetWorkflowError())
	require.Equal(t, []api.MessageKind{api.MessageSyncHeld}, w.posted())
}
