package settle

import (
	"context"
	"errors"
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
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/internal/templates"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

// monday is an ordinary working day, 10:00 in Berlin.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// staff is how many people the company has.
const staff = 12

// patience is how long a run may wait, by its own clock, before it is left to the next pass: longer than the steps are tried of which one
// does not wait for the other.
const patience = 45 * time.Minute

// clock is the time of Gatehouse and of the tenant alike. It goes on a little whenever it is read: what was read before something was
// written is older than that.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a company with all its systems, and a worker's activities and workflows in the wiring of production. Temporal is the SDK's
// test environment, which skips time: a thousand histories take minutes.
type house struct {
	t       testing.TB
	clock   *clock
	sandbox *control.Client
	config  *config.Config
	app     *app.App
	vendors *app.Vendors

	// people are the keys of everybody.
	people []string
	// said is what the owner of an attribute has said last, by person and attribute.
	said map[string]map[string]string
	// gone are those who have left.
	gone map[string]bool
	// journalled and noted are how far the journals were read.
	journalled uint64
	noted      int
	// lived counts the histories of this company.
	lived int
}

// started is the run that a hint or a question started.
type started struct{ client.WorkflowRun }

func (started) GetRunID() string { return "run-1" }

// newHouse founds a company that has come to rest. Edits are pairs of old and new text of its policy.
func newHouse(t testing.TB, edits ...string) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{now: monday}, said: map[string]map[string]string{}, gone: map[string]bool{}}
	tenant := server.New(server.Options{People: staff, Seed: 11, Quota: 10_000_000, Clock: h.clock.Now})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() {
		site.Close()
		tenant.Close()
	})
	h.sandbox = control.New(site.URL)
	h.config = kit.Config(site.URL)
	h.config.Systems = kit.Systems(t, tenant, site.URL)
	h.config.Policy = filepath.Join(t.TempDir(), "policy.yaml")
	h.config.Ledger.URL = httpx.Secret(filepath.Join(t.TempDir(), "ledger.db"))
	h.config.Temporal.Namespace = "test"
	h.config.Workday.Columns = map[string]string{"manager_id": "Manager_Employee_ID", "involuntary": "Termination_Involuntary"}
	h.writePolicy(filepath.Join("testdata", "policy.yaml"), edits...)
	h.open()
	t.Cleanup(func() { require.NoError(t, h.app.Close()) })
	h.honest()
	h.know()
	h.pass()
	h.pass()
	return h
}

// writePolicy makes an edited copy of a policy the company's.
func (h *house) writePolicy(from string, edits ...string) {
	h.t.Helper()
	text, err := os.ReadFile(from)
	require.NoError(h.t, err)
	require.NoError(h.t, os.WriteFile(h.config.Policy, []byte(kit.Replace(h.t, string(text), edits...)), 0o600))
}

// open starts a worker.
func (h *house) open() {
	h.t.Helper()
	temporal := &mocks.Client{}
	temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(started{}, nil)
	temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(started{}, nil)
	a, err := app.Open(h.t.Context(), h.config, app.Options{Temporal: temporal, Clock: h.clock.Now})
	require.NoError(h.t, err)
	h.app = a
	h.vendors, err = a.Vendors()
	require.NoError(h.t, err)
	require.NoError(h.t, h.vendors.CheckTenant(h.t.Context()))
}

// know finds out who works there.
func (h *house) know() {
	accounts, err := h.sandbox.Accounts(h.t.Context())
	require.NoError(h.t, err)
	for _, a := range accounts {
		// Protected accounts are nobody's to write to.
		protected := a.Group == "Break glass" || slices.Contains(a.Roles, "Super admin")
		if source, _, err := identity.SplitKey(a.ExternalID); err == nil && source != "" && a.CanSignIn && !protected {
			h.people = append(h.people, a.ExternalID)
		}
	}
	slices.Sort(h.people)
	require.NotEmpty(h.t, h.people)
}

// run executes an activity by its registered name.
func (h *house) run(name string, input, out any) error {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	templates.RegisterActivities(env, templates.All(), h.vendors.Activities, "")
	value, err := env.ExecuteActivity(name, input)
	if err != nil || out == nil {
		return err
	}
	return value.Get(out)
}

// sweep reads a system whole.
func (h *house) sweep(system string) (api.SystemSwept, error) {
	var out api.SystemSwept
	err := h.run(api.SystemsSweep, api.SystemSweepInput{
		SystemSweepRequest: api.SystemSweepRequest{System: system, Full: true}, Sweep: system + "-" + h.clock.Now().Format(time.RFC3339Nano),
	}, &out)
	return out, err
}

// look has a person's chain run until it ends or waits for longer than patience. A run that has begun as many activities as cut says is
// cut off; 0 lets it come to its end.
func (h *house) look(key string, cut int) error {
	workflowType, in := api.TypePerson, api.ChainInput{Key: key, Hint: api.Hint{Source: "operator", Cause: "test"}}
	for range 20 {
		workflowType = h.once(workflowType, &in, func(env *testsuite.TestWorkflowEnvironment) {
			env.RegisterDelayedCallback(env.CancelWorkflow, patience)
			begun := 0
			env.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) {
				if begun++; begun == cut {
					env.CancelWorkflow()
				}
			})
		})
		if workflowType == "" {
			return nil
		}
	}
	return errors.New("the chain of " + key + " does not end")
}

// once runs one run of a chain, and arrange says what happens meanwhile. Next is the type that it goes on as, "" if it has ended or was
// cut off.
func (h *house) once(workflowType string, in *api.ChainInput, arrange func(*testsuite.TestWorkflowEnvironment)) (next string) {
	h.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(h.clock.Now())
	env.SetTestTimeout(time.Minute)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: api.PersonID(in.Key)})
	templates.RegisterWorkflows(env, templates.All(), "")
	templates.RegisterActivities(env, templates.All(), h.vendors.Activities, "")
	arrange(env)
	env.ExecuteWorkflow(workflowType, *in)
	var goesOn *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &goesOn) {
		return ""
	}
	*in = api.ChainInput{}
	require.NoError(h.t, converter.GetDefaultDataConverter().FromPayloads(goesOn.Input, in))
	return goesOn.WorkflowType.Name
}

// pass reads every system and has everybody looked at, an hour after what was before.
func (h *house) pass() {
	h.clock.advance(time.Hour)
	for _, system := range h.config.Systems.Names() {
		swept, err := h.sweep(system)
		require.NoError(h.t, err, "sweep %s", system)
		require.True(h.t, swept.Complete, "sweep %s: %s", system, swept.Why)
	}
	for _, key := range h.people {
		require.NoError(h.t, h.look(key, 0), "look at %s", key)
	}
}
