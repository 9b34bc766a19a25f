package agents_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/agents"
	"gatehouse/identity"
	"gatehouse/internal/launch"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
)

// anew is a reading that a test carries out itself.
type anew struct {
	mu   sync.Mutex
	ids  []string
	asks []api.AgentReadRequest
	do   func(api.AgentReadRequest) (api.AgentReadOutcome, error)
}

func (r *anew) read(_ context.Context, id string, in api.AgentReadRequest) (api.AgentReadOutcome, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids, r.asks = append(r.ids, id), append(r.asks, in)
	return r.do(in)
}

func (r *anew) set(do func(api.AgentReadRequest) (api.AgentReadOutcome, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.do = do
}

func (r *anew) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.asks)
}

var freshQuestions = map[string]struct {
	tool string
	args map[string]any
	want api.AgentReadRequest
}{
	"user":         {"look_up_user", map[string]any{"query": "workday-1"}, api.AgentReadRequest{Accounts: []int64{41}}},
	"nobody":       {"look_up_user", map[string]any{"query": "nobody@acme.example"}, api.AgentReadRequest{Changes: true}},
	"roles":        {"list_user_roles", map[string]any{"user": "workday-1"}, api.AgentReadRequest{Accounts: []int64{41}}},
	"apps":         {"list_app_assignments", map[string]any{"user": "workday-1"}, api.AgentReadRequest{Accounts: []int64{41}}},
	"apps of role": {"list_app_assignments", map[string]any{"role": "#1"}, api.AgentReadRequest{Catalog: true}},
	"group":        {"list_group_members", map[string]any{"group": "7"}, api.AgentReadRequest{Changes: true}},
	"role":         {"list_group_members", map[string]any{"role": "#1"}, api.AgentReadRequest{Role: 1}},
}

// TestFreshReadsWhatIsAskedFor: each tool has read what it answers from, once for the same question, and says what came of it.
func TestFreshReadsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	c := storetest.NewClock()
	c.Advance(3 * time.Second)
	r := &anew{do: func(api.AgentReadRequest) (api.AgentReadOutcome, error) {
		return api.AgentReadOutcome{Complete: true}, nil
	}}
	d := openDesk(t, readers(map[string]string{"reader": all}), func(o *agents.Options) {
		o.Fresh, o.Clock = r.read, c.Now
	})
	d.catalog(t)
	d.person(t, "1", marked())
	s := d.as(t, "reader")
	type fresh struct {
		Fresh struct {
			Done bool
			Why  string
		}
	}
	for what, q := range freshQuestions {
		before := r.count()
		q.args["fresh"] = true
		for range 2 {
			require.True(t, answered[fresh](t, call(t, s, q.tool, q.args)).Fresh.Done, what)
		}
		q.want.Agent = "reader"
		require.Equal(t, []api.AgentReadRequest{q.want, q.want}, r.asks[before:], what)
		require.Equal(t, r.ids[before], r.ids[before+1], "the same reading within seconds is one")
		require.Regexp(t, `^agent-read/reader/[0-9a-f]{20}$`, r.ids[before])
	}
	before := r.count()
	for range 2 {
		answered[fresh](t, call(t, s, "list_events", map[string]any{"user": "workday-1", "fresh": true}))
		c.Advance(4 * time.Second)
	}
	require.Equal(t, r.ids[before], r.ids[before+1])
	require.Equal(t, []int64{41}, r.asks[before].Events.Users)
	require.True(t, r.asks[before].Events.Until.After(c.Now().Add(-8*time.Second)), "up to now")

	r.set(func(api.AgentReadRequest) (api.AgentReadOutcome, error) {
		return api.AgentReadOutcome{}, errors.New("secret of a vendor")
	})
	for what, q := range freshQuestions {
		q.args["fresh"] = true
		answer := call(t, s, q.tool, q.args)
		got := answered[fresh](t, answer)
		require.False(t, got.Fresh.Done, what)
		require.NotEmpty(t, got.Fresh.Why)
		require.NotContains(t, whole(t, answer), "secret")
	}
}

// TestWhoeverIsReadAnewIsJudgedAnew: somebody who turned out to be of the board is not shown.
func TestWhoeverIsReadAnewIsJudgedAnew(t *testing.T) {
	t.Parallel()
	r := &anew{}
	d := openDesk(t, readers(map[string]string{"reader": all}), func(o *agents.Options) { o.Fresh = r.read })
	d.catalog(t)
	key := d.person(t, "1", marked())
	r.set(func(api.AgentReadRequest) (api.AgentReadOutcome, error) {
		doc := marked()
		doc.Department = "Board"
		_, err := d.ledger.Inventory().Reread(t.Context(), time.Now(), []inventory.Account{{Ref: identity.OneLoginRef(41), Document: doc, Status: doc.Status}})
		return api.AgentReadOutcome{Complete: true}, err
	})
	s := d.as(t, "reader")
	require.False(t, call(t, s, "look_up_user", map[string]any{"query": key}).IsError)
	answer := call(t, s, "look_up_user", map[string]any{"query": key, "fresh": true})
	require.True(t, answer.IsError)
	require.Contains(t, whole(t, answer), "nobody of the board")
	calls, err := d.ledger.Agents().Calls(t.Context(), "reader", time.Time{}, 1)
	require.NoError(t, err)
	require.Equal(t, "policy", calls[0].DeniedBy)
}

// TestNothingIsReadAnewForACallThatIsRefused: by a rule, a switch, a limit or the mode.
func TestNothingIsReadAnewForACallThatIsRefused(t *testing.T) {
	t.Parallel()
	r := &anew{do: func(api.AgentReadRequest) (api.AgentReadOutcome, error) {
		return api.AgentReadOutcome{Complete: true}, nil
	}}
	text := readers(map[string]string{"reader": all}, "{name: nothing anew, tools: [look_up_user], when: call.fresh, verdict: deny}")
	d := openDesk(t, text, func(o *agents.Options) { o.Fresh = r.read })
	d.catalog(t)
	d.person(t, "1", marked())
	s := d.as(t, "reader")
	require.Contains(t, whole(t, call(t, s, "look_up_user", map[string]any{"query": "workday-1", "fresh": true})), `"rule":"nothing anew"`)
	require.False(t, call(t, s, "look_up_user", map[string]any{"query": "workday-1"}).IsError)
	_, err := d.ledger.Agents().SwitchOff(t.Context(), ledgeragents.Switch{Scope: ledgeragents.OfTool("list_user_roles"), By: "dana", Reason: "test"})
	require.NoError(t, err)
	require.Contains(t, whole(t, call(t, s, "list_user_roles", map[string]any{"user": "workday-1", "fresh": true})), `"denied_by":"tool/list_user_roles"`)
	require.Zero(t, r.count())

	limited := openDesk(t, policyText, func(o *agents.Options) { o.Fresh = r.read })
	limited.person(t, "1", marked())
	s = limited.as(t, "helpdesk")
	for range 40 {
		call(t, s, "look_up_user", map[string]any{"query": "workday-1", "fresh": true})
	}
	require.Equal(t, 30, r.count(), "a call beyond the limit reads nothing")
	require.Contains(t, whole(t, call(t, limited.as(t, "watched"), "look_up_user", map[string]any{"query": "workday-1", "fresh": true})), "log_only")
	require.Equal(t, 30, r.count())
}

// TestReadsGoOnWithoutTemporal: what is known is answered, and what is wanted anew is said not to be.
func TestReadsGoOnWithoutTemporal(t *testing.T) {
	t.Parallel()
	nowhere, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	t.Cleanup(nowhere.Close)
	d := openDesk(t, readers(map[string]string{"reader": all}), func(o *agents.Options) { o.Fresh = launch.New(nowhere, false).AgentRead })
	d.catalog(t)
	d.person(t, "1", marked())
	s := d.as(t, "reader")
	for what, q := range questions {
		require.False(t, call(t, s, q.tool, q.args).IsError, what)
	}
	began := time.Now()
	out := answered[struct {
		Count int
		Fresh struct {
			Done bool
			Why  string
		}
	}](t, call(t, s, "look_up_user", map[string]any{"query": "workday-1", "fresh": true}))
	require.Equal(t, 1, out.Count)
	require.False(t, out.Fresh.Done)
	require.Contains(t, out.Fresh.Why, "Temporal does not answer")
	require.Less(t, time.Since(began), 10*time.Second)
}

// TestAgentsLeaveWorkersToOthers: of many readings at once a few are under way.
func TestAgentsLeaveWorkersToOthers(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var once sync.Once
	now, most := 0, 0
	full := make(chan struct{})
	d := openDesk(t, readers(map[string]string{"reader": all}), func(o *agents.Options) {
		o.Fresh = func(ctx context.Context, _ string, _ api.AgentReadRequest) (api.AgentReadOutcome, error) {
			mu.Lock()
			now++
			most = max(most, now)
			if now == 4 {
				once.Do(func() { close(full) })
			}
			mu.Unlock()
			select {
			case <-full:
			case <-ctx.Done():
			}
			mu.Lock()
			now--
			mu.Unlock()
			return api.AgentReadOutcome{Complete: true}, nil
		}
	})
	d.person(t, "1", marked())
	s := d.as(t, "reader")
	failed := make(chan error, 16)
	var calls sync.WaitGroup
	for range 16 {
		calls.Go(func() {
			_, err := s.CallTool(context.WithoutCancel(t.Context()), &mcp.CallToolParams{Name: "look_up_user", Arguments: map[string]any{"query": "workday-1", "fresh": true}})
			failed <- err
		})
	}
	calls.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	require.Equal(t, 4, most)
}
