package settle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/oauth2/google"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/httpx"
	"gatehouse/internal/templates"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

var bg = context.Background()

// rv is a house whose policy can be another, and can change.
type rv struct {
	*house
	app  *app.App
	base string
}

func rvHouse(t *testing.T, pairs ...string) *rv {
	t.Helper()
	h := &house{t: t, clock: &clock{now: monday}, said: map[string]map[string]string{}, gone: map[string]bool{}}
	tenant := server.New(server.Options{People: staff, Seed: 11, Quota: 10_000_000, Clock: h.clock.Now})
	site := httptest.NewServer(tenant.Handler())
	h.sandbox = control.New(site.URL)
	text, err := os.ReadFile(filepath.Join("testdata", "policy.yaml"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(path, []byte(kit.Replace(t, string(text), pairs...)), 0o600))
	h.config = kit.Config(site.URL)
	h.config.Systems = kit.Systems(t, tenant, site.URL)
	h.config.Policy, h.config.Temporal.Namespace = path, "test"
	h.config.Ledger.URL = httpx.Secret(filepath.Join(t.TempDir(), "ledger.db"))
	h.config.Workday.Columns = map[string]string{"manager_id": "Manager_Employee_ID", "involuntary": "Termination_Involuntary"}
	r := &rv{house: h, base: site.URL}
	r.open()
	t.Cleanup(func() { _ = r.app.Close(); site.Close(); tenant.Close() })
	h.honest()
	h.know()
	h.pass()
	h.pass()
	return r
}

func (h *rv) open() {
	temporal := &mocks.Client{}
	temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(started{}, nil)
	temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(started{}, nil)
	a, err := app.Open(bg, h.config, app.Options{Temporal: temporal, Clock: h.clock.Now})
	require.NoError(h.t, err)
	h.app = a
	h.vendors, err = a.Vendors()
	require.NoError(h.t, err)
	require.NoError(h.t, h.vendors.CheckTenant(bg))
}

// repolicy edits the policy and starts the worker again.
func (h *rv) repolicy(pairs ...string) {
	require.NoError(h.t, h.app.Close())
	text, err := os.ReadFile(h.config.Policy)
	require.NoError(h.t, err)
	require.NoError(h.t, os.WriteFile(h.config.Policy, []byte(kit.Replace(h.t, string(text), pairs...)), 0o600))
	h.open()
}

func (h *rv) of(department string) string {
	for _, k := range h.people {
		if h.oneLogin(k).Department == department {
			return k
		}
	}
	h.t.Fatal("nobody in " + department)
	return ""
}

func (h *rv) user(key string) control.GoogleUser {
	d, err := h.sandbox.GoogleDirectory(bg)
	require.NoError(h.t, err)
	if u := d.User(key); u != nil {
		return *u
	}
	return control.GoogleUser{}
}

func (h *rv) does(key, action string, f control.Fields) {
	source, id, err := identity.SplitKey(key)
	require.NoError(h.t, err)
	_, err = h.sandbox.HR(bg, source, action, id, f, true)
	require.NoError(h.t, err)
}

func (h *rv) leaves(key string) {
	h.does(key, "terminate", control.Fields{"last_day": "today", "termination_date": "today", "involuntary": true})
}

func (h *rv) moves(key, to string) { h.does(key, "change", control.Fields{"department": to}) }

func (h *rv) looks(key string) { require.NoError(h.t, h.look(key, 0)) }

func (h *rv) hand(do, user, value string) {
	_, err := h.sandbox.GoogleHand(bg, control.GoogleOrder{Do: do, User: user, Value: value})
	require.NoError(h.t, err)
}

// adds makes a user in Google by hand, which a reading shows, and has an operator link it to somebody.
func (h *rv) adds(email, linkedTo string) string {
	id, err := h.sandbox.GoogleHand(bg, control.GoogleOrder{Do: "add", Person: control.GooglePerson{Email: email, Given: "Kiki", Family: "Odd"}})
	require.NoError(h.t, err)
	h.pass()
	if linkedTo != "" {
		require.NoError(h.t, h.app.Ledger.Inventory().LinkAccount(bg, inventory.LinkAccount{Ref: identity.Ref{System: "google", ID: id}, Person: linkedTo, By: "said so", DecidedBy: "it@acme.example"}))
	}
	return id
}

// google calls the Admin SDK of the sandbox.
func (h *rv) google(method, path, body, scope string) {
	c, err := google.JWTConfigFromJSON([]byte(h.config.Systems.Google.Credentials.Reveal()), "https://www.googleapis.com/auth/"+scope)
	require.NoError(h.t, err)
	c.Subject = kit.GoogleAdministrator
	req, err := http.NewRequestWithContext(bg, method, h.base+"/google/admin/directory/v1/"+path, strings.NewReader(body))
	require.NoError(h.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Client(bg).Do(req)
	require.NoError(h.t, err)
	require.Equal(h.t, 200, resp.StatusCode)
	_ = resp.Body.Close()
}

// told reports that a message, a ticket, a page or an open item names something.
func (h *rv) told(what string) bool {
	var state map[string]any
	require.NoError(h.t, h.sandbox.State(bg, &state))
	items, err := h.app.Ledger.Worklist().Items(bg, worklist.ItemFilter{})
	require.NoError(h.t, err)
	all := fmt.Sprint(state["slack"], state["jira"], state["pagerduty"], state["smtp"])
	for _, i := range items {
		all += i.Text + i.Object
	}
	return strings.Contains(all, what)
}

// days lets three passes and a day go by.
func (h *rv) days() {
	for range 3 {
		h.pass()
	}
	h.clock.advance(25 * time.Hour)
	h.pass()
}

func (h *rv) crmUser(id string) (u control.CRMUser) {
	crm, err := h.sandbox.CRM(bg)
	require.NoError(h.t, err)
	for _, u := range crm.Users {
		if u.ID == id {
			return u
		}
	}
	return u
}

const (
	observed = "  google:\n    mode: observe\n"
	enforced = "  google:\n    mode: enforce\n"
)

func (h *rv) onceAnd(workflowType string, in *api.ChainInput, then func()) (next string) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(h.clock.Now())
	env.SetTestTimeout(time.Minute)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: api.PersonID(in.Key)})
	templates.RegisterWorkflows(env, templates.All(), "")
	templates.RegisterActivities(env, templates.All(), h.vendors.Activities, "")
	env.RegisterDelayedCallback(then, 12*time.Minute)
	env.RegisterDelayedCallback(env.CancelWorkflow, 40*time.Minute)
	env.ExecuteWorkflow(workflowType, *in)
	var goesOn *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &goesOn) {
		return ""
	}
	*in = api.ChainInput{}
	require.NoError(h.t, converter.GetDefaultDataConverter().FromPayloads(goesOn.Input, in))
	return goesOn.WorkflowType.Name
}
