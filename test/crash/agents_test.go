package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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
	"gatehouse/test/kit"
)

const agentsPolicy = `
agents:
  - name: helpdesk
    owner: owner@acme.example
    purpose: helps people who cannot sign in
    state: active
    mode: enforce
    until: 2099-01-31
    see: [name, status, roles]
    limits: {calls_per_minute: 6000, writes_per_day: 1000, people_per_day: 1000}
    rules:
      - {name: look, tools: [look_up_user], verdict: allow}
      - {name: asked, tools: [assign_role, disable_user], verdict: ask}
      - {name: sessions, tools: [revoke_sessions], verdict: allow}
`

// agentHouse is a house with a server of agents, and a Temporal of its own that can be killed.
type agentHouse struct {
	*house
	server   *devserver.Server
	options  devserver.Options
	endpoint string
	token    string
	agents   *kept
	worker   *kept
	// killing lets one kill at a time happen.
	killing sync.Mutex
}

// TestKilledWhileAnAgentAsks has sessions of agents that mean well come to their end while the server of agents, the worker and
// Temporal are killed at every step of them. Whatever an agent does not hear of, it asks again by the same request id.
func TestKilledWhileAnAgentAsks(t *testing.T) {
	sessions, atOnce := 6, 3
	if os.Getenv(everyCall) != "" {
		sessions, atOnce = 100, 5
	}
	h := newAgentHouse(t)
	queue := make(chan int)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := range queue {
				h.session(i)
			}
		})
	}
	for i := range sessions {
		queue <- i
	}
	close(queue)
	all.Wait()
	require.Equal(t, map[string]int{"onelogin.create_user": sessions}, h.effects([]string{"onelogin.create_user"}))
	state := h.journal()
	for i := range sessions {
		require.Equal(t, 1, state[subject(i)], "session %d: what was asked for happened once", i)
	}
}

func newAgentHouse(t *testing.T) *agentHouse {
	t.Helper()
	h := &agentHouse{house: newHouse(t)}
	port, err := devserver.FreePort()
	require.NoError(t, err)
	h.options = devserver.Options{Port: port, NoUI: true, Database: filepath.Join(h.dir, "temporal.db"), Namespaces: []string{h.namespace}}
	h.temporalUp()
	t.Cleanup(func() { require.NoError(t, h.server.Stop()) })
	h.address = h.server.Address
	h.temporal, err = client.NewLazyClient(client.Options{
		HostPort: h.address, Namespace: h.namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	t.Cleanup(h.temporal.Close)
	listen, err := devserver.FreePort()
	require.NoError(t, err)
	h.endpoint = fmt.Sprintf("http://127.0.0.1:%d/mcp", listen)
	file := filepath.Join(h.dir, "gatehouse.yaml")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	text := kit.Replace(t, string(data), "127.0.0.1:8485", fmt.Sprintf("127.0.0.1:%d", listen))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	owner, found, err := h.sandbox.ByExternalID(t.Context(), "workday-21001")
	require.NoError(t, err)
	require.True(t, found)
	h.edit(func(policy string) string {
		return strings.TrimSuffix(policy, kit.PolicyEnd) + strings.ReplaceAll(agentsPolicy, "owner@acme.example", owner.Email) + kit.PolicyEnd
	})
	h.worker, h.agents = h.keep("serve", "--with-worker"), h.keep("agents")
	h.hint("workday-21001")
	h.outcome("workday-21001")
	made := h.starter("agents", "token", "--agent", "helpdesk")
	h.token = token(t, made)
	return h
}

func token(t *testing.T, printed string) string {
	t.Helper()
	for word := range strings.FieldsSeq(printed) {
		if strings.HasPrefix(word, "ghagt_") {
			return word
		}
	}
	require.Fail(t, "no token was printed", printed)
	return ""
}

// starter runs a command until it succeeds: the worker may still be on its way.
func (h *agentHouse) starter(args ...string) string {
	h.t.Helper()
	var out []byte
	require.Eventually(h.t, func() bool {
		cmd := exec.Command(binary, append([]string{"--config", filepath.Join(h.dir, "gatehouse.yaml")}, args...)...)
		cmd.Env = h.env()
		var err error
		out, err = cmd.Output()
		return err == nil
	}, time.Minute, 200*time.Millisecond)
	return string(out)
}

func (h *agentHouse) env() []string {
	return append(os.Environ(), "TEMPORAL_ADDRESS="+h.address, "TEMPORAL_NAMESPACE="+h.namespace)
}

func (h *agentHouse) temporalUp() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := devserver.Start(ctx, h.options)
	require.NoError(h.t, err)
	h.server = server
}

// kept is a process that somebody starts again whenever it ends, as an init system does.
type kept struct {
	mu      sync.Mutex
	process *os.Process
	stop    context.CancelFunc
	over    chan struct{}
}

// keep runs a command of the starter until the test ends.
func (h *agentHouse) keep(args ...string) *kept {
	ctx, cancel := context.WithCancel(context.Background())
	k := &kept{stop: cancel, over: make(chan struct{})}
	go func() {
		defer close(k.over)
		for ctx.Err() == nil {
			if err := k.once(ctx, h, args); err != nil {
				h.t.Errorf("run %v: %v", args, err)
				return
			}
			pause := time.NewTimer(100 * time.Millisecond)
			<-pause.C
		}
	}()
	h.t.Cleanup(func() { k.stop(); k.kill(); <-k.over })
	return k
}

// once runs the command to its end, however that comes.
func (k *kept) once(ctx context.Context, h *agentHouse, args []string) error {
	log, err := os.OpenFile(filepath.Join(h.dir, args[0]+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // The process has its own handle by then.
	cmd := exec.Command(binary, append([]string{"--config", filepath.Join(h.dir, "gatehouse.yaml")}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = h.env(), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	k.mu.Lock()
	if ctx.Err() != nil {
		k.mu.Unlock()
		return nil
	}
	err = cmd.Start()
	k.process = cmd.Process
	k.mu.Unlock()
	if err != nil {
		return err
	}
	_ = cmd.Wait() // how it ended does not matter: it is started again
	return nil
}

func (k *kept) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.process != nil {
		_ = k.process.Kill() // it may have ended already
	}
}

// crash kills one of the three and starts it again.
func (h *agentHouse) crash(which int) {
	h.killing.Lock()
	defer h.killing.Unlock()
	switch which % 3 {
	case 0:
		h.agents.kill()
	case 1:
		h.worker.kill()
	case 2:
		if err := h.server.Kill(); err != nil {
			h.t.Errorf("kill Temporal: %v", err)
		}
		h.temporalUp()
	}
}

// session is one agent's errand about a person of its own: it looks, tries, asks, waits for somebody's word, and hears that it is done.
// Something is killed while each step is under way.
func (h *agentHouse) session(i int) {
	step := 0
	during := func(do func()) {
		var killed sync.WaitGroup
		if which := i + step; (i+2*step)%2 == 0 {
			killed.Go(func() { h.crash(which) })
		}
		do()
		killed.Wait()
		step++
	}
	id, err := h.sandbox.Hire(context.Background(), "workday", control.Fields{
		"first_name": "Ada", "last_name": "Agent" + strconv.Itoa(i), "department": "Engineering", "title": "Engineer",
		"location": "Berlin", "hire_date": "today", "manager_id": "21001", "personal_email": fmt.Sprintf("ada%d@home.example", i),
	})
	if err != nil {
		h.t.Errorf("session %d: hire: %v", i, err)
		return
	}
	key := "workday-" + id
	h.hint(key)
	during(func() { h.outcome(key) })
	subjects.Store(i, key)
	tool, args := []string{"assign_role", "disable_user", "assign_role"}[i%3], map[string]any{"user": key, "request_id": "r" + strconv.Itoa(i), "reason": "they asked for it"}
	if tool == "assign_role" {
		args["role"] = "Zendesk"
	}
	during(func() { h.call("look_up_user", map[string]any{"query": key}) })
	var plan map[string]any
	during(func() { plan = h.call(tool, args) })
	if plan["state"] != "dry_run" {
		h.t.Errorf("session %d: a dry run answered %v", i, plan)
		return
	}
	args["execute"], args["plan_hash"] = true, plan["plan_hash"]
	during(func() { h.call(tool, args) })
	during(func() { h.approve(h.requestID("r" + strconv.Itoa(i))) })
	during(func() {
		deadline := time.Now().Add(3 * time.Minute)
		for status := map[string]any{}; status["over"] != true; {
			if time.Now().After(deadline) {
				h.t.Errorf("session %d: request is not over: %v", i, status)
				return
			}
			if status = h.call("request_status", map[string]any{"request_id": "r" + strconv.Itoa(i), "wait_seconds": 5}); status["over"] == true && status["state"] != "done" {
				h.t.Errorf("session %d: %v", i, status)
			}
		}
	})
}

var subjects sync.Map

func subject(i int) string {
	key, _ := subjects.Load(i)
	text, _ := key.(string)
	return text
}

// journal counts what requests of agents have led to, by the person.
func (h *agentHouse) journal() map[string]int {
	h.t.Helper()
	entries, err := h.sandbox.Journal(h.t.Context(), 0, true)
	require.NoError(h.t, err)
	accounts, err := h.sandbox.Accounts(h.t.Context())
	require.NoError(h.t, err)
	keys := map[string]string{}
	for _, a := range accounts {
		keys[strconv.FormatInt(a.ID, 10)] = a.ExternalID
	}
	made := map[string]int{}
	for _, e := range entries {
		_, id, _ := strings.Cut(e.Subject, ":")
		gives := e.Op == "onelogin.add_roles" && strings.Contains(e.Effect, "Zendesk")
		shuts := e.Op == "onelogin.update_user" && strings.HasSuffix(e.Effect, "-> 2")
		if gives || shuts {
			made[keys[id]]++
		}
	}
	return made
}

// call calls a tool as a client does that repeats what it got no answer to.
func (h *agentHouse) call(tool string, args map[string]any) map[string]any {
	body, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "tools/call",
		"params": map[string]any{"name": tool, "arguments": args, "_meta": map[string]any{
			"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientInfo": map[string]any{"name": "crash", "version": "1"},
			"io.modelcontextprotocol/clientCapabilities": map[string]any{},
		}},
	})
	if err != nil {
		h.t.Errorf("%s: %v", tool, err)
		return nil
	}
	var last string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		answer, text, again := h.post(tool, body)
		if !again {
			return answer
		}
		last = text
		pause := time.NewTimer(100 * time.Millisecond)
		<-pause.C
	}
	h.t.Errorf("%s got no answer: %s", tool, last)
	return nil
}

// post sends a call once. Again says that it may have been lost.
func (h *agentHouse) post(tool string, body []byte) (answer map[string]any, text string, again bool) {
	req, err := http.NewRequest(http.MethodPost, h.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err.Error(), false
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer " + h.token, "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool,
	} {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err.Error(), true
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 500 {
		return nil, fmt.Sprint(err, string(data)), true
	}
	var said struct {
		Result struct {
			IsError           bool           `json:"isError"`
			StructuredContent map[string]any `json:"structuredContent"`
		} `json:"result"`
	}
	if err := json.Unmarshal(data, &said); err != nil || said.Result.StructuredContent == nil || said.Result.IsError {
		return nil, string(data), strings.Contains(string(data), "try again later")
	}
	return said.Result.StructuredContent, "", false
}

// requestID is the run of an agent's request, as the starter lists it.
func (h *agentHouse) requestID(own string) string {
	listed := h.starter("agents", "requests", "-o", "json")
	var sheet []struct {
		Request string `json:"request"`
		Person  string `json:"person"`
	}
	if err := json.Unmarshal([]byte(listed), &sheet); err != nil {
		h.t.Errorf("read the requests: %v in %s", err, listed)
		return ""
	}
	i, err := strconv.Atoi(strings.TrimPrefix(own, "r"))
	if err != nil {
		return ""
	}
	for _, r := range sheet {
		if r.Person == subject(i) {
			return r.Request
		}
	}
	h.t.Errorf("request %s is not listed: %s", own, listed)
	return ""
}

// approve gives a person's word until the run has taken it.
func (h *agentHouse) approve(id string) {
	if id == "" {
		return // Why is said.
	}
	l := launch.New(h.temporal, false)
	var last error
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		last = l.Decide(ctx, id, api.Decision{Verb: api.VerbAllow, By: "somebody@acme.example", Reason: "test"})
		state, err := l.Waiting(ctx, id)
		cancel()
		if last == nil || err == nil && len(state.Attention) == 0 && (strings.Contains(state.Doing, "orders") || strings.HasPrefix(state.Doing, api.RequestDone)) {
			return
		}
		pause := time.NewTimer(200 * time.Millisecond)
		<-pause.C
	}
	h.t.Errorf("request %s was not approved: %v", id, last)
}
