package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
)

// press is somebody's press of a button, as a gateway tells it.
func (s *scene) press(id, user, verb, step, item string) *answer {
	a := &answer{}
	s.env.UpdateWorkflow(api.UpdatePress, id, &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: func(err error) { a.refused = err },
		OnComplete: func(_ any, err error) { a.completed, a.refused = err == nil, err },
	}, api.Click{Approval: "gh-1", Step: step, Item: item, Verb: verb, UserID: user, At: s.env.Now()})
	return a
}

// Whoever presses hears what comes of it: that they may not decide, that somebody has before, that nothing of that name is asked.
func TestPressIsAnswered(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	const q = "approve.suspend"
	var stranger, odd, gone, nobody, first, second, again *answer
	s.after(time.Minute, func() {
		stranger = s.press("1", "U9", api.VerbApprove, q, "")
		odd = s.press("2", "U1", api.VerbRetry, q, "")
		gone = s.press("3", "U1", api.VerbApprove, q, "0a1b2c3d4e5f")
		nobody = s.press("4", "", api.VerbApprove, q, "")
	})
	s.after(2*time.Minute, func() { require.Empty(t, s.orders); first = s.press("5", "U1", api.VerbApprove, q, "") })
	s.after(3*time.Minute, func() {
		second = s.press("6", "U1", api.VerbDeny, q, "")
		again = s.press("5", "U1", api.VerbApprove, q, "")
	})
	s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	require.ErrorContains(t, stranger.refused, "you are not on the list")
	require.ErrorContains(t, odd.refused, "neither approve nor deny")
	require.ErrorContains(t, gone.refused, "not open any more")
	require.ErrorContains(t, nobody.refused, "needs a user")
	require.NoError(t, first.refused)
	require.True(t, first.completed)
	require.ErrorContains(t, second.refused, "already decided: Approved by ann@x.example")
	require.NoError(t, again.refused, "what was delivered twice is one press")
	require.Len(t, s.orders, 1)
	require.Equal(t, "ann@x.example", s.orders[0].By)
}

// Slack does not say who it is: whoever pressed is told so in seconds, and a decision by another way goes before.
func TestPressIsNotHeldUpBySlack(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.broken["slack.whois:press:1"] = temporal.NewApplicationError("slack: down", api.ErrUnavailable)
	var a *answer
	s.after(time.Minute, func() { a = s.press("1", "U1", api.VerbApprove, "approve.suspend", "") })
	s.after(time.Minute+15*time.Second, func() {
		require.ErrorContains(t, a.refused, "Slack did not say in time who you are")
		s.decide(api.VerbApprove, api.Decision{Step: "approve.suspend", By: "ann@x.example"})
	})
	s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	require.Len(t, s.orders, 1)
}

// A response that waits for somebody is on the list of what needs a person until it is decided, or nobody has to decide any more.
func TestResponsesThatWaitAreListed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*scene){
		"decided":   func(s *scene) { s.press("1", "U1", api.VerbApprove, "approve.suspend", "") },
		"withdrawn": func(s *scene) { s.pager(api.PagerResolved, start.Add(2*time.Hour)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.state.Respond = []api.Response{{Order: "suspend"}}
			s.after(time.Hour, func() { require.Equal(t, []string{"approve.suspend"}, s.onList) })
			s.after(2*time.Hour, func() { end(s) })
			s.after(3*time.Hour, func() { require.Empty(t, s.onList); s.pager(api.PagerResolved, start.Add(3*time.Hour)) })
			require.Equal(t, "resolved", s.run().Result)
			require.Empty(t, s.onList)
		})
	}
}
