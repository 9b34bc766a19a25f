package activities_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

// monday is an ordinary working day, 10:00 in Berlin, so that days around it are easy to name.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fakeClock is the time of Gatehouse and of the tenant alike. It stands still until it is moved.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
	// looked is told of each look at the clock, which comes with every write to the ledger.
	looked func()
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looked != nil {
		c.looked()
	}
	return c.now
}

func (c *fakeClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// rig is a worker's activities in the wiring of production, against a sandbox of its own. Temporal is a mock that
// remembers whom it was asked to start a run for.
type rig struct {
	t        *testing.T
	clock    *fakeClock
	sandbox  *control.Client
	config   *config.Config
	app      *app.App
	vendors  *app.Vendors
	temporal *mocks.Client

	mu     sync.Mutex
	hinted []string
}

// rigOptions vary a rig.
type rigOptions struct {
	// policy edits the example policy by pairs of old and new text.
	policy []string
	// config edits the configuration.
	config func(*config.Config)
	// people is how many work in the company (default 60), apps how many apps it has besides the usual ones.
	people, apps int
	// systems has the systems beside OneLogin configured.
	systems bool
}

func newRig(t *testing.T, o rigOptions) *rig {
	t.Helper()
	r := &rig{t: t, clock: &fakeClock{now: monday}, temporal: &mocks.Client{}}
	if o.people == 0 {
		o.people = 60
	}
	tenant := server.New(server.Options{People: o.people, Apps: o.apps, Seed: 7, Quota: 100_000, Clock: r.clock.Now})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { site.Close(); tenant.Close() })
	r.sandbox = control.New(site.URL)

	example, err := os.ReadFile(filepath.Join("..", "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(path, []byte(kit.Replace(t, string(example), o.policy...)), 0o600))

	r.config = kit.Config(site.URL)
	r.config.Policy = path
	r.config.Ledger.URL = httpx.Secret(filepath.Join(t.TempDir(), "ledger.db"))
	r.config.Temporal.Namespace = "test"
	// The report of the sandbox has headings of its own.
	r.config.Workday.Columns = map[string]string{"manager_id": "Manager_Employee_ID", "involuntary": "Termination_Involuntary"}
	if o.systems {
		r.config.Systems = kit.Systems(t, tenant, site.URL)
	}
	if o.config != nil {
		o.config(r.config)
	}
	r.temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Run(func(args mock.Arguments) {
			r.clock.Now() // A hint is a step at which a process may end, too.
			r.mu.Lock()
			defer r.mu.Unlock()
			r.hinted = append(r.hinted, args.Get(1).(client.StartWorkflowOptions).ID)
		}).Return(startedRun{}, nil)
	r.restart()
	return r
}

// startedRun is the run that a hint started.
type startedRun struct{ client.WorkflowRun }

func (startedRun) GetRunID() string { return "run-1" }

// restart replaces the process: nothing survives but the ledger and what the vendors know.
func (r *rig) restart() {
	r.t.Helper()
	if r.app != nil {
		require.NoError(r.t, r.app.Close())
	}
	a, err := app.Open(r.t.Context(), r.config, app.Options{Temporal: r.temporal, Clock: r.clock.Now})
	require.NoError(r.t, err)
	if r.app == nil {
		r.t.Cleanup(func() { require.NoError(r.t, r.app.Close()) })
	}
	r.app = a
	r.vendors, err = a.Vendors()
	require.NoError(r.t, err)
	require.NoError(r.t, r.vendors.CheckTenant(r.t.Context()))
}

// run executes an activity by its registered name, as a worker would. What it returns has crossed the wire.
func (r *rig) run(name string, input any) (converter.EncodedValue, error) {
	r.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	for name, fn := range all(r.vendors.Activities) {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
	return env.ExecuteActivity(name, input)
}

// must runs an activity that has to succeed.
func (r *rig) must(name string, input any) converter.EncodedValue {
	r.t.Helper()
	out, err := r.run(name, input)
	require.NoError(r.t, err, "%s", name)
	return out
}

// assess looks at a person.
func (r *rig) assess(key string) api.Assessment {
	r.t.Helper()
	a, err := r.vendors.Activities.Person.Assess(r.t.Context(), assessInput(key))
	require.NoError(r.t, err, "assess %s", key)
	return a
}

func assessInput(key string) api.AssessInput {
	return api.AssessInput{Key: key, Hint: api.Hint{Source: "operator", Cause: "test"}}
}

// hire enters a record today and returns the person's key.
func (r *rig) hire(source string, fields control.Fields) string {
	r.t.Helper()
	id, err := r.sandbox.Hire(r.t.Context(), source, fields)
	require.NoError(r.t, err)
	return source + "-" + id
}

// hr has the HR department act on a person's record.
func (r *rig) hr(source, action, id string, fields control.Fields) {
	r.t.Helper()
	_, err := r.sandbox.HR(r.t.Context(), source, action, id, fields, true)
	require.NoError(r.t, err)
}

// account returns the account with an external id.
func (r *rig) account(key string) control.Person {
	r.t.Helper()
	p, found, err := r.sandbox.ByExternalID(r.t.Context(), key)
	require.NoError(r.t, err)
	require.True(r.t, found, "%s has no account", key)
	return p
}

// fault makes calls go wrong.
func (r *rig) fault(f control.Fault) {
	r.t.Helper()
	require.NoError(r.t, r.sandbox.AddFault(r.t.Context(), f))
}

func (r *rig) heal() {
	r.t.Helper()
	require.NoError(r.t, r.sandbox.ClearFaults(r.t.Context()))
}

func (r *rig) mark() uint64 {
	r.t.Helper()
	mark, err := r.sandbox.Mark(r.t.Context())
	require.NoError(r.t, err)
	return mark
}

// effects lists what has changed at any vendor since a mark, without the tenant's own numbering.
func (r *rig) effects(since uint64) []string {
	r.t.Helper()
	entries, err := r.sandbox.Journal(r.t.Context(), since, true)
	require.NoError(r.t, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Op+": "+e.Effect)
	}
	return out
}

// calls counts the calls of an operation since a mark, those without an effect included.
func (r *rig) calls(since uint64, op string) int {
	r.t.Helper()
	entries, err := r.sandbox.Journal(r.t.Context(), since, false)
	require.NoError(r.t, err)
	n := 0
	for _, e := range entries {
		if e.Op == op {
			n++
		}
	}
	return n
}

// hints returns the workflow ids that were hinted, in alphabetical order.
func (r *rig) hints() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(slices.Values(r.hinted))
}

// posted is a message as Slack has it.
type posted struct {
	Channel string
	Email   string
	Text    string `json:"text"`
	Blocks  []struct {
		Type     string     `json:"type"`
		Text     *slackText `json:"text"`
		Fields   []slackText
		Elements []slackText `json:"elements"`
	} `json:"blocks"`
}

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// texts returns every text object of the message's blocks.
func (p posted) texts() []slackText {
	var out []slackText
	for _, b := range p.Blocks {
		if b.Text != nil {
			out = append(out, *b.Text)
		}
		out = append(append(out, b.Fields...), b.Elements...)
	}
	return out
}

// messages returns everything that was posted, by channel.
func (r *rig) messages() []posted {
	r.t.Helper()
	var state struct {
		Slack struct {
			Channels []struct {
				ID       string   `json:"id"`
				Email    string   `json:"email"`
				Messages []posted `json:"messages"`
			} `json:"channels"`
		} `json:"slack"`
	}
	require.NoError(r.t, r.sandbox.State(r.t.Context(), &state))
	var out []posted
	for _, c := range state.Slack.Channels {
		for _, m := range c.Messages {
			m.Channel, m.Email = c.ID, c.Email
			out = append(out, m)
		}
	}
	return out
}

// issue is a ticket as Jira has it.
type issue struct {
	Key         string   `json:"key"`
	Summary     string   `json:"summary"`
	Description string   `json:"description"`
	Labels      []string `json:"labels"`
	Status      string   `json:"status"`
	Comments    []struct {
		Body string `json:"body"`
	} `json:"comments"`
}

func (r *rig) issues() []issue {
	r.t.Helper()
	var state struct {
		Jira struct {
			Issues []issue `json:"issues"`
		} `json:"jira"`
	}
	require.NoError(r.t, r.sandbox.State(r.t.Context(), &state))
	return state.Jira.Issues
}

// application returns an error as Temporal's history keeps it.
func application(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()
	var app *temporal.ApplicationError
	require.ErrorAs(t, step.ToApplicationError(err), &app)
	return app
}

// ada is a joiner of today.
func ada(changes ...control.Fields) control.Fields {
	fields := control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
		"hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
	}
	for _, change := range changes {
		for name, value := range change {
			fields[name] = value
		}
	}
	return fields
}

// codes lists the codes of an assessment's notices.
func codes(a api.Assessment) []string {
	var out []string
	for _, n := range a.Plan.Notices {
		out = append(out, n.Code)
	}
	return out
}

// steps lists the kinds of an assessment's steps.
func steps(a api.Assessment) []string {
	var out []string
	for _, s := range a.Plan.Steps {
		out = append(out, fmt.Sprint(s.Kind))
	}
	return out
}

// faultEverywhere has every vendor answer everything with a status.
func faultEverywhere(status int) control.Fault {
	return control.Fault{When: "before", Style: "status", Status: status, Times: -1}
}
