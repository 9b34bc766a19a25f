package activities_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// withGoogle connects Google, with the policy's words about it if there are any, and puts the account of somebody there on record.
func withGoogle(r *rig, key, words string) identity.Ref {
	r.t.Helper()
	credentials, err := r.sandbox.GoogleKey(r.t.Context())
	require.NoError(r.t, err)
	r.config.Systems.Google = config.Workspace{
		Credentials: httpx.Secret(credentials), Subject: kit.GoogleAdministrator, BaseURL: r.sandbox.URL() + "/google", Timeout: 10 * time.Second,
	}
	if words != "" {
		text, err := os.ReadFile(r.config.Policy)
		require.NoError(r.t, err)
		text = []byte(strings.Replace(string(text), "\nmodes:", "\n"+words+"\nmodes:", 1))
		require.NoError(r.t, os.WriteFile(r.config.Policy, text, 0o600))
	}
	r.restart()
	known(r, key)
	directory, err := r.sandbox.GoogleDirectory(r.t.Context())
	require.NoError(r.t, err)
	for _, u := range directory.Users {
		if u.ExternalID != key {
			continue
		}
		ref := identity.Ref{System: "google", ID: u.ID}
		require.NoError(r.t, r.app.Ledger.Inventory().LinkAccount(r.t.Context(), inventory.LinkAccount{
			Ref: ref, Person: key, Use: identity.UsePrimary, By: "test",
		}))
		return ref
	}
	r.t.Fatalf("%s has no account in Google", key)
	return identity.Ref{}
}

// closing is a step of a departure about an account in Google.
func closing(r *rig) api.SystemInput {
	ref := withGoogle(r, "workday-21002", "")
	return api.SystemInput{
		Key: "workday-21002", Episode: 1, System: ref.System, Account: ref.ID, Leaving: true, Step: identity.SystemStep{Kind: identity.SystemSuspend},
	}
}

func systemSteps() []writer {
	return []writer{{
		arrange: func(r *rig) any { return closing(r) },
		ops:     []string{"google.directory.update_user"},
		effects: []string{"google.directory.update_user: suspended"},
	}}
}

// gatehouses and oneLogins say who makes and changes accounts in Google.
const (
	gatehouses = "systems: {google: {mode: enforce, provisioned_by: gatehouse, leaver: {sign_in: suspend}}}"
	oneLogins  = "systems: {google: {provisioned_by: onelogin, onelogin_on_suspend: delete, onelogin_on_remove: nothing, carried_by: [GitHub]}}"
)

// TestADepartureGoesOnBesideOneLogin by the inventory alone: assessing it asks none of the other systems.
func TestADepartureGoesOnBesideOneLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	ref := withGoogle(r, "workday-21002", gatehouses)
	require.Empty(t, r.assess("workday-21002").Systems, "nothing is planned by what was never read")
	r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today-1"})
	r.fault(control.Fault{System: "google", When: "before", Style: "status", Status: 503, Times: -1})
	shown, err := r.vendors.Activities.Person.Preview(t.Context(), "workday-21002")
	require.NoError(t, err)
	a := r.assess("workday-21002")
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Len(t, a.Systems, 1)
	require.Equal(t, ref, a.Systems[0].Ref())
	require.True(t, a.Systems[0].Leaving)
	require.Equal(t, identity.SystemSuspend, a.Systems[0].Steps[0].Kind)
	require.Equal(t, a.Systems, shown.Systems, "a preview shows the same")
	require.NotEqual(t, a.Plan.Hash(a.Episode, identity.OneLoginRef(a.Account.ID)), a.PlanHash, "what a person allows covers all of it")
	require.Equal(t, shown.PlanHash, a.PlanHash)
}

// TestALeaverWhoseRecordIsGoneIsFound: HR has the leaver no more, and their account in Google is open.
func TestALeaverWhoseRecordIsGoneIsFound(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{})
	const key = "workday-21002"
	withGoogle(r, key, gatehouses)
	in := known(r, key)
	r.must(api.SystemsSweep, api.SystemSweepInput{SystemSweepRequest: api.SystemSweepRequest{System: "google", Full: true}, Sweep: "1"})
	a := r.leaver("21002")
	r.must(api.OneLoginEnsureSuspended, in)
	r.must(api.OneLoginEndAccess, api.RolesInput{AccountInput: in, Held: a.Account.Roles})
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
	r.readAccounts("2")
	r.hr("workday", "delete", "21002", nil)
	a = r.assess(key)
	requireAttention(t, a, policy.NoticeRecordMissing)
	require.True(t, a.OverdueAt.IsZero())
	require.True(t, a.Systems[0].Leaving)
	r.clock.Advance(time.Hour)
	r.reconcile("2", false)
	require.Contains(t, strings.Join(r.gaps(key), "\n"), api.GapSystemsLeft+" hint: google: suspend")

	r.editAccount(in.AccountID, control.Fields{"status": 1})
	a = r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, r.clock.Now().Add(15*time.Minute), a.ContainBy, "the clock begins anew")
}

// TestADepartureByWhichOneLoginWouldDelete waits until somebody has decided about what the person has there, and is carried out at
// once where a named person has ordered it.
func TestADepartureByWhichOneLoginWouldDelete(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	withGoogle(r, "workday-21002", oneLogins)
	r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today-1"})
	for range 2 {
		a := r.assess("workday-21002")
		require.Equal(t, identity.VerdictAttention, a.Plan.Verdict)
		require.Contains(t, codes(a), api.NoticeProvisioningDeletes)
		require.Empty(t, a.Plan.Steps)
		require.NotEmpty(t, a.Held)
		require.NotEmpty(t, a.PlanHash)
		require.False(t, a.OverdueAt.IsZero(), "the clock of the departure goes on")
	}
	require.Equal(t, identity.VerdictLeave, r.leaver("21003").Plan.Verdict, "who has nothing there leaves as ever")
	held := r.assess("workday-21002")
	r.must(api.PersonDecide, api.DecideInput{
		Key: held.Key, Episode: held.Episode, Code: api.NoticeProvisioningDeletes, Source: held.Source,
		Decision: api.Decision{Verb: api.VerbAllow, By: "ops"},
	})
	a := r.assess("workday-21002")
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.NotContains(t, codes(a), api.NoticeProvisioningDeletes)

	other := newRig(t, rigOptions{})
	withGoogle(other, "workday-21002", oneLogins)
	require.NoError(t, other.app.Ledger.Orders().Put(t.Context(), identity.Order{
		ID: "o", Key: "workday-21002", Kind: identity.OrderContain, By: "security", Reason: "test", At: other.clock.Now(),
	}))
	require.Equal(t, identity.VerdictLeave, other.assess("workday-21002").Plan.Verdict)
}

// TestASuspensionByWhichOneLoginWouldDelete waits where a rule orders it, and nobody waits for a word about what a named person orders.
func TestASuspensionByWhichOneLoginWouldDelete(t *testing.T) {
	t.Parallel()
	order := func(r *rig, id, rule string) {
		require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{
			ID: id, Key: "workday-21002", Kind: identity.OrderSuspend, By: "security", Rule: rule, Reason: "test", At: r.clock.Now(),
		}))
	}
	r := newRig(t, rigOptions{})
	withGoogle(r, "workday-21002", oneLogins)
	order(r, "o1", "takeover")
	a := r.assess("workday-21002")
	require.Equal(t, identity.VerdictAttention, a.Plan.Verdict)
	require.Contains(t, codes(a), api.NoticeProvisioningDeletes)
	require.NotEmpty(t, a.Held)
	r.must(api.PersonDecide, api.DecideInput{
		Key: a.Key, Episode: a.Episode, Code: api.NoticeProvisioningDeletes, Source: a.Source, Decision: api.Decision{Verb: api.VerbAllow, By: "ops"},
	})
	require.Equal(t, identity.VerdictSuspend, r.assess("workday-21002").Plan.Verdict)

	named := newRig(t, rigOptions{})
	withGoogle(named, "workday-21002", oneLogins)
	order(named, "o1", "takeover")
	order(named, "o2", "")
	require.Equal(t, identity.VerdictSuspend, named.assess("workday-21002").Plan.Verdict)

	removed := newRig(t, rigOptions{})
	withGoogle(removed, "workday-21002", strings.NewReplacer("on_suspend: delete", "on_suspend: suspend", "on_remove: nothing", "on_remove: delete").Replace(oneLogins))
	order(removed, "o1", "takeover")
	require.Equal(t, identity.VerdictSuspend, removed.assess("workday-21002").Plan.Verdict, "a suspension takes no role")
}

// leaver assesses somebody who leaves today.
func (r *rig) leaver(id string) api.Assessment {
	r.t.Helper()
	r.hr("workday", "terminate", id, control.Fields{"last_day": "today-1"})
	return r.assess("workday-" + id)
}

// TestWhoOnlyObservesIsNotAsked about what OneLogin would delete.
func TestWhoOnlyObservesIsNotAsked(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"offboarding: enforce", "offboarding: observe"}})
	withGoogle(r, "workday-21002", oneLogins)
	a := r.leaver("21002")
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, api.Mode(policy.ModeObserve), a.Mode)
}
