package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// directorySwept reads the directory whole.
func (r *rig) directorySwept() {
	r.t.Helper()
	var out api.SystemSwept
	in := api.SystemSweepInput{SystemSweepRequest: api.SystemSweepRequest{System: "ldap", Full: true}, Sweep: r.clock.Now().Format(time.RFC3339Nano)}
	require.NoError(r.t, r.must(api.SystemsSweep, in).Get(&out))
	require.True(r.t, out.Complete, out.Why)
}

// Whoever empties a group of the directory takes a role from everybody in it, and HR has nothing to do with it.
func TestRolesThatFollowADirectoryAreTakenWithinABudgetOfTheDirectory(t *testing.T) {
	r := newRig(t, rigOptions{systems: true, policy: []string{
		"  rules:\n    # An account has one group.", "  rules:\n    - {name: who answers, when: '\"Marketing\" in accounts.ldap.groups', roles: [Zendesk]}\n    # An account has one group.",
		"\nmfa:", "\nsystems:\n  ldap: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m, limits: {remove: {count: 1}}}\n\nmfa:",
	}})
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, "hold/workday/remove", api.SignalHold, mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Return(startedRun{}, nil)
	accounts, err := r.sandbox.Accounts(t.Context())
	require.NoError(t, err)
	var holders []string
	for _, a := range accounts {
		if a.Department == "Marketing" && a.CanSignIn && len(holders) < 3 {
			holders = append(holders, a.ExternalID)
		}
	}
	require.Len(t, holders, 3)
	for _, key := range holders {
		r.assess(key) // From now on they are known.
	}
	r.clock.Advance(time.Minute)
	r.directorySwept()
	for _, key := range holders {
		a := r.assess(key)
		add, gives := a.Plan.Step(identity.StepAddRoles)
		require.True(t, gives, "%s: %s", key, a.Plan.Reason)
		require.Equal(t, []string{"Zendesk"}, add.Names)
		r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: api.AccountInput{Key: key, AccountID: a.Account.ID}, Add: add.Names})
	}

	server, err := r.sandbox.LDAP(t.Context())
	require.NoError(t, err)
	group := "cn=Marketing," + server.Groups
	entry, err := r.sandbox.LDAPEntry(t.Context(), group)
	require.NoError(t, err)
	var rest []string
	for _, member := range entry["member"] {
		stays := true
		for _, key := range holders {
			user, _, _ := strings.Cut(r.account(key).Email, "@")
			stays = stays && !strings.HasPrefix(strings.ToLower(member), "uid="+strings.ToLower(user)+",")
		}
		if stays {
			rest = append(rest, member)
		}
	}
	require.NoError(t, r.sandbox.LDAPHand(t.Context(), group, "member", rest...))
	r.clock.Advance(time.Hour)
	r.directorySwept()
	require.False(t, r.assess(holders[0]).Plan.Has(identity.StepRemoveRoles), "what is not shown any more is believed for a while")
	r.clock.Advance(time.Hour)
	r.directorySwept()

	first := r.assess(holders[0])
	taken, takes := first.Plan.Step(identity.StepRemoveRoles)
	require.True(t, takes, "%s, %v", first.Plan.Reason, first.Plan.Notices)
	require.Equal(t, []string{"Zendesk"}, taken.Names)
	for _, key := range holders[1:] {
		a := r.assess(key)
		require.False(t, a.Plan.Has(identity.StepRemoveRoles), "%s: the directory's budget is used up", key)
		require.NotEmpty(t, a.Held)
	}
}
