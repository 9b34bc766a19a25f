package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// unreadable has the case be one that the ledger cannot give away, until it is mended.
func (s *scene) unreadable(err error) (mended func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken["events.case"] = err
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.broken, "events.case")
	}
}

// shown is what the incident's run says of itself.
func (s *scene) shown() api.State {
	s.t.Helper()
	value, err := s.env.QueryWorkflow(api.QueryState)
	require.NoError(s.t, err)
	var state api.State
	require.NoError(s.t, value.Get(&state))
	return state
}

// said counts what was said that begins so.
func (s *scene) said(prefix string) (n int) {
	for _, text := range s.texts {
		if strings.HasPrefix(text, prefix) {
			n++
		}
	}
	return n
}

var unreadables = map[string]error{
	"the row is gone":            temporal.NewNonRetryableApplicationError("the ledger has no case", api.ErrNotFound, nil),
	"the row cannot be read":     temporal.NewApplicationError("read case: unexpected data", api.ErrUnavailable),
	"the ledger does not answer": temporal.NewApplicationError("read case: connection refused", api.ErrUnavailable),
}

// TestIncidentOfACaseThatCannotBeRead: security hears at once that nobody was paged, IT what is to be mended, and the run
// goes on by itself when it is.
func TestIncidentOfACaseThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, err := range unreadables {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.state.Respond = []api.Response{{Order: "log_out", Automatic: true}}
			mended := s.unreadable(err)
			s.after(3*time.Minute, func() {
				require.Equal(t, api.StageAttention, s.shown().Stage)
				require.Equal(t, "case_unread", s.shown().Attention[0].Code)
				require.Equal(t, 1, s.said("incident: failed-logins: something happened to onelogin-42 (case 1)"))
				require.Equal(t, 1, s.said("attention: The case cannot be read"))
				require.Empty(t, s.pages)
			})
			s.after(40*time.Hour, mended)
			s.after(42*time.Hour, func() {
				require.Len(t, s.pages, 1)
				require.Len(t, s.orders, 1)
				require.Equal(t, 1, s.said("incident: failed-logins: 5 events"))
				require.Empty(t, s.shown().Attention)
				s.pager(api.PagerResolved, start.Add(42*time.Hour))
			})
			require.Equal(t, "resolved", s.run().Result)
		})
	}
}

// TestCaseThatCannotBeReadAnyMore: what people say in the pager is heard meanwhile, what they approve is ordered, and what
// has become known of the case is shown once it can be read.
func TestCaseThatCannotBeReadAnyMore(t *testing.T) {
	t.Parallel()
	for name, err := range unreadables {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.state.Respond = []api.Response{{Order: "suspend"}}
			var mended func()
			s.after(20*time.Minute, func() {
				mended = s.unreadable(err)
				s.grow(9, start.Add(20*time.Minute))
			})
			s.after(30*time.Minute, func() {
				require.Len(t, s.shown().Attention, 2, "the question and the case")
				s.pager(api.PagerAcknowledged, start.Add(30*time.Minute))
				s.click("U1", api.VerbApprove, "approve.suspend")
				s.grow(12, start.Add(25*time.Minute))
			})
			s.after(31*time.Minute, func() {
				require.Len(t, s.orders, 1)
				require.Equal(t, "acknowledged", s.state.Status)
				require.NotEmpty(t, s.steps("jira.comment:acknowledged"))
				require.Empty(t, s.steps("jira.comment:update"))
				mended()
				s.decide(api.VerbRetry, api.Decision{Step: "events.case", By: "grace"})
			})
			s.after(2*time.Hour, func() { s.pager(api.PagerResolved, start.Add(2*time.Hour)) })
			out := s.run()
			require.Equal(t, "resolved", out.Result)
			require.Equal(t, 12, out.Events)
			require.Equal(t, []string{"jira.comment:update/3"}, s.steps("jira.comment:update"))
			require.Len(t, s.pages, 1)
		})
	}
}

// TestCaseThatCannotBeReadIsGivenUpOnSomebodysWord.
func TestCaseThatCannotBeReadIsGivenUpOnSomebodysWord(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.unreadable(unreadables["the row is gone"])
	s.after(time.Hour, func() { s.decide(api.VerbAbort, api.Decision{Step: "events.case", By: "grace"}) })
	require.Equal(t, "aborted by an operator", s.run().Result)
	require.Empty(t, s.pages)
}
