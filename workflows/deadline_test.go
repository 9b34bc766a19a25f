package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// down has every assessment fail, quick and patient ones, until mend is called.
func (w *world) down() (mend func()) {
	up := false
	fails := func(context.Context, int) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if up {
			return nil
		}
		return unreachable()
	}
	w.before("Person.Assess", fails)
	w.before("person.assess", fails)
	return func() { w.change(func() { up = true }) }
}

// late is leaver whose sign-in has to be off by a moment, whatever holds that up.
func late(by time.Time) api.Assessment {
	a := leaver()
	a.ContainBy, a.OverdueAt = by, by
	return a
}

// TestOverdueWhileNobodyCanBeAssessed: OneLogin is down. The ledger knows by when the person has to be out.
func TestOverdueWhileNobodyCanBeAssessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mend := w.down()
	by := start.Add(5 * time.Second)
	w.departure = api.Departure{Episode: 2, OverdueAt: by}
	w.finds(late(by))
	p := w.open(start)
	p.after(3*time.Second, func() {
		require.Empty(t, w.posted())
		require.Zero(t, p.state().Overdue)
	})
	p.after(time.Hour, func() {
		require.Equal(t, []api.MessageKind{api.MessageDepartureOverdue}, w.posted(), "once")
		require.Equal(t, api.AudienceSecurity, w.messages[0].Audience)
		require.Equal(t, key+"/2/contain-overdue", w.messages[0].OnceKey)
		require.Contains(t, w.messages[0].Text, "down", "it says what holds the departure up")
		require.Equal(t, by, p.state().Overdue)
		require.Contains(t, p.details(), "OVERDUE: sign-in had to be off by 2026-03-02 09:00 UTC")
		mend()
	})
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, 1, w.tried("onelogin.suspend"), "and contained at once when OneLogin is back")
	require.Equal(t, 1, w.tried("slack.overdue"), "security is not told a second time")
	require.Contains(t, factsOf(e), "overdue: sign-in had to be off by 2026-03-02 09:00 UTC; held up by: the vendor is down")
}

// TestDepartureThatIsLearntOfWhileOneLoginIsDown: HR answers after a while, and the failed attempt writes the row.
func TestDepartureThatIsLearntOfWhileOneLoginIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mend := w.down()
	w.finds(late(start.Add(time.Minute)))
	p := w.open(start)
	p.after(90*time.Second, func() {
		require.Empty(t, w.posted())
		w.change(func() { w.departure = api.Departure{Episode: 2, OverdueAt: start.Add(2 * time.Minute)} })
	})
	p.after(10*time.Minute, func() {
		require.Equal(t, []api.MessageKind{api.MessageDepartureOverdue}, w.posted())
		mend()
	})
	require.Equal(t, api.TypeOffboarding, p.person().next)
}

// TestNobodyIsLateWhoIsAssessedInTime: the vendor is back before the deadline, or nobody wants the person out.
func TestNobodyIsLateWhoIsAssessedInTime(t *testing.T) {
	t.Parallel()
	for name, found := range map[string]api.Assessment{"a leaver": late(start.Add(time.Hour)), "an employee": person()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mend := w.down()
			w.finds(found)
			if !found.OverdueAt.IsZero() {
				w.departure = api.Departure{Episode: 2, OverdueAt: found.OverdueAt}
			}
			p := w.open(start)
			p.after(30*time.Minute, func() { mend(); p.hint() })
			require.NoError(t, p.person().err)
			require.Empty(t, w.posted())
		})
	}
}

// TestOverdueAtItsItem: a budget, an ambiguity or an approval holds a departure up beyond its deadline.
func TestOverdueAtItsItem(t *testing.T) {
	t.Parallel()
	held := attention(api.NoticeBudgetContain)
	ambiguous := attention(api.NoticeAmbiguousAccount)
	asked := leaver()
	asked.Mode = api.ModeApprove
	for name, a := range map[string]api.Assessment{"budget": held, "ambiguity": ambiguous, "approval": asked} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a.Episode, a.OverdueAt = 2, start.Add(15*time.Minute)
			w.finds(a)
			p := w.open(start)
			p.after(14*time.Minute, func() {
				require.Zero(t, p.state().Attention[0].Overdue)
				require.NotContains(t, w.posted(), api.MessageDepartureOverdue)
			})
			p.after(16*time.Minute, func() {
				s := p.state()
				require.Len(t, s.Attention, 1)
				require.Equal(t, a.OverdueAt, s.Attention[0].Overdue)
				require.Equal(t, a.OverdueAt, s.Overdue)
				require.Contains(t, p.details(), "### OVERDUE: Needs a decision")
				require.Equal(t, 1, count(w.posted(), api.MessageDepartureOverdue))
				w.finds(left())
				p.hint()
			})
			e := p.person()
			require.Equal(t, "nothing to do", e.out.Result)
			require.Equal(t, 1, count(w.posted(), api.MessageDepartureOverdue))
		})
	}
}

// TestOverdueFromTheStart: the deadline was over before the question was asked.
func TestOverdueFromTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := attention(api.NoticeBudgetContain)
	a.Episode, a.OverdueAt = 2, start.Add(-time.Hour)
	w.finds(a)
	p := w.open(start)
	p.after(time.Second, func() {
		require.Equal(t, a.OverdueAt, p.state().Attention[0].Overdue)
		require.Equal(t, 1, count(w.posted(), api.MessageDepartureOverdue))
		w.finds(late(start.Add(-time.Hour)))
		p.by(api.VerbAllow)
	})
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, 1, w.tried("slack.overdue"))
	require.Zero(t, count(w.posted(), api.MessageContainOverdue))
}

// TestRefusedSuspensionBecomesOverdue: it parked long before its deadline.
func TestRefusedSuspensionBecomesOverdue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(late(start.Add(15 * time.Minute)))
	w.refusing("onelogin.suspend", 2)
	p := w.open(start)
	p.after(16*time.Minute, func() {
		require.NotZero(t, p.state().Attention[0].Overdue)
		require.Equal(t, 1, count(w.posted(), api.MessageDepartureOverdue))
		p.by(api.VerbRetry)
	})
	require.Equal(t, api.TypeOffboarding, p.person().next)
}

// TestSessionsThatDoNotEndAreOverdue: the account is suspended and its sessions go on.
func TestSessionsThatDoNotEndAreOverdue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(late(start.Add(10 * time.Second)))
	w.failing("onelogin.log-out", 9)
	require.Equal(t, api.TypeOffboarding, w.open(start).person().next)
	require.Equal(t, []api.MessageKind{api.MessageDepartureOverdue}, w.posted())
	require.Contains(t, w.messages[0].Text, "sessions")
}

// TestFurtherAccountIsOverdue: the deadline is met by the last account.
func TestFurtherAccountIsOverdue(t *testing.T) {
	t.Parallel()
	for name, failures := range map[string]int{"in time": 2, "late": 12} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := late(start.Add(10 * time.Second))
			a.Reach, a.VerifyAfter = 1, nil
			a.Others = []identity.Account{{ID: 502, Status: identity.AccountActive}}
			w.account.Status, w.account.Roles = "suspended", nil
			w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
			w.failing("onelogin.suspend@onelogin/502", failures)
			p := w.open(start)
			p.env.RegisterActivityWithOptions(func(context.Context, api.SearchInput) (api.Found, error) { return api.Found{}, nil },
				activity.RegisterOptions{Name: api.PersonSearch})
			e := p.template(api.TypeOffboarding, a)
			require.NoError(t, e.err)
			require.Equal(t, failures+1, w.tried("onelogin.suspend@onelogin/502"))
			want := 0
			if name == "late" {
				want = 1
			}
			require.Equal(t, want, count(w.posted(), api.MessageDepartureOverdue))
			require.Equal(t, "done", w.fact("onelogin.suspend@onelogin/502").Outcome)
			require.NotNil(t, w.fact("onelogin.suspend@onelogin/502").Before)
		})
	}
}

// TestDeadlineCostsAGoodDayNothing: neither a timer nor a step more before the containment.
func TestDeadlineCostsAGoodDayNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.atOnce.logOut = true
	w.finds(late(start.Add(15 * time.Minute)))
	p := w.open(start)
	p.env.SetOnTimerScheduledListener(func(id string, d time.Duration) {
		require.Equal(t, 10*time.Second, d, "timer %s: only evidence has one", id)
	})
	require.Equal(t, api.TypeOffboarding, p.person().next)
	require.Equal(t, []string{"Person.Assess", "onelogin.suspend"}, w.did())
}
