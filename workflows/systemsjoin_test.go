package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// mailbox is a joiner's account that an invitation waits for.
func mailbox(wait time.Duration) identity.SystemPlan {
	plan := staying("google", "", identity.SystemCreate, identity.SystemAddGroups)
	plan.Before, plan.Wait = true, wait
	return plan
}

// welcome is a world in which a joiner's accounts are made.
func welcome(t *testing.T, plans ...identity.SystemPlan) (*world, *beyond, api.Assessment) {
	t.Helper()
	w := joinersWorld(t)
	w.finds(person())
	return w, newBeyond(), with(joiner(), plans...)
}

// The mailbox comes before the invitation; what nobody waits for goes beside.
func TestInvitationWaitsForTheMailbox(t *testing.T) {
	t.Parallel()
	w, b, a := welcome(t, mailbox(2*time.Hour), staying("ldap", "", identity.SystemCreate))
	up := false
	w.downUntil("create", "@google", func() bool { return up })
	p := w.open(start).beyond(b)
	p.after(5*time.Minute, func() {
		require.Equal(t, 1, w.tried("onelogin.activate"), "only the invitation waits")
		require.Zero(t, w.tried("onelogin.invite"))
		require.Equal(t, 1, w.tried("create@ldap"))
		up = true
	})
	e := w.toTheEnd(b, p.template(api.TypeOnboarding, a))
	require.Equal(t, "can sign in", e.out.Result)
	require.Less(t, e.at.Sub(start), 7*time.Minute)
	require.Equal(t, []string{"add_groups@google/new", "onelogin.invite"}, w.did("onelogin.invite", "add_groups@google/new"))
	require.Empty(t, itMessage(w).NotReady)
	require.Empty(t, b.owed)
}

func itMessage(w *world) api.Message {
	i := slices.IndexFunc(w.messages, func(m api.Message) bool { return m.Kind == api.MessageJoinerIT })
	require.GreaterOrEqual(w.t, i, 0)
	return w.messages[i]
}

// The mailbox is late: the invitation goes to the private address, and IT reads that it does. The rest is a debt.
func TestLateMailboxHoldsTheInvitationUpForAWhile(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*world){
		"down":    func(w *world) { w.downUntil("create", "@google", func() bool { return false }) },
		"refused": func(w *world) { w.refusing("create@google", 9) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, b, a := welcome(t, mailbox(2*time.Hour))
			fail(w)
			at := time.Time{}
			w.before("onelogin.invite", func(context.Context, int) error { at = w.now(); return nil })
			p := w.open(start).beyond(b)
			p.after(time.Hour, func() { require.Zero(t, w.tried("onelogin.invite")) })
			e := p.template(api.TypeOnboarding, a)
			require.NoError(t, e.err)
			require.Equal(t, start.Add(2*time.Hour), at.UTC())
			require.Equal(t, "ada@home.example", w.invites[0].PersonalEmail)
			require.Equal(t, []string{"google"}, itMessage(w).NotReady)
			if name == "refused" {
				require.Equal(t, api.TypePerson, e.next, "somebody is asked about it")
				return
			}
			w.finds(with(person(), mailbox(2*time.Hour)))
			e = w.toTheEnd(b, e)
			require.Equal(t, "can sign in", e.out.Result, "what is owed is not tried again without a hint")
			require.NotEmpty(t, b.owed)
			require.Equal(t, start, b.owed[0].Since)
			require.Equal(t, "owed: waits for create", w.fact("add_groups@google").Outcome)
		})
	}
}

// A system that nobody waits for holds nothing of a first day up. What failed is left to whoever hints when the system answers.
func TestJoinersDebtHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w, b, a := welcome(t, staying("salesforce", "", identity.SystemCreate, identity.SystemAddRoles))
	w.downUntil("create", "@salesforce", func() bool { return false })
	at := time.Time{}
	w.before("onelogin.invite", func(context.Context, int) error { at = w.now(); return nil })
	e := w.open(start).beyond(b).template(api.TypeOnboarding, a)
	w.finds(with(person(), staying("salesforce", "", identity.SystemCreate, identity.SystemAddRoles)))
	e = w.toTheEnd(b, e)
	require.Equal(t, "can sign in", e.out.Result)
	require.Equal(t, start, at.UTC())
	require.Equal(t, start.Add(9*time.Minute), e.at)
	require.Len(t, b.owed, 1)
	require.False(t, b.owed[0].Leaving)
}

// What a system refuses of a joiner is asked about in Person, which goes on with the rest of that account.
func TestRefusedStepOfAJoinerIsAskedAboutInPerson(t *testing.T) {
	t.Parallel()
	plan := staying("ldap", "e1", identity.SystemResume, identity.SystemAddGroups)
	w, b, a := welcome(t, plan)
	w.refusing("resume@ldap/e1", 2)
	w.finds(with(person(), plan))
	e := w.open(start).beyond(b).template(api.TypeOnboarding, a)
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start, e.at)
	p := w.open(e.at).beyond(b)
	p.after(time.Hour, func() {
		require.Len(t, p.state().Attention, 1)
		p.by(api.VerbRetry)
	})
	e = p.run(e.next, e.input)
	require.NoError(t, e.err)
	require.Equal(t, "can sign in", e.out.Result)
	require.Equal(t, []string{"resume:2@ldap/e1", "add_groups@ldap/e1"}, w.did("resume:2@ldap/e1", "add_groups@ldap/e1"))
}

// Somebody leaves while another system hangs: the suspension does not wait for that, and nothing is given after it. The offboarding
// assesses once more, since the step in flight may have landed.
func TestDepartureStopsWhatIsGivenElsewhere(t *testing.T) {
	t.Parallel()
	w, b, a := welcome(t, staying("google", "77", identity.SystemAddGroups, identity.SystemMove))
	release := make(chan struct{})
	w.before("add_groups@google/77", func(ctx context.Context, _ int) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})
	at := time.Time{}
	w.before("onelogin.suspend", func(context.Context, int) error { at = w.now(); close(release); return nil })
	p := w.open(start).beyond(b)
	p.env.SetTestTimeout(5 * time.Second)
	w.before("slack.it", func(context.Context, int) error {
		leaves := with(leaver(), leaving("google", "77", identity.SystemSuspend))
		leaves.ContainBy = start.Add(time.Hour)
		w.finds(leaves)
		p.hint()
		return nil
	})
	e := p.template(api.TypeOnboarding, a)
	require.NoError(t, e.err)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, start, at.UTC())
	require.Zero(t, w.tried("move@google/77"))
	require.True(t, e.input.Hinted)
}

// A mover's access elsewhere follows that in OneLogin, and what they read names it.
func TestMoveIsFollowedElsewhere(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(person())
	a := with(moving(),
		staying("google", "77", identity.SystemRemoveGroups, identity.SystemAddGroups), staying("ldap", "e1", identity.SystemWriteProfile))
	e := w.toTheEnd(b, w.open(start).beyond(b).template(api.TypeRoleChange, a))
	require.Equal(t, "access follows the new position", e.out.Result)
	require.Equal(t, []string{"onelogin.roles", "remove_groups@google/77", "add_groups@google/77"},
		w.did("onelogin.roles", "remove_groups@google/77", "add_groups@google/77"))
	i := slices.IndexFunc(w.messages, func(m api.Message) bool { return m.Kind == api.MessageMoverPerson })
	require.Contains(t, w.messages[i].Lines, api.Line{Label: "New in google", Value: "sales@acme.example"})
	require.Contains(t, w.messages[i].Lines, api.Line{Label: "Ended in google", Value: "sales@acme.example"})
}

// Where only profiles change, here and elsewhere, there is nothing to tell anybody.
func TestProfileChangedElsewhereIsNoNews(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(person())
	a := with(moving(), staying("google", "77", identity.SystemWriteProfile))
	a.Plan.Steps = []identity.Step{{Kind: identity.StepSetProfile}}
	a.Plan.Desired.Roles = nil
	e := w.open(start).beyond(b).template(api.TypeRoleChange, a)
	require.NoError(t, e.err)
	require.Len(t, b.carried, 1)
	require.Empty(t, w.posted())
}

// What turns up in another system while a template is at work is looked at when that is done.
func TestNewsFromElsewhereIsLookedAtAfterTheWork(t *testing.T) {
	t.Parallel()
	w, b, a := welcome(t, mailbox(2*time.Hour))
	now := a
	w.downUntil("create", "@google", func() bool { return w.now().Sub(start) > 6*time.Minute })
	p := w.open(start).beyond(b)
	p.after(5*time.Minute, func() {
		now.Systems = append(slices.Clone(a.Systems), staying("ldap", "e1", identity.SystemMove))
		w.finds(now)
		p.hint()
	})
	e := p.template(api.TypeOnboarding, a)
	require.NoError(t, e.err)
	require.Equal(t, api.TypePerson, e.next)
}

// A hire that is off is closed elsewhere as well, and left open for as long as that takes.
func TestHireThatIsOffIsClosedElsewhere(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(person())
	a := with(person(), leaving("google", "77", identity.SystemSuspend))
	a.Plan = identity.Plan{Verdict: identity.VerdictUndo, Steps: []identity.Step{{Kind: identity.StepDelete}}}
	e := w.toTheEnd(b, w.open(start).beyond(b).template(api.TypeOnboarding, a))
	require.Equal(t, "hire undone", e.out.Result)
	require.Equal(t, "suspended", b.status["google/77"])
	require.Equal(t, []api.MessageKind{api.MessageJoinerUndone}, w.posted())
}

// Files are handed over before OneLogin's account is deleted, with the role that carries the app.
func TestAccountIsDeletedAfterFilesAreHandedOver(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	google := leaving("google", "77", identity.SystemTransfer)
	google.Carried, b.pending = []string{"Google Workspace"}, 2
	a := with(left(), google)
	a.Plan.Verdict, a.Plan.Steps = identity.VerdictDelete, []identity.Step{{Kind: identity.StepDelete}}
	a.Delete = []identity.Account{*a.Account}
	w.finds(a)
	e := w.open(start).beyond(b).person()
	require.NoError(t, e.err)
	require.Equal(t, []string{"transfer:3@google/77", "onelogin.delete@onelogin/501"}, w.did("transfer:3@google/77", "onelogin.delete@onelogin/501"))
	require.Equal(t, start.Add(3*time.Minute), e.at)
}

// A run that is cancelled stops what goes on elsewhere, and records what was done.
func TestCancelledRunStopsWhatGoesOnElsewhere(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(), staying("google", "77", identity.SystemAddGroups, identity.SystemMove)))
	w.downUntil("move", "@google/77", func() bool { return false })
	p := w.open(start).beyond(b)
	p.after(2*time.Minute, func() { p.env.CancelWorkflow() })
	e := p.person()
	require.Error(t, e.err)
	require.Equal(t, "done", w.fact("add_groups@google/77").Outcome)
	require.Equal(t, start.Add(2*time.Minute), e.at)
	require.Empty(t, b.owed)
}

// moving is somebody whose position has changed.
func moving() api.Assessment {
	a := person()
	a.Plan = mover()
	return a
}
