package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestOwnerOfACredentialIsAnItemBeforeTheyLeave: security is told once, the item stands until the account owns no
// credential any more or somebody says so, and the departure waits for none of it.
func TestOwnerOfACredentialIsAnItemBeforeTheyLeave(t *testing.T) {
	t.Parallel()
	owner := identity.OneLoginRef(accountID)
	ahead := func() api.Assessment {
		a := waiting(start.Add(50 * time.Minute))
		a.Owned, a.OwnedIn = []identity.Ref{owner}, 2
		return a
	}
	told := func(w *world) int { return count(w.posted(), api.MessageCredentialOwner) }
	t.Run("replaced in time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.finds(ahead())
		p := w.open(start)
		p.after(10*time.Minute, func() {
			require.Equal(t, api.NoticeCredentialOwner, p.state().Attention[0].Code)
			p.hint() // And again: it is told of once.
		})
		p.after(20*time.Minute, func() {
			require.Len(t, p.state().Attention, 1)
			w.finds(person())
			p.hint()
		})
		e := p.person()
		require.NoError(t, e.err)
		require.Equal(t, "nothing to do", e.out.Result)
		require.Equal(t, 1, told(w))
		require.Equal(t, "replaced", w.fact("credential@"+owner.String()).Outcome)
	})
	t.Run("they leave first", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.atOnce.logOut = true
		w.finds(ahead())
		p := w.open(start)
		p.after(10*time.Minute, func() {
			a := leaver()
			a.ContainBy = w.now().Add(time.Hour)
			a.Owned, a.OwnedIn = []identity.Ref{owner}, 2
			w.finds(a)
			p.hint()
		})
		e := p.person()
		require.Equal(t, api.TypeOffboarding, e.next)
		require.Equal(t, []string{"onelogin.suspend"}, w.did("onelogin.suspend"))
	})
	t.Run("somebody says that it is replaced", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a := left()
		a.Owned, a.OwnedIn = []identity.Ref{owner}, 2
		w.finds(a)
		p := w.open(start)
		p.after(time.Hour, func() { p.by(api.VerbSkip) })
		p.after(2*time.Hour, func() { p.hint() })
		e := p.person()
		require.Equal(t, "nothing to do", e.out.Result)
		require.Equal(t, 1, told(w))
		require.Equal(t, "skipped", w.fact("credential@"+owner.String()).Outcome)
	})
}
