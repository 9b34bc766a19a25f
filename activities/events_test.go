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
	"go.temporal.io/sdk/activity"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/internal/hints"
	"gatehouse/ledger"
	"gatehouse/policy"
	"gatehouse/test/eventlog"
	"gatehouse/test/kit"
	"gatehouse/workflows"
)

// sandboxRules are for the sandbox's tenant.
const sandboxRules = `
events:
  approvers: [farid.obrien@acme.example, tara.mbeki@acme.example, gone@acme.example]
  rules:
    - {name: failed-logins, types: [USER_FAILED_ONELOGIN_LOGIN], count: 5, within: 10m, respond: [{order: reset_password}]}
    - {name: suspended, types: [USER_SUSPENDED, API_USER_SUSPENDED]}
`

// watched polls the sandbox once and returns the cases.
func (r *rig) watched() []ledger.Case {
	r.t.Helper()
	r.must(api.EventsCollect, api.Nothing{})
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, workflows.SignalCase, mock.Anything, mock.Anything, mock.Anything,
		mock.Anything).Return(startedRun{}, nil)
	r.must(api.EventsEvaluate, api.Nothing{})
	cases, err := r.app.Ledger.Cases(r.t.Context(), 0)
	require.NoError(r.t, err)
	return cases
}

// someCase puts a case of one event into the ledger.
func (r *rig) someCase() api.CaseRef {
	r.t.Helper()
	subject := "onelogin-" + strconv.FormatInt(r.account("workday-21002").ID, 10)
	_, err := r.app.Ledger.PutEvents(r.t.Context(), []ledger.StoredEvent{
		{ID: 1, Type: eventlog.TypeLogin, At: monday, Matches: []ledger.EventMatch{{Rule: "gone", Subject: subject}}},
	})
	require.NoError(r.t, err)
	_, err = r.app.Ledger.EvaluateSubject(r.t.Context(), "gone", subject, ledger.Span{}, func(h []ledger.Hit) ([]ledger.Case, error) {
		return []ledger.Case{{FirstEvent: 1, FirstAt: h[0].At, LastEvent: 1, LastAt: h[0].At, Events: 1}}, nil
	})
	require.NoError(r.t, err)
	return api.CaseRef{Rule: "gone", Subject: subject, Number: 1}
}

// eventRig reads the events of a tenant of its own into a ledger file.
type eventRig struct {
	t      *testing.T
	log    *eventlog.Log
	clock  *fakeClock
	policy *policy.Policy
	ledger *ledger.Ledger
	events *activities.Events

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
	temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, workflows.SignalCase, mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Run(func(args mock.Arguments) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.told[args.String(1)]++
		}).Return(startedRun{}, nil)
	r.events = &activities.Events{
		Client: c, ClientID: "ours", Ledger: r.ledger, Hints: hints.NewSender(temporal, false),
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
	all, err := r.ledger.Cases(r.t.Context(), 0)
	require.NoError(r.t, err)
	return eventlog.Found(all)
}

// TestCasesEqualTheOnesWorkedOutOffline feeds a log of which a fifth is late, with doubled and same-second events, poll
// by poll, with calls that fail in the middle, and compares with the rules applied to all events at once.
func TestCasesEqualTheOnesWorkedOutOffline(t *testing.T) {
	t.Parallel()
	const minutes = 180
	r := newEventRig(t, eventlog.Random(2400, minutes, monday))
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
	require.Len(t, kinds, 3, "every rule has cases: %v", kinds)
	require.Greater(t, len(want), 20)
	require.Empty(t, cmp.Diff(want, r.cases()))
	untold, err := r.ledger.UntoldCases(t.Context(), 1)
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
	for {
		r.follow(url)
		r.poll()
	}
}

// TestEventsBeyondTheOverlap says what is found when: within the overlap at the next poll, within the wide reading by
// that, and later never.
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

func TestOwnEventsAreNoIncident(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"\nmodes:", sandboxRules + "\nmodes:"}})
	r.watched()
	r.must(api.OneLoginEnsureSuspended, known(r, "workday-21002"))
	require.Empty(t, r.watched(), "what Gatehouse did itself")
	for range 5 {
		_, _, err := r.sandbox.SignIn(t.Context(), r.account("workday-21002").Username)
		require.NoError(t, err)
	}
	cases := r.watched()
	require.Len(t, cases, 1)
	require.Equal(t, 5, cases[0].Events)

	ref := api.CaseRef{Rule: "failed-logins", Subject: cases[0].Subject, Number: 1}
	var state api.CaseState
	require.NoError(t, r.must(api.EventsCase, ref).Get(&state))
	require.Equal(t, "workday-21002", state.PersonKey)
	require.Len(t, state.Latest, 5)
	require.Equal(t, []api.Response{{Order: "reset_password"}}, state.Respond)
	require.Equal(t, r.account("workday-21002").ID, state.AccountID)

	r.must(api.EventsNote, api.NoteCase{CaseRef: ref, Ticket: "SEC-1", Shown: 1, Answered: "reset_password", Status: "resolved", At: monday})
	require.NoError(t, r.must(api.EventsCase, ref).Get(&state))
	require.Equal(t, "SEC-1", state.Ticket)
	require.Equal(t, "resolved", state.Status)
}

// TestWhoMayApprove: approvers are the managers 21001 and 21003, and somebody whom OneLogin does not know.
func TestWhoMayApprove(t *testing.T) {
	t.Parallel()
	const farid, tara = "farid.obrien@acme.example", "tara.mbeki@acme.example"
	r := newRig(t, rigOptions{policy: []string{"\nmodes:", sandboxRules + "\nmodes:"}})
	subject := func(key string) api.CaseRef {
		return api.CaseRef{Rule: "failed-logins", Subject: "onelogin-" + strconv.FormatInt(r.account(key).ID, 10), Number: 1}
	}
	refused := func(ref api.CaseRef, email, why string) {
		t.Helper()
		var v api.ApproverVerdict
		require.NoError(t, r.must(api.EventsApprover, api.ApproverInput{CaseRef: ref, Email: email}).Get(&v))
		require.Equal(t, why == "", v.Allowed, "%s: %s", email, v.Why)
		require.Contains(t, v.Why, why)
	}
	about := subject("workday-21002")
	refused(about, farid, "")
	refused(about, strings.ToUpper(farid), "")
	refused(about, r.account("workday-21002").Email, "not on the list")
	refused(about, "", "not on the list")
	refused(about, "gone@acme.example", "no OneLogin account that is in use")
	refused(subject("workday-21003"), tara, "your own account")
	nobody := api.CaseRef{Rule: "failed-logins", Subject: "ip-7f3c", Number: 1}
	refused(nobody, tara, "")

	require.NoError(t, r.sandbox.SetStatus(t.Context(), farid, 2))
	refused(about, farid, "no OneLogin account that is in use")
	refused(nobody, farid, "no OneLogin account that is in use")
}

// An administrator's second account is theirs all the same.
func TestNobodyApprovesAboutTheirOtherAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"\nmodes:", sandboxRules + "\nmodes:"}})
	other := r.account("workday-21002")
	require.NoError(t, r.app.Ledger.SetAccount(t.Context(), "workday-21003", other.ID, false))
	var v api.ApproverVerdict
	ref := api.CaseRef{Rule: "failed-logins", Subject: "onelogin-" + strconv.FormatInt(other.ID, 10), Number: 1}
	require.NoError(t, r.must(api.EventsApprover, api.ApproverInput{CaseRef: ref, Email: "tara.mbeki@acme.example"}).Get(&v))
	require.False(t, v.Allowed)
	require.Contains(t, v.Why, "your own account")
}

func TestUnknownEventTypesAreForAPerson(t *testing.T) {
	t.Parallel()
	r := newEventRig(t, &eventlog.Log{})
	var err error
	r.policy, err = policy.Parse("policy.yaml", []byte(kit.Replace(t, eventlog.Policy, "[USER_FAILED_ONELOGIN_LOGIN]", "[USER_FAILED_LOGIN]")))
	require.NoError(t, err)
	var read api.CollectReport
	failure := application(t, r.activity(api.EventsCollect, &read))
	require.True(t, failure.NonRetryable())
	require.Contains(t, failure.Error(), `no event type "USER_FAILED_LOGIN"`)
}
