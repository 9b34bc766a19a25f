package agents_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"gatehouse/agents"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

// arguments are the least that each tool is content with, about somebody by key. A tool that is not here fails the matrices.
var arguments = map[string]func(key string) map[string]any{
	agent.WhoAmI:        func(string) map[string]any { return map[string]any{} },
	agent.LookUpUser:    func(key string) map[string]any { return map[string]any{"query": key} },
	agent.ListUserRoles: func(key string) map[string]any { return map[string]any{"user": key} },
	agent.ListAppsOf:    func(key string) map[string]any { return map[string]any{"user": key} },
	agent.ListMembers:   func(string) map[string]any { return map[string]any{"role": "Mail"} },
	agent.ListEvents:    func(key string) map[string]any { return map[string]any{"user": key} },
	agent.RequestStatus: func(string) map[string]any { return map[string]any{"request_id": filed} },
	agent.AssignRole:    func(key string) map[string]any { return change("assign_role", key, "role", "Jira") },
	agent.RemoveRole:    func(key string) map[string]any { return change("remove_role", key, "role", "Mail") },
	agent.UpdateProfile: func(key string) map[string]any {
		ask := change("update_user_profile", key, "until", time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
		ask["attributes"] = map[string]any{"title": "Rear Admiral"}
		return ask
	},
	agent.AssignApp:      func(key string) map[string]any { return change("assign_app", key, "app", "Appval") },
	agent.UnassignApp:    func(key string) map[string]any { return change("unassign_app", key, "app", "Chat") },
	agent.ProvisionUser:  func(key string) map[string]any { return change("provision_user", key) },
	agent.DisableUser:    func(key string) map[string]any { return change("disable_user", key) },
	agent.EnableUser:     func(key string) map[string]any { return change("enable_user", key) },
	agent.ResetPassword:  func(key string) map[string]any { return change("reset_password", key) },
	agent.RevokeSessions: func(key string) map[string]any { return change("revoke_sessions", key) },
}

// filed is a request that each agent of the matrices has.
const filed = "filed-before"

// change asks for something to be changed, as a dry run, under an id of the tool's.
func change(tool, key string, more ...string) map[string]any {
	ask := map[string]any{"user": key, "request_id": tool, "reason": "a test"}
	for i := 0; i < len(more); i += 2 {
		ask[more[i]] = more[i+1]
	}
	return ask
}

const matrixPolicy = `
company: {zone: UTC, domain: acme.example}
safety: {protected: []}
modes: {}
leaver: {fallback_owner: it@acme.example}
access: {managed_roles: [Mail], privileged_roles: [Super admin], rules: [{name: all, when: "true", roles: [Mail]}]}
agents:
  - name: everything
    subject: client-everything
    owner: dana@acme.example
    purpose: may use every tool
    state: active
    mode: enforce
    until: 2099-01-31
    see: [name, roles, status, apps, group, addresses]
    limits: {calls_per_minute: 5000, writes_per_day: 1000, refusals_per_hour: 100000}
    rules: [{name: whatever, tools: [any], verdict: allow}]
  - name: nothing
    subject: client-nothing
    owner: dana@acme.example
    purpose: may use no tool
    state: active
    mode: enforce
    until: 2099-01-31
    limits: {calls_per_minute: 5000, refusals_per_hour: 100000}
    rules: [{name: never, tools: [any], verdict: deny}]
end: policy
`

// issuer makes the tokens of an identity provider.
type issuer struct {
	url string
	key *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	provider := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "one", Algorithm: oidc.ES256}}, Algorithms: []string{oidc.ES256}}
	web := httptest.NewServer(provider)
	t.Cleanup(web.Close)
	provider.SetIssuer(web.URL)
	return issuer{url: web.URL, key: key}
}

// token is one of a client, with claims edited.
func (i issuer) token(t *testing.T, client string, edit map[string]any) string {
	t.Helper()
	claims := map[string]any{
		"iss": i.url, "aud": "http://127.0.0.1/mcp", "sub": "somebody", "client_id": client, "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
	}
	maps.Copy(claims, edit)
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	return oidctest.SignIDToken(i.key, "one", oidc.ES256, string(text))
}

func matrixDesk(t *testing.T) (*desk, issuer) {
	t.Helper()
	from := newIssuer(t)
	verify, err := agents.Verifier(t.Context(), from.url, "http://127.0.0.1/mcp")
	require.NoError(t, err)
	d := openDesk(t, matrixPolicy, func(o *agents.Options) {
		o.Issuer, o.Verify, o.Launch = from.url, verify, func(context.Context, string) error { return nil }
	})
	d.catalog(t)
	return d, from
}

// files has an agent file the request that it asks after.
func (d *desk) files(t *testing.T, name, key string) {
	t.Helper()
	ask := change(filed, key)
	ask["execute"] = true
	require.Empty(t, try(t, d.as(t, name), agent.RevokeSessions, ask))
}

func (d *desk) static(t *testing.T, agent string) string {
	t.Helper()
	token := agents.TokenPrefix + "matrix-" + agent + strings.Repeat("x", 30)
	_, err := d.ledger.Agents().AddToken(t.Context(), token, agent, "dana", time.Now().Add(time.Hour))
	require.NoError(t, err)
	return token
}

// try calls a tool and returns what refused it, "" if nothing did.
func try(t *testing.T, s *mcp.ClientSession, tool string, args map[string]any) string {
	t.Helper()
	r, err := s.CallTool(context.WithoutCancel(t.Context()), &mcp.CallToolParams{Name: tool, Arguments: args})
	switch {
	case err != nil:
		return err.Error()
	case r.IsError:
		return r.Content[0].(*mcp.TextContent).Text
	}
	return ""
}

func TestEveryToolByEveryScope(t *testing.T) {
	t.Parallel()
	d, from := matrixDesk(t)
	key := d.person(t, "1", grace())
	tokens := map[string]struct {
		token  string
		agent  string
		scopes []string
	}{
		"JWT, no scope":     {from.token(t, "client-everything", nil), "everything", nil},
		"JWT, read":         {from.token(t, "client-everything", map[string]any{"scope": agents.ScopeRead}), "everything", []string{agents.ScopeRead}},
		"JWT, write":        {from.token(t, "client-everything", map[string]any{"scope": agents.ScopeWrite}), "everything", []string{agents.ScopeWrite}},
		"JWT, both":         {from.token(t, "client-everything", map[string]any{"scope": agents.ScopeRead + " openid " + agents.ScopeWrite}), "everything", []string{agents.ScopeRead, agents.ScopeWrite}},
		"JWT, a near miss":  {from.token(t, "client-everything", map[string]any{"scope": "gatehouse gatehouse:READ gatehouse:read:all"}), "everything", nil},
		"JWT, denied":       {from.token(t, "client-nothing", map[string]any{"scope": agents.ScopeRead + " " + agents.ScopeWrite}), "nothing", []string{agents.ScopeRead, agents.ScopeWrite}},
		"static":            {d.static(t, "everything"), "everything", []string{agents.ScopeRead, agents.ScopeWrite}},
		"static, denied":    {d.static(t, "nothing"), "nothing", []string{agents.ScopeRead, agents.ScopeWrite}},
		"static, no policy": {d.static(t, "gone"), "gone", []string{agents.ScopeRead, agents.ScopeWrite}},
	}
	d.files(t, "everything", key)
	for name, c := range tokens {
		s := d.connect(t, c.token)
		listed, err := s.ListTools(t.Context(), nil)
		require.NoError(t, err, name)
		var have, want []string
		for _, each := range listed.Tools {
			have = append(have, each.Name)
		}
		for _, each := range agents.All() {
			least, known := arguments[each.Name]
			require.True(t, known, "%s has no arguments in this test", each.Name)
			allowed := each.Name == agent.WhoAmI || c.agent == "everything" && slices.Contains(c.scopes, each.Scope)
			if allowed {
				want = append(want, each.Name)
			}
			refusal := try(t, s, each.Name, least(key))
			calls, err := d.ledger.Agents().Calls(t.Context(), c.agent, time.Time{}, 1)
			require.NoError(t, err)
			require.Len(t, calls, 1, "%s, %s", name, each.Name)
			row := calls[0]
			if !strings.HasPrefix(c.agent, "gone") {
				require.Equal(t, each.Name, row.Tool, name)
			}
			if allowed && c.agent != "gone" {
				if !agent.Writes(each.Name) {
					require.Empty(t, refusal, "%s, %s", name, each.Name)
				}
				// What a person's account does not allow is said by the plan, which only who may ask for it gets.
				require.NotContains(t, []string{"scope", "policy", "unknown_tool", "arguments", "unknown_agent"}, row.DeniedBy, "%s, %s: %s", name, each.Name, refusal)
				continue
			}
			require.NotEmpty(t, refusal, "%s, %s", name, each.Name)
			require.Equal(t, "deny", row.Verdict, "%s, %s", name, each.Name)
			require.NotEmpty(t, row.DeniedBy, "%s, %s", name, each.Name)
		}
		require.ElementsMatch(t, want, have, name)
	}
}

func TestTokensOfOthersAreTurnedAway(t *testing.T) {
	t.Parallel()
	d, from := matrixDesk(t)
	other := newIssuer(t)
	whole := map[string]any{"scope": agents.ScopeRead}
	unsigned := from.token(t, "client-everything", whole)
	for name, token := range map[string]string{
		"another audience":   from.token(t, "client-everything", map[string]any{"aud": "http://127.0.0.1/other"}),
		"no audience":        from.token(t, "client-everything", map[string]any{"aud": []string{}}),
		"over":               from.token(t, "client-everything", map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}),
		"another issuer":     from.token(t, "client-everything", map[string]any{"iss": other.url}),
		"another key":        issuer{url: from.url, key: other.key}.token(t, "client-everything", whole),
		"an unknown client":  from.token(t, "client-of-nobody", whole),
		"no client":          from.token(t, "", map[string]any{"sub": ""}),
		"capitals":           from.token(t, "Client-Everything", whole),
		"no signature":       unsigned[:strings.LastIndexByte(unsigned, '.')+1],
		"a name for a token": "everything",
	} {
		_, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{
			Endpoint: d.url, HTTPClient: withToken(token), DisableStandaloneSSE: true, MaxRetries: -1,
		}, nil)
		require.Error(t, err, name)
	}
}

// TestAnnotationsSayWhatToolsDo: whoever reads says so, and its call leaves nothing but its record. Whoever asks for a change says
// so too; the same request twice is one, and one that is not to be executed leaves as little as a read.
func TestAnnotationsSayWhatToolsDo(t *testing.T) {
	t.Parallel()
	d, _ := matrixDesk(t)
	key := d.person(t, "1", grace())
	s := d.connect(t, d.static(t, "everything"))
	listed, err := s.ListTools(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, listed.Tools, len(agents.All()))
	d.files(t, "everything", key)
	for _, each := range listed.Tools {
		require.Equal(t, !agent.Writes(each.Name), each.Annotations.ReadOnlyHint, each.Name)
		require.NotNil(t, each.Annotations.OpenWorldHint, each.Name)
		require.False(t, *each.Annotations.OpenWorldHint, each.Name)
		require.NotNil(t, each.Annotations.DestructiveHint, each.Name)
		require.NotEmpty(t, each.Annotations.Title, each.Name)
		require.True(t, each.Annotations.IdempotentHint, each.Name)
		before := d.tables(t)
		for range 2 {
			if refusal := try(t, s, each.Name, arguments[each.Name](key)); each.Annotations.ReadOnlyHint {
				require.Empty(t, refusal, each.Name)
			}
		}
		d.unchanged(t, each.Name, before, "agent_calls", "agent_subjects")
		if each.Annotations.ReadOnlyHint {
			require.False(t, *each.Annotations.DestructiveHint, each.Name)
			continue
		}
		ask := arguments[each.Name](key)
		ask["execute"] = true
		refused := []string{try(t, s, each.Name, ask)}
		once := d.tables(t)
		refused = append(refused, try(t, s, each.Name, ask))
		require.Equal(t, refused[0], refused[1], each.Name)
		d.unchanged(t, each.Name, once, "agent_calls", "agent_subjects")
		require.Equal(t, refused[0] == "", len(once["agent_requests"]) > len(before["agent_requests"]), "%s is filed unless it is refused", each.Name)
		d.unchanged(t, each.Name, before, "agent_calls", "agent_subjects", "agent_requests")
		taking := []string{agent.RemoveRole, agent.UpdateProfile, agent.UnassignApp, agent.DisableUser, agent.ResetPassword, agent.RevokeSessions}
		require.Equal(t, slices.Contains(taking, each.Name), *each.Annotations.DestructiveHint, "%s takes something away, or it does not", each.Name)
	}
}

// unchanged holds the ledger to what it was, but for some tables. The record grows with every call.
func (d *desk) unchanged(t *testing.T, tool string, before map[string][]string, but ...string) {
	t.Helper()
	after := d.tables(t)
	for _, table := range slices.Sorted(maps.Keys(after)) {
		if !slices.Contains(but, table) {
			require.Equal(t, before[table], after[table], "%s changes %s", tool, table)
		}
	}
	require.NotEqual(t, before["agent_calls"], after["agent_calls"], tool)
}

// tables are all rows of the ledger, by table.
func (d *desk) tables(t *testing.T) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+d.file+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	all := map[string][]string{}
	for _, name := range texts(t, db, "SELECT name FROM sqlite_master WHERE type = 'table'") {
		columns := texts(t, db, fmt.Sprintf("SELECT name FROM pragma_table_info('%s')", name))
		for i, c := range columns {
			columns[i] = fmt.Sprintf("quote(%q)", c)
		}
		all[name] = texts(t, db, fmt.Sprintf("SELECT %s FROM %q ORDER BY 1", strings.Join(columns, " || '|' || "), name))
	}
	return all
}

func texts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err, query)
	defer func() { require.NoError(t, rows.Close()) }()
	var all []string
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		all = append(all, text)
	}
	require.NoError(t, rows.Err())
	return all
}

// TestNoRefusalGoesUnrecorded: what the library refuses before a tool hears of it is on record, and so is a token that was once good.
func TestNoRefusalGoesUnrecorded(t *testing.T) {
	t.Parallel()
	d, from := matrixDesk(t)
	s := d.connect(t, from.token(t, "client-everything", map[string]any{"scope": agents.ScopeRead}))
	last := func(agent string) ledgeragents.Call {
		t.Helper()
		calls, err := d.ledger.Agents().Calls(t.Context(), agent, time.Time{}, 1)
		require.NoError(t, err)
		require.Len(t, calls, 1)
		require.Equal(t, "deny", calls[0].Verdict)
		return calls[0]
	}
	require.NotEmpty(t, try(t, s, "drop_table\u202e", map[string]any{}))
	require.Equal(t, "unknown_tool", last("everything").DeniedBy)
	require.Equal(t, "unknown_tool", last("everything").Tool, "what a client sends as a name is not kept")
	require.NotEmpty(t, try(t, s, agent.LookUpUser, map[string]any{"query": 5}))
	require.Equal(t, "arguments", last("everything").DeniedBy)
	require.Equal(t, agent.LookUpUser, last("everything").Tool)
	none := d.connect(t, from.token(t, "client-everything", nil))
	require.NotEmpty(t, try(t, none, agent.LookUpUser, map[string]any{"query": "x"}))
	require.Equal(t, "unknown_tool", last("everything").DeniedBy)
	require.Equal(t, agent.LookUpUser, last("everything").Tool)
	denied := d.connect(t, d.static(t, "nothing"))
	require.NotEmpty(t, try(t, denied, agent.LookUpUser, map[string]any{"query": "x"}))
	require.Equal(t, "unknown_tool", last("nothing").DeniedBy)

	revoked := d.static(t, "retiring")
	made, err := d.ledger.Agents().Tokens(t.Context(), "retiring")
	require.NoError(t, err)
	require.NoError(t, d.ledger.Agents().RevokeToken(t.Context(), "retiring", made[0].ID))
	for range 3 {
		_, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{
			Endpoint: d.url, HTTPClient: withToken(revoked), DisableStandaloneSSE: true, MaxRetries: -1,
		}, nil)
		require.Error(t, err)
	}
	require.Equal(t, "stale_token", last("retiring").DeniedBy)
	require.GreaterOrEqual(t, last("retiring").Times, 2, "it is counted by the minute")
}
