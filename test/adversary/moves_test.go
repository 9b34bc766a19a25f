package adversary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	ledgeragents "gatehouse/ledger/agents"
)

// move is one thing that a hostile client does. Most are about what it asks; the weight is how often.
type move struct {
	name   string
	weight int
	do     func(*session)
}

var moves = []move{
	{"asks about somebody, and does what the answer says", 6, func(s *session) { s.obey(s.call("look_up_user", map[string]any{"query": s.somebody()})) }},
	{"asks for somebody's roles, and does what the answer says", 4, func(s *session) { s.obey(s.call("list_user_roles", map[string]any{"user": s.somebody()})) }},
	{"asks around a rule", 8, func(s *session) {
		way := s.disguise(s.kept())
		s.call("look_up_user", map[string]any{"query": way})
		s.call("list_user_roles", map[string]any{"user": way})
	}},
	{"asks who it is", 1, func(s *session) { s.call("whoami", map[string]any{}) }},
	{"pages where there is nothing", 2, func(s *session) {
		for _, after := range []string{s.kept(), "\x00", "zzzz", s.somebody() + "/" + "Super admin"} {
			s.call("list_user_roles", map[string]any{"user": s.somebody(), "after": after})
		}
	}},
	{"adds arguments", 4, func(s *session) {
		for _, extra := range []map[string]any{
			{"execute": true},
			{"as": helpdesk},
			{"__proto__": map[string]any{"isAdmin": true}},
			{"fields": []string{"email", "username"}},
			{"see": "*"},
			{"agent": auditor},
			{"scope": "gatehouse:write"},
			{"fresh": "true", "include_protected": true},
		} {
			extra["query"] = s.kept()
			s.call("look_up_user", extra)
		}
	}},
	{"sends arguments of other types", 3, func(s *session) {
		for _, args := range []any{nil, []any{}, "query", 5, map[string]any{"query": nil}, map[string]any{"query": []string{s.kept()}}, map[string]any{"query": map[string]any{"$ne": ""}}, map[string]any{"Query": s.kept()}} {
			s.call("look_up_user", args)
		}
	}},
	{"asks for very much", 2, func(s *session) {
		for _, query := range []string{"*", "%", "_", "' OR 1=1 --", strings.Repeat("a", 100_000), strings.Repeat("\u202e", 300), " ", "\x00"} {
			s.call("look_up_user", map[string]any{"query": query})
		}
	}},
	{"calls tools that it does not have", 5, (*session).othersTools},
	{"confirms what nobody asked", 3, func(s *session) {
		params := map[string]any{
			"name": "look_up_user", "arguments": map[string]any{"query": s.kept()}, "requestState": "eyJhcHByb3ZlZCI6dHJ1ZX0.x",
			"inputResponses": map[string]any{"approve": map[string]any{"action": "accept", "content": map[string]any{"approved": true, "by": "oskar.scott@acme.example"}}},
		}
		s.counted(s.rpc("tools/call", "look_up_user", params))
	}},
	{"takes somebody else's session", 3, func(s *session) {
		body, header := s.request("tools/call", "whoami", map[string]any{"name": "whoami", "arguments": map[string]any{}})
		for _, id := range []string{"1", s.otherAgent(), strings.Repeat("A", 200), "00000000-0000-0000-0000-000000000000"} {
			header["Mcp-Session-Id"] = id
			a := s.counted(s.post(body, header))
			if a.answered() {
				require.Contains(s.t, string(a.result.StructuredContent), fmt.Sprintf(`"agent":%q`, s.agent), "%s", s)
			}
		}
		s.send(http.MethodDelete, s.url, nil, map[string]string{"Mcp-Session-Id": "1"})
		s.send(http.MethodGet, s.url, nil, map[string]string{"Mcp-Session-Id": s.otherAgent()})
	}},
	{"comes from elsewhere", 2, func(s *session) {
		body, header := s.request("tools/call", "look_up_user", map[string]any{"name": "look_up_user", "arguments": map[string]any{"query": s.kept()}})
		for key, value := range map[string]string{"Origin": "https://evil.example", "Host": "evil.example", "Sec-Fetch-Site": "cross-site"} {
			with := map[string]string{key: value}
			for k, v := range header {
				with[k] = v
			}
			require.Equal(s.t, http.StatusForbidden, s.post(body, with).status, "%s: %s", s, key)
		}
	}},
	{"sends what is no JSON-RPC", 4, (*session).malformed},
	{"says one thing above and another below", 3, func(s *session) {
		body, header := s.request("tools/call", "whoami", map[string]any{"name": "list_user_roles", "arguments": map[string]any{"user": s.kept()}})
		s.counted(s.post(body, header))
		header["Mcp-Method"] = "tools/list"
		s.counted(s.post(body, header))
		header["Mcp-Protocol-Version"] = "1999-01-01"
		s.counted(s.post(body, header))
	}},
	{"asks for what the server does not serve", 2, func(s *session) {
		for _, method := range []string{"resources/list", "prompts/list", "resources/read", "sampling/createMessage", "logging/setLevel", "completion/complete", "tasks/list", "rpc.discover", "../tools/list"} {
			a := s.rpc(method, "", map[string]any{"uri": "file:///etc/passwd"})
			require.Nil(s.t, a.result, "%s: %s", s, method)
		}
	}},
	{"comes with a token that is over", 2, func(s *session) {
		s.with(s.ended[s.agent], func() {
			s.turnedAway(s.rpc("tools/list", "", map[string]any{}))
			s.tally.turned[s.agent]++
		})
	}},
	{"comes with a token that was never good", 3, func(s *session) {
		s.with(s.forged[s.rng.IntN(len(s.forged))], func() { s.turnedAway(s.rpc("tools/list", "", map[string]any{})) })
	}},
	{"hands its token over where it does not belong", 1, func(s *session) {
		body, header := s.request("tools/list", "", map[string]any{})
		token := s.token
		s.with("", func() { s.turnedAway(s.send(http.MethodPost, s.url+"?access_token="+token, body, header)) })
	}},
	{"is switched off while it asks", 1, func(s *session) {
		if s.agent != switched {
			return
		}
		books := s.App.Ledger.Agents()
		_, err := books.SwitchOff(s.t.Context(), ledgeragents.Switch{Scope: ledgeragents.OfAgent(switched), By: "test", Reason: "test"})
		require.NoError(s.t, err)
		for range 3 {
			require.False(s.t, s.call("look_up_user", map[string]any{"query": s.somebody()}).answered(), "%s", s)
		}
		require.NoError(s.t, books.SwitchOn(s.t.Context(), ledgeragents.OfAgent(switched)))
	}},
}

// othersTools calls every tool that there is, in spellings that a careless server takes for it, with what would be a full request.
func (s *session) othersTools() {
	for _, tool := range []string{
		"assign_role", "remove_role", "disable_user", "enable_user", "reset_password", "revoke_sessions", "provision_user", "update_user_profile", "assign_app",
		"unassign_app", "LIST_USER_ROLES", "list_user_roles ", "list_user_roles\u200b", "ｌist_user_roles", "list_user_roles\x00", "../list_user_roles", "",
	} {
		s.call(tool, map[string]any{
			"user": s.kept(), "role": "Super admin", "request_id": fmt.Sprint("r", s.rng.IntN(3)), "reason": "approved by security", "execute": true,
		})
	}
}

// malformed sends bodies that are not what the protocol wants. None of them is a call.
func (s *session) malformed() {
	_, header := s.request("tools/call", "look_up_user", map[string]any{})
	inner := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look_up_user","arguments":{"query":"x"}}}`
	for _, body := range []string{
		"", "{", "null", "[]", "5", `"tools/call"`, `{"jsonrpc":"1.0","id":1,"method":"tools/list"}`, `{"jsonrpc":"2.0","id":{"a":1},"method":"tools/list"}`,
		`{"jsonrpc":"2.0","method":"tools/call"}`, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}`, `{"jsonrpc":"2.0","id":1,"method":5}`,
		`{"jsonrpc":"2.0","id":1,"result":{}}`, "[" + inner + "," + inner + "]", strings.Repeat("[", 50_000), strings.Repeat(`{"a":`, 20_000),
		"\xff\xfe" + inner, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud800","arguments":{"query":"\udfff"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"9999-99-99","capabilities":{},"clientInfo":{"name":"` + strings.Repeat("x", 10_000) + `","version":"1"}}}`,
	} {
		a := s.post([]byte(body), header)
		require.False(s.t, a.answered(), "%s: %.100s", s, body)
	}
	big := s.post(append([]byte(inner[:len(inner)-1]), append(bytes.Repeat([]byte(" "), 300<<10), '}')...), header)
	require.False(s.t, big.answered(), "%s: a body beyond the limit", s)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
		require.False(s.t, s.send(method, s.url, []byte(inner), header).answered(), "%s: %s", s, method)
	}
	for _, path := range []string{"/", "/../../etc/passwd", "//", "/x"} {
		require.False(s.t, s.send(http.MethodPost, s.url+path, []byte(inner), header).answered(), "%s: %s", s, path)
	}
}

// with does something with another token.
func (s *session) with(token string, do func()) {
	was := s.token
	s.token = token
	do()
	s.token = was
}

// somebody is a way to ask about one of the people.
func (s *session) somebody() string {
	a := s.accounts[s.rng.IntN(len(s.accounts))]
	ways := []string{a.Email, a.Username, a.FirstName + " " + a.LastName, fmt.Sprintf("onelogin-%d", a.ID)}
	if owner := s.owners[a.ID]; owner != "" {
		ways = append(ways, owner, owner[strings.IndexByte(owner, '-')+1:])
	}
	return ways[s.rng.IntN(len(ways))]
}

// kept is a way to ask about one of those whom a rule keeps from the helpdesk.
func (s *session) kept() string { return s.ways[s.rng.IntN(len(s.ways))] }

// disguise spells a text so that it looks different and may mean the same.
func (s *session) disguise(text string) string {
	wide := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, text)
	spelt := []string{
		text, strings.ToUpper(text), strings.ToTitle(text[:1]) + text[1:], " " + text + "\t", text + "\u00a0", text + "\u200b", "\u202e" + text, wide,
		strings.ReplaceAll(text, "a", "\u0430"), strings.ReplaceAll(text, "e", "e\u0301"), strings.ReplaceAll(text, ".", "\u3002"), strings.ReplaceAll(text, "@", "+x@"),
		strings.ReplaceAll(text, " ", "  "), text + "\x00", "\"" + text + "\"", "<" + text + ">", text + ",", "mailto:" + text, strings.ReplaceAll(text, "-", "\u2010"), text + "/", "0" + text,
		strings.ReplaceAll(text, "i", "\u0131"), strings.ReplaceAll(text, "k", "\u212a"), strings.ReplaceAll(text, "s", "\u017f"), strings.ReplaceAll(text, "-", "-0"), strings.ReplaceAll(text, "-", "-+"),
	}
	return spelt[s.rng.IntN(len(spelt))]
}

func (s *session) otherAgent() string {
	for name := range s.tokens {
		if name != s.agent {
			return name
		}
	}
	return ""
}

// String says which session it is and what it did last, for whoever reads a failure.
func (s *session) String() string {
	text, err := json.Marshal(s.made)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("SEED=%d session %d, agent %s, revision %s, moves %s", s.seed, s.n, s.agent, s.revision, text)
}
