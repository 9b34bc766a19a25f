package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// TestReturningAccessIsTakenAwayForAsLongAsItReturns: an account that is open at every read-back is shut at each of them,
// more and more seldom, while somebody is asked; once it stays shut, the question goes and the run ends.
func TestReturningAccessIsTakenAwayForAsLongAsItReturns(t *testing.T) {
	t.Parallel()
	w, pages := newWorld(t), []api.PagerEvent(nil)
	a := leaver()
	a.Reach, a.VerifyAfter, a.Pages = 3, []time.Duration{time.Minute}, true
	w.account.Status, w.account.Roles = "suspended", nil
	w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
	p := w.open(start).reached(api.Found{}, &pages)
	const stops = 200 * time.Minute
	var reads []time.Duration
	read := func(context.Context, int) error {
		passed := p.env.Now().Sub(start)
		reads = append(reads, passed)
		if passed < stops {
			w.change(func() { w.account.Status = "active" })
		}
		return nil
	}
	for _, id := range []string{"onelogin.read-back", "onelogin.read-back:1", "onelogin.read-back:mended", "onelogin.read-back:1:mended", api.OneLoginReadBack} {
		w.before(id, read)
	}
	p.after(100*time.Minute, func() {
		items := p.state().Attention
		require.Len(t, items, 1)
		require.Equal(t, "access_keeps_returning", items[0].Code)
	})
	e := p.template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	require.Len(t, pages, 1)
	require.Greater(t, len(w.did("onelogin.suspend:mend:1")), 5, "it is taken away again and again")
	require.Less(t, len(reads), 40, "and OneLogin is not flooded")
	require.Equal(t, "suspended", w.account.Status)
	require.Equal(t, "confirmed", w.fact("onelogin.read-back:1").Outcome)
}

// TestProtectedAfterwards: an account of a leaver comes back as one that the policy protects. It is asked about, and shut
// again by the same run once two different people have allowed it.
func TestProtectedAfterwards(t *testing.T) {
	t.Parallel()
	w, pages := newWorld(t), []api.PagerEvent(nil)
	a := leaver()
	a.Reach, a.VerifyAfter, a.Pages = 3, []time.Duration{time.Minute}, true
	w.account.Status, w.account.Roles = "suspended", nil
	w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
	doubt := api.Doubt{Account: *a.Account, Code: api.NoticeProtectedLeaver, Privileged: true, Evidence: "e1"}
	var found api.Found
	p := w.open(start)
	p.reachedBy(func() api.Found { return found }, &pages)
	back := 0
	w.before("onelogin.read-back:1", func(context.Context, int) error {
		if back++; back == 1 {
			w.change(func() { w.account.Status, w.account.Protected = "active", "protected by a rule" })
			found = api.Found{Doubts: []api.Doubt{doubt}}
		}
		return nil
	})
	w.before("onelogin.suspend", func(context.Context, int) error {
		w.change(func() { w.account.Protected = "" })
		found = api.Found{}
		return nil
	})
	step := "account@" + doubt.Ref().String()
	p.after(10*time.Minute, func() {
		require.Empty(t, w.did("onelogin.suspend", "onelogin.suspend:mend:1"), "nobody but people may write to it")
		p.decide(api.VerbAllow, api.Decision{By: "ann", Step: step})
	})
	p.after(11*time.Minute, func() {
		require.Empty(t, w.did("onelogin.suspend", "onelogin.suspend:mend:1"), "one person is not two")
		p.decide(api.VerbAllow, api.Decision{By: "bob", Step: step})
	})
	e := p.template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	require.Equal(t, "suspended", w.account.Status)
	require.Len(t, w.did("onelogin.suspend"), 1)
	require.Len(t, pages, 1)
}
