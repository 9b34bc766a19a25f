package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestSessionsOfWhatSomebodyElseSuspended: of each account, in one run, with proof; nothing else is done.
func TestSessionsOfWhatSomebodyElseSuspended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := left()
	a.Reach, a.Searched = 2, []string{"external id"}
	a.Suspended = []identity.Account{*a.Account, {ID: 502, Status: identity.AccountSuspended}}
	w.failing("onelogin.log-out@onelogin/502", 3)
	w.finds(a)
	e := w.open(start).person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, []string{"onelogin.log-out", "onelogin.log-out@onelogin/502"}, w.did("onelogin.log-out", "onelogin.log-out@onelogin/502"))
	require.Empty(t, w.did("onelogin.suspend", "jira.ticket", "slack.security"))
	require.Equal(t, "done", w.fact("onelogin.log-out").Outcome)
	var closed []api.ContainedAccount
	for _, r := range w.records {
		closed = append(closed, r.Closed...)
	}
	require.Len(t, closed, 2)
}

// TestSessionsGiveWayToADeparture: while OneLogin does not end a session, somebody opens the account again.
func TestSessionsGiveWayToADeparture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.atOnce.logOut = true
	a := left()
	a.Reach, a.Searched, a.Suspended = 2, []string{"external id"}, []identity.Account{*a.Account}
	w.failing("onelogin.log-out", 99)
	w.finds(a)
	p := w.open(start)
	p.after(10*time.Minute, func() {
		w.finds(leaver())
		p.hint()
	})
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"onelogin.suspend"}, w.did("onelogin.suspend"))
}
