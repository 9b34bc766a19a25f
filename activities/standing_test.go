package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// TestWhatGatehouseGaveIsKnown: also after a crash between the note and the roles, and no longer once it is taken.
func TestWhatGatehouseGaveIsKnown(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21002")
	given := func() []string { return r.assess("workday-21002").Account.Given }
	require.Empty(t, given())
	r.fault(control.Fault{System: "onelogin", Op: "onelogin.add_roles", Style: "status", Status: 500, Times: -1})
	_, err := r.run(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: []string{"Zendesk"}})
	require.Error(t, err)
	require.Equal(t, []string{"Zendesk"}, given(), "the ledger learns first")
	r.heal()
	for range 2 {
		r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: []string{"Zendesk"}})
	}
	a := r.assess("workday-21002")
	removed, _ := a.Plan.Step(identity.StepRemoveRoles)
	require.Equal(t, []string{"Zendesk"}, removed.Names, "no rule gives it, and Gatehouse did")
	r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Remove: []string{"Zendesk"}})
	require.Empty(t, given())
}

// TestPositionIsInStepWhenThePlanIs: HR has moved somebody until their access has followed.
func TestPositionIsInStepWhenThePlanIs(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21009")
	require.False(t, r.assess("workday-21009").Person.Moved)
	r.hr("workday", "change", "21009", control.Fields{"department": "Sales", "title": "Account Executive"})
	for range 2 {
		a := r.assess("workday-21009")
		require.True(t, a.Person.Moved, "an assessment alone changes nothing")
		require.True(t, a.Plan.Has(identity.StepRemoveRoles))
	}
	a := r.assess("workday-21009")
	add, _ := a.Plan.Step(identity.StepAddRoles)
	remove, _ := a.Plan.Step(identity.StepRemoveRoles)
	r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: in, Profile: a.Plan.Desired.Profile, Group: "Sales", Manager: a.Person.ManagerAccount})
	r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: add.Names, Remove: remove.Names})
	require.True(t, r.assess("workday-21009").Person.Moved, "this one finds that all is done")
	a = r.assess("workday-21009")
	require.False(t, a.Person.Moved)
	require.Equal(t, add.Names, a.Account.Given)
}

// TestFoundAccessIsWrittenDown while it is there, and nothing is done about it.
func TestFoundAccessIsWrittenDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21009")
	hand := func(roles []string) {
		t.Helper()
		_, err := r.sandbox.EditAccount(t.Context(), in.AccountID, control.Fields{"roles": roles})
		require.NoError(t, err)
	}
	was := append([]string{}, r.account("workday-21009").Roles...)
	hand(append(was, "Zendesk"))
	plan := r.assess("workday-21009").Plan
	require.Equal(t, []string{"Zendesk"}, plan.Found)
	require.False(t, plan.Has(identity.StepRemoveRoles))
	found, err := r.app.Ledger.Roster().Findings(t.Context(), "workday", roster.FindingBeyondPolicy)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "workday-21009", found[0].Subject)
	hand(append(was, "Jira"))
	r.assess("workday-21009")
	found, err = r.app.Ledger.Roster().Findings(t.Context(), "workday", roster.FindingBeyondPolicy)
	require.NoError(t, err)
	require.Empty(t, found)
}

// TestUndecidedWaitsForAnotherPolicy as long as it is undecided.
func TestUndecidedWaitsForAnotherPolicy(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	known(r, "workday-21009")
	r.assess("workday-21009")
	waits := func() []string {
		t.Helper()
		keys, err := r.app.Ledger.Policies().PolicyWaits(t.Context(), "another", monday.Add(day), 10)
		require.NoError(t, err)
		return keys
	}
	r.hr("workday", "change", "21009", control.Fields{"department": "Robotics"})
	_, unmapped := r.assess("workday-21009").Plan.Notice(policy.NoticeDepartmentUnmapped)
	require.True(t, unmapped)
	require.Equal(t, []string{"workday-21009"}, waits())
	r.hr("workday", "change", "21009", control.Fields{"department": "Engineering"})
	r.assess("workday-21009")
	require.Empty(t, waits())
}

// TestSomebodyOnLeaveHasNotFollowed: they are left alone while they are away, and what the old position gave is taken when
// they are back.
func TestSomebodyOnLeaveHasNotFollowed(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21009")
	r.assess("workday-21009")
	_, err := r.sandbox.EditAccount(t.Context(), in.AccountID, control.Fields{"status": 2})
	require.NoError(t, err)
	r.hr("workday", "change", "21009", control.Fields{"department": "Sales", "status": "on_leave"})
	for range 2 {
		a := r.assess("workday-21009")
		require.Equal(t, identity.StandingOnLeave, a.Person.Standing)
		require.True(t, a.Person.Moved)
	}
}
