package adversary

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

var revisions = []string{"2026-07-28", "2025-11-25", "2025-06-18"}

const meta = "io.modelcontextprotocol/"

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	// result and failure are those of JSON-RPC, nil if there is none.
	result  *result
	failure *failure
}

type result struct {
	IsError           bool                      `json:"isError"`
	Content           []struct{ Text string }   `json:"content"`
	StructuredContent json.RawMessage           `json:"structuredContent"`
	Tools             []struct{ Name string }   `json:"tools"`
	InputRequests     map[string]map[string]any `json:"inputRequests"`
}

type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// answered reports that a tool answered with what it was asked for.
func (a answer) answered() bool {
	return a.status == http.StatusOK && a.result != nil && !a.result.IsError && len(a.result.StructuredContent) > 0
}

// post sends a body, as it is.
func (s *session) post(body []byte, header map[string]string) answer {
	return s.send(http.MethodPost, s.url, body, header)
}

func (s *session) send(method, url string, body []byte, header map[string]string) answer {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("Authorization", "Bearer "+s.token)
	for key, value := range header {
		switch {
		case key == "Host":
			req.Host = value
		case value == "":
			req.Header.Del(key)
		default:
			req.Header.Set(key, value)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err, "%s: the server cut the connection", s)
	defer func() { require.NoError(s.t, resp.Body.Close()) }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err, "%s", s)
	a := answer{status: resp.StatusCode, header: resp.Header, body: data}
	var envelope struct {
		Result *result  `json:"result"`
		Error  *failure `json:"error"`
	}
	if json.Unmarshal(data, &envelope) == nil {
		a.result, a.failure = envelope.Result, envelope.Error
	}
	s.inspect(body, a)
	return a
}

// rpc sends a well-formed request, in the revision of the session.
func (s *session) rpc(method, name string, params map[string]any) answer {
	body, header := s.request(method, name, params)
	return s.post(body, header)
}

func (s *session) request(method, name string, params map[string]any) (body []byte, header map[string]string) {
	header = map[string]string{"Mcp-Protocol-Version": s.revision}
	if s.revision == revisions[0] {
		header["Mcp-Method"], header["Mcp-Name"] = method, name
		if _, there := params["_meta"]; !there {
			params["_meta"] = map[string]any{
				meta + "protocolVersion": s.revision, meta + "clientInfo": map[string]string{"name": "adversary", "version": "1"},
				meta + "clientCapabilities": map[string]any{"elicitation": map[string]any{}, "sampling": map[string]any{}, "roots": map[string]any{}},
			}
		}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": s.rng.IntN(1000), "method": method, "params": params})
	require.NoError(s.t, err)
	return body, header
}

// call calls a tool, counts it, and confirms whatever the server wants confirmed.
func (s *session) call(tool string, args any) answer {
	params := map[string]any{"name": tool, "arguments": args}
	a := s.counted(s.rpc("tools/call", header(tool), params))
	for rounds := 0; a.result != nil && len(a.result.InputRequests) > 0 && rounds < 3; rounds++ {
		responses := map[string]any{}
		for id := range a.result.InputRequests {
			responses[id] = map[string]any{"action": "accept", "content": map[string]any{"approve": true, "confirm": true}}
		}
		params["inputResponses"] = responses
		a = s.counted(s.rpc("tools/call", header(tool), params))
	}
	return a
}

// header is a tool's name as a header can carry it.
func header(name string) string {
	return regexp.MustCompile(`[^ -~]`).ReplaceAllString(name, "?")
}

// counted remembers that the server has answered, or refused, a call of the agent: each has to be on record.
func (s *session) counted(a answer) answer {
	unknown := a.failure != nil && strings.HasPrefix(a.failure.Message, "unknown tool")
	if a.result != nil || unknown {
		s.tally.calls[s.agent]++
		if !a.answered() {
			s.tally.refused[s.agent]++
		}
	}
	return a
}

// orders are instructions in a text, written so that a client can follow them.
var orders = regexp.MustCompile(`\{"tool":"([a-z_]+)","arguments":(\{[^{}]*\})\}`)

// obey follows every instruction of an answer.
func (s *session) obey(a answer) {
	var all []string
	var texts func(any)
	texts = func(v any) {
		switch v := v.(type) {
		case string:
			all = append(all, v)
		case []any:
			for _, each := range v {
				texts(each)
			}
		case map[string]any:
			for _, each := range v {
				texts(each)
			}
		}
	}
	var decoded any
	if a.result != nil && json.Unmarshal(a.result.StructuredContent, &decoded) == nil {
		texts(decoded)
	}
	for _, text := range all {
		for _, found := range orders.FindAllStringSubmatch(text, 3) {
			var args map[string]any
			if json.Unmarshal([]byte(found[2]), &args) == nil {
				s.tally.obeyed++
				s.call(found[1], args)
			}
		}
	}
}
