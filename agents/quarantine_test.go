package agents_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/killswitch"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/ledger/worklist"
)

// off returns why an agent is switched off, empty if it is on.
func (d *desk) off(t *testing.T, agent string) string {
	t.Helper()
	all, err := d.ledger.Agents().Switches(t.Context())
	require.NoError(t, err)
	for _, sw := range all {
		if sw.Scope == ledgeragents.OfAgent(agent) {
			return sw.Cause
		}
	}
	return ""
}

// refusedBy counts the refusals of an agent by what refused them.
func (d *desk) refusedBy(t *testing.T, agent string) map[string]int {
	t.Helper()
	calls, err := d.ledger.Agents().Calls(t.Context(), agent, time.Time{}, 1000)
	require.NoError(t, err)
	by := map[string]int{}
	for _, c := range calls {
		if c.DeniedBy != "" {
			by[c.DeniedBy] += c.Times
		}
	}
	return by
}

// TestManyRefusalsQuarantine the agent that was refused and no other, on the list with the command that lifts it; lifted, what was
// refused before does not count again.
func TestManyRefusalsQuarantine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, other := d.as(t, "helpdesk"), d.as(t, "watched")
	for range 6 {
		_, _ = callAnyway(t, s, "no_such_tool")
	}
	require.Empty(t, d.off(t, "helpdesk"))
	for range 20 {
		_, _ = callAnyway(t, s, "no_such_tool")
	}
	require.Equal(t, killswitch.CauseRefusals, d.off(t, "helpdesk"))
	require.Empty(t, d.off(t, "watched"))
	require.False(t, call(t, other, "whoami", nil).IsError)
	items, err := d.ledger.Worklist().Items(t.Context(), worklist.ItemFilter{Class: "agent_off"})
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.Equal(t, worklist.SeverityCritical, items[0].Severity)
	require.Equal(t, "starter agents on --agent helpdesk", items[0].Next)
	require.True(t, call(t, s, "whoami", nil).IsError)
	_, err = killswitch.On(t.Context(), d.ledger, ledgeragents.OfAgent("helpdesk"))
	require.NoError(t, err)
	_, _ = callAnyway(t, s, "no_such_tool")
	require.Empty(t, d.off(t, "helpdesk"), "the refusals of before do not count again")
}

// TestACanaryQuarantinesAtOnce, by whatever name and however the call was refused, and the answer does not say why.
func TestACanaryQuarantinesAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tool string
		args map[string]any
	}{
		"by address":              {"look_up_user", map[string]any{"query": "Vault@ACME.example "}},
		"by username":             {"look_up_user", map[string]any{"query": "vault-archive"}},
		"by name":                 {"look_up_user", map[string]any{"query": "Vera Vault"}},
		"by key":                  {"list_user_roles", map[string]any{"user": "workday-vault"}},
		"of a role":               {"no_such_tool", map[string]any{"deep": []any{map[string]any{"role": "vault operator"}}}},
		"with the wrong argument": {"look_up_user", map[string]any{"who": "vault@acme.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.person(t, "vault", identity.Account{ID: 77, FirstName: "Vera", LastName: "Vault", Email: "vault@acme.example", Username: "vault-archive", Status: identity.AccountActive})
			s := d.as(t, "helpdesk")
			text, _ := callAnyway(t, s, c.tool, c.args)
			require.NotContains(t, strings.ToLower(text), "canary")
			require.NotContains(t, text, "Vera")
			require.Equal(t, killswitch.CauseCanary, d.off(t, "helpdesk"))
		})
	}
}

// TestAskingAgainAndAgainAboutTheProtectedQuarantines.
func TestAskingAgainAndAgainAboutTheProtectedQuarantines(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	doc := grace()
	doc.Department = "Board"
	d.person(t, "1", doc)
	s := d.as(t, "helpdesk")
	for n := range 5 {
		require.Empty(t, d.off(t, "helpdesk"), n)
		require.True(t, call(t, s, "look_up_user", map[string]any{"query": "grace"}).IsError)
	}
	require.Equal(t, killswitch.CauseProtected, d.off(t, "helpdesk"))
}

// TestWhatTheDoorRefusesIsOnRecord: no token, a wrong one, another site, a tool that is not there or not shown, arguments that are none.
func TestWhatTheDoorRefusesIsOnRecord(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.as(t, "watched")
	_, _ = callAnyway(t, s, "no_such_tool")
	_, _ = callAnyway(t, s, "list_user_roles", map[string]any{"user": "grace"})
	_, _ = callAnyway(t, s, "look_up_user", map[string]any{"query": 7})
	require.Equal(t, map[string]int{"unknown_tool": 2, "arguments": 1}, d.refusedBy(t, "watched"))
	for range 3 {
		resp, err := http.Post(d.url, "application/json", strings.NewReader("{}"))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	require.Eventually(t, func() bool {
		by := d.refusedBy(t, ledgeragents.Nobody)
		return by["token"] == 3 && by["origin"] == 1
	}, 10*time.Second, 20*time.Millisecond)
}
