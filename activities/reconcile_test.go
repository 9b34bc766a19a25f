package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// reconciled is a rig whose company was read, whose accounts are in the inventory and that was compared once.
func reconciled(t *testing.T, o rigOptions) *rig {
	t.Helper()
	r := newRig(t, o)
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, api.SignalHold, mock.Anything, mock.Anything,
		mock.Anything, mock.Anything).Return(startedRun{}, nil)
	r.temporal.On("SignalWorkflow", mock.Anything, mock.Anything, "", api.SignalHold, "").Return(nil)
	for _, source := range []string{"workday", "bamboohr"} {
		report := r.collect(source, "first")
		r.settle(source, "first", report.Cursor)
	}
	// Whom the first reading has hinted is out by now.
	open, err := r.app.Ledger.People().OpenDepartures(t.Context(), r.clock.Now())
	require.NoError(t, err)
	for _, d := range open {
		if account, found, err := r.sandbox.ByExternalID(t.Context(), d.Key); err == nil && found {
			r.editAccount(account.ID, control.Fields{"status": 2, "roles": []string{}})
		}
		require.NoError(t, r.app.Ledger.People().MarkDepartureContained(t.Context(), d.Key, d.Episode, r.clock.Now()))
	}
	r.readAccounts("1")
	r.reconcile("first", false)
	r.forgetHints()
	r.clock.Advance(time.Hour)
	return r
}

// editAccount changes an account by hand.
func (r *rig) editAccount(id int64, fields control.Fields) {
	r.t.Helper()
	_, err := r.sandbox.EditAccount(r.t.Context(), id, fields)
	require.NoError(r.t, err)
}

// readAccounts reads every account and whose they are.
func (r *rig) readAccounts(id string) {
	r.t.Helper()
	r.must(api.AccountsSweep, api.SweepAccountsInput{Sweep: id, Full: true})
	r.must(api.AccountsMatch, api.Nothing{})
	r.must(api.AccountsRoles, api.SweepRolesInput{Sweep: "r" + id, Full: true})
}

// reconcile runs the activities of a comparison, each of them twice: a repeated attempt finds and does the same.
func (r *rig) reconcile(run string, whole bool) (found api.ReconcileFound, admitted api.ReconcileAdmitted, sent api.BatchSent) {
	r.t.Helper()
	in := api.ReconcileInput{Run: run, Whole: whole}
	for range 2 {
		require.NoError(r.t, r.must(api.ReconcileCompare, in).Get(&found))
	}
	for range 2 {
		require.NoError(r.t, r.must(api.ReconcileAdmit, in).Get(&admitted))
	}
	for range 2 {
		require.NoError(r.t, r.must(api.ReconcileHint, in).Get(&sent))
	}
	return found, admitted, sent
}

func (r *rig) forgetHints() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hinted = nil
}

// gaps are the gaps of a person as the ledger has them, a line for each.
func (r *rig) gaps(key string) []string {
	r.t.Helper()
	all, err := r.app.Ledger.Worklist().Gaps(r.t.Context())
	require.NoError(r.t, err)
	var out []string
	for _, g := range all {
		if g.Key == key {
			out = append(out, fmt.Sprintf("%s %s: %s", g.Kind, g.State, strings.Join(g.Steps, ", ")))
		}
	}
	return out
}

// toWork counts the gaps that are more than recorded.
func (r *rig) toWork() map[string]int {
	r.t.Helper()
	all, err := r.app.Ledger.Worklist().Gaps(r.t.Context())
	require.NoError(r.t, err)
	out := map[string]int{}
	for _, g := range all {
		if g.State != worklist.GapFound {
			out[g.Kind+" "+g.State]++
		}
	}
	return out
}

// TestReconcileLeavesACompanyInPeace: what was so when Gatehouse came is recorded, and nobody is hinted because of it.
func TestReconcileLeavesACompanyInPeace(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{people: 300})
	mark := r.mark()
	found, admitted, sent := r.reconcile("2", true)
	require.True(t, found.Whole)
	require.Greater(t, found.People, 290)
	require.Empty(t, r.toWork(), "%+v", found)
	require.Zero(t, admitted.Held+sent.Sent)
	require.Empty(t, r.hints())
	require.Zero(t, r.calls(mark, "onelogin.user")+r.calls(mark, "onelogin.users"), "no account is read at OneLogin")
	require.Empty(t, r.effects(mark))
}

// TestReconcilePlansAsAnAssessmentDoes: what is found of everybody in bulk is what a look at each of them finds.
func TestReconcilePlansAsAnAssessmentDoes(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{people: 120})
	all, err := r.app.Ledger.People().Everybody(t.Context())
	require.NoError(t, err)
	compared := 0
	for key := range all.People {
		a, err := r.vendors.Activities.Person.Preview(t.Context(), key)
		require.NoError(t, err)
		if a.Plan.Verdict != identity.VerdictChange {
			continue
		}
		var want, got []string
		for _, s := range a.Plan.Steps {
			if len(s.Names) == 0 {
				want = append(want, string(s.Kind))
			}
			for _, name := range s.Names {
				want = append(want, string(s.Kind)+" "+name)
			}
		}
		for _, role := range a.Plan.Found {
			want = append(want, string(identity.StepRemoveRoles)+" "+role)
		}
		for _, line := range r.gaps(key) {
			_, steps, _ := strings.Cut(line, ": ")
			got = append(got, strings.Split(steps, ", ")...)
		}
		require.ElementsMatch(t, want, got, key)
		compared++
	}
	require.Greater(t, compared, 30)
}

// TestReconcileFindsALostLeaver: the webhook is lost and no poll runs.
func TestReconcileFindsALostLeaver(t *testing.T) {
	t.Parallel()
	for source, id := range map[string]string{"workday": "21005", "bamboohr": "105"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			r := reconciled(t, rigOptions{})
			r.hr(source, "terminate", id, control.Fields{"last_day": "today", "location": "Berlin", "involuntary": true})
			found, _, sent := r.reconcile("2", false)
			require.False(t, found.Whole)
			require.Equal(t, 1, sent.Sent, "%+v %v", found, r.toWork())
			require.Equal(t, []string{"person/" + source + "-" + id}, r.hints())
			require.Equal(t, []string{"left hint: "}, r.gaps(source+"-"+id))

			r.clock.Advance(30 * time.Minute)
			r.reconcile("3", false)
			require.Len(t, r.hints(), 1, "not again within the hour")
			r.clock.Advance(30 * time.Minute)
			r.reconcile("4", false)
			require.Len(t, r.hints(), 2, "for as long as they are not out")

			// One that stays waits for a person, mostly: after a day it is every six hours.
			for i := range 48 {
				r.clock.Advance(time.Hour)
				r.reconcile(fmt.Sprint("d", i), false)
			}
			require.InDelta(t, 15, len(r.hints()), 3, "hourly at first, and then ever less often")
			r.forgetHints()
			for i := range 12 {
				r.clock.Advance(time.Hour)
				r.reconcile(fmt.Sprint("e", i), false)
			}
			require.Len(t, r.hints(), 2, "never less often than every six hours")
		})
	}
}

// TestReconcileFindsWhatHRChanged: a move that no poll has seen, and one whose hint was lost after the poll.
func TestReconcileFindsWhatHRChanged(t *testing.T) {
	t.Parallel()
	for name, polled := range map[string]bool{"no poll": false, "the hint was lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reconciled(t, rigOptions{})
			r.hr("workday", "change", "21009", control.Fields{"department": "Support", "title": "Support Engineer"})
			if polled {
				report := r.collect("workday", "2")
				r.settle("workday", "2", report.Cursor)
				r.forgetHints()
			}
			r.reconcile("2", true)
			require.Equal(t, []string{"person/workday-21009"}, r.hints(), "%v", r.gaps("workday-21009"))
		})
	}
}

// TestReconcileTellsGivenFromAdded: a role that Gatehouse gave is gone, and somebody gave another one by hand.
func TestReconcileTellsGivenFromAdded(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{})
	account := r.account("workday-21009")
	wanted := r.assess("workday-21009").Plan.Desired.Roles
	r.editAccount(account.ID, control.Fields{"roles": wanted})
	require.Empty(t, r.assess("workday-21009").Plan.Steps)
	r.clock.Advance(time.Hour)
	r.editAccount(account.ID, control.Fields{"roles": append(slices.Clone(wanted), "AWS Admin")})
	r.readAccounts("2")
	r.reconcile("2", true)
	require.Empty(t, r.hints(), "%v", r.gaps("workday-21009"))
	require.Equal(t, []string{"added found: remove_roles AWS Admin"}, r.gaps("workday-21009"))
	all, err := r.app.Ledger.Worklist().Gaps(t.Context())
	require.NoError(t, err)
	i := slices.IndexFunc(all, func(g worklist.Gap) bool { return g.Key == "workday-21009" && g.Kind == api.GapAdded })
	require.NotEmpty(t, all[i].AddedBy)
	require.Equal(t, r.clock.Now(), all[i].AddedAt.UTC())

	r.editAccount(account.ID, control.Fields{"roles": []string{"Everyone"}})
	r.clock.Advance(time.Hour)
	r.readAccounts("3")
	r.reconcile("3", true)
	require.Equal(t, []string{"person/workday-21009"}, r.hints(), "%v", r.gaps("workday-21009"))
}

// TestReconcileAsksAboutAPolicy: a rule that is changed gives a role to a department. That is one batch, and nobody is hinted
// before it is allowed.
func TestReconcileAsksAboutAPolicy(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{people: 300})
	r.edit("modes:", "# another policy\nmodes:")
	_, admitted, _ := r.reconcile("2", false)
	require.Zero(t, admitted.Held, "%v", r.toWork())
	require.Empty(t, r.toWork())

	r.edit("roles: [Sales", "roles: [AWS Admin, Sales")
	found, admitted, sent := r.reconcile("3", false)
	require.True(t, found.Whole, "a change of the policy is not left to the day's comparison")
	require.Greater(t, admitted.Held, 5)
	require.Zero(t, sent.Sent)
	require.Equal(t, map[string]int{"policy held": admitted.Held}, r.toWork())
	_, again, _ := r.reconcile("4", true)
	require.Equal(t, admitted.Held, again.Held, "for as long as nobody decides")
	require.Empty(t, r.hints())

	// Who leaves is not held with those who get a role.
	all, err := r.app.Ledger.Worklist().Gaps(t.Context())
	require.NoError(t, err)
	leaver := all[slices.IndexFunc(all, func(g worklist.Gap) bool { return g.Kind == api.GapPolicy && g.Source == "workday" })].Key
	r.hr("workday", "terminate", strings.TrimPrefix(leaver, "workday-"), control.Fields{"last_day": "today", "location": "Berlin", "involuntary": true})
	_, again, sent = r.reconcile("left", false)
	require.Equal(t, 1, sent.Sent)
	require.Equal(t, []string{"person/" + leaver}, r.hints())
	require.Equal(t, admitted.Held-1, again.Held)
	admitted = again
	r.forgetHints()

	allowed := 0
	for _, source := range []string{"workday", "bamboohr"} {
		hold, held, err := r.app.Ledger.Budgets().HoldOf(t.Context(), source, api.GapPolicy)
		require.NoError(t, err)
		if !held {
			continue
		}
		var out api.HoldDecided
		require.NoError(t, r.must(api.HoldsDecide, api.HoldDecision{
			Source: source, Kind: api.GapPolicy, Hash: hold.Hash, Verb: api.VerbAllow, By: "tester", At: r.clock.Now(),
		}).Get(&out))
		require.True(t, out.Current)
		allowed += out.People
	}
	require.Equal(t, admitted.Held, allowed)
	require.Len(t, r.hints(), allowed)
	r.clock.Advance(2 * time.Hour)
	_, rest, sent := r.reconcile("5", true)
	require.Zero(t, rest.Held)
	require.Equal(t, allowed+1, sent.Sent, "what was allowed and not carried out is hinted again")
}

// TestReconcileAsksAboutAMode: what was only observed is one batch when the mode is changed.
func TestReconcileAsksAboutAMode(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{policy: []string{"offboarding: enforce", "offboarding: observe"}})
	r.leave(21005, 21006)
	r.reconcile("2", false)
	require.Empty(t, r.hints())
	require.Equal(t, []string{"planned found: "}, r.gaps("workday-21005"))

	r.edit("offboarding: observe", "offboarding: enforce")
	_, admitted, _ := r.reconcile("3", false)
	require.Equal(t, 2, admitted.Held, "%v", r.toWork())
	require.Empty(t, r.hints())
	hold, held, err := r.app.Ledger.Budgets().HoldOf(t.Context(), "workday", api.GapPolicy)
	require.NoError(t, err)
	require.True(t, held)
	r.must(api.HoldsDecide, api.HoldDecision{
		Source: "workday", Kind: api.GapPolicy, Hash: hold.Hash, Verb: api.VerbAllow, By: "tester", At: r.clock.Now(),
	})
	require.Equal(t, []string{"person/workday-21005", "person/workday-21006"}, r.hints())
}
