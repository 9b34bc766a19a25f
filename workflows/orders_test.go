package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// planned is person with a plan that orders call for.
func planned(v identity.Verdict, steps ...identity.Step) api.Assessment {
	a := person()
	a.Plan.Verdict, a.Plan.Steps, a.Plan.Reason = v, steps, "an order asks for it"
	return a
}

// toSuspend is person under a suspend order that is yet to be carried out.
func toSuspend() api.Assessment {
	a := planned(identity.VerdictSuspend,
		identity.Step{Kind: identity.StepSuspend, Orders: []string{"o-1"}}, identity.Step{Kind: identity.StepLogOut})
	a.Suspend = &identity.Order{ID: "o-1", By: "grace"}
	a.ContainBy = start.Add(15 * time.Minute)
	return a
}

// suspended is person while the suspend order stands.
func suspended(due time.Time) api.Assessment {
	a := waiting(due)
	a.Account.Status = identity.AccountSuspended
	return a
}

func toLift() api.Assessment {
	return planned(identity.VerdictLift, identity.Step{Kind: identity.StepActivate})
}

func response(kind identity.StepKind, order string) identity.Step {
	return identity.Step{Kind: kind, Orders: []string{order}, Minutes: 30, Why: "the person has left"}
}

// becomes has the world look different once a step has taken effect.
func (w *world) becomes(step string, look api.Assessment) {
	w.before(step, func(context.Context, int) error { w.finds(look); return nil })
}

// A suspend order is carried out, stands until it lapses weeks later, and is lifted; nothing else happens to the account.
func TestSuspensionIsCarriedOutAndLiftedWhenItLapses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	until := start.Add(21 * 24 * time.Hour)
	w.finds(toSuspend())
	w.becomes("onelogin.log-out", suspended(until))
	w.becomes("onelogin.activate", person())
	e := w.open(start).person()
	require.Equal(t, api.TypePerson, e.next, "a long wait is entered by a fresh run")
	require.Equal(t, []api.AccountInput{{Key: key, AccountID: accountID, Order: "o-1", LogOut: true}}, w.suspends)
	require.Equal(t, "order o-1 by grace", w.fact("onelogin.suspend").Cause, "recorded before the wait")
	p := w.open(e.at)
	p.after(20*24*time.Hour, func() { require.Equal(t, api.StageWaiting, p.state().Stage) })
	p.after(21*24*time.Hour-time.Second, func() { w.finds(toLift()) })
	e = p.run(e.next, e.input)
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, until, e.at)
	require.Equal(t, []string{"onelogin.suspend", "onelogin.log-out", "onelogin.activate"},
		w.did("onelogin.suspend", "onelogin.log-out", "onelogin.activate", "onelogin.roles", "onelogin.remove-roles",
			"onelogin.scramble-password", "onelogin.remove-factors", "onelogin.invite", "jira.ticket", "slack.security"))
	require.Empty(t, w.posted())
}

func TestSomebodyElsesLockIsNotMadeOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := toSuspend()
	a.Account.Status = identity.AccountLocked
	w.finds(a)
	w.becomes("onelogin.log-out", person())
	require.NoError(t, w.open(start).person().err)
	require.True(t, w.suspends[0].Foreign)
}

// Somebody opens the account again and again while the order stands.
func TestSuspensionThatDoesNotHoldIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(toSuspend())
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, "access_keeps_returning", p.state().Attention[0].Code)
		require.Equal(t, 2, w.tried("onelogin.suspend"))
		w.becomes("onelogin.log-out", person())
		p.by(api.VerbRetry)
	})
	require.NoError(t, p.person().err)
	require.Equal(t, 3, w.tried("onelogin.suspend"))
}

// The order that ended is followed by another, or by a departure, right before the account would be opened.
func TestLiftThatIsOutdatedLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(toLift())
	w.before("onelogin.activate", func(context.Context, int) error {
		w.finds(left())
		return superseded()
	})
	e := w.open(start).person()
	require.Equal(t, api.TypePerson, e.next)
	e = w.then(e)
	require.Equal(t, "nothing to do", e.out.Result)
	require.NotContains(t, w.did(), "onelogin.activate")
}

// OneLogin refuses the activation for as long as it takes; the person leaves meanwhile.
func TestDepartureOvertakesALift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(toLift())
	w.failing("onelogin.activate", 1000)
	p := w.open(start)
	p.after(time.Hour, func() { w.finds(leaver()); p.hint() })
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.NotContains(t, w.did(), "onelogin.activate")
	require.Contains(t, w.did(), "onelogin.suspend")
}

// A suspend order does not wait for a joiner's work to be done.
func TestSuspendOrderStopsATemplate(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.failing("onelogin.roles", 1000)
	p := w.open(start)
	p.after(time.Hour, func() { w.finds(toSuspend()); p.hint() })
	e := p.template(api.TypeOnboarding, joiner())
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, []string{"onelogin.suspend", "onelogin.suspend:again"}, w.did("onelogin.suspend", "onelogin.suspend:again"))
	require.Equal(t, "o-1", w.suspends[1].Order)
	require.NotContains(t, w.did(), "onelogin.activate")
}

func TestResponsesAreCarriedOutAndClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(planned(identity.VerdictRespond,
		response(identity.StepEndSessions, "a"), response(identity.StepResetPassword, "b"), response(identity.StepLock, "c"),
		response(identity.StepCloseOrder, "d")))
	w.becomes("orders.close:c", person())
	e := w.open(start).person()
	require.NoError(t, e.err)
	require.ElementsMatch(t, []api.CloseOrder{
		{ID: "a", Outcome: "sessions ended"},
		{ID: "b", Outcome: "password reset, link mailed"},
		{ID: "c", Outcome: "locked for 30 minutes"},
		{ID: "d", Outcome: "not done: the person has left"},
	}, w.closed)
	require.Len(t, w.responses, 3)
	require.Equal(t, "order/b/invite", w.invites[0].OnceKey)
	require.Equal(t, "order c", w.fact("onelogin.lock:c").Cause)
	require.Equal(t, "locked for 30 minutes", w.fact("orders.close:c").Outcome)
}

// The link cannot be mailed. The password is unknown already, the other response is done, and a person decides.
func TestResponseThatIsRefusedIsDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(planned(identity.VerdictRespond, response(identity.StepResetPassword, "b"), response(identity.StepLock, "c")))
	w.refusing("onelogin.invite:b", 9)
	w.becomes("orders.close:b", person())
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, []api.CloseOrder{{ID: "c", Outcome: "locked for 30 minutes"}}, w.closed)
		require.Equal(t, "onelogin.invite:b", p.state().Attention[0].Step)
		p.by(api.VerbSkip)
	})
	require.NoError(t, p.person().err)
	require.Equal(t, "password reset; mailing the link was skipped by an operator", w.closed[1].Outcome)
}

// A response is stuck, and the person leaves: nobody waits for the response.
func TestDepartureOvertakesAResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(planned(identity.VerdictRespond, response(identity.StepLock, "c")))
	w.refusing("onelogin.lock:c", 9)
	p := w.open(start)
	p.after(time.Hour, func() {
		gone := leaver()
		gone.Plan.Steps = append(gone.Plan.Steps, response(identity.StepCloseOrder, "c"))
		w.finds(gone)
		p.hint()
	})
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Empty(t, w.closed)
	w.account.Status = "suspended"
	w.finds(left())
	w.then(e)
	require.Equal(t, []api.CloseOrder{{ID: "c", Outcome: "not done: the person has left"}}, w.closed)
}

// A joiner is being worked on for hours when a response arrives: it is carried out beside the work.
func TestResponseGoesBesideATemplatesWork(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.before("onelogin.invite", func(_ context.Context, attempt int) error {
		if attempt <= 2 {
			return unreachable()
		}
		return nil
	})
	p := w.open(start)
	p.after(30*time.Minute, func() {
		w.finds(planned(identity.VerdictRespond, response(identity.StepEndSessions, "a")))
		p.hint()
	})
	p.after(40*time.Minute, func() {
		require.Equal(t, []api.CloseOrder{{ID: "a", Outcome: "sessions ended"}}, w.closed)
		require.NotContains(t, w.did(), "onelogin.invite", "the work is not done yet")
		w.finds(person())
	})
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, api.TypePerson, e.next, "what the response hid is looked at afterwards")
	require.Contains(t, w.did(), "onelogin.invite")
}

// A response about somebody who has long left does not cut the read-backs short.
func TestResponseDuringTheWatchIsOnlyClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.account.Status = "suspended"
	w.finds(left())
	p := w.open(start)
	p.after(30*time.Second, func() {
		late := left()
		late.Plan.Verdict, late.Plan.Steps = identity.VerdictRespond, []identity.Step{response(identity.StepCloseOrder, "c")}
		w.finds(late)
		p.hint()
	})
	p.after(40*time.Second, func() { w.finds(left()) })
	e := p.template(api.TypeOffboarding, leaver())
	require.Equal(t, api.TypeOffboarding, e.next, "the read-back of the next day is still to come")
	require.Equal(t, []api.CloseOrder{{ID: "c", Outcome: "not done: the person has left"}}, w.closed)
	require.Contains(t, w.did(), "onelogin.read-back:2")
}
