package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// returnedWatch is a watched leaver whose account somebody opens after half an hour, at a time at which OneLogin does not answer.
func returnedWatch(t *testing.T) (*world, api.ChainInput, api.Assessment) {
	t.Helper()
	w := contained(t)
	w.account.Factors = 0
	in := watched()
	in.Assessment.Reach = 3
	now := leaver()
	now.Reach, now.VerifyAfter, now.Returned = 3, in.Assessment.VerifyAfter, start.Add(30*time.Minute)
	w.failing("onelogin.read-back:20260302T093000.000Z", 1000)
	return w, in, now
}

// TestFloodDuringAReadBackBetweenTwo: the fresh run makes the read-back that the flood has cut short, and the one that the policy
// lists at its time.
func TestFloodDuringAReadBackBetweenTwo(t *testing.T) {
	t.Parallel()
	w, in, now := returnedWatch(t)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	p.after(time.Hour, func() {
		w.change(func() { w.account.Status = "active" })
		w.finds(now)
		p.hint()
	})
	p.after(2*time.Hour, func() { p.flood(flood) })
	e := p.run(api.TypeOffboarding, in)
	require.NoError(t, e.err)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Zero(t, e.input.Check)
	require.Equal(t, start.Add(24*time.Hour), e.input.CheckAt.UTC(), "no flood puts the read-back off")
	w.before("onelogin.read-back:20260302T093000.000Z", nil)
	next := w.open(e.at).reached(api.Found{}, new([]api.PagerEvent))
	next.after(time.Minute, func() {
		require.Equal(t, "suspended", w.status())
		then := left()
		then.Reach = 3
		w.finds(then)
	})
	e = next.run(e.next, e.input)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, 1, w.tried("onelogin.read-back:1"))
}

// TestRunThatWasHandedACheckBeforeTheFirst: a run of before handed over one check too few.
func TestRunThatWasHandedACheckBeforeTheFirst(t *testing.T) {
	t.Parallel()
	w, in, _ := returnedWatch(t)
	in.Check, in.CheckAt = -1, start
	e := w.open(start).reached(api.Found{}, new([]api.PagerEvent)).run(api.TypeOffboarding, in)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, 1, w.tried("onelogin.read-back:1"))
}
