package activities_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// follows writes what an assessment plans for an account's profile.
func (r *rig) follows(a api.Assessment) api.AccountState {
	r.t.Helper()
	require.True(r.t, a.Plan.Has(identity.StepSetProfile))
	in := api.EnsureProfileInput{AccountInput: api.AccountInput{Key: a.Key, AccountID: a.Account.ID}, Profile: a.Plan.Desired.Profile}
	var state api.AccountState
	require.NoError(r.t, r.must(api.OneLoginEnsureProfile, in).Get(&state))
	return state
}

func renamingRig(t *testing.T) (*rig, control.Person) {
	t.Helper()
	r := newRig(t, rigOptions{policy: []string{"mover: {keep_old_access: 0s}", "mover: {rename: rename}"}})
	account := r.assess("workday-21009").Account
	_, err := r.sandbox.EditAccount(t.Context(), account.ID, control.Fields{"roles": append(account.Roles, "Jira")})
	require.NoError(t, err)
	require.Empty(t, r.assess("workday-21009").Plan.Steps)
	return r, r.account("workday-21009")
}

// TestAddressFollowsEachChange: what HR changed stays due whatever holds it up, is written once, and counts as done when HR takes it back.
func TestAddressFollowsEachChange(t *testing.T) {
	t.Parallel()
	r, before := renamingRig(t)
	changes := func(to string) { r.hr("workday", "change", "21009", control.Fields{"work_email": to}) }
	changes("fresh@acme.example")
	for range 2 {
		a := r.assess("workday-21009")
		require.Equal(t, identity.VerdictChange, a.Plan.Verdict)
		require.Equal(t, "fresh@acme.example", a.Plan.Desired.Profile.Email, "nobody has carried it out yet")
	}
	changes(before.Email)
	require.Empty(t, r.assess("workday-21009").Plan.Desired.Profile.Email, "HR has taken it back")
	changes("fresh@acme.example")
	for range 2 {
		require.Empty(t, r.follows(r.assessAgain("fresh@acme.example")).Notices)
	}
	require.Equal(t, "fresh@acme.example", r.account("workday-21009").Email)
	require.Empty(t, r.assess("workday-21009").Plan.Steps)

	// A write of something else forgets nothing of it.
	r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: known(r, "workday-21009"), Profile: identity.Profile{Title: "Principal"}})
	_, err := r.sandbox.EditAccount(t.Context(), before.ID, control.Fields{"email": before.Email})
	require.NoError(t, err)
	a := r.assess("workday-21009")
	require.Empty(t, a.Plan.Desired.Profile.Email, "somebody has undone it, and HR has not changed it since")
	_, noted := a.Plan.Notice(policy.NoticeValueNotKept)
	require.True(t, noted)
	changes("second@acme.example")
	require.Equal(t, "second@acme.example", r.assess("workday-21009").Plan.Desired.Profile.Email)
}

// assessAgain is a plan in which the address is due, whether or not it was written meanwhile.
func (r *rig) assessAgain(address string) api.Assessment {
	r.t.Helper()
	a := r.assess("workday-21009")
	a.Plan.Desired.Profile.Email = address
	if !a.Plan.Has(identity.StepSetProfile) {
		a.Plan.Steps = append(a.Plan.Steps, identity.Step{Kind: identity.StepSetProfile})
	}
	return a
}

// TestAddressTakenMeanwhile: right before the write somebody else has the address. It is not written, the rest is, and somebody is told.
func TestAddressTakenMeanwhile(t *testing.T) {
	t.Parallel()
	r, before := renamingRig(t)
	r.hr("workday", "change", "21009", control.Fields{"work_email": "fresh@acme.example", "title": "Principal"})
	a := r.assess("workday-21009")
	require.Equal(t, "fresh@acme.example", a.Plan.Desired.Profile.Email)
	_, err := r.sandbox.EditAccount(t.Context(), r.account("workday-21005").ID, control.Fields{"email": "Fresh@acme.example"})
	require.NoError(t, err)
	state := r.follows(a)
	require.Len(t, state.Notices, 1)
	require.Equal(t, policy.NoticeAddressDoubtful, state.Notices[0].Code)
	require.NotContains(t, state.Notices[0].Text, "fresh@")
	now := r.account("workday-21009")
	require.Equal(t, before.Email, now.Email)
	require.Equal(t, "Principal", now.Title)
	requireAttention(t, r.assess("workday-21009"), policy.NoticeAddressDoubtful)
}

// TestAnAddressThatNeverAgreed: the account had another address than HR before Gatehouse. HR changes its own; the account keeps its.
func TestAnAddressThatNeverAgreed(t *testing.T) {
	t.Parallel()
	r, before := renamingRig(t)
	_, err := r.sandbox.EditAccount(t.Context(), before.ID, control.Fields{"email": "alias@acme.example"})
	require.NoError(t, err)
	r.assess("workday-21009")
	r.hr("workday", "change", "21009", control.Fields{"work_email": "fresh@acme.example"})
	require.Empty(t, r.assess("workday-21009").Plan.Steps)
}

// TestPhoneFollows: HR's phone is written, and what HR does not say takes nothing away.
func TestPhoneFollows(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"workday-21009", "bamboohr-101"} {
		r := newRig(t, rigOptions{})
		r.assess(id)
		source, number, _ := strings.Cut(id, "-")
		r.hr(source, "change", number, control.Fields{"work_phone": "+49 30 1"})
		a := r.assess(id)
		require.Equal(t, "+49 30 1", a.Plan.Desired.Profile.Phone)
		r.follows(a)
		require.Equal(t, "+49 30 1", r.account(id).Phone)
		r.hr(source, "change", number, control.Fields{"work_phone": ""})
		require.False(t, r.assess(id).Plan.Has(identity.StepSetProfile))
		require.Equal(t, "+49 30 1", r.account(id).Phone)
	}
}

// TestAnAddressThatOneLoginRefuses: a directory may be the master of addresses. The rest is written, and the address is not tried again.
func TestAnAddressThatOneLoginRefuses(t *testing.T) {
	t.Parallel()
	r, before := renamingRig(t)
	r.hr("workday", "change", "21009", control.Fields{"work_email": "fresh@acme.example", "title": "Principal"})
	a := r.assess("workday-21009")
	r.fault(control.Fault{System: "onelogin", Op: "onelogin.update_user", Style: "status", Status: 422, Body: `{"message":"email is read only"}`, Times: 1})
	state := r.follows(a)
	require.Len(t, state.Notices, 1)
	require.Equal(t, policy.NoticeValueNotKept, state.Notices[0].Code)
	require.Equal(t, "Principal", r.account("workday-21009").Title)
	require.Equal(t, before.Email, r.account("workday-21009").Email)
	require.Empty(t, r.assess("workday-21009").Plan.Steps)
}
