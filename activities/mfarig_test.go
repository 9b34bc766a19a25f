package activities_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/internal/templates"
	"gatehouse/ledger/mfa"
)

const day = 24 * time.Hour

// course plays a grace period with the activities of production, against a tenant and a ledger whose clock skips along
// with Temporal's. What happens at a moment of the grace period is planned before it begins.
type course struct {
	*rig
	key      string
	username string
	id       int64
	// events happen at a time since the start of the grace period, each once.
	events []*event
	runs   int
	took   time.Duration
	began  time.Time
}

type event struct {
	at   time.Duration
	what func(env *testsuite.TestWorkflowEnvironment)
	done bool
}

// newCourse takes away the factors of somebody, who has a manager, and has a scan find out.
func newCourse(t *testing.T, o rigOptions) *course {
	t.Helper()
	r := newRig(t, o)
	c := &course{rig: r, key: "workday-21010"}
	r.must(api.SyncCollect, api.SyncInput{Source: "workday", Batch: "baseline"})
	a := r.account(c.key)
	c.username, c.id = a.Username, a.ID
	r.must(api.OneLoginNoFactors, known(r, c.key))
	r.must(api.MFAScan, api.MFAScanInput{Scan: "first"})
	c.began = r.clock.Now()
	return c
}

// at plans something for a time since the start.
func (c *course) at(d time.Duration, what func(env *testsuite.TestWorkflowEnvironment)) {
	c.events = append(c.events, &event{at: d, what: what})
}

func (c *course) set(now time.Time) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	if now.After(c.clock.now) {
		c.clock.now = now
	}
}

// processorTime is how long the processors have worked for this process.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// play plays the chain of runs to its end, or for a while, and returns what it came to.
func (c *course) play(within time.Duration) (api.GraceOutcome, bool) {
	c.t.Helper()
	in := api.GraceInput{Key: c.key, AccountID: c.id, Beside: true}
	started, used := time.Now(), processorTime(c.t)
	// On a machine that does other things meanwhile, what counts is the time that was given to this process.
	defer func() { c.took = min(time.Since(started), processorTime(c.t)-used) }()
	for {
		env := c.env()
		env.ExecuteWorkflow(api.TypeMFAGrace, in)
		require.True(c.t, env.IsWorkflowCompleted())
		c.set(env.Now())
		err := env.GetWorkflowError()
		var next *workflow.ContinueAsNewError
		if !errors.As(err, &next) {
			require.NoError(c.t, err)
			var out api.GraceOutcome
			require.NoError(c.t, env.GetWorkflowResult(&out))
			return out, true
		}
		in = api.GraceInput{}
		require.NoError(c.t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
		if c.clock.Now().Sub(c.began) >= within {
			return api.GraceOutcome{}, false
		}
	}
}

// env is one run of the chain, which begins where the one before has ended.
func (c *course) env() *testsuite.TestWorkflowEnvironment {
	c.runs++
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(c.clock.Now())
	env.SetTestTimeout(30 * time.Second)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: api.MFAGraceID(c.key), TaskQueue: api.QueueSweep})
	env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
	templates.RegisterWorkflows(env, templates.All(), api.QueueSweep)
	for name, fn := range all(c.vendors.Activities) {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
	env.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { c.set(env.Now()) })
	env.SetOnLocalActivityStartedListener(func(*activity.Info, context.Context, []any) { c.set(env.Now()) })
	for _, e := range c.events {
		if wait := c.began.Add(e.at).Sub(c.clock.Now()); !e.done && wait >= 0 {
			env.RegisterDelayedCallback(func() {
				e.done = true
				c.set(env.Now())
				e.what(env)
			}, wait)
		}
	}
	return env
}

// told lists what was said to whom about the grace period, in order: "day 3: person".
func (c *course) told() []string {
	var out []string
	for _, m := range c.messages() {
		out = append(out, fmt.Sprintf("%s: %s", m.Email, m.Text))
	}
	return out
}

// moveAway gives an account an address that Slack does not know.
func (c *course) moveAway() {
	c.t.Helper()
	address := "elsewhere@acme.example"
	_, err := c.vendors.OneLogin.UpdateUser(c.t.Context(), c.id, onelogin.UserChange{Email: &address})
	require.NoError(c.t, err)
}

// manager is the employee id of somebody's manager.
func (c *course) manager(id string) string {
	c.t.Helper()
	rec, found, err := c.vendors.Activities.Person.Sources["workday"].Read(c.t.Context(), id)
	require.NoError(c.t, err)
	require.True(c.t, found)
	require.NotEmpty(c.t, rec.ManagerID)
	return rec.ManagerID
}

// escalatedTo holds that one person was told that somebody in their team has not enrolled; nobody's address stands for
// the IT channel.
func (c *course) escalatedTo(email string) {
	c.t.Helper()
	var to []string
	for _, m := range c.messages() {
		if strings.Contains(m.Text, "has no second factor") {
			to = append(to, m.Email)
		}
	}
	require.Equal(c.t, []string{email}, to)
}

// heard counts the messages that say something.
func (c *course) heard(text string) int {
	n := 0
	for _, m := range c.messages() {
		if slices.ContainsFunc(m.texts(), func(t slackText) bool { return strings.Contains(t.Text, text) }) {
			n++
		}
	}
	return n
}

func (c *course) standing() []identity.Order {
	c.t.Helper()
	orders, err := c.app.Ledger.OrdersInForce(c.t.Context(), c.key)
	require.NoError(c.t, err)
	return orders
}

// row is the person's row of the tracking sheet.
func (c *course) row() []any {
	c.t.Helper()
	sheet := c.sheetsOf()
	require.Len(c.t, sheet, 1)
	return sheet[0].Tabs[0].Values[c.state().Row-1]
}

func (c *course) state() mfa.State {
	c.t.Helper()
	s, found, err := c.app.Ledger.MFA().State(c.t.Context(), c.id)
	require.NoError(c.t, err)
	require.True(c.t, found)
	return s
}

// stages lists the transitions in the evidence, with the day of the grace period.
func (c *course) stages() []string {
	c.t.Helper()
	evidence, err := c.app.Ledger.Journal().EvidenceOf(c.t.Context(), c.key)
	require.NoError(c.t, err)
	var out []string
	for _, e := range evidence {
		if strings.HasPrefix(e.Step, "mfa.") {
			out = append(out, fmt.Sprintf("%d %s", int(e.StartedAt.Sub(c.began)/day), e.Outcome))
		}
	}
	return out
}

func (c *course) enrol(*testsuite.TestWorkflowEnvironment) {
	require.NoError(c.t, c.sandbox.Enrol(c.t.Context(), c.username, "OneLogin Protect"))
}

// enrolled is the signal that a scan sends when it finds a factor.
func (c *course) enrolled(env *testsuite.TestWorkflowEnvironment) {
	c.enrol(env)
	env.SignalWorkflow(api.SignalEnrolled, nil)
}

func (c *course) decide(verb string, until time.Duration) func(env *testsuite.TestWorkflowEnvironment) {
	return func(env *testsuite.TestWorkflowEnvironment) {
		env.UpdateWorkflow(verb, verb, accepted(c.t), api.MFADecision{By: "grace", Reason: "on a ship", Until: c.began.Add(until)})
	}
}
