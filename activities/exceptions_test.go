package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// closedByHand is somebody whose account an administrator has closed, with an order to open it.
func closedByHand(r *rig, status int) api.ResponseInput {
	r.t.Helper()
	in := known(r, "workday-21002")
	require.NoError(r.t, r.sandbox.SetStatus(r.t.Context(), r.account(in.Key).Username, status))
	r.order(identity.Order{ID: "o1", Key: in.Key, Kind: identity.OrderEnable})
	return api.ResponseInput{AccountInput: in, Order: "o1"}
}

// TestOpeningLooksAgainBeforeItWrites: days may have gone by since the plan was made.
func TestOpeningLooksAgainBeforeItWrites(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(r *rig, in api.ResponseInput){
		"the order was taken back": func(r *rig, _ api.ResponseInput) { r.release("o1") },
		"another order stands": func(r *rig, in api.ResponseInput) {
			r.order(identity.Order{ID: "o2", Key: in.Key, Kind: identity.OrderSuspend})
		},
		"a contain order stands": func(r *rig, in api.ResponseInput) {
			r.order(identity.Order{ID: "o2", Key: in.Key, Kind: identity.OrderContain})
		},
		"HR has terminated them": func(r *rig, _ api.ResponseInput) {
			r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today", "involuntary": true})
		},
		"they are on leave":      func(r *rig, _ api.ResponseInput) { r.hr("workday", "leave", "21002", nil) },
		"a departure closed it":  func(r *rig, in api.ResponseInput) { r.must(api.OneLoginEnsureSuspended, in.AccountInput) },
		"somebody has opened it": func(r *rig, in api.ResponseInput) { r.setStatus(in.AccountID, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			in := closedByHand(r, 2)
			require.True(t, r.assess(in.Key).Plan.Has(identity.StepEnable))
			meanwhile(r, in)
			mark := r.mark()
			_, err := r.run(api.OneLoginEnsureEnabled, in)
			require.Equal(t, api.ErrSuperseded, application(t, err).Type())
			require.Empty(t, r.effects(mark))
		})
	}
}

// TestWhoClosesAnAccountAgainIsNotOverruled: an attempt opened it, its process died, and somebody has closed the account again before
// the next attempt.
func TestWhoClosesAnAccountAgainIsNotOverruled(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := closedByHand(r, 2)
	r.fault(control.Fault{Op: "onelogin.update_user", When: "after", Style: "drop", Times: 1})
	_, err := r.run(api.OneLoginEnsureEnabled, in)
	require.Error(t, err)
	require.Equal(t, 1, r.account(in.Key).Status)
	r.clock.Advance(time.Minute)
	require.NoError(t, r.sandbox.SetStatus(t.Context(), r.account(in.Key).Username, 2))
	r.restart()
	_, err = r.run(api.OneLoginEnsureEnabled, in)
	require.Equal(t, api.ErrConflict, application(t, err).Type())
	require.Equal(t, 2, r.account(in.Key).Status)
}

// TestOpeningWaitsForHR: that HR does not answer is no word about anybody.
func TestOpeningWaitsForHR(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := closedByHand(r, 2)
	r.order(identity.Order{ID: "o2", Key: in.Key, Kind: identity.OrderLogOut})
	r.fault(hrDown())
	a := r.assess(in.Key)
	require.Equal(t, []identity.Step{{Kind: identity.StepEndSessions, Orders: []string{"o2"}}}, a.Plan.Steps, "the other response needs no HR")
	r.must(api.OrdersClose, api.CloseOrder{ID: "o2", Outcome: "sessions ended"})
	_, err := r.run(api.PersonAssess, assessInput(in.Key))
	require.False(t, application(t, err).NonRetryable())
	_, err = r.run(api.OneLoginEnsureEnabled, in)
	require.False(t, application(t, err).NonRetryable())
	require.Equal(t, 2, r.account(in.Key).Status)
	r.heal()
	r.carryOut(r.assess(in.Key))
	require.Equal(t, 1, r.account(in.Key).Status)
	require.Empty(t, r.openOrders(in.Key))
	require.Equal(t, unmarked, r.marks(in.AccountID))
}

// TestOpeningsByRulesDrawOnTheBudget: a rule that is too wide opens no company.
func TestOpeningsByRulesDrawOnTheBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"reactivate: {count: 20, percent: 5}", "reactivate: {count: 1, percent: 0}"}})
	give := func(key, rule string) api.Assessment {
		known(r, key)
		require.NoError(t, r.sandbox.SetStatus(t.Context(), r.account(key).Username, 2))
		r.order(identity.Order{ID: "o-" + key, Key: key, Kind: identity.OrderEnable, By: "gatehouse", Reason: "x", Rule: rule})
		return r.assess(key)
	}
	require.Equal(t, identity.VerdictRespond, give("workday-21002", "helpdesk").Plan.Verdict)
	held := give("workday-21003", "helpdesk")
	require.Equal(t, identity.VerdictAttention, held.Plan.Verdict)
	require.Contains(t, codes(held), api.NoticeBudgetReactivate)
	require.Equal(t, identity.VerdictRespond, give("workday-21005", "").Plan.Verdict, "a named person's order is never held")
}

// TestDeniedRoleThatReturnsIsAskedAbout: a mapping gives the role again each night. After the third time it stays until somebody has
// stopped the mapping and says so.
func TestDeniedRoleThatReturnsIsAskedAbout(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21002"
	r.inLine(key)
	r.order(identity.Order{ID: "o1", Key: key, Kind: identity.OrderDeny, Roles: []string{"GitHub"}})
	night := func() {
		r.clock.Advance(24 * time.Hour)
		now := r.account(key)
		r.editAccount(now.ID, control.Fields{"roles": append(now.Roles, "GitHub")})
	}
	for range 3 {
		a := r.assess(key)
		require.Equal(t, []identity.Step{{Kind: identity.StepRemoveRoles, Names: []string{"GitHub"}, Denies: []string{"o1"}}}, a.Plan.Steps)
		require.NotNil(t, a.Because)
		require.Equal(t, api.CauseDenied, a.Because.Cause)
		require.Empty(t, a.Because.Lines, "why is between those who decide")
		r.carryOut(a)
		require.NotContains(t, r.account(key).Roles, "GitHub")
		require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
		night()
	}
	mark := r.mark()
	a := r.assess(key)
	require.Equal(t, identity.VerdictAttention, a.Plan.Verdict)
	require.Equal(t, []string{policy.NoticeDeniedReturns}, codes(a))
	require.Empty(t, r.effects(mark))
	require.Contains(t, r.account(key).Roles, "GitHub")

	r.must(api.PersonDecide, api.DecideInput{Key: key, Code: policy.NoticeDeniedReturns, Decision: api.Decision{Verb: api.VerbRetry, By: "tester"}})
	r.carryOut(r.assess(key))
	require.NotContains(t, r.account(key).Roles, "GitHub")
	require.True(t, r.release("o1"))
	r.carryOut(r.assess(key))
	require.Contains(t, r.account(key).Roles, "GitHub", "its rule gives it back")
}

// TestDenialsByRulesDrawOnTheBudget: what a named person denies is taken however much was, and a rule's is held.
func TestDenialsByRulesDrawOnTheBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"remove: {count: 40, percent: 10}", "remove: {count: 1, percent: 0}"}})
	deny := func(key, rule string) api.Assessment {
		r.inLine(key)
		r.order(identity.Order{ID: "o-" + key, Key: key, Kind: identity.OrderDeny, Roles: []string{"Everyone"}, By: "x", Reason: "x", Rule: rule})
		return r.assess(key)
	}
	require.Equal(t, identity.VerdictChange, deny("workday-21002", "quarantine").Plan.Verdict)
	tellsOfHolds(r.temporal)
	require.Equal(t, identity.VerdictWait, deny("workday-21003", "quarantine").Plan.Verdict)
	require.Equal(t, identity.VerdictChange, deny("workday-21005", "").Plan.Verdict)
}

// TestSettingComesAndGoes: the value stands above HR's until the order ends. What HR says nothing about is what it was before.
func TestSettingComesAndGoes(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21006"
	r.editAccount(known(r, key).AccountID, control.Fields{"phone": "+49 30 7"})
	before := r.inLine(key)
	set := func(id, phone, title string, days int) {
		r.order(identity.Order{
			ID: id, Key: key, Kind: identity.OrderSet, At: r.clock.Now(), Until: r.clock.Now().AddDate(0, 0, days),
			Attributes: map[string]string{"phone": phone, "title": title},
		})
	}
	set("o1", "+49 30 1", "Acting head", 10)
	a := r.assess(key)
	require.Equal(t, identity.VerdictChange, a.Plan.Verdict)
	require.Equal(t, []string{"o1"}, a.Plan.Steps[0].Orders)
	r.carryOut(a)
	require.Equal(t, []string{"+49 30 1", "Acting head"}, []string{r.account(key).Phone, r.account(key).Title})
	require.Equal(t, identity.VerdictWait, r.assess(key).Plan.Verdict)

	// A second order stands above the first, which ends meanwhile.
	r.clock.Advance(time.Hour)
	set("o2", "+49 30 2", "Head", 20)
	r.carryOut(r.assess(key))
	require.Equal(t, "+49 30 2", r.account(key).Phone)
	r.clock.Advance(15 * 24 * time.Hour)
	require.Equal(t, identity.VerdictWait, r.assess(key).Plan.Verdict)
	r.restart()

	r.clock.Advance(15 * 24 * time.Hour)
	a = r.assess(key)
	require.Equal(t, []string{"o2"}, a.Plan.Steps[0].Orders)
	r.carryOut(a)
	require.Equal(t, before, r.account(key), "as it was before the first")
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
	d, _, err := r.app.Ledger.Dossier(t.Context(), key)
	require.NoError(t, err)
	require.Empty(t, d.Ended, "nothing of them is left to do")
}

// TestSettingWhatWasEmpty: nobody had a phone there, and nobody has one afterwards.
func TestSettingWhatWasEmpty(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21006"
	r.editAccount(known(r, key).AccountID, control.Fields{"phone": ""})
	before := r.inLine(key)
	require.Empty(t, before.Phone)
	r.order(identity.Order{
		ID: "o1", Key: key, Kind: identity.OrderSet, At: monday, Until: monday.AddDate(0, 1, 0), Attributes: map[string]string{"phone": "+49 30 1"},
	})
	r.carryOut(r.assess(key))
	require.Equal(t, "+49 30 1", r.account(key).Phone)
	require.True(t, r.release("o1"))
	a := r.assess(key)
	require.Equal(t, []identity.FieldName{identity.FieldPhone}, a.Plan.Desired.Profile.Clear)
	r.carryOut(a)
	require.Equal(t, before, r.account(key))
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
}

// TestSettingThatIsTakenBack: a directory sets its own value each night. It is left to a person after the third time, and HR's value is
// written all the same once the order is over.
func TestSettingThatIsTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21006"
	before := r.inLine(key)
	r.order(identity.Order{
		ID: "o1", Key: key, Kind: identity.OrderSet, At: monday, Until: monday.AddDate(0, 1, 0), Attributes: map[string]string{"title": "Acting head"},
	})
	for range 3 {
		a := r.assess(key)
		require.True(t, a.Plan.Has(identity.StepSetProfile))
		r.carryOut(a)
		r.clock.Advance(24 * time.Hour)
		r.editAccount(before.ID, control.Fields{"title": "Clerk"})
	}
	a := r.assess(key)
	require.False(t, a.Plan.Has(identity.StepSetProfile))
	require.Contains(t, codes(a), policy.NoticeValueNotKept)
	require.True(t, r.release("o1"))
	r.carryOut(r.assess(key))
	require.Equal(t, before.Title, r.account(key).Title)
}

// TestSettingsOfPeopleAreNotHeld: the budget of profiles is for what HR and rules change.
func TestSettingsOfPeopleAreNotHeld(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"profile: {count: 400, percent: 0}", "profile: {count: 1, percent: 0}"}})
	set := func(key, rule string) api.Assessment {
		r.inLine(key)
		r.order(identity.Order{
			ID: "o-" + key, Key: key, Kind: identity.OrderSet, At: monday, Until: monday.AddDate(0, 1, 0), By: "x", Reason: "x", Rule: rule,
			Attributes: map[string]string{"title": "Acting head"},
		})
		return r.assess(key)
	}
	require.Equal(t, identity.VerdictChange, set("workday-21002", "").Plan.Verdict)
	require.Equal(t, identity.VerdictChange, set("workday-21003", "").Plan.Verdict)
	require.Equal(t, identity.VerdictChange, set("workday-21005", "interim").Plan.Verdict)
	tellsOfHolds(r.temporal)
	require.Equal(t, identity.VerdictWait, set("workday-21006", "interim").Plan.Verdict)
	r.hr("workday", "change", "21002", control.Fields{"company": "Acme Holding"})
	require.Equal(t, identity.VerdictWait, r.assess("workday-21002").Plan.Verdict, "what HR changes beside it is held")
}

// TestPlanOfYesterdayGivesNothingDenied: a run has waited since its plan was made.
func TestPlanOfYesterdayGivesNothingDenied(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21002")
	r.order(identity.Order{ID: "o1", Key: in.Key, Kind: identity.OrderDeny, Roles: []string{"Salesforce"}})
	mark := r.mark()
	_, err := r.run(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: []string{"Sales", "Salesforce"}})
	require.Equal(t, api.ErrSuperseded, application(t, err).Type())
	require.Empty(t, r.effects(mark))
}

// TestWithdrawnDepartureGivesBackNothingDenied: somebody allows that roles come back, and an order denies one of them.
func TestWithdrawnDepartureGivesBackNothingDenied(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21009")
	r.order(identity.Order{ID: "o1", Key: in.Key, Kind: identity.OrderDeny, Roles: []string{"Super admin"}})
	mark := r.mark()
	var back api.GivenBack
	require.NoError(t, r.must(api.OneLoginGiveBack, api.GiveBackInput{AccountInput: in, OnceKey: "k/3/give-back", Roles: []string{"Super admin"}}).Get(&back))
	require.Equal(t, api.GivenBack{Denied: []string{"Super admin"}}, back)
	require.Empty(t, r.effects(mark))
}

// TestReconcileFindsWhatOrdersWant: nobody was hinted when the orders were given, or a mapping gave a denied role weeks later.
func TestReconcileFindsWhatOrdersWant(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{people: 120})
	put := func(o identity.Order) {
		o.By, o.Reason, o.At = "tester", "test", r.clock.Now()
		require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), o))
	}
	put(identity.Order{ID: "deny", Key: "workday-21002", Kind: identity.OrderDeny, Roles: []string{"Everyone"}})
	put(identity.Order{
		ID: "set", Key: "workday-21003", Kind: identity.OrderSet, Until: r.clock.Now().AddDate(0, 1, 0), Attributes: map[string]string{"title": "Acting head"},
	})
	r.readAccounts("2")
	_, _, sent := r.reconcile("2", false)
	require.Equal(t, 2, sent.Sent, "%v %v", r.gaps("workday-21002"), r.gaps("workday-21003"))
	require.Subset(t, r.hints(), []string{"person/workday-21002", "person/workday-21003"})
}
