package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/internal/devserver"
	"gatehouse/internal/launch"
	"gatehouse/ledger"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

// house is Gatehouse in a process of its own, with everything around it.
type house struct {
	t       *testing.T
	dir     string
	clock   linear
	sandbox *control.Client
	server  *devserver.Server
	// temporal and launch are what an operator has; ledger is read and never written.
	temporal client.Client
	launch   *launch.Launcher
	ledger   *ledger.Ledger
	place    place
	process  *exec.Cmd
	ended    chan error
	// losses counts the databases of Temporal that were lost.
	losses int
}

// spare is how many databases of Temporal may be lost.
const spare = 40

// newHouse builds a tenant of so many people, and starts Gatehouse over it.
func newHouse(t *testing.T, people int, seed uint64, first time.Time) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	var names []string
	for i := range spare {
		names = append(names, namespace(i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var err error
	h.server, err = devserver.Start(ctx, devserver.Options{
		NoUI: true, Namespaces: names, Database: filepath.Join(h.dir, "temporal.db"), Settings: quick(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.server.Stop()) })
	// The clock starts last: whatever was slow before it took no time in the company.
	h.clock = linear{Began: time.Now(), First: first}
	tenant := server.New(server.Options{People: people, Seed: seed, Quota: 10_000_000, Clock: h.clock.Now})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { tenant.Close(); site.Close() })
	h.sandbox = control.New(site.URL)
	port, err := devserver.FreePort()
	require.NoError(t, err)
	h.place = place{
		Clock: h.clock, Site: site.URL, Temporal: h.server.Address, Namespace: namespace(0),
		Policy: filepath.Join(h.dir, "policy.yaml"), Ledger: filepath.Join(h.dir, "ledger.db"), Listen: fmt.Sprintf("127.0.0.1:%d", port),
	}
	return h
}

// quick are settings for a server whose seconds are hours. A timer is a second late by default, because the server reads ahead by
// as much; and a process that crashed with a task is waited for for ten.
func quick() [][2]string {
	return [][2]string{
		{"history.timerProcessorMaxTimeShift", `"5ms"`},
		{"history.defaultWorkflowTaskTimeout", `"1s"`},
	}
}

func namespace(i int) string { return fmt.Sprintf("soak-%d", i) }

// writePolicy puts a policy into force; a running process takes it up by itself.
func (h *house) writePolicy(text string) {
	h.t.Helper()
	next := h.place.Policy + ".next"
	require.NoError(h.t, os.WriteFile(next, []byte(text), 0o600))
	require.NoError(h.t, os.Rename(next, h.place.Policy))
}

// start starts the process and waits until its front door answers.
func (h *house) start() {
	h.t.Helper()
	text, err := json.Marshal(h.place)
	require.NoError(h.t, err)
	log, err := os.OpenFile(filepath.Join(h.dir, "program.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(h.t, err)
	self, err := os.Executable()
	require.NoError(h.t, err)
	h.process = exec.Command(self)
	h.process.Env = append(os.Environ(), asProgram+"="+string(text))
	h.process.Stdout, h.process.Stderr = log, log
	h.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(h.t, h.process.Start())
	require.NoError(h.t, log.Close())
	h.ended = make(chan error, 1)
	go func(p *exec.Cmd, ended chan<- error) { ended <- p.Wait() }(h.process, h.ended)
	h.await("Gatehouse answers", h.answers)
	h.connect()
}

// answers reports whether the front door does.
func (h *house) answers() bool {
	select {
	case err := <-h.ended:
		require.FailNow(h.t, "Gatehouse ended by itself", "%v\n%s", err, h.log())
	default:
	}
	return h.post("/healthz", nil, nil) != 0
}

// log is the end of what the process said.
func (h *house) log() string {
	data, err := os.ReadFile(filepath.Join(h.dir, "program.log"))
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-4000):])
}

// connect gives the operator a connection to the namespace and a look at the ledger.
func (h *house) connect() {
	h.t.Helper()
	if h.temporal == nil {
		c, err := client.Dial(client.Options{HostPort: h.place.Temporal, Namespace: h.place.Namespace, Logger: silent{}})
		require.NoError(h.t, err)
		h.temporal, h.launch = c, launch.New(c, false)
	}
	if h.ledger == nil {
		l, err := ledger.Open(h.t.Context(), h.place.Ledger, ledger.Options{Clock: h.clock.Now, MustExist: true})
		require.NoError(h.t, err)
		h.ledger = l
	}
}

// stop ends the process as a deploy does.
func (h *house) stop() { h.end(syscall.SIGTERM) }

// crash ends it as a failing machine does.
func (h *house) crash() { h.end(syscall.SIGKILL) }

func (h *house) end(how syscall.Signal) {
	h.t.Helper()
	if h.process == nil {
		return
	}
	require.NoError(h.t, h.process.Process.Signal(how))
	select {
	case <-h.ended:
	case <-time.After(45 * time.Second):
		require.FailNow(h.t, "Gatehouse does not end", h.log())
	}
	h.process = nil
}

// loseTemporal has the next process find a Temporal that knows of nothing. The ledger is kept.
func (h *house) loseTemporal() {
	h.t.Helper()
	h.losses++
	require.Less(h.t, h.losses, spare, "no namespace is left")
	h.temporal.Close()
	h.temporal, h.place.Namespace = nil, namespace(h.losses)
}

// close ends everything that newHouse has not given to the test.
func (h *house) close() {
	h.crash()
	if h.temporal != nil {
		h.temporal.Close()
	}
	if h.ledger != nil {
		require.NoError(h.t, h.ledger.Close())
	}
}

// await waits for what has to come.
func (h *house) await(what string, condition func() bool) {
	h.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !condition(); <-tick.C {
		if time.Now().After(end) {
			require.FailNow(h.t, "still waiting for: "+what, h.log())
		}
	}
}

// run starts what a schedule starts; one that is still under way is left alone.
func (h *house) run(id, workflowType string, in any) (client.WorkflowRun, error) {
	return h.temporal.ExecuteWorkflow(h.t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep}, workflowType, in)
}

// policyText is the policy of the tests: days begin at midnight, budgets that a usual day does not meet, read-backs that
// are over within a day.
func policyText(t *testing.T) string {
	return kit.Replace(t, kit.Policy(t), "verify_after: [1s]", "verify_after: [15m, 6h]", "contain_within: 15m", "contain_within: 1h")
}

// silent is a logger that says nothing.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

// split is a person's key by source and employee id.
func split(key string) (source, id string) {
	source, id, _ = strings.Cut(key, "-")
	return source, id
}
