package activities_test

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/activities/incidents"
	"gatehouse/activities/reading"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/internal/launch"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
	"gatehouse/test/eventlog"
	"gatehouse/test/kit"
)

// eventRig reads the events of a tenant of its own into a ledger file.
type eventRig struct {
	t      *testing.T
	log    *eventlog.Log
	clock  *fakeClock
	policy *policy.Policy
	ledger *ledger.Ledger
	events *incidents.Events

	mu   sync.Mutex
	told map[string]int
}

func newEventRig(t *testing.T, log *eventlog.Log) *eventRig {
	t.Helper()
	server := httptest.NewServer(log)
	t.Cleanup(server.Close)
	r := openEventRig(t, server.URL, filepath.Join(t.TempDir(), "ledger.db"))
	r.log = log
	return r
}

func openEventRig(t *testing.T, url, path string) *eventRig {
	t.Helper()
	r := &eventRig{t: t, clock: &fakeClock{now: monday}, told: map[string]int{}}
	var err error
	r.policy, err = policy.Parse("policy.yaml", []byte(eventlog.Policy))
	require.NoError(t, err)
	r.ledger, err = ledger.Open(t.Context(), path, ledger.Options{Clock: r.clock.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.ledger.Close()) })
	c, err := onelogin.New(onelogin.Options{BaseURL: url, ClientID: "ours", ClientSecret: "x"})
	require.NoError(t, err)
	temporal := &mocks.Client{}
	temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, api.SignalCase, mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Run(func(args mock.Arguments) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.told[args.String(1)]++
		}).Return(startedRun{}, nil)
	there := serviceerror.NewWorkflowExecutionAlreadyStarted("it is there", "", "")
	temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, api.TypeIncident, mock.Anything).Return(nil, there)
	r.events = &incidents.Events{
		Client: c, ClientID: "ours", Paging: eventlog.Paging, Ledger: r.ledger, Launch: launch.New(temporal, false),
		Policy: func() *policy.Policy { return r.policy }, Clock: r.clock.Now,
	}
	return r
}

// activity runs one of the two activities as a worker would.
func (r *eventRig) activity(name string, out any) error {
	r.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(time.Minute)
	env.RegisterActivityWithOptions(r.events.Collect, activity.RegisterOptions{Name: api.EventsCollect})
	env.RegisterActivityWithOptions(r.events.Evaluate, activity.RegisterOptions{Name: api.EventsEvaluate})
	value, err := env.ExecuteActivity(name, api.Nothing{})
	if err != nil {
		return err
	}
	return value.Get(out)
}

func (r *eventRig) poll() (api.CollectReport, api.EvaluateReport) {
	r.t.Helper()
	var read api.CollectReport
	var found api.EvaluateReport
	require.NoError(r.t, r.activity(api.EventsCollect, &read))
	require.NoError(r.t, r.activity(api.EventsEvaluate, &found))
	return read, found
}

func (r *eventRig) cases() []eventlog.Line {
	r.t.Helper()
	all, err := r.ledger.Incidents().Cases(r.t.Context(), 0)
	require.NoError(r.t, err)
	return eventlog.Found(all)
}

// underHabits puts the policy in force whose rules compare habits.
func (r *eventRig) underHabits() {
	r.t.Helper()
	var err error
	r.policy, err = policy.Parse("policy.yaml", []byte(eventlog.HabitPolicy))
	require.NoError(r.t, err)
}

// keepHabits is underHabits for the first n users of the log, as HR has them.
func (r *eventRig) keepHabits(n int64) {
	r.t.Helper()
	r.underHabits()
	for user := int64(1); user <= n; user++ {
		location := "Paris"
		if eventlog.InBerlin(user) {
			location = "Berlin"
		}
		r.worksAt(user, location)
	}
}

// worksAt has the person of an account be at a location.
func (r *eventRig) worksAt(account int64, location string) {
	r.t.Helper()
	id := strconv.FormatInt(account, 10)
	_, err := r.ledger.People().Admit(r.t.Context(), "workday-"+id, "workday", id, persons.Digests{})
	require.NoError(r.t, err)
	traits := strings.Repeat("-", reading.ColumnLocation*reading.TraitSize) + r.ledger.Digest(location)[:reading.TraitSize]
	require.NoError(r.t, r.ledger.Roster().Put(r.t.Context(), []roster.Row{{Source: "workday", EmployeeID: id, Digest: location, Active: true, Traits: traits}}))
	require.NoError(r.t, r.ledger.Inventory().LinkAccount(r.t.Context(), inventory.LinkAccount{Ref: identity.OneLoginRef(account), Person: "workday-" + id, By: "test"}))
}

// TestCasesEqualTheOnesWorkedOutOffline feeds a log of which a fifth is late, with doubled and same-second events, poll
// by poll, with calls that fail in the middle, and compares with the rules applied to all events at once.
func TestCasesEqualTheOnesWorkedOutOffline(t *testing.T) {
	t.Parallel()
	const minutes = 180
	r := newEventRig(t, eventlog.Random(2400, minutes, monday))
	r.keepHabits(200)
	r.poll() // the first reading of a new install
	for n := 1; n <= minutes+20; n++ {
		r.clock.Advance(time.Minute)
		r.log.Show(n)
		if n%17 == 0 {
			r.log.FailNext(2)
			var read api.CollectReport
			_ = r.activity(api.EventsCollect, &read) // The next poll has to make up for it.
		}
		if n%3 != 0 {
			r.poll()
		}
	}
	r.poll()
	want := r.log.Oracle(r.policy, r.ledger.Digest)
	kinds := map[string]int{}
	for _, l := range want {
		kinds[l.Rule]++
	}
	require.Len(t, kinds, 5, "every rule has cases: %v", kinds)
	require.Greater(t, len(want), 20)
	require.Empty(t, cmp.Diff(want, r.cases()))
	untold, err := r.ledger.Incidents().UntoldCases(t.Context(), 1)
	require.NoError(t, err)
	require.Empty(t, untold)
}

// eventsToKill is how many events the killed worker has to get through; GATEHOUSE_EVENTS asks for more.
func eventsToKill(t *testing.T) int {
	t.Helper()
	text := os.Getenv("GATEHOUSE_EVENTS")
	if text == "" {
		return 6000
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// TestKilledWorkerLosesAndDoublesNothing has a process of its own read and evaluate, kills it five times with SIGKILL, and
// compares the cases with those worked out offline.
func TestKilledWorkerLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	const minutes, stride = 200, 5
	n := eventsToKill(t)
	log := eventlog.Random(n, minutes, monday)
	server := httptest.NewServer(log)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "ledger.db")
	openEventRig(t, server.URL, path).keepHabits(int64(max(20, n/20)))
	began := time.Now()
	start := func() *exec.Cmd {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorkerToBeKilled$")
		child.Env = append(os.Environ(), "GATEHOUSE_EVENT_LOG="+server.URL, "GATEHOUSE_EVENT_LEDGER="+path)
		require.NoError(t, child.Start())
		return child
	}
	child := start()
	random := rand.New(rand.NewPCG(5, 6))
	// turn waits until the child has read for a while.
	turn := func(pages int) {
		until := log.Calls() + pages
		require.Eventually(t, func() bool { return log.Calls() >= until }, 2*time.Minute, time.Millisecond)
	}
	turn(1)
	kills := 0
	for minute := stride; minute <= minutes+20; minute += stride {
		log.Show(minute)
		turn(1 + random.IntN(n/1000))
		if kills < 5 && minute%(minutes/5) == 0 {
			kills++
			require.NoError(t, child.Process.Signal(syscall.SIGKILL))
			require.Error(t, child.Wait())
			child = start()
		}
	}
	require.Equal(t, 5, kills)
	r := openEventRig(t, server.URL, path)
	r.underHabits()
	r.follow(server.URL)
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())
	r.poll()
	want := log.Oracle(r.policy, r.ledger.Digest)
	require.Greater(t, len(want), 20)
	require.Empty(t, cmp.Diff(want, r.cases()))
	t.Logf("%d events, %d cases, %d pages, worker killed %d times: %.0f events per second",
		n, len(want), log.Calls(), kills, float64(n)/time.Since(began).Seconds())
}

// follow sets the clock by that of the log.
func (r *eventRig) follow(url string) {
	r.t.Helper()
	reply, err := http.Get(url + "/moment")
	require.NoError(r.t, err)
	defer reply.Body.Close()
	var minute int
	require.NoError(r.t, json.NewDecoder(reply.Body).Decode(&minute))
	r.clock.Advance(monday.Add(time.Duration(minute) * time.Minute).Sub(r.clock.Now()))
}

// TestWorkerToBeKilled is the process that the test above kills.
func TestWorkerToBeKilled(t *testing.T) {
	url, path := os.Getenv("GATEHOUSE_EVENT_LOG"), os.Getenv("GATEHOUSE_EVENT_LEDGER")
	if url == "" {
		t.Skip("this is the process that TestKilledWorkerLosesAndDoublesNothing kills")
	}
	r := openEventRig(t, url, path)
	r.underHabits()
	for {
		r.follow(url)
		r.poll()
	}
}

// TestEventsBeyondTheOverlap says what is found when: within the overlap at the next poll, within the wide reading by
// that, and later never.
// TestFailuresAcrossAnEdgeInAnyOrder: five failures within ten minutes are a case on both sides of a full ten minutes, and
// whichever of them is seen last; five within a second more are none.
func TestFailuresAcrossAnEdgeInAnyOrder(t *testing.T) {
	t.Parallel()
	edge := monday.Truncate(10 * time.Minute).Add(20 * time.Minute)
	offsets := []time.Duration{-150 * time.Second, -2 * time.Minute, -time.Second, time.Minute, 7*time.Minute + 30*time.Second}
	for _, order := range [][]int{{4, 1, 3, 0, 2}, {3, 4, 0, 1, 2}, {4, 3, 2, 1, 0}, {0, 1, 2, 3, 4}} {
		r := newEventRig(t, &eventlog.Log{})
		r.poll()
		r.clock.Advance(edge.Add(10 * time.Minute).Sub(monday))
		for n, which := range order {
			at := edge.Add(offsets[which])
			r.log.Add(eventlog.Event{ID: int64(10*n + 1), Type: eventlog.TypeFailed, User: 1, At: at})
			if which == 4 {
				at = at.Add(time.Second)
			}
			r.log.Add(eventlog.Event{ID: int64(10*n + 2), Type: eventlog.TypeFailed, User: 2, At: at})
			r.poll()
			found, err := r.ledger.Incidents().Cases(t.Context(), 0)
			require.NoError(t, err)
			if n < 4 {
				require.Empty(t, found, "%v: after %d", order, n+1)
				continue
			}
			require.Len(t, found, 1, order)
			require.Equal(t, "onelogin-1", found[0].Subject)
			require.Equal(t, 5, found[0].Events)
			require.True(t, edge.Add(offsets[0]).Equal(found[0].FirstAt))
			require.True(t, edge.Add(offsets[4]).Equal(found[0].LastAt))
			require.Len(t, r.told, 1)
		}
	}
}

func TestEventsBeyondTheOverlap(t *testing.T) {
	t.Parallel()
	r := newEventRig(t, &eventlog.Log{})
	late := func(id int64, ago time.Duration) {
		r.log.Add(eventlog.Event{ID: id, Type: eventlog.TypeLogin, User: 1, At: r.clock.Now().Add(-ago), IP: "203.0.113.9"})
	}
	late(1, 0)
	read, _ := r.poll()
	require.Equal(t, 1, read.New)
	r.clock.Advance(time.Hour)
	late(2, 0)
	read, _ = r.poll()
	require.Equal(t, 1, read.New)
	late(3, 14*time.Minute)
	read, _ = r.poll()
	require.Equal(t, 1, read.New, "within the overlap")
	require.False(t, read.Wide)
	late(4, 40*time.Minute)
	late(5, 30*time.Hour)
	read, _ = r.poll()
	require.Zero(t, read.New)
	r.clock.Advance(6 * time.Hour)
	read, _ = r.poll()
	require.True(t, read.Wide)
	require.Equal(t, 1, read.New, "the wide reading finds what is a day old at most")
}

// TestUnfitRuleStopsNoOther: a rule with a name that OneLogin does not know counts nothing, and the others are at work.
func TestUnfitRuleStopsNoOther(t *testing.T) {
	t.Parallel()
	r := newEventRig(t, &eventlog.Log{})
	with := func(rules string) {
		var err error
		r.policy, err = policy.Parse("policy.yaml", []byte(kit.Replace(t, eventlog.Policy, "  rules:\n", "  rules:\n"+rules)))
		require.NoError(t, err)
	}
	with("    - {name: broken, types: [USER_FAILED_LOGIN, USER_LOGGED_INTO_ONELOGIN]}\n")
	r.poll()
	r.log.Add(eventlog.Event{ID: 1, At: r.clock.Now(), User: 501, Type: eventlog.TypeLogin, IP: "198.51.100.7"})
	read, _ := r.poll()
	require.Equal(t, 1, read.New, "the other rules ask for their events")
	require.Len(t, read.Unfit, 1)
	require.Equal(t, "broken", read.Unfit[0].Rule)
	require.Contains(t, read.Unfit[0].Why, `no event type "USER_FAILED_LOGIN"`)
	all, err := r.ledger.Incidents().Cases(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, "abroad", all[0].Rule)

	with("    - {name: broken, types: [USER_LOGGED_INTO_ONELOGIN]}\n")
	r.clock.Advance(time.Minute)
	r.log.Add(eventlog.Event{ID: 2, At: r.clock.Now(), User: 501, Type: eventlog.TypeLogin})
	read, _ = r.poll()
	require.Empty(t, read.Unfit, "it is taken up when it was corrected")
	all, err = r.ledger.Incidents().Cases(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, all, 2)
}

// TestNoRuleThatFits reads nothing and says so.
func TestNoRuleThatFits(t *testing.T) {
	t.Parallel()
	r := newEventRig(t, &eventlog.Log{})
	r.poll()
	r.clock.Advance(time.Hour)
	var err error
	head, _, _ := strings.Cut(eventlog.Policy, "  rules:\n")
	_, head, _ = strings.Cut(head, "events:\n")
	top, _, _ := strings.Cut(eventlog.Policy, "events:\n")
	r.policy, err = policy.Parse("policy.yaml", []byte(top+"events:\n"+head+"  rules: [{name: broken, types: [NONE_SUCH]}]\nend: policy\n"))
	require.NoError(t, err)
	read, _ := r.poll()
	require.True(t, read.Off)
	require.Len(t, read.Unfit, 1)
	cursor, err := r.ledger.Incidents().EventCursor(t.Context(), incidents.EventReader)
	require.NoError(t, err)
	require.Equal(t, r.clock.Now(), cursor.PolledAt, "what nothing is read for is not late")
	require.True(t, cursor.Newest.Before(cursor.PolledAt), "how far events were read stays")
}
