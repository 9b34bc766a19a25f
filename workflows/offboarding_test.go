package workflows_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// superseded is what an activity answers when it finds right before its write that the plan no longer holds.
func superseded() error {
	return temporal.NewNonRetryableApplicationError("not done: HR no longer wants this", api.ErrSuperseded, nil)
}

// contained is a world right after Person has ended a leaver's sign-in.
func contained(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.finds(left())
	w.account.Status, w.account.Factors = "suspended", 2
	return w
}

// quick is a leaver whose read-backs all come soon enough for one run.
func quick() api.Assessment {
	a := leaver()
	a.VerifyAfter = []time.Duration{time.Minute}
	return a
}

// meet returns a hook that lets nobody pass before n have come, which proves that they run side by side.
func meet(n int) hook {
	var mu sync.Mutex
	all := make(chan struct{})
	return func(ctx context.Context, _ int) error {
		mu.Lock()
		if n--; n == 0 {
			close(all)
		}
		mu.Unlock()
		select {
		case <-all:
			return nil
		case <-ctx.Done():
			return errors.New("the others have not started")
		}
	}
}

func TestLeaverLosesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
	together := meet(3)
	for _, step := range []string{"onelogin.end-access", "jira.ticket", "slack.security"} {
		w.before(step, together)
	}
	e := w.open(start).template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Equal(t, api.Outcome{Key: key, Template: "Offboarding", Episode: 2, Result: "access ended", Ticket: "IT-7"}, e.out)
	require.Equal(t, []string{"onelogin.end-access", "OneLogin.ReadBack", "Ledger.Record"}, w.did(leaverSteps...)[:3])
	for _, step := range []string{"onelogin.remove-roles", "onelogin.scramble-password", "onelogin.remove-factors"} {
		require.Zero(t, w.tried(step))
		require.Equal(t, "done", w.fact(step).Outcome)
	}
	require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
	require.Equal(t, start.Add(time.Minute), e.at)
	require.Equal(t, 1, w.tried("onelogin.read-back:1"))
	require.Equal(t, []string{"watching"}, w.stages)
	require.Equal(t, []api.MessageKind{api.MessageLeaverSecurity}, w.posted())
}

// leaverSteps are the steps of an offboarding about the account, and what closes it.
var leaverSteps = []string{
	"onelogin.end-access", "onelogin.remove-roles", "onelogin.scramble-password", "onelogin.remove-factors",
	"OneLogin.ReadBack", "onelogin.read-back", "Ledger.Record",
}

// What OneLogin does not let be done at once is done by steps of their own, the factors never before the password.
func TestWhatIsNotDoneAtOnceIsAStepOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		access api.AccessEnded
		want   []string
		side   []string
	}{
		"roles":    {access: api.AccessEnded{Password: true, Factors: true}, want: []string{"onelogin.remove-roles"}},
		"password": {access: api.AccessEnded{Roles: true}, want: []string{"onelogin.scramble-password", "onelogin.remove-factors"}},
		"factors":  {access: api.AccessEnded{Roles: true, Password: true}, want: []string{"onelogin.remove-factors"}},
		"everything": {
			want: []string{"onelogin.scramble-password", "onelogin.remove-factors"},
			side: []string{"onelogin.remove-roles", "onelogin.scramble-password"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := contained(t)
			w.atOnce.access = c.access
			together := meet(len(c.side))
			for _, step := range c.side {
				w.before(step, together)
			}
			e := w.open(start).template(api.TypeOffboarding, quick())
			require.NoError(t, e.err)
			require.Equal(t, "access ended", e.out.Result)
			require.Equal(t, c.want, w.did(c.want...))
			for _, step := range leaverSteps[1:4] {
				require.Equal(t, "done", w.fact(step).Outcome, step)
			}
			require.Len(t, w.did(leaverSteps[1:4]...), len(c.want)+len(c.side)/2)
		})
	}
}

// A run that began on the people queue did so before there was another, and goes on step by step as it began.
func TestOffboardingOnThePeopleQueueGoesStepByStep(t *testing.T) {
	t.Parallel()
	w := contained(t)
	together := meet(4)
	for _, step := range []string{"onelogin.remove-roles", "onelogin.scramble-password", "jira.ticket", "slack.security"} {
		w.before(step, together)
	}
	p := w.open(start)
	p.onPeople = true
	e := p.template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Zero(t, w.tried("onelogin.end-access"))
	require.Equal(t, []string{"onelogin.scramble-password", "onelogin.remove-factors", "onelogin.read-back", "Ledger.Record"},
		w.did("onelogin.scramble-password", "onelogin.remove-factors", "onelogin.read-back", "Ledger.Record")[:4])
}

// The worker is lost in the middle of it, or OneLogin answers nothing: nobody tries that again, the steps do.
func TestEndingAccessAtOnceIsTriedOnce(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.failing("onelogin.end-access", 1)
	e := w.open(start).template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Equal(t, 1, w.tried("onelogin.end-access"))
	require.Len(t, w.did(leaverSteps[1:4]...), 3)
	require.Equal(t, start.Add(time.Minute), e.at, "the steps do not wait for anything")
}

// OneLogin does not answer within the task: the read-back becomes a step that tries on and can be seen.
func TestReadBackThatFailsAtOnceIsAStepOfItsOwn(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.failing("OneLogin.ReadBack", 9)
	w.failing("onelogin.read-back", 3)
	e := w.open(start).template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Equal(t, 4, w.tried("onelogin.read-back"))
	require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
}

// The whole chain from the hint to the end of the watch a day later, with what each run records.
func TestLeaverChainWaitsADayInAFreshRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.account.Factors = 1
	w.finds(leaver())
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	w.finds(left())
	e = w.then(e)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.True(t, e.input.Watching)
	require.Equal(t, 2, e.input.Check, "one minute and a quarter of an hour are behind it")
	require.Empty(t, e.input.Facts, "recorded before the long wait")
	require.Equal(t, "IT-7", e.input.Ticket)
	require.Equal(t, start.Add(16*time.Minute), e.at)
	for _, step := range []string{
		"onelogin.suspend", "onelogin.log-out", "onelogin.remove-roles", "onelogin.scramble-password",
		"onelogin.remove-factors", "jira.ticket", "slack.security",
	} {
		require.Equal(t, "done", w.fact(step).Outcome, step)
	}
	require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
	require.Equal(t, "HR via workday webhook", w.fact("onelogin.suspend").Cause)
	require.NotNil(t, w.fact("onelogin.suspend").Before)
	require.NotNil(t, w.fact("onelogin.suspend").After)
	require.Equal(t, start, w.records[0].Contained.UTC())
	w.stages = nil
	e = w.then(e)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, "IT-7", e.out.Ticket)
	require.Equal(t, start.Add(24*time.Hour+16*time.Minute), e.at)
	require.Empty(t, w.stages, "the run before had marked it")
	require.Equal(t, 1, w.tried("onelogin.read-back:3"))
	require.Equal(t, 1, w.tried("jira.ticket"))
	require.Equal(t, "confirmed", w.fact("onelogin.read-back:3").Outcome)
}

func TestReadBackMendsWhatCameBackAndTellsSecurityOncePerRound(t *testing.T) {
	t.Parallel()
	w := contained(t)
	a := quick()
	a.VerifyAfter = []time.Duration{time.Minute, 15 * time.Minute}
	w.before("onelogin.read-back:1", func(_ context.Context, attempt int) error {
		if attempt == 1 {
			w.change(func() { w.account.Status, w.account.Roles, w.account.Factors = "active", []string{"GitHub"}, 1 })
		}
		return nil
	})
	e := w.open(start).template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	mended := []string{
		"onelogin.suspend:mend:1", "onelogin.log-out:mend:1", "onelogin.remove-roles:mend:1",
		"onelogin.remove-factors:mend:1", "slack.drift:1",
	}
	require.Equal(t, mended, w.did(mended...))
	require.Equal(t, "suspended", w.account.Status)
	require.Empty(t, w.account.Roles)
	require.Equal(t, 1, count(w.posted(), api.MessageLeaverDrift))
	require.Zero(t, count(w.posted(), api.MessageContainOverdue), "drift a day later is no overdue containment")
	require.Equal(t, "confirmed", w.fact("onelogin.read-back:2").Outcome)
}

func TestKeptRolesAreNoDrift(t *testing.T) {
	t.Parallel()
	w := contained(t)
	a := quick()
	a.KeepRoles = []string{"Alumni"}
	w.before("onelogin.read-back", func(context.Context, int) error {
		w.change(func() { w.account.Roles = []string{"Alumni"} })
		return nil
	})
	e := w.open(start).template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	require.Zero(t, w.tried("onelogin.remove-roles:mend"))
	require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
}

func TestFactorsThatNoAPIRemovesAreToldOnce(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.account.FactorsByHand = 2
	e := w.open(start).template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Equal(t, 1, count(w.posted(), api.MessageLeaverByHand))
	for _, m := range w.messages {
		if m.Kind == api.MessageLeaverByHand {
			require.Equal(t, api.AudienceIT, m.Audience)
			require.Equal(t, "2 factors", m.Text)
		}
	}
}

func TestHintDuringTheWatchAboutSomebodyStillGoneChangesNothing(t *testing.T) {
	t.Parallel()
	w := contained(t)
	p := w.open(start)
	p.after(30*time.Second, p.hint)
	e := p.template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, start.Add(time.Minute), e.at)
	require.Equal(t, 1, w.tried("onelogin.read-back:1"))
}

func TestRehireDuringTheWatchHandsBack(t *testing.T) {
	t.Parallel()
	w := contained(t)
	p := w.open(start)
	p.after(30*time.Second, func() {
		a := joiner()
		a.Episode = 3
		w.finds(a)
		p.hint()
	})
	e := p.template(api.TypeOffboarding, quick())
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start.Add(30*time.Second), e.at)
	require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
	require.Empty(t, e.input.Ticket)
	require.Zero(t, e.input.Check)
}

// A hint finds the account open again a whole day before the next read-back: it must not stay open until then.
func TestHintDuringTheWatchThatFindsTheAccountOpenActsAtOnce(t *testing.T) {
	t.Parallel()
	w := contained(t)
	p := w.open(start)
	p.after(time.Hour, func() {
		w.finds(leaver())
		p.hint()
	})
	a := leaver()
	e := p.run(api.TypeOffboarding, api.ChainInput{Key: key, Hint: hint(), Assessment: &a, Watching: true, Check: 2})
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start.Add(time.Hour), e.at)
	require.Equal(t, api.TypeOffboarding, w.then(e).next)
	require.Equal(t, 1, w.tried("onelogin.suspend"))
}

// An order contains somebody until a date. When the watch is over, that date is still waited for.
func TestOrderThatLapsesIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := contained(t)
	a := quick()
	until := start.Add(30 * 24 * time.Hour)
	a.Order = &identity.Order{ID: "o-1", By: "grace", Until: until}
	a.Plan.Due = until
	e := w.open(start).template(api.TypeOffboarding, a)
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start.Add(time.Minute), e.at, "not before the watch is over")
	w.finds(waiting(until))
	p := w.open(e.at)
	p.after(time.Hour, func() { require.Equal(t, until, p.state().Due.UTC()) })
	p.after(29*24*time.Hour, func() { w.finds(person()) })
	require.Equal(t, until, p.run(e.next, e.input).at)
}

func TestRehireDuringTheWorkIsLookedAtAfterwards(t *testing.T) {
	t.Parallel()
	w := contained(t)
	p := w.open(start)
	w.before("jira.ticket", func(context.Context, int) error {
		w.finds(joiner())
		p.hint()
		return nil
	})
	e := p.template(api.TypeOffboarding, quick())
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start, e.at)
	require.Equal(t, 1, w.tried("onelogin.remove-factors"))
	require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
}

// The operator gives a step up after HR has changed its mind: the changed mind is still looked at.
func TestAbortDoesNotDropAPendingLook(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.refusing("jira.ticket", 9)
	p := w.open(start)
	p.after(time.Minute, func() { w.finds(joiner()); p.hint() })
	p.after(2*time.Minute, func() { p.by(api.VerbAbort) })
	e := p.template(api.TypeOffboarding, quick())
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, "aborted", w.fact("jira.ticket").Outcome)
}

func TestAbortedStepEndsTheRunAfterTheOtherBranches(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.refusing("jira.ticket", 9)
	p := w.open(start)
	p.after(time.Minute, func() { p.by(api.VerbAbort) })
	e := p.template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Equal(t, "aborted by an operator", e.out.Result)
	require.Equal(t, "grace", w.fact("jira.ticket").Actor)
	require.Equal(t, "done", w.fact("onelogin.remove-roles").Outcome)
	require.Zero(t, w.tried("onelogin.read-back"))
}

// Cancelled from the UI while the branches are at work: what they did is recorded all the same.
func TestCancelledOffboardingRecordsItsEvidence(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.refusing("jira.ticket", 9)
	p := w.open(start)
	p.after(time.Minute, p.env.CancelWorkflow)
	e := p.template(api.TypeOffboarding, quick())
	require.ErrorContains(t, e.err, "canceled")
	require.Equal(t, "done", w.fact("onelogin.remove-factors").Outcome)
	require.Equal(t, "done", w.fact("slack.security").Outcome)
}

// The ledger is down when the evidence is due: the run goes on trying and asks, and does not end without it.
func TestRunDoesNotEndBeforeItsEvidenceIsRecorded(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.refusing("Ledger.Record", 1)
	w.refusing("ledger.record", 1)
	p := w.open(start)
	p.after(time.Hour, func() {
		require.Equal(t, "ledger.record", p.state().Attention[0].Step)
		require.Equal(t, []string{api.VerbRetry}, p.state().Attention[0].Options)
		p.by(api.VerbRetry)
	})
	e := p.template(api.TypeOffboarding, quick())
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
	require.Equal(t, "done", w.fact("slack.attention:ledger.record/InvalidRequest").Outcome,
		"evidence that came while the ledger was being written to is kept")
}
