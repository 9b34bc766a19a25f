package activities_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// kept is how long the tests keep the accounts of who has left.
const kept = 30 * 24 * time.Hour

// deletes edits a policy so that it deletes, and then further.
func deletes(further ...string) []string {
	return append([]string{"delete_after: never", "delete_after: 30d"}, further...)
}

// letOut carries out the departure of somebody of Workday, of whom nothing is left to do then.
func letOut(r *rig, id string) api.AccountInput {
	r.t.Helper()
	in := known(r, "workday-"+id)
	r.hr("workday", "terminate", id, control.Fields{"last_day": "today", "involuntary": true})
	a := r.assess(in.Key)
	require.Equal(r.t, identity.VerdictLeave, a.Plan.Verdict)
	r.must(api.OneLoginEnsureSuspended, in)
	r.must(api.OneLoginEndAccess, api.RolesInput{AccountInput: in, Held: a.Account.Roles})
	r.must(api.LedgerRecord, api.RecordInput{Key: in.Key, Episode: a.Episode, RunID: "out-" + id, Contained: r.clock.Now()})
	require.Equal(r.t, identity.VerdictNone, r.assess(in.Key).Plan.Verdict)
	return in
}

// polled has a poll settle what HR says of somebody, and nothing left to do about it.
func polled(r *rig, key string) {
	r.t.Helper()
	r.settle("workday", "out", r.collect("workday", "out").Cursor)
	r.clock.Advance(time.Second)
	require.Equal(r.t, identity.VerdictNone, r.assess(key).Plan.Verdict)
}

// exists reports that OneLogin has an account.
func exists(r *rig, id int64) bool {
	r.t.Helper()
	all, err := r.sandbox.Accounts(r.t.Context())
	require.NoError(r.t, err)
	for _, a := range all {
		if a.ID == id {
			return true
		}
	}
	return false
}

// TestWhoLeftLongAgoIsDeleted on the day and not before, once, found by the comparison; which account they had stays known, and who
// comes back gets a new one.
func TestWhoLeftLongAgoIsDeleted(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{policy: deletes()})
	in := letOut(r, "21003")
	left := r.clock.Now()
	polled(r, in.Key)
	r.clock.Advance(kept - time.Minute)
	r.reconcile("before", true)
	require.NotContains(t, r.gaps(in.Key), "delete hint: ")
	early := r.assess(in.Key)
	require.Equal(t, identity.VerdictNone, early.Plan.Verdict)
	require.Equal(t, left.Add(kept), early.Plan.DeleteAt.UTC(), "what will be deleted when")
	_, err := r.run(api.OneLoginDeleteLeaver, in)
	require.Equal(t, api.ErrSuperseded, application(t, err).Type())

	r.clock.Advance(time.Hour)
	r.forgetHints()
	r.reconcile("due", false)
	require.Contains(t, r.gaps(in.Key), "delete hint: ")
	require.Contains(t, r.hints(), "person/"+in.Key)
	a := r.assess(in.Key)
	require.Equal(t, identity.VerdictDelete, a.Plan.Verdict)
	require.Equal(t, api.ModeEnforce, a.Mode)
	require.Equal(t, []string{"delete onelogin/" + strconv.FormatInt(in.AccountID, 10)}, identity.Words(a.Plan.Steps))
	mark := r.mark()
	for range 3 {
		var state api.AccountState
		require.NoError(t, r.must(api.OneLoginDeleteLeaver, in).Get(&state))
		require.True(t, state.Gone)
		r.restart()
	}
	require.Equal(t, []string{"onelogin.delete_user: deleted"}, r.effects(mark))
	require.Equal(t, 1, r.calls(mark, "onelogin.delete_user"))
	require.False(t, exists(r, in.AccountID))

	gone, err := r.app.Ledger.Inventory().DeletionsOf(t.Context(), in.Key)
	require.NoError(t, err)
	require.Len(t, gone, 1)
	require.Equal(t, identity.OneLoginRef(in.AccountID), gone[0].Ref)
	require.Equal(t, left, gone[0].LeftAt.UTC())
	require.Equal(t, identity.VerdictNone, r.assess(in.Key).Plan.Verdict, "and nothing is left to do")
	r.readAccounts("2")
	r.forgetHints()
	r.clock.Advance(25 * time.Hour)
	r.reconcile("after", true)
	require.Empty(t, r.gaps(in.Key))
	require.Empty(t, r.items("leaver_without_account"))
	require.NotContains(t, r.hints(), "person/"+in.Key)

	r.hr("workday", "change", "21003", control.Fields{"last_day": "", "termination_date": "", "hire_date": "today"})
	back := r.assess(in.Key)
	require.Equal(t, identity.VerdictJoin, back.Plan.Verdict)
	var made api.AccountState
	require.NoError(t, r.must(api.OneLoginEnsureAccount, api.EnsureAccountInput{
		Key: in.Key, Episode: back.Episode, Profile: back.Plan.Desired.Profile, Group: back.Plan.Desired.Group,
	}).Get(&made))
	require.NotEqual(t, in.AccountID, made.AccountID)
}

// TestWhatSpeaksAgainstADeletion: found before the plan, and by the activity right before its write. What an operator has to settle
// is one item however often it is found.
func TestWhatSpeaksAgainstADeletion(t *testing.T) {
	t.Parallel()
	edit := func(f control.Fields) func(*rig, api.AccountInput) {
		return func(r *rig, in api.AccountInput) { r.editAccount(in.AccountID, f) }
	}
	order := func(kind identity.OrderKind, roles ...string) func(*rig, api.AccountInput) {
		return func(r *rig, in api.AccountInput) {
			require.NoError(r.t, r.app.Ledger.Orders().Put(r.t.Context(), identity.Order{ID: "o", Key: in.Key, Kind: kind, By: "ops", Roles: roles}))
		}
	}
	hr := func(action string, f control.Fields) func(*rig, api.AccountInput) {
		return func(r *rig, in api.AccountInput) {
			r.hr("workday", action, strings.TrimPrefix(in.Key, "workday-"), f)
		}
	}
	stays := control.Fields{"last_day": "", "termination_date": "", "hire_date": "today-400"}
	for name, c := range map[string]struct {
		change func(*rig, api.AccountInput)
		item   string
	}{
		"a hold":          {order(identity.OrderHold), ""},
		"a grant":         {order(identity.OrderGrant, "Jira"), ""},
		"a suspend order": {order(identity.OrderSuspend), ""},
		"a freeze":        {order(identity.OrderFreeze), ""},
		"a contain order": {order(identity.OrderContain), ""},
		"active again":    {hr("change", stays), ""},
		"hired for later": {hr("change", control.Fields{"last_day": "", "termination_date": "", "hire_date": "today+20"}), ""},
		"on leave":        {func(r *rig, in api.AccountInput) { hr("change", stays)(r, in); hr("leave", nil)(r, in) }, ""},
		"gone from HR":    {hr("delete", nil), ""},
		"open again":      {edit(control.Fields{"status": 1}), ""},
		"roles again":     {edit(control.Fields{"roles": []string{"Jira"}}), ""},
		"protected":       {edit(control.Fields{"group": "Break glass"}), ""},
		"signed in since": {edit(control.Fields{"last_login": monday.Add(kept).Format(time.RFC3339)}), "signed in to it at"},
		"another human's": {edit(control.Fields{"external_id": "workday-21005", "firstname": "Someone", "lastname": "Else", "email": "someone.else@acme.example", "username": "someone.else@acme.example"}), "its external id names workday-21005"},
		"credential owner": {func(r *rig, in api.AccountInput) {
			r.vendors.Activities.Person.CredentialOwners = people.CredentialOwners{strconv.FormatInt(in.AccountID, 10)}
		}, "owns an API credential"},
		"declared shared": {func(r *rig, in api.AccountInput) {
			require.NoError(r.t, r.app.Ledger.Inventory().DeclareAccount(r.t.Context(), inventory.Declaration{
				Ref: identity.OneLoginRef(in.AccountID), Kind: identity.KindShared, By: "ops",
			}))
		}, ""},
		"quarantined": {func(r *rig, _ api.AccountInput) {
			require.NoError(r.t, r.app.Ledger.Roster().PutSource(r.t.Context(), roster.SourceState{Source: "workday", QuarantinedAt: r.clock.Now()}))
		}, ""},
		"never deletes": {func(r *rig, _ api.AccountInput) { r.edit("delete_after: 30d", "delete_after: never") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{policy: deletes()})
			in := letOut(r, "21003")
			r.clock.Advance(kept + time.Hour)
			require.Equal(t, identity.VerdictDelete, r.assess(in.Key).Plan.Verdict)
			c.change(r, in)
			mark := r.mark()
			_, err := r.run(api.OneLoginDeleteLeaver, in)
			require.Equal(t, api.ErrSuperseded, application(t, err).Type())
			for range 2 {
				require.NotEqual(t, identity.VerdictDelete, r.assess(in.Key).Plan.Verdict)
				r.clock.Advance(24 * time.Hour)
			}
			require.Zero(t, r.calls(mark, "onelogin.delete_user"))
			require.True(t, exists(r, in.AccountID))
			items := r.items("leaver_account_kept")
			if c.item == "" {
				require.Empty(t, items)
				return
			}
			require.Len(t, items, 1)
			require.Contains(t, items[0].Text, c.item)
			require.Equal(t, "onelogin/"+strconv.FormatInt(in.AccountID, 10), items[0].Object)
		})
	}
}

// TestNothingIsDeletedWhileHRIsDown: silence proves nothing. What waited goes on when HR answers.
func TestNothingIsDeletedWhileHRIsDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: deletes()})
	in := letOut(r, "21003")
	r.clock.Advance(kept + time.Hour)
	r.fault(hrDown())
	mark := r.mark()
	for _, name := range []string{api.PersonAssess, api.OneLoginDeleteLeaver} {
		var input any = in
		if name == api.PersonAssess {
			input = assessInput(in.Key)
		}
		_, err := r.run(name, input)
		require.False(t, application(t, err).NonRetryable(), "it is asked until it answers")
	}
	require.Zero(t, r.calls(mark, "onelogin.delete_user"))
	r.heal()
	r.must(api.OneLoginDeleteLeaver, in)
	require.False(t, exists(r, in.AccountID))
}

// TestAHoldPutsADeletionOff until it is released.
func TestAHoldPutsADeletionOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: deletes()})
	in := letOut(r, "21003")
	require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "h", Key: in.Key, Kind: identity.OrderHold, By: "legal"}))
	r.clock.Advance(kept + time.Hour)
	held := r.assess(in.Key)
	require.Equal(t, identity.VerdictNone, held.Plan.Verdict)
	require.Contains(t, codes(held), policy.NoticeNotDeletedYet)
	_, err := r.app.Ledger.Orders().Release(t.Context(), "h", "legal", "over")
	require.NoError(t, err)
	a := r.assess(in.Key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict, "what the hold kept is taken first")
	r.must(api.OneLoginEndAccess, api.RolesInput{AccountInput: in, Held: a.Account.Roles})
	r.must(api.LedgerRecord, api.RecordInput{Key: in.Key, Episode: a.Episode, RunID: "released", Contained: r.clock.Now()})
	require.Equal(t, identity.VerdictDelete, r.assess(in.Key).Plan.Verdict)
	r.must(api.OneLoginDeleteLeaver, in)
	require.False(t, exists(r, in.AccountID))
}

// TestDeletionsDrawOnTheirBudget: what does not fit is one question, for as many people as the policy says, and goes on at their word.
func TestDeletionsDrawOnTheirBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: deletes("delete: {count: 10, percent: 10}", "delete: {count: 1}", "modes: {onboarding", "deciders: {two: [delete]}\nmodes: {onboarding")})
	tellsOfHolds(r.temporal)
	r.temporal.On("SignalWorkflow", mock.Anything, mock.Anything, "", api.SignalHold, "").Return(nil)
	first, second := letOut(r, "21003"), letOut(r, "21005")
	r.clock.Advance(kept + time.Hour)
	a := r.assess(first.Key)
	require.Equal(t, identity.VerdictDelete, a.Plan.Verdict)
	require.Equal(t, []string{"delete"}, a.Two)
	held := r.assess(second.Key)
	require.Equal(t, identity.VerdictWait, held.Plan.Verdict)
	require.NotEmpty(t, held.Held)
	require.Contains(t, notice(t, held, "budget_delete").Text, "hold/workday/delete")
	require.Equal(t, identity.VerdictWait, r.assess(second.Key).Plan.Verdict)

	ref := api.HoldRef{Source: "workday", Kind: api.HoldDelete}
	var shown api.HoldShown
	require.NoError(t, r.must(api.HoldsShow, ref).Get(&shown))
	require.Equal(t, 1, shown.People)
	r.must(api.HoldsDecide, api.HoldDecision{
		Source: "workday", Kind: api.HoldDelete, Hash: shown.Hash, Verb: api.VerbAllow, By: "ops", Reason: "they left", At: r.clock.Now(),
	})
	require.Equal(t, identity.VerdictDelete, r.assess(second.Key).Plan.Verdict)
	r.must(api.OneLoginDeleteLeaver, second)
	require.False(t, exists(r, second.AccountID))
	require.True(t, exists(r, first.AccountID))
}

// TestADeletionThatCameToNoEnd: the process ended after OneLogin had deleted, and the run was lost with it.
func TestADeletionThatCameToNoEnd(t *testing.T) {
	t.Parallel()
	for name, rehired := range map[string]bool{"looked at again": false, "rehired": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{policy: deletes()})
			in := letOut(r, "21003")
			r.clock.Advance(kept + time.Hour)
			begun := inventory.Deletion{Ref: identity.OneLoginRef(in.AccountID), Key: in.Key, Episode: 2, LeftAt: monday}
			require.NoError(t, r.app.Ledger.Inventory().BeginDeletion(t.Context(), begun))
			require.NoError(t, r.vendors.OneLogin.DeleteUser(t.Context(), in.AccountID))
			want := identity.VerdictNone
			if rehired {
				r.hr("workday", "change", "21003", control.Fields{"last_day": "", "termination_date": "", "hire_date": "today"})
				want = identity.VerdictJoin
			}
			require.Equal(t, want, r.assess(in.Key).Plan.Verdict)
			gone, found, err := r.app.Ledger.Inventory().Deletion(t.Context(), begun.Ref)
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, r.clock.Now(), gone.DeletedAt.UTC())
			require.Empty(t, r.items("leaver_without_account"))
		})
	}
}

// TestEveryAccountOfWhoLeftIsDeleted: further accounts go too, and one that speaks against it keeps no other.
func TestEveryAccountOfWhoLeftIsDeleted(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: deletes()})
	in := letOut(r, "21003")
	var all []api.AccountInput
	for i := range 2 {
		copied, err := r.sandbox.CopyAccount(t.Context(), in.AccountID, control.Fields{"status": 2, "username": fmt.Sprintf("adm%d@acme.example", i)})
		require.NoError(t, err)
		require.NoError(t, r.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
			Ref: identity.OneLoginRef(copied.ID), Person: in.Key, Use: identity.UseSecondary, By: "ops", DecidedBy: "ops",
		}))
		r.must(api.LedgerRecord, api.RecordInput{Key: in.Key, Episode: 2, RunID: "f", Closed: []api.ContainedAccount{{Ref: identity.OneLoginRef(copied.ID), At: r.clock.Now()}}})
		all = append(all, api.AccountInput{Key: in.Key, AccountID: copied.ID})
	}
	r.clock.Advance(kept + time.Hour)
	r.vendors.Activities.Person.CredentialOwners = people.CredentialOwners{strconv.FormatInt(all[1].AccountID, 10)}
	a := r.assess(in.Key)
	require.Equal(t, identity.VerdictDelete, a.Plan.Verdict)
	require.Len(t, a.Delete, 2)
	for _, account := range []api.AccountInput{in, all[0]} {
		r.must(api.OneLoginDeleteLeaver, account)
		require.False(t, exists(r, account.AccountID))
	}
	require.NotEqual(t, identity.VerdictDelete, r.assess(in.Key).Plan.Verdict)
	require.True(t, exists(r, all[1].AccountID))
	require.Len(t, r.items("leaver_account_kept"), 1)

	r.vendors.Activities.Person.CredentialOwners = nil
	require.Equal(t, identity.VerdictDelete, r.assess(in.Key).Plan.Verdict, "once that is settled it goes on")
	require.Empty(t, r.items("leaver_account_kept"))
}

// TestOffboardingThatDoesNotEnforceDeletesNothing: an observed deletion shows in the plan, and nobody is hinted.
func TestOffboardingThatDoesNotEnforceDeletesNothing(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{policy: deletes()})
	in := letOut(r, "21003")
	polled(r, in.Key)
	r.edit("offboarding: enforce", "offboarding: observe")
	r.clock.Advance(kept + time.Hour)
	a := r.assess(in.Key)
	require.Equal(t, identity.VerdictDelete, a.Plan.Verdict)
	require.Equal(t, api.ModeObserve, a.Mode)
	r.reconcile("observing", false)
	require.NotContains(t, r.gaps(in.Key), "delete hint: ")
	r.edit("offboarding: observe", "offboarding: approve")
	require.Equal(t, api.ModeApprove, r.assess(in.Key).Mode, "a person allows each")
}
