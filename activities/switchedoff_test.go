package activities_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/killswitch"
	"gatehouse/ledger/agents"
	"gatehouse/sandbox/control"
)

// byAgent is an order that an agent has asked for.
func byAgent(o identity.Order) identity.Order {
	o.By, o.Reason, o.Agent, o.Request = "dana@acme.example", "a test", "helpdesk", "agent-request/helpdesk/1"
	return o
}

func (r *rig) switchOff(scope string) {
	r.t.Helper()
	_, err := killswitch.Off(r.t.Context(), r.app.Ledger, agents.Switch{Scope: scope, By: "dana", Reason: "a test"})
	require.NoError(r.t, err)
}

// TestOrdersWaitWhileTheirAgentIsOff: what was not begun waits, what was carried out stays, others' orders are carried out, and
// switched on again those who waited are assessed.
func TestOrdersWaitWhileTheirAgentIsOff(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{agents.All, agents.OfAgent("helpdesk"), agents.OfTool("assign_role")} {
		t.Run(scope, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			const key = "workday-21002"
			r.inLine(key)
			first := byAgent(identity.Order{ID: "r/1", Key: key, Kind: identity.OrderGrant, Roles: []string{"Zendesk"}, Tool: "assign_role"})
			r.order(first)
			a := r.assess(key)
			add, _ := a.Plan.Step(identity.StepAddRoles)
			require.Equal(t, []identity.Asker{{Agent: "helpdesk", Tool: "assign_role"}}, add.Asked)
			r.carryOut(a)
			require.Contains(t, r.account(key).Roles, "Zendesk")

			r.switchOff(scope)
			mark := r.mark()
			second := byAgent(identity.Order{ID: "r/2", Key: key, Kind: identity.OrderGrant, Roles: []string{"NetSuite"}, Tool: "assign_role"})
			r.order(second)
			r.order(identity.Order{ID: "person", Key: key, Kind: identity.OrderGrant, Roles: []string{"Support"}})
			a = r.assess(key)
			require.Equal(t, []string{"r/2"}, a.Plan.SwitchedOff)
			add, _ = a.Plan.Step(identity.StepAddRoles)
			require.Equal(t, []string{"Support"}, add.Names)
			r.carryOut(a)
			in := known(r, key)
			in.Asked = []identity.Asker{{Agent: "helpdesk", Tool: "assign_role"}}
			_, err := r.run(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: second.Roles, Grants: []string{second.ID}})
			require.Equal(t, api.ErrSuperseded, application(t, err).Type())
			require.NotContains(t, r.account(key).Roles, "NetSuite")
			require.Contains(t, r.account(key).Roles, "Zendesk")
			require.Contains(t, r.account(key).Roles, "Support")
			require.Equal(t, 1, r.calls(mark, "onelogin.add_roles"), "nothing but the other order")

			waited, err := killswitch.On(t.Context(), r.app.Ledger, scope)
			require.NoError(t, err)
			require.Equal(t, []string{key}, waited)
			a = r.assess(key)
			require.Empty(t, a.Plan.SwitchedOff)
			r.carryOut(a)
			require.Contains(t, r.account(key).Roles, "NetSuite")
		})
	}
}

// TestASuspensionOfASwitchedOffAgentIsNoDeparture: nobody is paged for what was held on purpose, and what was suspended is not opened.
func TestASuspensionOfASwitchedOffAgentIsNoDeparture(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key, other = "workday-21002", "workday-21003"
	r.inLine(key)
	r.inLine(other)
	r.order(byAgent(identity.Order{ID: "r/1", Key: key, Kind: identity.OrderSuspend, Tool: "disable_user"}))
	r.carryOut(r.assess(key))
	r.switchOff(agents.OfAgent("helpdesk"))
	r.order(byAgent(identity.Order{ID: "r/2", Key: other, Kind: identity.OrderSuspend, Tool: "disable_user"}))
	r.clock.Advance(24 * time.Hour)
	late, err := r.app.Ledger.People().OverdueDepartures(t.Context(), r.clock.Now(), 0)
	require.NoError(t, err)
	require.Empty(t, late)
	a := r.assess(other)
	require.Nil(t, a.Suspend)
	require.True(t, a.OverdueAt.IsZero())
	require.Equal(t, identity.VerdictNone, a.Plan.Verdict)
	require.True(t, r.account(other).CanSignIn)
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict, "it stays suspended")
	require.NoError(t, r.vendors.Activities.Person.MayActivate(t.Context(), other, identity.OneLoginRef(r.account(other).ID)))
	require.Error(t, r.vendors.Activities.Person.MayActivate(t.Context(), key, identity.OneLoginRef(r.account(key).ID)))
	require.True(t, r.release("r/1"), "an order can be ended while its agent is off")
	require.Equal(t, identity.VerdictLift, r.assess(key).Plan.Verdict)
}

// TestTheKillSwitchAtRandomMoments switches 200 agents off, each at a moment of its own while what it asked for is written again and
// again, through delays and rate limits. No write begins later than a second after its switch, and nobody else is held up.
func TestTheKillSwitchAtRandomMoments(t *testing.T) {
	t.Parallel()
	const moments, together = 200, 50
	const spread, after, within = 900 * time.Millisecond, 1300 * time.Millisecond, time.Second
	r := newRig(t, rigOptions{people: moments + 20})
	began := time.Now()
	r.clock.looked = func() { r.clock.now = monday.Add(time.Since(began)) }
	write, is := all(r.vendors.Activities)[api.OneLoginEnsureRoles].(func(context.Context, api.RolesInput) (api.AccountState, error))
	require.True(t, is)
	var accounts []int64
	var state struct {
		OneLogin struct {
			Users []control.Person `json:"users"`
		} `json:"onelogin"`
	}
	require.NoError(t, r.sandbox.State(t.Context(), &state))
	for _, u := range state.OneLogin.Users {
		if u.CanSignIn && u.Kind == "person" {
			accounts = append(accounts, u.ID)
		}
	}
	require.Greater(t, len(accounts), moments/2)
	mark := r.mark()
	r.fault(control.Fault{System: "onelogin", Method: "PUT", Path: "/api/1/users/**", Style: "delay", DelayMS: 60, Times: -1})
	random := rand.New(rand.NewPCG(47, 200))
	var stopped [moments]atomic.Int64
	offAt := make([]time.Time, moments)
	// asking writes for an agent until an end, as a run would that is told to try again.
	asking := func(i int, account int64, asked []identity.Asker, until time.Time) {
		for n := 0; time.Now().Before(until); n++ {
			in := api.RolesInput{AccountInput: api.AccountInput{Key: "onelogin-" + strconv.FormatInt(account, 10), AccountID: account, Asked: asked}}
			if in.Add = []string{"Zendesk"}; n%2 == 1 {
				in.Add, in.Remove = nil, []string{"Zendesk"}
			}
			if _, err := write(t.Context(), in); err != nil {
				if asked != nil {
					stopped[i].Add(1)
				}
				<-time.After(5 * time.Millisecond) // what a retry waits
			}
		}
	}
	others := accounts[len(accounts)-3:]
	for first := 0; first < moments; first += together {
		var group sync.WaitGroup
		end := time.Now().Add(spread + after)
		for _, account := range others {
			group.Go(func() { asking(0, account, nil, end) })
		}
		for i := first; i < first+together; i++ {
			moment := time.Duration(random.Int64N(int64(spread)))
			agent := fmt.Sprintf("agent-%d", i)
			group.Go(func() {
				asking(i, accounts[i%(len(accounts)-3)], []identity.Asker{{Agent: agent, Tool: "assign_role"}}, end)
			})
			group.Go(func() {
				<-time.After(moment)
				_, err := r.app.Ledger.Agents().SwitchOff(t.Context(), agents.Switch{Scope: agents.OfAgent(agent), By: "dana", Reason: "a test"})
				if err != nil {
					t.Error(err)
				}
				offAt[i] = r.clock.Now()
			})
		}
		group.Go(func() {
			<-time.After(spread / 3)
			r.fault(control.Fault{System: "onelogin", Method: "PUT", Path: "/api/1/users/**", Style: "status", Status: 503, Times: together})
			if first%(2*together) == 0 {
				// Everybody waits for a second, and goes on at once.
				r.fault(control.Fault{System: "onelogin", Method: "PUT", Path: "/api/1/users/**", Style: "status", Status: 429, RetryAfter: 1, Times: 1})
			}
		})
		group.Wait()
		last := map[string]time.Time{}
		entries, err := r.sandbox.Journal(t.Context(), mark, false)
		require.NoError(t, err)
		for _, e := range entries {
			if e.System == "onelogin" && e.Method != http.MethodGet {
				last[e.Subject] = e.At
			}
		}
		for i := first; i < first+together; i++ {
			require.NotZero(t, stopped[i].Load(), "agent %d never met its switch", i)
			at := last["user:"+strconv.FormatInt(accounts[i%(len(accounts)-3)], 10)]
			require.False(t, at.After(offAt[i].Add(within)), "a write for agent %d began %s after its switch", i, at.Sub(offAt[i]))
		}
		for _, account := range others {
			at := last["user:"+strconv.FormatInt(account, 10)]
			require.True(t, at.After(offAt[first].Add(within)), "others go on: off %s, last %s, %d entries", offAt[first], at, len(entries))
		}
		mark = r.mark()
	}
}
