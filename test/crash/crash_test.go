// Package crash kills Gatehouse at every vendor call of a story and holds the outcome to that of an undisturbed run.
//
// The sandbox calls back when the chosen call arrives, before or after it took effect; the callback kills the process
// with SIGKILL, and a new one takes over. Whatever was in flight then is exactly the dangerous point: the effect may be
// there and nobody has heard of it.
package crash

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"gatehouse/activities/api"
	"gatehouse/internal/devserver"
	"gatehouse/internal/launch"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

// story is what happens and what must have happened exactly once in the end.
type story struct {
	name   string
	result string
	// begin has HR do something, and returns the keys that it is about, with spaces between them.
	begin func(t *testing.T, sandbox *control.Client) (keys string)
	once  []string
	// check looks at the tenant in the end.
	check func(t *testing.T, sandbox *control.Client)
	// policy edits the policy, play is what happens besides the hints, if anything does.
	policy func(string) string
	play   func(h *house, keys []string)
	// every is which of the calls a sample takes, every fifth if it says nothing.
	every int
}

var stories = []story{
	{
		name: "hire", result: "can sign in",
		begin: func(t *testing.T, sandbox *control.Client) string {
			id, err := sandbox.Hire(t.Context(), "workday", control.Fields{
				"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer",
				"location": "Berlin", "hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
			})
			require.NoError(t, err)
			return "workday-" + id
		},
		once: []string{"onelogin.create_user", "onelogin.send_invite_link", "slack.chat.postMessage"},
	},
	{
		name: "termination", result: "access ended",
		begin: func(t *testing.T, sandbox *control.Client) string {
			_, err := sandbox.HR(t.Context(), "bamboohr", "terminate", "101", control.Fields{"last_day": "today"}, true)
			require.NoError(t, err)
			return "bamboohr-101"
		},
		once: []string{"jira.create_issue", "slack.chat.postMessage"},
	},
	{
		name: "termination of somebody with three accounts", result: "access ended",
		begin: func(t *testing.T, sandbox *control.Client) string {
			main, found, err := sandbox.ByExternalID(t.Context(), "bamboohr-101")
			require.NoError(t, err)
			require.True(t, found)
			for username, external := range map[string]string{"second.account@acme.example": "bamboohr-101", "third.account@acme.example": ""} {
				_, err := sandbox.CopyAccount(t.Context(), main.ID, control.Fields{"username": username, "email": main.Email, "external_id": external})
				require.NoError(t, err)
			}
			_, err = sandbox.HR(t.Context(), "bamboohr", "terminate", "101", control.Fields{"last_day": "today"}, true)
			require.NoError(t, err)
			return "bamboohr-101"
		},
		once: []string{"jira.create_issue", "slack.chat.postMessage"},
		check: func(t *testing.T, sandbox *control.Client) {
			second, found, err := sandbox.ByUsername(t.Context(), "second.account@acme.example")
			require.NoError(t, err)
			require.True(t, found)
			accounts, err := sandbox.OwnedBy(t.Context(), second.Owner)
			require.NoError(t, err)
			require.Len(t, accounts, 3)
			for _, a := range accounts {
				require.Equal(t, 2, a.Status, "account %d", a.ID)
				require.Empty(t, a.Roles, "account %d", a.ID)
			}
		},
	},
	heldBatch,
}

// house is one Gatehouse process with a tenant and a namespace of its own.
type house struct {
	t         *testing.T
	dir       string
	namespace string
	// address is that of Temporal.
	address  string
	tenant   *server.Server
	sandbox  *control.Client
	temporal client.Client

	mu      sync.Mutex
	process *exec.Cmd
}

var (
	temporal *devserver.Server
	binary   string
)

// houses counts the houses of this binary. Each has a namespace of its own, and no two ever the same one.
var houses atomic.Int64

// namespaces is how many houses there can be: two for each vendor call that is killed, and some. Each namespace has a worker
// of the server's own that polls whether or not there is anything to do.
func namespaces() int64 {
	if os.Getenv(everyCall) != "" {
		return 600
	}
	return 120
}

// everyCall has every vendor call killed, and not only a sample.
const everyCall = "GATEHOUSE_CRASH_ALL"

func TestMain(m *testing.M) {
	flag.Parse()
	// A killed process is only missed when a timeout has passed: the tests wait, they do not compute.
	if err := flag.Set("test.parallel", "16"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "gatehouse-crash")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }() // what is left in a temporary directory harms nobody
		binary = filepath.Join(dir, "starter")
		build := exec.Command("go", "build", "-o", binary, "gatehouse/starter")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build the starter:", err)
			return 1
		}
		var names []string
		for i := range namespaces() {
			names = append(names, fmt.Sprintf("crash-%d", i))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if temporal, err = devserver.Start(ctx, devserver.Options{NoUI: true, Namespaces: names}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		code := m.Run()
		if err := temporal.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return code
	}())
}

func TestKilledAtEveryVendorCall(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			calls, want := undisturbed(t, s)
			t.Logf("%d vendor calls", calls)
			for _, when := range []string{"before", "after"} {
				for n := range calls {
					if os.Getenv(everyCall) == "" && n%cmp.Or(s.every, 5) != 1 {
						continue
					}
					t.Run(fmt.Sprintf("%s call %d", when, n+1), func(t *testing.T) {
						t.Parallel()
						h := newHouse(t)
						h.edit(s.policy)
						require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{
							Style: "callback", When: when, Skip: n, Times: 1, URL: h.killer(),
						}))
						keys := s.begin(t, h.sandbox)
						h.start()
						h.tell(s, keys)
						require.Equal(t, want, h.effects(s.once), "effects differ from those of the undisturbed run")
						if s.check != nil {
							s.check(t, h.sandbox)
						}
					})
				}
			}
		})
	}
}

// undisturbed plays a story without a crash; it returns the number of vendor calls and what was made once.
func undisturbed(t *testing.T, s story) (calls int, made map[string]int) {
	h := newHouse(t)
	h.edit(s.policy)
	keys := s.begin(t, h.sandbox)
	h.start()
	mark, err := h.sandbox.Mark(t.Context())
	require.NoError(t, err)
	h.tell(s, keys)
	if s.check != nil {
		s.check(t, h.sandbox)
	}
	entries, err := h.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	return len(entries), h.effects(s.once)
}

// edit changes the policy before the house has begun.
func (h *house) edit(policy func(string) string) {
	h.t.Helper()
	if policy != nil {
		require.NoError(h.t, os.WriteFile(filepath.Join(h.dir, "policy.yaml"), []byte(policy(kit.Policy(h.t))), 0o600))
	}
}

// tell hints everybody whom a story is about, and waits until all has come to what it should.
func (h *house) tell(s story, keys string) {
	h.t.Helper()
	all := strings.Fields(keys)
	for _, key := range all {
		h.hint(key)
	}
	if s.play != nil {
		s.play(h, all)
	}
	for _, key := range all {
		require.Equal(h.t, s.result, h.outcome(key))
	}
}

func newHouse(t *testing.T) *house { return newHouseAt(t, nil) }

// newHouseAt is a house whose tenant has a clock of its own.
func newHouseAt(t *testing.T, clock func() time.Time) *house {
	t.Helper()
	place := houses.Add(1) - 1
	require.Less(t, place, namespaces(), "more houses than namespaces")
	tenant := server.New(server.Options{Seed: 7, Quota: 100_000, Clock: clock})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { site.Close(); tenant.Close() })
	h := &house{t: t, dir: t.TempDir(), namespace: fmt.Sprintf("crash-%d", place), address: temporal.Address, tenant: tenant, sandbox: control.New(site.URL)}
	data, err := os.ReadFile(filepath.Join(kit.Root(), "demo", "gatehouse.yaml"))
	require.NoError(t, err)
	text := kit.Replace(t, string(data), "namespace: default", "namespace: "+h.namespace,
		"listen: 127.0.0.1:8480", "listen: 127.0.0.1:0", "url: ledger.db", "url: "+filepath.Join(h.dir, "ledger.db"))
	text = strings.ReplaceAll(text, "http://127.0.0.1:8484", site.URL)
	require.NoError(t, os.WriteFile(filepath.Join(h.dir, "gatehouse.yaml"), []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(h.dir, "policy.yaml"), []byte(kit.Policy(t)), 0o600))
	h.temporal, err = client.DialContext(t.Context(), client.Options{
		HostPort: temporal.Address, Namespace: h.namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	t.Cleanup(h.temporal.Close)
	t.Cleanup(h.kill)
	return h
}

// start starts the process; its end is nobody's concern but kill's.
func (h *house) start() {
	h.mu.Lock()
	defer h.mu.Unlock()
	log, err := os.OpenFile(filepath.Join(h.dir, "starter.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(h.t, err)
	h.process = exec.Command(binary, "--config", filepath.Join(h.dir, "gatehouse.yaml"), "serve", "--with-worker")
	h.process.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+h.address, "TEMPORAL_NAMESPACE="+h.namespace)
	h.process.Stdout, h.process.Stderr = log, log
	h.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(h.t, h.process.Start())
	require.NoError(h.t, log.Close())
}

// kill ends the process at once, as a crash would.
func (h *house) kill() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.process == nil {
		return
	}
	_ = h.process.Process.Kill() // it may have ended already
	_ = h.process.Wait()         // that it was killed is what was asked for
	h.process = nil
}

// killer is a URL that kills the process and starts the next one.
func (h *house) killer() string {
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		h.kill()
		h.start()
	}))
	h.t.Cleanup(site.Close)
	return site.URL
}

func (h *house) hint(key string) {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		_, err := launch.New(h.temporal, false).Send(h.t.Context(), key, api.Hint{Source: "test", Cause: "webhook"})
		return err == nil
	}, 2*time.Minute, 100*time.Millisecond)
}

func (h *house) outcome(key string) string {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 3*time.Minute)
	defer cancel()
	var out api.Outcome
	err := h.temporal.GetWorkflow(ctx, api.PersonID(key), "").Get(ctx, &out)
	if err != nil {
		data, _ := os.ReadFile(filepath.Join(h.dir, "starter.log"))
		h.t.Logf("log of the process:\n%s", data[max(0, len(data)-3000):])
	}
	require.NoError(h.t, err)
	return out.Result
}

// effects counts what a story may make only once.
func (h *house) effects(ops []string) map[string]int {
	h.t.Helper()
	entries, err := h.sandbox.Journal(h.t.Context(), 0, true)
	require.NoError(h.t, err)
	made := map[string]int{}
	for _, e := range entries {
		if slices.Contains(ops, e.Op) {
			made[e.Op]++
		}
	}
	return made
}
