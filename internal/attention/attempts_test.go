package attention_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	list "gatehouse/activities/attention"
	"gatehouse/internal/attention"
	"gatehouse/internal/decider"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// house is a ledger with a clock of its own.
type house struct {
	t      *testing.T
	ledger *ledger.Ledger
	mu     sync.Mutex
	now    time.Time
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Clock: h.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	h.ledger = l
	return h
}

func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) open() []worklist.Item {
	h.t.Helper()
	items, err := h.ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{})
	require.NoError(h.t, err)
	return items
}

// list is the list of what needs a person, with the systems of the tests.
func (h *house) list() *list.Attention {
	return &list.Attention{Ledger: h.ledger, Systems: []string{"onelogin", "slack", "workday", "jira"}}
}

func down(system string) error {
	return temporal.NewApplicationError(system+": read a user: the service is unavailable (HTTP 503)", api.ErrUnavailable)
}

func refused(system string) error {
	return temporal.NewApplicationError(system+": read a user: unauthorized (HTTP 401)", api.ErrUnauthorized)
}

// TestWhatKeepsFailingIsOnTheList: from ten minutes on, one item for a system, for as long as anything of it fails.
func TestWhatKeepsFailingIsOnTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := attention.NewAttempts(h.list(), h.Now, slog.New(slog.DiscardHandler))
	tried := func(run, id string, since time.Time, err error) {
		t.Helper()
		a.Seen(t.Context(), attention.Try{Workflow: run, Run: "r", Activity: "Slack.Post", ID: id, Since: since}, err)
	}
	began := h.Now()
	h.advance(9 * time.Minute)
	tried("person/workday-1", "slack.leaver", began, down("slack"))
	require.Empty(t, h.open(), "it may pass")
	h.advance(time.Minute)
	tried("person/workday-1", "slack.leaver", began, down("slack"))
	tried("person/workday-2", "slack.leaver", began, down("slack"))
	tried("person/workday-2", "onelogin.roles", began, down("onelogin"))
	tried("person/workday-3", "onelogin.roles", h.Now(), down("onelogin"))
	items := h.open()
	require.Len(t, items, 2, "one for each system")
	for _, item := range items {
		require.Equal(t, map[string]int{"slack": 2, "onelogin": 1}[item.System], item.Holders)
		require.Equal(t, "unavailable", item.Class)
		require.NotContains(t, item.Text+item.Next+item.Object, "workday-", "it names nobody")
	}
	tried("person/workday-1", "slack.leaver", began, nil)
	require.Equal(t, 1, h.open()[1].Holders)
	tried("person/workday-2", "slack.leaver", began, temporal.NewNonRetryableApplicationError("slack: refused", api.ErrRefused, nil))
	tried("person/workday-2", "onelogin.roles", began, nil)
	require.Empty(t, h.open(), "it works again, or the run asks about it")

	h.advance(time.Hour)
	tried("person/workday-2", "slack.leaver", began, context.Canceled)
	require.Empty(t, h.open(), "who stops a step does not fail it")
	tried("person/workday-2", "hr.look", began, errors.New("x"))
	require.Equal(t, "gatehouse", h.open()[0].System)
}

// TestRefusedCredentialIsOnTheListSooner, and urgent work that fails is critical.
func TestRefusedCredentialIsOnTheListSooner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := attention.NewAttempts(h.list(), h.Now, slog.New(slog.DiscardHandler))
	began := h.Now()
	h.advance(3 * time.Minute)
	try := attention.Try{Workflow: "person/workday-1", Run: "r", Activity: api.OneLoginEnsureSuspended, ID: "onelogin.suspend", Since: began, Urgent: true}
	a.Seen(t.Context(), try, refused("onelogin"))
	items := h.open()
	require.Len(t, items, 1)
	require.Equal(t, "credential", items[0].Class)
	require.Equal(t, worklist.SeverityCritical, items[0].Severity)
	require.Contains(t, items[0].Next, "renew the credential of onelogin")
	a.Seen(t.Context(), try, nil)
	require.Empty(t, h.open())
}

// TestFailingStepRenewsItself: a step that nobody tries any more, because its run was ended, goes off the list by itself.
func TestFailingStepRenewsItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := attention.NewAttempts(h.list(), h.Now, slog.New(slog.DiscardHandler))
	k := attention.New(attention.Options{
		Judge:  &decider.Judge{People: func() []policy.Decider { return nil }, Clock: h.Now},
		Ledger: h.ledger, Every: 30 * time.Second, Repeat: time.Hour, Clock: h.Now, Log: slog.New(slog.DiscardHandler),
		Post:   func(context.Context, api.Message) (api.Posted, error) { return api.Posted{}, nil },
		Policy: func() string { return "hash" }, Zone: func() *time.Location { return time.UTC }, Observes: func() bool { return false },
	})
	began := h.Now()
	for range 30 {
		h.advance(10 * time.Minute)
		a.Seen(t.Context(), attention.Try{Workflow: "hr-sync-workday", Run: "r", Activity: api.SyncCollect, ID: "workday.collect", Since: began}, down("workday"))
		require.NoError(t, k.Round(t.Context()))
		require.Len(t, h.open(), 1)
	}
	h.advance(attentionForgets)
	require.NoError(t, k.Round(t.Context()))
	require.Empty(t, h.open())
}

// attentionForgets is longer than a failing step stays on the list without another try.
const attentionForgets = 2*time.Hour + time.Minute

// TestWhatSucceedsAtOnceCostsNothing: the wrapper passes it on without a word to the ledger, which is closed here.
func TestWhatSucceedsAtOnceCostsNothing(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{attention.NewAttempts(nil, nil, nil)}})
	env.RegisterActivityWithOptions(func(context.Context) (string, error) { return "done", nil }, activity.RegisterOptions{Name: "X"})
	got, err := env.ExecuteActivity("X")
	require.NoError(t, err)
	var out string
	require.NoError(t, got.Get(&out))
	require.Equal(t, "done", out)
}
