package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// reopening is a leaver with a further account, and what a look finds once the first one is open again.
func reopening(t *testing.T) (w *world, a, now api.Assessment) {
	t.Helper()
	w = contained(t)
	w.account.Factors = 0
	w.atOnce.logOut, w.atOnce.access = true, api.AccessEnded{Roles: true, Password: true, Factors: true}
	a = leaver()
	a.Reach, a.VerifyAfter = 3, []time.Duration{time.Minute}
	now = a
	now.Returned = start.Add(3 * time.Minute)
	a.Others = []identity.Account{{ID: 502}}
	return w, a, now
}

// opens has somebody open the account and the person hinted.
func (p *play) opens(now api.Assessment) {
	p.w.change(func() { p.w.account.Status = "active" })
	p.w.finds(now)
	p.hint()
}

func (w *world) status() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.account.Status
}

// TestAccountOpenedDuringTheWork: somebody opens a leaver's account while OneLogin refuses to suspend their other one. It is closed
// each time, while that waits for a person.
func TestAccountOpenedDuringTheWork(t *testing.T) {
	t.Parallel()
	w, a, now := reopening(t)
	w.refusing("onelogin.suspend@onelogin/502", 99)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	for n, at := range []time.Duration{10 * time.Minute, time.Hour} {
		p.after(at, func() { p.opens(now) })
		p.after(at+30*time.Minute, func() {
			require.Equal(t, "suspended", w.status(), "time %d", n+1)
			require.Len(t, p.state().Attention, 1)
			w.finds(left())
		})
	}
	p.after(3*time.Hour, func() { p.decide(api.VerbSkip, api.Decision{By: "ann", Step: "onelogin.suspend@onelogin/502"}) })
	e := p.template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Contains(t, w.posted(), api.MessageLeaverDrift)
}

// TestAccountOpenedDuringTheLastCheck: somebody opens a leaver's account after the last read-back has read it, while it cannot read
// another one, whether it tries on or waits for a person.
func TestAccountOpenedDuringTheLastCheck(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(*world, string, int){"trying on": (*world).failing, "waiting": (*world).refusing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, a, now := reopening(t)
			fails(w, "onelogin.read-back:1@onelogin/502", 99)
			p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
			p.after(5*time.Minute, func() { p.opens(now) })
			p.after(8*time.Minute, func() {
				require.Equal(t, "suspended", w.status())
				w.finds(left())
				w.before("onelogin.read-back:1@onelogin/502", nil)
			})
			p.after(9*time.Minute, func() {
				if name == "waiting" {
					p.by(api.VerbRetry)
				}
			})
			e := p.template(api.TypeOffboarding, a)
			require.NoError(t, e.err)
			require.Equal(t, 2, w.tried("onelogin.read-back:1"), "a read-back that found something does not count")
		})
	}
}

// TestAccountThatKeepsBeingOpenedDuringTheWork: it is taken away more and more seldom, and no hint brings that sooner.
func TestAccountThatKeepsBeingOpenedDuringTheWork(t *testing.T) {
	t.Parallel()
	w, a, now := reopening(t)
	w.refusing("onelogin.suspend@onelogin/502", 99)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	mended := 0
	for n := range 120 {
		p.after(time.Duration(10+n)*time.Minute, func() {
			if w.status() == "suspended" {
				mended++
				p.opens(now)
			}
		})
	}
	p.after(5*time.Hour, func() {
		require.Equal(t, "suspended", w.status())
		w.finds(left())
		for _, item := range p.state().Attention {
			p.decide(map[bool]string{true: api.VerbSkip, false: api.VerbRetry}[item.Step == "onelogin.suspend@onelogin/502"], api.Decision{By: "ann", Step: item.Step})
		}
	})
	e := p.template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	require.Greater(t, mended, 5)
	require.Less(t, mended, 20, "OneLogin is not flooded")
}
