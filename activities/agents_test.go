package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/agents"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// agentsOf are agents for a policy, each with its owner.
func agentsOf(owners map[string]string, until string) []string {
	text := "agents:\n"
	for name, owner := range owners {
		text += "  - {name: " + name + ", owner: " + owner + ", purpose: a test, state: active, mode: enforce, until: " + until +
			", rules: [{name: look, tools: [any], verdict: allow}]}\n"
	}
	return []string{"access:\n", text + "access:\n"}
}

func (r *rig) off(agent string) bool {
	r.t.Helper()
	off, err := r.app.Ledger.Agents().IsOff(r.t.Context(), agents.OfAgent(agent))
	require.NoError(r.t, err)
	return off
}

// itemsOf are the items of a class, by their object.
func (r *rig) itemsOf(class string) []string {
	r.t.Helper()
	items, err := r.app.Ledger.Worklist().Items(r.t.Context(), worklist.ItemFilter{Class: class})
	require.NoError(r.t, err)
	var objects []string
	for _, i := range items {
		objects = append(objects, i.Object)
	}
	return objects
}

// TestAgentsEndWithTheirOwner: the assessment of a departure names the agents of who leaves, those of everybody else are not touched,
// and the comparison finds one that was missed.
func TestAgentsEndWithTheirOwner(t *testing.T) {
	t.Parallel()
	probe := newRig(t, rigOptions{})
	leaver, stayer := probe.account("workday-21002"), probe.account("workday-21003")
	r := newRig(t, rigOptions{policy: agentsOf(map[string]string{
		"helpdesk": leaver.Email, "triage": stayer.Email, "orphan": "nobody@acme.example",
	}, "2027-05-31")})
	const key = "workday-21002"
	for _, each := range []string{key, "workday-21003"} {
		require.Empty(t, r.assess(each).Agents, "who works here keeps theirs")
	}
	require.NoError(t, r.vendors.Activities.Agents.Sweep(t.Context()))
	require.False(t, r.off("helpdesk"))
	require.Equal(t, []string{"orphan"}, r.itemsOf("agent_owner"))
	r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today-1"})
	a := r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, []string{"helpdesk"}, a.Agents)
	// The run was lost before it got there.
	require.NoError(t, r.vendors.Activities.Agents.Sweep(t.Context()))
	require.True(t, r.off("helpdesk"))
	require.False(t, r.off("triage"))
	require.False(t, r.off("orphan"), "nobody is known, and every call is refused for it")
	require.Equal(t, []string{"agent/helpdesk"}, r.itemsOf("agent_off"))
	require.Empty(t, r.assess(key).Agents)
	switches, err := r.app.Ledger.Agents().Switches(t.Context())
	require.NoError(t, err)
	require.Equal(t, "owner", switches[0].Cause)
	require.Equal(t, api.ByGatehouse, switches[0].By)
	require.NotContains(t, switches[0].Reason, leaver.Email)
}

// TestAnOrderedDepartureSuspendsAgentsToo, also of somebody whom HR has as working here.
func TestAnOrderedDepartureSuspendsAgentsToo(t *testing.T) {
	t.Parallel()
	email := newRig(t, rigOptions{}).account("workday-21002").Email
	r := newRig(t, rigOptions{policy: agentsOf(map[string]string{"helpdesk": email}, "2027-05-31")})
	r.order(identity.Order{ID: "o", Key: "workday-21002", Kind: identity.OrderContain})
	require.Equal(t, []string{"helpdesk"}, r.assess("workday-21002").Agents)
}

// TestAnAgentThatEndsSoonIsAnItem until it is renewed or over.
func TestAnAgentThatEndsSoonIsAnItem(t *testing.T) {
	t.Parallel()
	email := newRig(t, rigOptions{}).account("workday-21002").Email
	r := newRig(t, rigOptions{policy: agentsOf(map[string]string{"helpdesk": email}, "2026-03-31")})
	known(r, "workday-21002")
	for _, c := range []struct {
		after time.Duration
		items []string
	}{{0, nil}, {16 * 24 * time.Hour, []string{"helpdesk"}}, {20 * 24 * time.Hour, nil}} {
		r.clock.Advance(c.after)
		require.NoError(t, r.vendors.Activities.Agents.Sweep(t.Context()))
		require.Equal(t, c.items, r.itemsOf("agent_ends"))
	}
}
