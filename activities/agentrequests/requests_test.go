package agentrequests_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/agentrequests"
	"gatehouse/activities/api"
	"gatehouse/agents/request"
	"gatehouse/identity"
	"gatehouse/ledger"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

const policyText = `
company: {zone: UTC, domain: acme.example}
safety: {protected: ['account.username == "root"']}
modes: {}
leaver: {fallback_owner: it@acme.example}
access: {managed_roles: [Mail], rules: [{name: all, when: "true", roles: [Mail]}]}
agents:
  - name: helpdesk
    owner: dana@acme.example
    purpose: helps
    state: active
    mode: enforce
    until: 2099-01-31
    rules:
      - {name: asked, tools: [assign_role, disable_user], verdict: ask}
      - {name: sign-in, tools: [revoke_sessions], verdict: allow}
end: policy
`

// desk sees requests through over a ledger of its own. The orders that it gives stay in the ledger, and given counts them.
type desk struct {
	*ledger.Ledger
	*agentrequests.Requests
	given int
	// read counts how often accounts were read anew.
	read int
	key  string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{}
	d.Requests = &agentrequests.Requests{Clock: time.Now}
	d.Reread = func(context.Context, []int64) error { d.read++; return nil }
	d.follow(t, policyText)
	var err error
	d.Ledger, err = ledger.Open(t.Context(), t.TempDir()+"/ledger.db", ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	d.Requests.Ledger = d.Ledger
	d.Give = func(ctx context.Context, in api.GiveOrder) (api.OrderGiven, error) {
		d.given++
		return api.OrderGiven{ID: in.Order.ID}, d.Orders().Put(ctx, in.Order)
	}
	_, err = d.People().Admit(t.Context(), "workday-1", "workday", "1", storetest.Digests(d.Ledger, "ada@acme.example", "", "Ada"))
	require.NoError(t, err)
	_, err = d.People().SetEmployed(t.Context(), "workday-1", true)
	require.NoError(t, err)
	d.key = "workday-1"
	_, err = d.People().Admit(t.Context(), "workday-9", "workday", "9", storetest.Digests(d.Ledger, "dana@acme.example", "", "Dana"))
	require.NoError(t, err)
	_, err = d.People().SetEmployed(t.Context(), "workday-9", true)
	require.NoError(t, err)
	d.observe(t, identity.Account{ID: 41, FirstName: "Ada", Email: "ada@acme.example", Status: identity.AccountActive})
	require.NoError(t, d.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{Ref: identity.OneLoginRef(41), Person: d.key, Use: identity.UsePrimary, By: "test"}))
	return d
}

func (d *desk) follow(t *testing.T, text string) {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text))
	require.NoError(t, err)
	d.Policy = func() *policy.Policy { return p }
}

func (d *desk) observe(t *testing.T, doc identity.Account) {
	t.Helper()
	_, err := d.Inventory().Observe(t.Context(), time.Now(), []inventory.Account{{Ref: identity.OneLoginRef(doc.ID), Document: doc, Status: doc.Status}})
	require.NoError(t, err)
}

// file files a request and returns its id.
func (d *desk) file(t *testing.T, want request.Asked) string {
	t.Helper()
	want.ID, want.Agent, want.Subject, want.Reason = "agent-request/helpdesk/"+want.Tool, "helpdesk", d.key, "because"
	detail, err := json.Marshal(want)
	require.NoError(t, err)
	_, fresh, err := d.Agents().File(t.Context(), ledgeragents.Request{
		ID: want.ID, Agent: want.Agent, Tool: want.Tool, Subject: want.Subject, Arguments: "digest", State: api.RequestFiled, Detail: detail,
	})
	require.NoError(t, err)
	require.True(t, fresh)
	return want.ID
}

func (d *desk) judge(t *testing.T, id string) api.AgentJudged {
	t.Helper()
	judged, err := d.Judge(t.Context(), api.AgentRequestRef{ID: id})
	require.NoError(t, err)
	return judged
}

func (d *desk) carry(t *testing.T, in api.AgentCarry) api.AgentCarried {
	t.Helper()
	carried, err := d.Carry(t.Context(), in)
	require.NoError(t, err)
	return carried
}

func jira() request.Asked { return request.Asked{Tool: agent.AssignRole, Role: "Jira"} }

func TestCarriedTwiceIsOneOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.file(t, jira())
	judged := d.judge(t, id)
	require.True(t, judged.Ask)
	require.Equal(t, api.RequestWaiting, judged.State)
	require.Contains(t, judged.Barred, "dana@acme.example")
	require.Equal(t, 1, d.read, "a verdict is about what the vendor shows now")
	require.True(t, d.carry(t, api.AgentCarry{ID: id, Hash: judged.Hash}).Changed, "what people have to approve is not carried out without one")
	require.Zero(t, d.given)
	in := api.AgentCarry{ID: id, Hash: judged.Hash, By: "ann@acme.example"}
	require.Equal(t, api.RequestWorking, d.carry(t, in).State)
	require.Equal(t, api.RequestWorking, d.carry(t, in).State)
	require.Equal(t, 1, d.given)
	order, found, err := d.Orders().ByID(t.Context(), id+"/1")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "helpdesk", order.Agent)
	require.Equal(t, id, order.Request)
	require.Equal(t, "ann@acme.example", order.By)
	require.Empty(t, order.Rule, "a named person's word is never held by a budget")
	require.Equal(t, api.RequestWorking, d.judge(t, id).State, "what is being done is not judged again")
	seen, err := d.End(t.Context(), api.AgentEnd{ID: id, State: api.RequestExpired, Result: "late"})
	require.NoError(t, err)
	require.Equal(t, api.RequestWorking, seen.State, "nor ended")
}

func TestACrashBetweenOrderAndNoteGivesNothingTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.file(t, request.Asked{Tool: agent.RevokeSessions})
	judged := d.judge(t, id)
	require.False(t, judged.Ask)
	give := d.Give
	d.Give = func(ctx context.Context, in api.GiveOrder) (api.OrderGiven, error) {
		out, err := give(ctx, in)
		require.NoError(t, err)
		require.Equal(t, "agent/helpdesk/sign-in", in.Order.Rule, "without a person's word it draws on the budgets")
		_, err = d.Orders().Release(ctx, in.Order.ID, "gatehouse", "sessions ended")
		require.NoError(t, err)
		return out, context.DeadlineExceeded
	}
	in := api.AgentCarry{ID: id, Hash: judged.Hash}
	_, err := d.Carry(t.Context(), in)
	require.Error(t, err)
	require.Equal(t, api.RequestWorking, d.carry(t, in).State)
	require.Equal(t, 1, d.given, "an order that was carried out is not given again")
	seen, err := d.Watch(t.Context(), api.AgentRequestRef{ID: id})
	require.NoError(t, err)
	require.Equal(t, api.AgentSeen{State: api.RequestDone, Over: true, Result: "sessions ended"}, seen)
	require.Equal(t, api.RequestDone, d.judge(t, id).State)
}

// TestWhatHappensAfterTheApproval changes something between a person's word and the order: nothing is given.
func TestWhatHappensAfterTheApproval(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, d *desk)
		then   string
	}{
		"the target became protected": {func(t *testing.T, d *desk) {
			d.observe(t, identity.Account{ID: 41, FirstName: "Ada", Username: "root", Status: identity.AccountActive})
		}, api.RequestDenied},
		"the target left": {func(t *testing.T, d *desk) {
			_, err := d.People().SetEmployed(t.Context(), d.key, false)
			require.NoError(t, err)
		}, api.RequestDenied},
		"somebody contained the target": {func(t *testing.T, d *desk) {
			require.NoError(t, d.Orders().Put(t.Context(), identity.Order{ID: "c", Key: d.key, Kind: identity.OrderContain, By: "sec"}))
		}, api.RequestDenied},
		"the policy denies by now": {func(t *testing.T, d *desk) {
			d.follow(t, replace(t, policyText, "{name: asked, tools: [assign_role, disable_user], verdict: ask}", "{name: asked, tools: [assign_role], verdict: deny}"))
		}, api.RequestDenied},
		"the agent is gone": {func(t *testing.T, d *desk) { d.follow(t, replace(t, policyText, "name: helpdesk", "name: another")) }, api.RequestDenied},
		"the agent's owner left": {func(t *testing.T, d *desk) {
			_, err := d.People().SetEmployed(t.Context(), "workday-9", false)
			require.NoError(t, err)
		}, api.RequestDenied},
		"the agent is retired": {func(t *testing.T, d *desk) { d.follow(t, replace(t, policyText, "state: active", "state: retired")) }, api.RequestDenied},
		"the agent only tries": {func(t *testing.T, d *desk) { d.follow(t, replace(t, policyText, "mode: enforce", "mode: dry_run")) }, api.RequestDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := d.file(t, jira())
			judged := d.judge(t, id)
			c.change(t, d)
			require.True(t, d.carry(t, api.AgentCarry{ID: id, Hash: judged.Hash, By: "ann@acme.example"}).Changed)
			require.Zero(t, d.given)
			require.Equal(t, c.then, d.judge(t, id).State)
		})
	}
}

func replace(t *testing.T, text, before, after string) string {
	t.Helper()
	require.Contains(t, text, before)
	return strings.Replace(text, before, after, 1)
}

func TestASwitchHolds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.file(t, jira())
	judged := d.judge(t, id)
	_, err := d.Agents().SwitchOff(t.Context(), ledgeragents.Switch{Scope: ledgeragents.OfTool(agent.AssignRole), By: "sec", Reason: "test"})
	require.NoError(t, err)
	in := api.AgentCarry{ID: id, Hash: judged.Hash, By: "ann@acme.example"}
	require.Equal(t, api.RequestHeld, d.carry(t, in).State)
	require.Zero(t, d.given)
	require.NoError(t, d.Agents().SwitchOn(t.Context(), ledgeragents.OfTool(agent.AssignRole)))
	require.Equal(t, api.RequestWorking, d.carry(t, in).State)
	require.Equal(t, 1, d.given)
}

// TestNobodyIsWithoutAnAccountBeforeSomebodyHasLooked has a request about somebody whose account the ledger does not know yet.
func TestNobodyIsWithoutAnAccountBeforeSomebodyHasLooked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	hinted := 0
	d.Launch = launcher{hint: func() { hinted++ }}
	_, err := d.People().Admit(t.Context(), "workday-2", "workday", "2", storetest.Digests(d.Ledger, "grace@acme.example", "", "Grace"))
	require.NoError(t, err)
	_, err = d.People().SetEmployed(t.Context(), "workday-2", true)
	require.NoError(t, err)
	d.key = "workday-2"
	id := d.file(t, jira())
	require.True(t, d.judge(t, id).Again)
	require.Equal(t, 1, hinted)
	require.NoError(t, d.People().NoteAssessed(t.Context(), assessed(d.key, nil, nil)))
	judged := d.judge(t, id)
	require.False(t, judged.Again)
	require.Equal(t, api.RequestDenied, judged.State)
	require.Contains(t, judged.Result, "no account")
}

// TestARoleIsGivenOnceSomebodyHasLooked holds that a request is done when a look found nothing left to do, and at no time before.
func TestARoleIsGivenOnceSomebodyHasLooked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	hinted := 0
	d.Launch = launcher{hint: func() { hinted++ }}
	id := d.file(t, jira())
	judged := d.judge(t, id)
	d.carry(t, api.AgentCarry{ID: id, Hash: judged.Hash, By: "ann@acme.example"})
	watch := func() api.AgentSeen {
		t.Helper()
		seen, err := d.Watch(t.Context(), api.AgentRequestRef{ID: id})
		require.NoError(t, err)
		return seen
	}
	require.False(t, watch().Over)
	note := func(steps, holding []string) {
		t.Helper()
		require.NoError(t, d.People().NoteAssessed(t.Context(), assessed(d.key, steps, holding)))
	}
	note([]string{"add roles: Jira"}, nil)
	require.False(t, watch().Over)
	note(nil, []string{"budget_grant"})
	require.Contains(t, watch().Result, "budget_grant")
	require.Equal(t, 3, hinted, "a look is asked for as long as there was none")
	note(nil, nil)
	require.Equal(t, api.RequestDone, watch().State)
}

// TestWhatSomebodyTookBackIsNotDone: an agent learns that its order was released, and neither by whom nor their words.
func TestWhatSomebodyTookBackIsNotDone(t *testing.T) {
	t.Parallel()
	for _, asked := range []request.Asked{jira(), {Tool: agent.RevokeSessions}} {
		t.Run(asked.Tool, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := d.file(t, asked)
			judged := d.judge(t, id)
			d.carry(t, api.AgentCarry{ID: id, Hash: judged.Hash, By: "ann@acme.example"})
			released, err := d.Orders().Release(t.Context(), id+"/1", "ann@acme.example", "Nameval asked me")
			require.NoError(t, err)
			require.True(t, released)
			seen, err := d.Watch(t.Context(), api.AgentRequestRef{ID: id})
			require.NoError(t, err)
			require.Equal(t, api.AgentSeen{State: api.RequestNotDone, Over: true, Result: "the order was released"}, seen)
		})
	}
}
