package agents_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/agents"
	"gatehouse/ledger/storetest"
)

// testRequests holds that an id stands for one request for good, however often and by how many at once it is filed.
func testRequests(t *testing.T, e storetest.Engine) {
	ctx, c := t.Context(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "one", "one")}).Agents()
	want := agents.Request{ID: "agent-request/helpdesk/1", Agent: "helpdesk", Tool: "assign_role", Arguments: "a", Subject: "workday-1", State: agents.Filed, Detail: []byte(`{"role":"Jira"}`)}
	var fresh atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			stored, first, err := s.File(ctx, want)
			if err == nil && first {
				fresh.Add(1)
			}
			if err != nil || string(stored.Detail) != string(want.Detail) {
				t.Errorf("file at once: %v, %s", err, stored.Detail)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, fresh.Load())
	other := want
	other.Arguments = "b"
	_, _, err := s.File(ctx, other)
	require.ErrorIs(t, err, agents.ErrOtherArguments)
	other = want
	other.Tool = "disable_user"
	_, _, err = s.File(ctx, other)
	require.ErrorIs(t, err, agents.ErrOtherArguments)
	require.NotEqual(t, s.Digest("Role"), s.Digest("role"), "arguments are compared exactly")

	unstarted, err := s.UnstartedRequests(ctx, c.Now(), 10)
	require.NoError(t, err)
	require.Len(t, unstarted, 1)
	c.Advance(time.Minute)
	require.NoError(t, s.Moved(ctx, want.ID, "waiting", false, []byte(`{"plan":1}`)))
	unstarted, err = s.UnstartedRequests(ctx, c.Now(), 10)
	require.NoError(t, err)
	require.Empty(t, unstarted)
	open, err := s.OpenRequests(ctx, c.Now(), 10)
	require.NoError(t, err)
	require.Equal(t, "waiting", open[0].State)
	require.JSONEq(t, `{"plan":1}`, string(open[0].Outcome))
	require.NoError(t, s.Moved(ctx, want.ID, "done", true, []byte(`{"result":"so"}`)))
	require.NoError(t, s.Moved(ctx, want.ID, "waiting", false, nil), "what is over stays over")
	stored, found, err := s.Request(ctx, want.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "done", stored.State)
	require.True(t, stored.Over)
	require.JSONEq(t, `{"result":"so"}`, string(stored.Outcome))
	mine, err := s.Requests(ctx, "helpdesk", time.Time{}, 10)
	require.NoError(t, err)
	require.Len(t, mine, 1)
	mine, err = s.Requests(ctx, "another", time.Time{}, 10)
	require.NoError(t, err)
	require.Empty(t, mine)
}
