package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/gateway"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
)

// patience bounds every wait of a test for what must happen. On two cores beside every other package some of it takes half a
// minute, and waiting costs nothing where it happens.
const patience = 2 * time.Minute

func secret(s string) httpx.Secret { return httpx.Secret(s) }

func secrets(all ...string) []httpx.Secret {
	var out []httpx.Secret
	for _, s := range all {
		out = append(out, httpx.Secret(s))
	}
	return out
}

// Until waits until a condition holds; it says what was awaited if that never happens. The condition is asked in the
// test's own goroutine, so that one which fails the test ends it at once and with its own words.
func (s *Stack) Until(what string, condition func() bool) {
	s.T.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !condition(); <-tick.C {
		if time.Now().After(end) {
			require.FailNow(s.T, "still waiting for: "+what)
		}
	}
}

// Slow has a vendor take its time over some calls of an operation, "" for any.
func (s *Stack) Slow(system, op string, ms, times int) {
	s.T.Helper()
	require.NoError(s.T, s.Sandbox.AddFault(s.T.Context(), control.Fault{System: system, Op: op, Style: "delay", DelayMS: ms, Times: times}))
}

// Hint hints a person as an operator would.
func (s *Stack) Hint(key, cause string) {
	s.T.Helper()
	_, err := s.App.Launch.Send(s.T.Context(), key, api.Hint{Source: "operator", Cause: cause})
	require.NoError(s.T, err)
}

// Outcome waits until the person's chain has come to rest and returns what its last run came to.
func (s *Stack) Outcome(key string) api.Outcome {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	var out api.Outcome
	require.NoError(s.T, s.Temporal.GetWorkflow(ctx, api.PersonID(key), "").Get(ctx, &out), "the run of %s", key)
	return out
}

// State asks the person's open run for its state; ok is false if it cannot answer right now.
func (s *Stack) State(key string) (api.State, bool) {
	value, err := s.Temporal.QueryWorkflow(s.T.Context(), api.PersonID(key), "", api.QueryState)
	if err != nil {
		return api.State{}, false
	}
	var state api.State
	require.NoError(s.T, value.Get(&state))
	return state, true
}

// AwaitStage waits until the person's run is in a stage.
func (s *Stack) AwaitStage(key, stage string) api.State {
	s.T.Helper()
	var state api.State
	s.Until(key+" in stage "+stage, func() bool {
		var ok bool
		state, ok = s.State(key)
		return ok && state.Stage == stage
	})
	return state
}

// Decide answers a parked run.
func (s *Stack) Decide(id, verb string) error {
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	return s.App.Launch.Decide(ctx, id, api.Decision{Verb: verb, By: "tester", Reason: "test"})
}

// Held is the step of the question that a run about a hold asks now, empty if it asks none.
func (s *Stack) Held(id string) string {
	s.T.Helper()
	value, err := s.Temporal.QueryWorkflow(s.T.Context(), id, "", api.QueryState)
	var state api.State
	if err != nil || value.Get(&state) != nil {
		return ""
	}
	for _, a := range state.Attention {
		if a.Code == api.NoticeBudgetContain {
			return a.Step
		}
	}
	return "none"
}

// Sync polls an HR source as its schedule would and returns what came of it.
func (s *Stack) Sync(source string) api.SyncOutcome {
	s.T.Helper()
	run := s.StartSync(source)
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	var out api.SyncOutcome
	require.NoError(s.T, run.Get(ctx, &out))
	return out
}

// StartSync starts a poll and does not wait for it.
func (s *Stack) StartSync(source string) client.WorkflowRun {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{
		ID: "hr-sync-" + source, TaskQueue: api.QueueSweep,
	}, api.TypeHRSync, api.SyncRequest{Source: source})
	require.NoError(s.T, err)
	return run
}

// Baseline takes the first reading of both HR sources.
func (s *Stack) Baseline() {
	s.T.Helper()
	for _, source := range []string{"workday", "bamboohr"} {
		require.True(s.T, s.Sync(source).Report.Baseline)
	}
}

// BambooHRWebhook delivers one signed webhook about some employees and returns the status of the answer.
func (s *Stack) BambooHRWebhook(ids ...string) int {
	s.T.Helper()
	type employee struct {
		ID     string `json:"id"`
		Action string `json:"action"`
	}
	var body struct {
		Employees []employee `json:"employees"`
	}
	for _, id := range ids {
		body.Employees = append(body.Employees, employee{ID: id, Action: "Updated"})
	}
	data, err := json.Marshal(body)
	require.NoError(s.T, err)
	return s.Post("/webhooks/bamboohr", data, control.BambooHRHeaders(BambooHRKey, data, s.clock()))
}

// WorkdayWebhook delivers one signed callback about some workers and returns the status of the answer.
func (s *Stack) WorkdayWebhook(ids ...string) int {
	s.T.Helper()
	data, err := json.Marshal(map[string][]string{"workers": ids})
	require.NoError(s.T, err)
	stamp := strconv.FormatInt(s.clock().Unix(), 10)
	return s.Post("/webhooks/workday", data, map[string]string{
		gateway.HeaderTimestamp: stamp, gateway.HeaderSignature: gateway.SignWorkday(data, stamp, WorkdayKey),
	})
}

// Post posts to the gateway and returns the status of the answer.
func (s *Stack) Post(path string, body []byte, header map[string]string) int {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), http.MethodPost, s.Gateway+path, bytes.NewReader(body))
	require.NoError(s.T, err)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.T, err)
	require.NoError(s.T, resp.Body.Close())
	return resp.StatusCode
}

// Account returns the account with the person's key as external id, and fails if there is none.
func (s *Stack) Account(key string) control.Person {
	s.T.Helper()
	p, found, err := s.Sandbox.ByExternalID(s.T.Context(), key)
	require.NoError(s.T, err)
	require.True(s.T, found, "%s has no account", key)
	return p
}

// Effects lists the effects in the sandbox's journal after a mark whose operation is one of ops, all if there are none.
func (s *Stack) Effects(since uint64, ops ...string) []string {
	s.T.Helper()
	entries, err := s.Sandbox.Journal(s.T.Context(), since, true)
	require.NoError(s.T, err)
	var out []string
	for _, e := range entries {
		if len(ops) == 0 || slices.Contains(ops, e.Op) {
			out = append(out, fmt.Sprintf("%s %s", e.Op, e.Subject))
		}
	}
	return out
}

// Mark is a place in the journal to count from.
func (s *Stack) Mark() uint64 {
	s.T.Helper()
	mark, err := s.Sandbox.Mark(s.T.Context())
	require.NoError(s.T, err)
	return mark
}

// Hire enters a record without a webhook and returns the person's key.
func (s *Stack) Hire(source string, fields control.Fields) string {
	s.T.Helper()
	id, err := s.Sandbox.Hire(s.T.Context(), source, fields)
	require.NoError(s.T, err)
	return source + "-" + id
}

// HR has the HR department change a record without a webhook.
func (s *Stack) HR(key, action string, fields control.Fields) {
	s.T.Helper()
	source, id := split(key)
	_, err := s.Sandbox.HR(s.T.Context(), source, action, id, fields, true)
	require.NoError(s.T, err)
}

func split(key string) (source, id string) {
	i := slices.Index([]byte(key), '-')
	return key[:i], key[i+1:]
}

// Runs lists the types of all runs of a person's chain, oldest first, as Temporal's list has them: it follows the runs a moment later.
func (s *Stack) Runs(key string) []string {
	s.T.Helper()
	var types []string
	found, err := s.Temporal.ListWorkflow(s.T.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s'", api.PersonID(key)), PageSize: 200,
	})
	require.NoError(s.T, err)
	for _, e := range found.GetExecutions() {
		status := ""
		if e.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
			status = ":" + e.GetStatus().String()
		}
		types = append(types, e.GetType().GetName()+status)
	}
	slices.Reverse(types)
	return types
}

// Messages is everything said in a Slack channel, all channels and direct messages if it is empty, as one text.
func (s *Stack) Messages(channel string) string {
	s.T.Helper()
	return strings.Join(s.messages(channel), "")
}

// Said counts the messages of a channel, or of all if it is empty, that have one of some words.
func (s *Stack) Said(channel string, words ...string) int {
	s.T.Helper()
	n := 0
	for _, m := range s.messages(channel) {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(m, w) }) {
			n++
		}
	}
	return n
}

func (s *Stack) messages(channel string) []string {
	s.T.Helper()
	var state struct {
		Slack struct {
			Channels []struct {
				ID       string `json:"id"`
				Messages []struct {
					Text   string          `json:"text"`
					Blocks json.RawMessage `json:"blocks"`
				} `json:"messages"`
			} `json:"channels"`
		} `json:"slack"`
	}
	require.NoError(s.T, s.Sandbox.State(s.T.Context(), &state))
	var all []string
	for _, c := range state.Slack.Channels {
		for _, m := range c.Messages {
			if channel == "" || c.ID == channel {
				all = append(all, m.Text+"\n"+string(m.Blocks)+"\n")
			}
		}
	}
	return all
}
