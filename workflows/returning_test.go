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
