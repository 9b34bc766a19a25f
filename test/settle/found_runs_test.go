package settle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

func TestALeaversDisputedAccountIsTold(t *testing.T) {
	h := newHouse(t)
	who, other := h.of("Sales"), h.of("Marketing")
	id := h.user(h.inGoogle(who)).ID
	h.google("PATCH", "users/"+id, fmt.Sprintf(`{"externalIds":[{"type":"organization","value":%q}]}`, other), "admin.directory.user")
	h.pass()
	h.leaves(who)
	h.days()
	require.True(t, !h.user(id).OwnPassword || h.told(id), "a leaver's account is open with all its groups, and nobody was told")
}

func TestALeaversProtectedAccountIsTold(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.adds("breakglass-9@acme.example", who)
	h.leaves(who)
	h.days()
	require.True(t, !h.user(id).OwnPassword || h.told(id), "a leaver's protected account is open, and nobody was told")
}

func TestALeaversAccountThatOneLoginLeavesOpenIsTold(t *testing.T) {
	h := newHouse(t, "salesforce: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m}", "salesforce: {provisioned_by: onelogin, onelogin_on_suspend: suspend, onelogin_on_remove: nothing, keep_absent: 10m}",
		"      accounts: {salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}}\n", "")
	who := h.of("Sales")
	id := h.inSalesforce(who)
	h.leaves(who)
	h.days()
	require.True(t, !h.crmUser(id).CanSignIn || h.told(id), "a leaver can sign in to Salesforce, and nobody was told")
}

func TestAnAccountThatSomebodyElseSuspendedIsToldWhenItsPersonIsBack(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.hand("suspend", id, "")
	h.pass()
	h.leaves(who)
	h.pass()
	h.pass()
	h.clock.advance(48 * time.Hour)
	h.does(who, "change", control.Fields{"status": "Active", "hire_date": "today", "termination_date": "", "last_day": "", "involuntary": false})
	h.days()
	require.True(t, !h.user(id).Suspended || h.told(id), "hired again without a mailbox, and nobody was told")
}

func TestAnApprovedDepartureAsksBeforeOtherSystems(t *testing.T) {
	h := newHouse(t, "modes: {onboarding: enforce, offboarding: enforce,", "modes: {onboarding: approve, offboarding: approve,")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	require.NoError(t, h.sandbox.DeleteAccount(t.Context(), h.oneLogin(who).ID))
	h.leaves(who)
	h.pass()
	d, err := h.sandbox.GoogleDirectory(t.Context())
	require.NoError(t, err)
	require.Empty(t, d.Transfers, "nobody has allowed it, and the files are handed over")
	require.True(t, h.user(id).OwnPassword, "nobody has allowed it")
}

func TestAnApprovedChangeAsksBeforeOtherSystems(t *testing.T) {
	h := newHouse(t)
	h.repolicy("role_change: enforce", "role_change: approve")
	who := h.of("Sales")
	h.hand("leave", h.inGoogle(who), "all@acme.example")
	h.clock.advance(time.Hour)
	_, _ = h.sweep("google")
	h.clock.advance(20 * time.Minute)
	_, _ = h.sweep("google")
	h.looks(who)
	require.NotContains(t, h.user(h.inGoogle(who)).Groups, "all@acme.example", "nobody has allowed it")
}

func TestASystemThatIsObservedFromNowOnIsNotWrittenTo(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.inSalesforce(who)
	h.leaves(who)
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "salesforce", Times: -1}))
	next, in := api.TypePerson, &api.ChainInput{Key: who, Hint: api.Hint{Source: "operator", Cause: "test"}}
	for i := 0; i < 4 && next != ""; i++ {
		next = h.once(next, in, func(env *testsuite.TestWorkflowEnvironment) {
			env.RegisterDelayedCallback(env.CancelWorkflow, 40*time.Minute)
			if i != 1 {
				return // The run of the offboarding.
			}
			env.RegisterDelayedCallback(func() {
				h.writePolicy(h.config.Policy, "salesforce: {mode: enforce,", "salesforce: {mode: observe,")
				require.NoError(t, h.vendors.Policy.Reload(t.Context()))
				require.NoError(t, h.sandbox.ClearFaults(t.Context()))
			}, 12*time.Minute)
		})
	}
	require.True(t, h.crmUser(id).Active, "the policy in force writes nothing to Salesforce")
}

func TestALockedAccountThatIsOpenedAgainIsNoticed(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.pass()
	h.pass()
	h.clock.advance(2 * time.Hour)
	h.hand("own_password", id, "") // The help desk sets one.
	h.hand("sign_in", id, "")
	h.days()
	require.False(t, h.user(id).OwnPassword, "a leaver signs in to Google for 30 days, which Google shows, and nobody looks")
	returns := func() int {
		var state map[string]any
		require.NoError(t, h.sandbox.State(t.Context(), &state))
		return strings.Count(fmt.Sprint(state["slack"]), "who gave it: "+who)
	}
	require.Equal(t, 1, returns(), "security is told, once")
	h.hand("own_password", id, "")
	h.hand("sign_in", id, "")
	h.days()
	require.False(t, h.user(id).OwnPassword)
	require.Equal(t, 2, returns(), "and once more when it is opened again")
}
