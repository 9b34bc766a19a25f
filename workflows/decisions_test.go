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

// moved is person with a change of position that gives roles, in approve mode.
func moved(roles ...string) api.Assessment {
	a := person()
	a.Mode = api.ModeApprove
	a.Plan.Verdict, a.Plan.Reason = identity.VerdictChange, "the account differs from what the policy gives"
	a.Plan.Desired.Roles = roles
	a.Plan.Steps = []identity.Step{{Kind: identity.StepAddRoles, Names: roles}}
	a.PlanHash = a.Plan.Hash(a.Episode, identity.OneLoginRef(a.Account.ID))
	return a
}

// TestWhatWasAllowedIsOnePlan: the word about one plan is no word about another one, nor about the same one later.
func TestWhatWasAllowedIsOnePlan(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]api.Assessment{"another plan": moved("AWS Admin"), "the same plan": moved("Support")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.finds(moved("Support"))
			p := w.open(start)
			p.after(time.Minute, func() { require.NoError(t, p.by(api.VerbAllow).refused) })
			e := p.person()
			require.Equal(t, api.TypeRoleChange, e.next)
			require.Empty(t, e.input.Approved)

			later.Want = "another"
			w.finds(later)
			template := w.open(e.at)
			template.after(0, template.hint)
			e = template.run(e.next, e.input)
			require.Equal(t, api.TypePerson, e.next)
			require.Equal(t, []string{"onelogin.roles"}, w.did("onelogin.roles"))

			again := w.open(e.at)
			again.after(time.Minute, func() {
				state := again.state()
				require.Equal(t, api.StageAttention, state.Stage)
				require.Equal(t, identity.Words(later.Plan.Steps), state.Attention[0].Plan)
				require.Equal(t, later.PlanHash, state.Attention[0].PlanHash)
				require.Contains(t, again.details(), "- give roles: "+later.Plan.Desired.Roles[0])
				again.by(api.VerbReject)
			})
			require.NoError(t, again.run(e.next, e.input).err)
			require.Len(t, w.did("onelogin.roles"), 1, "nothing more was allowed")
			require.Len(t, w.posted(), 4, "the owner hears of both questions, person and manager of the change")
			asked := slices.DeleteFunc(w.messages, func(m api.Message) bool { return m.Asked == nil })
			require.Len(t, asked, 2)
			require.Equal(t, later.Plan.Steps[0].String(), asked[1].Asked.Plan[0])
			require.NotEqual(t, asked[0].Asked.Item, asked[1].Asked.Item)
		})
	}
}

// TestOldChainsKeepTheirWord: what was allowed before plans had a hash is good for the verdict, as it was then.
func TestOldChainsKeepTheirWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := moved("Support")
	old.PlanHash = ""
	w.finds(old)
	e := w.open(start).run(api.TypePerson, api.ChainInput{Key: key, Hint: hint(), Approved: "change/1"})
	require.Equal(t, api.TypeRoleChange, e.next)
	require.Equal(t, "change/1", e.input.Approved)

	w.finds(moved("Support"))
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, api.StageAttention, p.state().Stage, "the word of before is not bound to this plan")
		p.by(api.VerbReject)
	})
	require.NoError(t, p.run(api.TypePerson, api.ChainInput{Key: key, Hint: hint(), Approved: "change/1"}).err)
}

func TestDecisionAboutAPlanThatHasChangedIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(moved("Support"))
	p := w.open(start)
	var first string
	var late, mismatched, wrong, right *answer
	p.after(time.Minute, func() {
		first = p.state().Attention[0].Item
		p.hint()
	})
	p.after(2*time.Minute, func() {
		require.Equal(t, first, p.state().Attention[0].Item, "the same question has the same name")
		w.finds(moved("AWS Admin"))
		p.hint()
	})
	p.after(3*time.Minute, func() {
		second := p.state().Attention[0].Item
		require.NotEqual(t, first, second)
		late = p.decide(api.VerbAllow, api.Decision{By: "grace", Item: first})
		wrong = p.decide(api.VerbSkip, api.Decision{By: "grace", Item: second})
		mismatched = p.decide(api.VerbAllow, api.Decision{By: "grace", Item: second, Step: "plan"})
	})
	p.after(4*time.Minute, func() {
		require.Equal(t, api.StageAttention, p.state().Stage)
		right = p.decide(api.VerbReject, api.Decision{By: "grace", Item: p.state().Attention[0].Item})
	})
	require.NoError(t, p.person().err)
	require.ErrorContains(t, late.refused, "does not wait for a decision any more")
	require.ErrorContains(t, late.refused, "Steps: give roles: AWS Admin", "what waits now is shown")
	require.ErrorContains(t, wrong.refused, "skip does not answer item")
	require.ErrorContains(t, mismatched.refused, "at step plan")
	require.True(t, right.completed)
	require.Zero(t, w.tried("onelogin.roles"))
}

// TestRepeatedDecisionIsNotTakenTwice: neither in the run that took it, nor in one that the chain went on as.
func TestRepeatedDecisionIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(attention("protected"))
	p := w.open(start)
	var item string
	var again *answer
	p.after(time.Minute, func() {
		item = p.state().Attention[0].Item
		p.update("u1", api.VerbRetry, api.Decision{By: "grace", Item: item})
	})
	p.after(2*time.Minute, func() {
		require.NotEqual(t, item, p.state().Attention[0].Item, "it was answered, and is asked anew")
		again = p.update("u2", api.VerbAbort, api.Decision{By: "grace", Item: item})
	})
	e := p.person() // a day later
	require.ErrorContains(t, again.refused, "does not wait for a decision any more")
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, []api.Decided{{ID: "u1", Item: item}}, e.input.Decided)

	p = w.open(e.at)
	var sentAgain *answer
	p.after(time.Minute, func() { sentAgain = p.update("u1", api.VerbAbort, api.Decision{By: "grace"}) })
	p.after(2*time.Minute, func() {
		require.Equal(t, api.StageAttention, p.state().Stage, "it was not carried out again")
		p.update("u3", api.VerbAbort, api.Decision{By: "grace"})
	})
	require.Equal(t, "protected: abort", p.run(e.next, e.input).out.Result)
	require.True(t, sentAgain.completed)
}

// TestChainRemembersTheLastDecisions and no more of them.
func TestChainRemembersTheLastDecisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(attention("protected"))
	p := w.open(start)
	for i := range 25 {
		p.after(time.Duration(i+1)*time.Minute, func() { p.update(string(rune('a'+i)), api.VerbRetry, api.Decision{By: "grace"}) })
	}
	e := p.person()
	require.Len(t, e.input.Decided, 20)
	require.Equal(t, "y", e.input.Decided[19].ID)
}

func TestDecisionThatCouldMeanTwoQuestionsIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refusing("jira.ticket", 1)
	w.refusing("slack.security", 1)
	w.account.Status = "suspended"
	p := w.open(start)
	var unclear, one, other *answer
	p.after(time.Minute, func() {
		require.Len(t, p.state().Attention, 2)
		unclear = p.by(api.VerbRetry)
		one = p.decide(api.VerbRetry, api.Decision{By: "grace", Item: p.state().Attention[0].Item})
	})
	p.after(2*time.Minute, func() {
		require.Len(t, p.state().Attention, 1)
		other = p.by(api.VerbRetry)
	})
	w.finds(left())
	p.template(api.TypeOffboarding, leaver())
	require.ErrorContains(t, unclear.refused, "2 questions wait for retry here")
	require.ErrorContains(t, unclear.refused, "step jira.ticket")
	require.ErrorContains(t, unclear.refused, "step slack.security")
	require.True(t, one.completed)
	require.True(t, other.completed, "one question is left, so that it is clear which is meant")
}

// TestHeldPlanShowsWhatIsHeld: what the budget holds back is shown by name.
func TestHeldPlanShowsWhatIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := attention(api.NoticeBudgetPrivileged)
	held.Held, held.PlanHash = moved("AWS Admin").Plan.Steps, "h1"
	w.finds(held)
	w.before("person.decide", func(context.Context, int) error { w.finds(person()); return nil })
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, []string{"give roles: AWS Admin"}, p.state().Attention[0].Plan)
		p.by(api.VerbAllow)
	})
	require.NoError(t, p.person().err)
	require.Equal(t, []string{"give roles: AWS Admin"}, w.messages[0].Asked.Plan)
}
