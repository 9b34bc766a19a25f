package activities_test

import (
	"strings"
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

// TestNobodyIsRemindedOfAnAgentThatIsGone: who takes an agent out of the policy has seen to it. Its switch stays.
func TestNobodyIsRemindedOfAnAgentThatIsGone(t *testing.T) {
	t.Parallel()
	email := newRig(t, rigOptions{}).account("workday-21002").Email
	r := newRig(t, rigOptions{policy: agentsOf(map[string]string{"helpdesk": email}, "2026-03-31")})
	known(r, "workday-21002")
	for _, agent := range []string{"helpdesk", "gone"} {
		r.switchOff(agents.OfAgent(agent))
	}
	require.NoError(t, r.vendors.Activities.Agents.Sweep(t.Context()))
	require.Equal(t, []string{"agent/helpdesk"}, r.itemsOf("agent_off"))
	require.True(t, r.off("gone"))
	r.clock.Advance(60 * 24 * time.Hour)
	require.NoError(t, r.vendors.Activities.Agents.Sweep(t.Context()))
	require.Empty(t, r.itemsOf("agent_off"))
	require.True(t, r.off("helpdesk"))
}

// TestAgentsAreInTheReview: each owner is asked about theirs, the fallback owner about those of nobody, compliance sees all of them, an
// answer is on record, and one that nobody gives is an item.
func TestAgentsAreInTheReview(t *testing.T) {
	t.Parallel()
	email := newRig(t, rigOptions{}).account("workday-21002").Email
	r := newRig(t, rigOptions{policy: agentsOf(map[string]string{"helpdesk": email, "orphan": "nobody@acme.example"}, "2027-05-31")})
	known(r, "workday-21002")
	_, err := r.app.Ledger.Agents().Record(t.Context(), agents.Call{ID: "1", Agent: "helpdesk", Tool: "look_up_user", Verdict: "allow", Rule: "look"},
		agents.Bounds{CallsPerMinute: 5, PeoplePerDay: 5})
	require.NoError(t, err)
	reviewAt(api.ReviewMail)(r)
	r.must(api.ReviewMail, review)
	r.must(api.ReviewManagers, review)
	r.must(api.ReviewManagers, review)
	told := map[string][]string{}
	for _, m := range r.mails() {
		if strings.Contains(m.Subject, "agents") {
			told[m.To[0]] = append(told[m.To[0]], m.Text)
		}
	}
	require.Len(t, told, 3)
	require.Len(t, told[email], 1)
	require.Contains(t, told[email][0], "helpdesk")
	require.Contains(t, told[email][0], "2026-03-02 09:00 UTC")
	require.NotContains(t, told[email][0], "orphan")
	require.Contains(t, told[r.vendors.Activities.Review.Policy().Leaver().FallbackOwner][0], "orphan")
	all := told[r.vendors.Activities.Review.Policy().Review().Compliance][0]
	require.Contains(t, all, "helpdesk")
	require.Contains(t, all, "orphan")

	books := r.app.Ledger.Agents()
	require.NoError(t, books.AnswerReview(t.Context(), agents.Review{Agent: "helpdesk", Verdict: agents.Keep, By: "dana", Reason: "in use"}))
	require.Error(t, books.AnswerReview(t.Context(), agents.Review{Agent: "helpdesk", Verdict: agents.Keep, By: "dana"}), "it was answered")
	r.clock.Advance(15 * 24 * time.Hour)
	require.NoError(t, r.vendors.Activities.Agents.Sweep(t.Context()))
	require.Equal(t, []string{"orphan"}, r.itemsOf("agent_review"))
	require.NoError(t, books.AnswerReview(t.Context(), agents.Review{Agent: "orphan", Verdict: agents.Revoke, By: "dana", Reason: "nobody's"}))
	require.NoError(t, r.vendors.Activities.Agents.Sweep(t.Context()))
	require.Empty(t, r.itemsOf("agent_review"))
	found, err := books.Reviews(t.Context(), time.Time{})
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, "dana", found[0].By)
}
