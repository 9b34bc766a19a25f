package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/agents"
	"gatehouse/ledger"
)

const (
	// benchAgents ask at once, and each of them once in a round before.
	benchAgents = 200
	// agentReads are asked one after the other, by one agent after the other; each agent asks burstReads more at once with all others.
	agentReads = 1000
	burstReads = 10
	// targetAgentRead is the aim of a read that has the machine to itself, in ms.
	targetAgentRead = 10
	mcpRevision     = "2026-07-28"
)

// agentsPolicy is the section of the policy about them. Somebody who works there owns them all.
func agentsPolicy(people *roster) string {
	owner := ""
	for _, e := range people.bySource[sourceWorkday] {
		owner = e.account.Email
	}
	var b strings.Builder
	b.WriteString("agents:\n")
	for i := range benchAgents {
		fmt.Fprintf(&b, `  - name: %s
    owner: %s
    purpose: asks who has what
    state: active
    mode: enforce
    until: 2099-01-31
    see: [name, username, email, title, department, status, roles]
    limits: {calls_per_minute: 600, writes_per_day: 1000, people_per_day: 10000}
    rules:
      - {name: nobody protected, tools: [any], when: target.protected || target.privileged, verdict: deny}
      - {name: everybody else, tools: [any], verdict: allow}
`, agentName(i), owner)
	}
	return b.String()
}

func agentName(i int) string { return fmt.Sprintf("bench-%d", i) }

// agentFigures measures what agents wait for: reads from the ledger of a company that has been read in full, each of them over HTTP
// with its token checked and its record written.
func agentFigures(ctx context.Context, e engine, o options, dir string, r *report) error {
	o.policy = agentsPolicy
	progress("agents ask about %d people: %s", o.people(), e.name)
	s, err := raise(ctx, e, together, o, filepath.Join(dir, "agents"))
	if err != nil {
		return err
	}
	return errors.Join(s.agentFigures(ctx, o, filepath.Join(dir, "agents"), r), s.close())
}

// sweepAll reads every account and every role, and finds whose they are.
func (s *stack) sweepAll(ctx context.Context) error {
	run, err := s.startSweep(ctx)
	if err != nil {
		return err
	}
	return run.Get(ctx, nil)
}

func (s *stack) agentFigures(ctx context.Context, o options, dir string, r *report) error {
	if err := s.sweepAll(ctx); err != nil {
		return fmt.Errorf("read the accounts: %w", err)
	}
	d, err := s.serveAgents(ctx, o, dir)
	if err != nil {
		return err
	}
	everybody := slices.Concat(s.people.bySource[sourceWorkday], s.people.bySource[sourceBambooHR])
	everybody = slices.DeleteFunc(everybody, func(e employee) bool { return slices.Contains(e.account.Roles, "AWS Admin") }) // The policy keeps them from agents.
	reads := agentReads
	if o.quick {
		reads = benchAgents
	}
	for i := range benchAgents {
		// Whoever connects lists the tools first.
		if _, err := d.ask(ctx, i, "tools/list", "", map[string]any{}); err != nil {
			return err
		}
	}
	if _, err := d.oneByOne(ctx, everybody, warmUps); err != nil {
		return err
	}
	took, err := d.oneByOne(ctx, everybody, reads)
	if err != nil {
		return err
	}
	note := fmt.Sprintf("%d reads by %d agents, one after the other: an address, a name, the roles of a key; a ledger of %d people", reads, benchAgents, len(everybody))
	r.add(figure{key: "agent_read_p50_ms", what: "agent's read over HTTP, p50", unit: "ms", is: milliseconds(took.percentile(50)), note: note})
	r.add(figure{key: "agent_read_p99_ms", what: "agent's read over HTTP, p99", unit: "ms", is: milliseconds(took.percentile(99)), most: targetAgentRead})
	began := time.Now()
	took, err = d.allAtOnce(ctx, everybody)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "agent_read_200_p99_ms", what: fmt.Sprintf("with %d agents at once, p99", benchAgents), unit: "ms", is: milliseconds(took.percentile(99)),
		note: fmt.Sprintf("%d reads, none refused; p50 %s ms; %s per second", len(took), number(milliseconds(took.percentile(50))),
			number(float64(len(took))/time.Since(began).Seconds())),
	})
	return s.requestFigures(ctx, o, d, everybody, r)
}

// helpdesk is the server of agents, with a token for each.
type helpdesk struct {
	url    string
	tokens []string
	client *http.Client
}

// serveAgents starts `starter agents` beside the stack.
func (s *stack) serveAgents(ctx context.Context, o options, dir string) (*helpdesk, error) {
	d := &helpdesk{
		url: "http://" + s.agents + "/mcp", client: &http.Client{Timeout: runTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: benchAgents}},
	}
	books, err := ledger.Open(ctx, s.ledger, ledger.Options{MustExist: true})
	if err != nil {
		return nil, err
	}
	for i := range benchAgents {
		token := fmt.Sprintf("%sbench-%d-%d", agents.TokenPrefix, i, time.Now().UnixNano())
		if _, err := books.Agents().AddToken(ctx, token, agentName(i), "bench", time.Now().Add(time.Hour)); err != nil {
			return nil, errors.Join(err, books.Close())
		}
		d.tokens = append(d.tokens, token)
	}
	if err := books.Close(); err != nil {
		return nil, err
	}
	program, err := s.start(spec{
		name: "agents", dir: dir, path: filepath.Join(o.bin, "starter"), args: []string{"--config", s.config, "agents"}, env: s.env,
	})
	if err != nil {
		return nil, err
	}
	return d, program.await(ctx, answers("http://"+s.agents+"/.well-known/oauth-protected-resource/mcp"))
}

// read is one of the reads that agents do most, about one of the people.
func (d *helpdesk) read(ctx context.Context, agent, n int, people []employee) (time.Duration, error) {
	e := people[n%len(people)]
	switch n % 3 {
	case 0:
		return d.call(ctx, agent, "look_up_user", map[string]any{"query": e.account.Email})
	case 1:
		return d.call(ctx, agent, "look_up_user", map[string]any{"query": e.account.FirstName + " " + e.account.LastName})
	}
	return d.call(ctx, agent, "list_user_roles", map[string]any{"user": e.key()})
}

// call has an agent call a tool, and returns how long it waited. Anything but an answer is an error.
func (d *helpdesk) call(ctx context.Context, agent int, tool string, args map[string]any) (time.Duration, error) {
	sent := time.Now()
	result, err := d.ask(ctx, agent, "tools/call", tool, map[string]any{"name": tool, "arguments": args})
	took := time.Since(sent)
	if err == nil && result.IsError {
		err = fmt.Errorf("refused: %s", result.Content[0].Text)
	}
	if err != nil {
		return 0, fmt.Errorf("%s asks %s: %w", agentName(agent), tool, err)
	}
	return took, nil
}

type mcpResult struct {
	Tools   []struct{ Name string }
	IsError bool
	Content []struct{ Text string }
}

func (d *helpdesk) ask(ctx context.Context, agent int, method, name string, params map[string]any) (mcpResult, error) {
	const prefix = "io.modelcontextprotocol/"
	params["_meta"] = map[string]any{
		prefix + "protocolVersion": mcpRevision, prefix + "clientInfo": map[string]string{"name": "bench", "version": "1"}, prefix + "clientCapabilities": map[string]any{},
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return mcpResult{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url, bytes.NewReader(body))
	if err != nil {
		return mcpResult{}, err
	}
	for key, value := range map[string]string{
		"Authorization": "Bearer " + d.tokens[agent], "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"Mcp-Protocol-Version": mcpRevision, "Mcp-Method": method, "Mcp-Name": name,
	} {
		if value != "" {
			req.Header.Set(key, value)
		}
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return mcpResult{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	var answer struct {
		Result mcpResult
		Error  *struct{ Message string }
	}
	if err == nil {
		err = json.Unmarshal(data, &answer)
	}
	if err == nil && answer.Error != nil {
		err = errors.New(answer.Error.Message)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		return mcpResult{}, fmt.Errorf("status %d: %w", resp.StatusCode, err)
	}
	return answer.Result, nil
}

func (d *helpdesk) oneByOne(ctx context.Context, people []employee, n int) (durations, error) {
	var all durations
	for i := range n {
		took, err := d.read(ctx, i%benchAgents, i, people)
		if err != nil {
			return nil, err
		}
		all = append(all, took)
	}
	return all, nil
}

// allAtOnce has every agent ask again as soon as it is answered.
func (d *helpdesk) allAtOnce(ctx context.Context, people []employee) (durations, error) {
	took, errs := make([]durations, benchAgents), make([]error, benchAgents)
	var group sync.WaitGroup
	for i := range benchAgents {
		group.Go(func() {
			for n := range burstReads {
				one, err := d.read(ctx, i, i*burstReads+n, people)
				if err != nil {
					errs[i] = err
					return
				}
				took[i] = append(took[i], one)
			}
		})
	}
	group.Wait()
	return slices.Concat(took...), errors.Join(errs...)
}
