package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// HR does not answer for as long as the test wants.
func hrDown() control.Fault {
	return control.Fault{System: "workday", When: "before", Style: "status", Status: 503, Times: -1}
}

// carryOut does what an assessment plans about an order, as the person's run would.
func (r *rig) carryOut(a api.Assessment) {
	r.t.Helper()
	in := api.AccountInput{Key: a.Key, AccountID: a.Account.ID}
	for _, s := range a.Plan.Steps {
		switch s.Kind {
		case identity.StepSuspend:
			on := in
			if len(s.Orders) > 0 {
				on.Order = s.Orders[0]
			}
			r.must(api.OneLoginEnsureSuspended, on)
		case identity.StepActivate:
			r.must(api.OneLoginEnsureActive, in)
		case identity.StepAddRoles:
			r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: s.Names, Grants: s.Orders})
		case identity.StepRemoveRoles:
			r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Remove: s.Names, Ended: s.Orders, Denies: s.Denies, At: a.Person.AsOf})
		case identity.StepEnable:
			r.must(api.OneLoginEnsureEnabled, api.ResponseInput{AccountInput: in, Order: s.Orders[0]})
			r.must(api.OrdersClose, api.CloseOrder{ID: s.Orders[0], Outcome: "opened"})
		case identity.StepCloseOrder:
			r.must(api.OrdersClose, api.CloseOrder{ID: s.Orders[0], Outcome: "not done: " + s.Why})
		case identity.StepSetProfile, identity.StepSetGroup:
			r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: in, Profile: a.Plan.Desired.Profile, Group: a.Plan.Desired.Group})
		default:
		}
	}
}

// inLine brings a person's account in line with policy and returns it.
func (r *rig) inLine(key string) control.Person {
	r.t.Helper()
	r.carryOut(r.assess(key))
	require.Equal(r.t, identity.VerdictNone, r.assess(key).Plan.Verdict)
	return r.account(key)
}

func TestSuspendOrderNeedsNoHR(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21002"
	before := r.inLine(key)
	r.fault(hrDown())
	r.order(identity.Order{ID: "o1", Key: key, Kind: identity.OrderSuspend})
	a := r.assess(key)
	require.Equal(t, identity.VerdictSuspend, a.Plan.Verdict)
	require.Equal(t, "o1", a.Suspend.ID)
	require.Equal(t, api.ModeEnforce, a.Mode)
	require.Equal(t, 1, a.Episode, "a suspension is no departure")
	r.carryOut(a)
	require.Equal(t, 2, r.account(key).Status)
	_, err := r.run(api.PersonAssess, assessInput(key))
	require.False(t, application(t, err).NonRetryable(), "what HR wants is asked until it answers")
	r.heal()
	a = r.assess(key)
	require.Equal(t, identity.VerdictNone, a.Plan.Verdict)
	require.Equal(t, "o1", a.Account.SuspendedFor)
	in := api.AccountInput{Key: key, AccountID: a.Account.ID}
	_, err = r.run(api.OneLoginEnsureActive, in)
	require.Equal(t, api.ErrSuperseded, application(t, err).Type(), "the order stands")

	require.True(t, r.release("o1"))
	a = r.assess(key)
	require.Equal(t, identity.VerdictLift, a.Plan.Verdict)
	require.Equal(t, []string{"activate"}, steps(a))
	r.carryOut(a)
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
	require.Equal(t, before, r.account(key), "everything is what it was")
}

// Every order of suspension, departure and release ends with a leaver who cannot sign in.
func TestReleaseNeverRevivesALeaver(t *testing.T) {
	t.Parallel()
	for name, course := range map[string][]string{
		"suspend, leave, release":           {"suspend", "leave", "release"},
		"suspend, release, leave":           {"suspend", "leave-unseen", "release"},
		"leave, suspend, release":           {"leave", "suspend", "release"},
		"suspend, leave, release, suspend":  {"suspend", "leave", "release", "suspend", "release"},
		"suspend twice, leave, release all": {"suspend", "suspend", "leave", "release"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			const key = "workday-21002"
			r.inLine(key)
			given := 0
			for _, event := range course {
				switch event {
				case "suspend":
					given++
					r.order(identity.Order{ID: "o" + number(int64(given)), Key: key, Kind: identity.OrderSuspend})
				case "leave", "leave-unseen":
					r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today", "involuntary": true})
				case "release":
					for i := range given {
						r.release("o" + number(int64(i+1)))
					}
				}
				for range 3 {
					if event != "leave-unseen" {
						r.carryOut(r.assess(key))
					}
				}
			}
			a := r.assess(key)
			require.Equal(t, identity.VerdictNone, a.Plan.Verdict)
			require.Equal(t, identity.AccountSuspended, a.Account.Status)
			require.Empty(t, a.Account.SuspendedFor, "it is the departure's suspension now")
			require.True(t, a.Account.SuspendedByUs)
			require.Empty(t, a.Account.Roles)
			_, err := r.run(api.OneLoginEnsureActive, api.AccountInput{Key: key, AccountID: a.Account.ID})
			require.Equal(t, api.ErrSuperseded, application(t, err).Type())
		})
	}
}

// Somebody opened the account by hand after the order was over, and somebody else suspends it later.
func TestOldMarkDoesNotMakeALaterSuspensionOurs(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21002"
	username := r.inLine(key).Username
	r.order(identity.Order{ID: "o1", Key: key, Kind: identity.OrderSuspend})
	r.carryOut(r.assess(key))
	r.release("o1")
	require.NoError(t, r.sandbox.SetStatus(t.Context(), username, 1))
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
	require.NoError(t, r.sandbox.SetStatus(t.Context(), username, 2))
	require.Equal(t, []string{"suspended_elsewhere"}, codes(r.assess(key)))
}

func TestResponseDoesWithoutHRWhereItMust(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21002"
	r.inLine(key)
	r.order(identity.Order{ID: "o1", Key: key, Kind: identity.OrderLock, Minutes: 30})
	r.fault(hrDown())
	a := r.assess(key)
	require.Equal(t, identity.VerdictRespond, a.Plan.Verdict)
	require.Equal(t, []identity.Step{{Kind: identity.StepLock, Orders: []string{"o1"}, Minutes: 30}}, a.Plan.Steps)
	r.heal()
	r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today", "involuntary": true})
	a = r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict, "HR is heard where it answers")
	last := a.Plan.Steps[len(a.Plan.Steps)-1]
	require.Equal(t, identity.Step{Kind: identity.StepCloseOrder, Orders: []string{"o1"}, Why: "the person has left"}, last)
}

// A lock that comes late must not take the place of a suspension, because it ends.
func TestLockNeverReplacesASuspension(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21002")
	r.must(api.OneLoginEnsureSuspended, in)
	_, err := r.run(api.OneLoginEnsureLocked, api.ResponseInput{AccountInput: in, Order: "o1", Minutes: 30})
	require.Equal(t, api.ErrSuperseded, application(t, err).Type())
	require.Equal(t, 2, r.account(in.Key).Status)
}

func TestSuspensionsByRulesDrawOnTheBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 1}"}})
	order := func(key, rule string) api.Assessment {
		r.order(identity.Order{ID: "o-" + key, Key: key, Kind: identity.OrderSuspend, By: "gatehouse", Reason: "x", Rule: rule})
		return r.assess(key)
	}
	require.Equal(t, identity.VerdictSuspend, order("workday-21002", "impossible-travel").Plan.Verdict)
	held := order("workday-21003", "impossible-travel")
	require.Equal(t, identity.VerdictAttention, held.Plan.Verdict)
	require.Contains(t, codes(held), api.NoticeBudgetContain)
	named := order("workday-21005", "")
	require.Equal(t, identity.VerdictSuspend, named.Plan.Verdict, "a named person's order is never held: %v", codes(named))
	r.must(api.PersonDecide, api.DecideInput{
		Key: held.Key, Episode: held.Episode, Source: held.Source, Code: api.NoticeBudgetContain,
		Decision: api.Decision{Verb: "allow", By: "tester"},
	})
	require.Equal(t, identity.VerdictSuspend, r.assess("workday-21003").Plan.Verdict)
}

// A rule that is too wide must not lock out a company one by one. Ending sessions shuts nobody out and is never held.
func TestResponsesByRulesDrawOnTheBudget(t *testing.T) {
	t.Parallel()
	for _, kind := range []identity.OrderKind{identity.OrderLock, identity.OrderResetPassword} {
		r := newRig(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 1}"}})
		give := func(id, key string, kind identity.OrderKind, rule string) api.Assessment {
			r.order(identity.Order{ID: id, Key: key, Kind: kind, By: "gatehouse", Reason: "x", Rule: rule})
			return r.assess(key)
		}
		require.Equal(t, identity.VerdictRespond, give("o1", "workday-21002", kind, "events/any-login").Plan.Verdict)
		require.Equal(t, identity.VerdictRespond, give("o2", "workday-21003", identity.OrderLogOut, "events/any-login").Plan.Verdict)
		held := give("o3", "workday-21003", kind, "events/any-login")
		require.Equal(t, identity.VerdictAttention, held.Plan.Verdict, kind)
		require.Contains(t, codes(held), api.NoticeBudgetRespond)
		named := give("o4", "workday-21005", kind, "")
		require.Equal(t, identity.VerdictRespond, named.Plan.Verdict, "a named person's order is never held: %v", codes(named))
		r.must(api.PersonDecide, api.DecideInput{
			Key: held.Key, Episode: held.Episode, Source: held.Source, Code: api.NoticeBudgetRespond,
			Decision: api.Decision{Verb: "allow", By: "tester"},
		})
		require.Equal(t, identity.VerdictRespond, r.assess("workday-21003").Plan.Verdict)
		r.hr("workday", "terminate", "21006", control.Fields{"last_day": "today", "involuntary": true})
		require.Equal(t, identity.VerdictLeave, r.assess("workday-21006").Plan.Verdict, "leavers have a budget of their own")
	}
}

// A grant adds a role that nobody manages, takes it back when it ends, and then forgets about it.
func TestGrantIsTakenBackOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"    - Zendesk\n", "", "roles: [Support, Zendesk, Jira]", "roles: [Support, Jira]"}})
	const key = "workday-21002"
	r.inLine(key)
	r.order(identity.Order{ID: "o1", Key: key, Kind: identity.OrderGrant, Roles: []string{"Engineering", "Zendesk"}, Until: monday.Add(time.Hour)})
	a := r.assess(key)
	require.Equal(t, []identity.Step{{Kind: identity.StepAddRoles, Names: []string{"Zendesk"}, Orders: []string{"o1"}}}, a.Plan.Steps)
	r.carryOut(a)
	require.Contains(t, r.account(key).Roles, "Zendesk")
	require.Equal(t, identity.VerdictWait, r.assess(key).Plan.Verdict)

	r.clock.Advance(2 * time.Hour) // Nobody looked at the moment itself.
	a = r.assess(key)
	require.Equal(t, []identity.Step{{Kind: identity.StepRemoveRoles, Names: []string{"Zendesk"}, Orders: []string{"o1"}}}, a.Plan.Steps)
	r.carryOut(a)
	require.NotContains(t, r.account(key).Roles, "Zendesk")
	require.Contains(t, r.account(key).Roles, "Engineering", "the policy's own")
	in := api.AccountInput{Key: key, AccountID: a.Account.ID}
	r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: []string{"Zendesk"}})
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict, "given by somebody else later, it is theirs")
}

// Whoever has a role before a grant keeps it after it.
func TestGrantOfWhatWasHeldTakesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"    - Zendesk\n", "", "roles: [Support, Zendesk, Jira]", "roles: [Support, Jira]"}})
	const key = "workday-21002"
	r.inLine(key)
	r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: known(r, key), Add: []string{"Zendesk"}})
	r.order(identity.Order{ID: "o1", Key: key, Kind: identity.OrderGrant, Roles: []string{"Zendesk"}})
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
	r.release("o1")
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
}
