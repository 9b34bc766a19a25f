package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// Person carries out what is due in other systems: systems side by side, the steps of an account in order. It assesses once more
// and ends.
func TestPersonCarriesOutWhatIsDueElsewhere(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(),
		staying("google", "77", identity.SystemRemoveGroups, identity.SystemAddGroups),
		staying("ldap", "e1", identity.SystemMove)))
	together := meet(2)
	w.before("remove_groups@google/77", together)
	w.before("move@ldap/e1", together)
	e := w.open(start).beyond(b).person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, 2, w.tried("Person.Assess"))
	require.Equal(t, []string{"remove_groups@google/77", "add_groups@google/77"}, w.did("remove_groups@google/77", "add_groups@google/77"))
	require.Len(t, b.carried, 3)
	require.Equal(t, "done", w.fact("move@ldap/e1").Outcome)
	require.Equal(t, 1, w.fact("add_groups@google/77").Episode)
	require.Empty(t, b.owed)
	require.Empty(t, w.posted())
	require.Equal(t, start, e.at)
}

// An account that is made has its id from then on.
func TestStepsAfterACreationKnowTheAccount(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(), staying("google", "", identity.SystemCreate, identity.SystemAddGroups)))
	e := w.open(start).beyond(b).person()
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, []string{"create@google", "add_groups@google/new"}, w.did("create@google", "add_groups@google/new"))
	require.Equal(t, "new", b.carried[1].Account)
}

// What was carried out and is due again at once is asked about, and not carried out for ever.
func TestWhatComesBackUnchangedIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{api.VerbSkip, api.VerbRetry} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBeyond()
			w.finds(with(person(), staying("google", "77", identity.SystemAddGroups)))
			b.keeps = true
			p := w.open(start).beyond(b)
			p.after(time.Hour, func() {
				require.Len(t, b.carried, 1)
				require.Len(t, p.state().Attention, 1)
				require.Equal(t, "not_as_planned", p.state().Attention[0].Code)
				require.Equal(t, []api.SystemShown{{System: "google", Account: "77", Done: []string{"add_groups"}}}, p.state().Systems)
				b.carry = func(api.SystemInput) { w.look = person() }
				p.by(verb)
			})
			e := p.person()
			require.NoError(t, e.err)
			require.Equal(t, "nothing to do", e.out.Result)
			require.Equal(t, start.Add(time.Hour), e.at)
			require.Len(t, b.carried, map[string]int{api.VerbSkip: 1, api.VerbRetry: 2}[verb])
			require.Equal(t, "grace", w.fact("add_groups@google/77").Actor+map[string]string{api.VerbRetry: "grace"}[verb])
		})
	}
}

// Steps that take turns in being due end with a question as well.
func TestStepsThatTakeTurnsAreAskedAbout(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	one, other := staying("google", "77", identity.SystemAddGroups), staying("google", "77", identity.SystemRemoveGroups)
	w.finds(with(person(), one))
	b.carry = func(in api.SystemInput) {
		if w.look = with(person(), one); in.Step.Kind == identity.SystemAddGroups {
			w.look = with(person(), other)
		}
	}
	p := w.open(start).beyond(b)
	p.after(time.Hour, func() {
		require.Len(t, p.state().Attention, 1)
		w.finds(person())
		p.hint()
	})
	e := p.person()
	require.Equal(t, "nothing to do", e.out.Result)
	require.LessOrEqual(t, len(b.carried), 6)
}

// A system is down: after ten minutes the step is a debt, the rest of that account waits with it, and the run ends.
func TestStepThatFailsForTenMinutesIsADebt(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(),
		staying("google", "77", identity.SystemAddGroups),
		staying("ldap", "e1", identity.SystemMove, identity.SystemAddGroups)))
	w.before("move@ldap/e1", unless(func() bool { return false }))
	p := w.open(start).beyond(b)
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.InDelta(t, 10*time.Minute, e.at.Sub(start), float64(time.Minute))
	require.Len(t, b.owed, 1)
	owed := b.owed[0]
	require.Equal(t, api.ErrUnavailable, owed.Why)
	require.Equal(t, identity.SystemMove, owed.Step.Kind)
	require.Equal(t, start, owed.Since)
	require.Equal(t, "owed: Unavailable", w.fact("move@ldap/e1").Outcome)
	require.Equal(t, "owed: waits for move", w.fact("add_groups@ldap/e1").Outcome)
	require.Zero(t, w.tried("add_groups@ldap/e1"))
	require.Equal(t, []api.MessageKind{api.MessageSystemsLeft}, w.posted())
}

// A hint, such as that of the sweep when a system answers again, has what is owed tried again.
func TestHintHasADebtTriedAgain(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	up := false
	a := with(person(), staying("ldap", "e1", identity.SystemMove))
	a.Plan.Verdict, a.Plan.Due = identity.VerdictWait, start.Add(50*time.Minute)
	w.finds(a)
	w.before("move@ldap/e1", unless(func() bool { return up }))
	b.carry = func(api.SystemInput) { w.look = person() }
	p := w.open(start).beyond(b)
	p.after(30*time.Minute, func() { up = true; require.Empty(t, b.carried); p.hint() })
	e := p.person()
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, start.Add(30*time.Minute), e.at)
	require.Len(t, b.carried, 1)
}

// What a system refuses is asked about beside the run, which waits with the rest of that account alone.
func TestRefusedStepIsAskedAboutBesideTheRest(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{api.VerbRetry, api.VerbSkip, api.VerbAbort} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBeyond()
			w.finds(with(person(),
				staying("google", "77", identity.SystemResume, identity.SystemAddGroups),
				staying("ldap", "e1", identity.SystemMove)))
			w.refusing("resume@google/77", 1)
			p := w.open(start).beyond(b)
			p.after(time.Hour, func() {
				require.Equal(t, []string{"move@ldap/e1"}, w.did("resume@google/77", "move@ldap/e1", "add_groups@google/77"))
				require.Len(t, p.state().Attention, 1)
				require.Equal(t, "resume@google/77", p.state().Attention[0].Step)
				require.Equal(t, []string{"resume"}, p.state().Systems[0].Owed)
				p.by(verb)
			})
			e := p.person()
			require.NoError(t, e.err)
			require.Equal(t, "nothing to do", e.out.Result)
			require.Equal(t, start.Add(time.Hour), e.at)
			require.Equal(t, map[string][]string{
				api.VerbRetry: {"resume:2@google/77", "add_groups@google/77"}, api.VerbSkip: {"add_groups@google/77"}, api.VerbAbort: nil,
			}[verb], nilIfEmpty(w.did("resume:2@google/77", "add_groups@google/77")))
		})
	}
}

// What somebody holds says nothing about what else they hold. A system that fails in part answers, and has the rest done; one that is down
// has nothing done.
func TestRefusedGroupKeepsNoOtherFromAMover(t *testing.T) {
	t.Parallel()
	partly := temporal.NewApplicationErrorWithOptions("one group failed", api.ErrUnavailable, temporal.ApplicationErrorOptions{
		NextRetryDelay: time.Minute, Details: []any{api.Refused{Objects: "sales@acme.example"}},
	})
	for name, tt := range map[string]struct {
		err  error
		rest []string
	}{
		"refused":           {temporal.NewNonRetryableApplicationError("the last member", api.ErrConflict, nil), []string{"add_groups@google/77", "assign_licences@google/77"}},
		"one of them fails": {partly, []string{"add_groups@google/77", "assign_licences@google/77"}},
		"all is down":       {temporal.NewApplicationError("the vendor is down", api.ErrUnavailable), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBeyond()
			w.finds(with(person(), staying("google", "77", identity.SystemRemoveGroups, identity.SystemAddGroups, identity.SystemAssignLicences)))
			w.before("remove_groups@google/77", func(context.Context, int) error { return tt.err })
			p := w.open(start).beyond(b)
			p.after(time.Hour, func() {
				require.Equal(t, tt.rest, nilIfEmpty(w.did("add_groups@google/77", "assign_licences@google/77")))
				p.env.CancelWorkflow()
			})
			p.person()
		})
	}
}

// A plan that is outdated has the person assessed again, not at once each time.
func TestOutdatedStepElsewhereHasThePersonAssessedAgain(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(), staying("google", "77", identity.SystemAddGroups)))
	w.before("add_groups@google/77", func(context.Context, int) error { return superseded() })
	e := w.open(start).beyond(b).person()
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, 1, e.input.Reconsidered)
	require.Equal(t, "not done: the plan was outdated", w.fact("add_groups@google/77").Outcome)
	e = w.open(e.at).beyond(b).run(e.next, e.input)
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start.Add(40*time.Second), e.at)
	w.finds(person())
	require.Equal(t, "nothing to do", w.open(e.at).beyond(b).run(e.next, e.input).out.Result)
}

// A system that observes has nothing carried out; what it would have done, what is held and what a person should see is evidence.
func TestObservedAndHeldStepsAreEvidence(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	watched := staying("google", "77", identity.SystemAddGroups)
	watched.Observe = true
	held := identity.SystemPlan{
		System: "ldap", Account: "e1", Held: staying("", "", identity.SystemRemoveGroups).Steps,
		Notices: []identity.Notice{{Code: "value_not_kept", Text: "the title is not kept"}},
	}
	a := with(waiting(start.Add(time.Hour)), watched, held)
	w.finds(a)
	p := w.open(start).beyond(b)
	p.after(30*time.Minute, func() {
		require.Equal(t, []api.SystemShown{
			{System: "google", Account: "77", Observe: true},
			{System: "ldap", Account: "e1", Held: []string{"remove_groups"}, Notices: []string{"value_not_kept"}},
		}, p.state().Systems)
		p.hint()
	})
	p.after(40*time.Minute, func() { w.finds(person()) })
	e := p.person()
	require.Equal(t, "nothing to do", e.out.Result)
	require.Empty(t, b.carried)
	require.Equal(t, "planned, not carried out: it is only observed", w.fact("observe@google/77").Outcome)
	require.Equal(t, "held: there is no room for it in a safety budget", w.fact("held@ldap/e1").Outcome)
	require.Equal(t, "value_not_kept", w.fact("notice@ldap/e1").Outcome)
	require.Len(t, allFacts(w), 3, "each distinct plan once")
}

func allFacts(w *world) (steps []string) {
	for _, r := range w.records {
		for _, f := range r.Facts {
			steps = append(steps, f.Step)
		}
	}
	return steps
}

// A template that only observes has nothing done in other systems either.
func TestObservingTemplateDoesNothingElsewhere(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	a := with(leaver(), leaving("google", "77", identity.SystemSuspend))
	a.Mode, a.Plan.Due = api.ModeObserve, start.Add(time.Hour)
	w.finds(a)
	p := w.open(start).beyond(b)
	p.after(30*time.Minute, func() { w.finds(person()) })
	e := p.person()
	require.NoError(t, e.err)
	require.Empty(t, b.carried)
	require.Equal(t, "planned, not carried out: it is only observed", w.fact("observe@google/77").Outcome)
}

// The next moment of a system is waited for like that of OneLogin's plan; nobody waits for that of a departure.
func TestDueOfAnotherSystemIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plan identity.SystemPlan
		at   time.Duration
	}{
		"of somebody who stays": {identity.SystemPlan{System: "google", Account: "77", Due: start.Add(20 * time.Minute)}, 20 * time.Minute},
		"of a departure":        {identity.SystemPlan{System: "google", Account: "77", Leaving: true, Due: start.Add(20 * time.Minute)}, 0},
		"past":                  {identity.SystemPlan{System: "google", Account: "77", Due: start.Add(-time.Minute)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBeyond()
			w.finds(with(person(), tt.plan))
			p := w.open(start).beyond(b)
			p.after(10*time.Minute, func() { w.finds(person()) })
			e := p.person()
			require.Equal(t, "nothing to do", e.out.Result)
			require.Equal(t, start.Add(tt.at), e.at)
		})
	}
	w, b := newWorld(t), newBeyond()
	w.finds(with(waiting(start.Add(50*time.Minute)), identity.SystemPlan{System: "google", Account: "77", Due: start.Add(20 * time.Minute)}))
	p := w.open(start).beyond(b)
	p.after(10*time.Minute, func() { require.Equal(t, start.Add(20*time.Minute), p.state().Due); w.finds(person()) })
	require.Equal(t, start.Add(20*time.Minute), p.person().at)
}

// Somebody leaves whose account in OneLogin is in doubt: the other systems do not wait for the answer.
func TestDoubtAboutOneLoginHoldsUpNoOtherSystem(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	a := with(attention(api.NoticeAmbiguousAccount), leaving("google", "77", identity.SystemSuspend), staying("ldap", "e1", identity.SystemAddGroups))
	w.finds(a)
	p := w.open(start).beyond(b)
	p.after(time.Hour, func() {
		require.Equal(t, "suspended", b.status["google/77"])
		require.Len(t, b.carried, 1, "what gives something waits")
		w.finds(person())
		p.hint()
	})
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
}

// What is owed is not tried again by each run of the chain, nor does a chain go round because of it.
func TestDebtDoesNotGoRoundInAChain(t *testing.T) {
	t.Parallel()
	w, b, a := welcome(t, staying("ldap", "e1", identity.SystemMove))
	w.finds(with(waiting(start.Add(30*24*time.Hour)), a.Systems...))
	w.downUntil("move", "@ldap/e1", func() bool { return false })
	e := w.open(start).beyond(b).template(api.TypeOnboarding, a)
	require.Equal(t, api.TypePerson, e.next)
	require.Len(t, e.input.Systems.Tried, 1)
	p := w.open(e.at).beyond(b)
	p.after(29*24*time.Hour, func() { w.finds(person()); p.hint() })
	e = p.run(e.next, e.input)
	require.Equal(t, "can sign in", e.out.Result)
	require.Len(t, b.owed, 1)
	require.Equal(t, 10, w.tried("move@ldap/e1"), "as often as the first run has tried")
}

// Somebody leaves while Person waits for a system that hangs: the suspension does not wait for that.
func TestDepartureDoesNotWaitForASystemThatHangs(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(), staying("google", "77", identity.SystemAddGroups)))
	w.downUntil("add_groups", "@google/77", func() bool { return false })
	at := time.Time{}
	w.before("onelogin.suspend", func(context.Context, int) error { at = w.now(); return nil })
	p := w.open(start).beyond(b)
	p.after(2*time.Minute+30*time.Second, func() {
		w.finds(with(leaver(), leaving("google", "77", identity.SystemSuspend)))
		p.hint()
	})
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, start.Add(2*time.Minute+30*time.Second), at.UTC())
	require.True(t, e.input.Hinted, "what was on its way may have landed")
	require.Empty(t, b.carried)
}
