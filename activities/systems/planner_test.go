package systems_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/activities/hrsync"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	ledgersystems "gatehouse/ledger/systems"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// planned is a policy with Google, by which two people a day may leave it, and one may get or lose groups.
const planned = `
modes: {onboarding: enforce, offboarding: enforce, role_change: enforce}
access:
  rules:
    - {name: everyone, when: "true", group: Default, roles: [Everyone]}
    - {name: staff, when: "person.department == 'Sales'", roles: [CRM], accounts: {google: {org_unit: /}}, groups: {google: [sales@acme.example]}}
systems:
  google:
    mode: enforce
    provisioned_by: gatehouse
    privileged: [admins@acme.example]
    leaver: {sign_in: suspend, release_licences_after: 30d}
    limits: {contain: {count: 2}, grant: {count: 1}, remove: {count: 1}, delete: {count: 1}, join: {count: 1}}
`

// desk plans for people whose views are given.
type desk struct {
	*works
	pol *policy.Policy
}

func newDesk(t *testing.T, text string) *desk {
	t.Helper()
	d := &desk{works: newWorks(t, "")}
	d.pol = policytest.Parse(t, text)
	d.policy = d.pol
	return d
}

// employee is an account of somebody in Sales, as Google shows it.
func (d *desk) employee(id string, groups ...string) identity.SystemAccount {
	return identity.SystemAccount{
		ID: id, Use: identity.UsePrimary, Kind: identity.KindPerson, Container: "/", Groups: groups, Licences: []string{},
		Document: identity.Account{Username: id + "@acme.example", Email: id + "@acme.example", Status: identity.AccountActive}, ObservedAt: d.now(),
	}
}

// plan plans for somebody who has left, or who works here, with accounts in Google.
func (d *desk) plan(key string, left bool, dry bool, accounts ...identity.SystemAccount) api.Assessment {
	d.t.Helper()
	for _, account := range accounts {
		d.link(key, account.ID)
	}
	now := d.now()
	signIn := &identity.Account{ID: 7, Username: key + "@acme.example", Email: key + "@acme.example", Status: identity.AccountActive}
	a := api.Assessment{Key: key, Episode: 1, FallbackOwner: "it@acme.example", Source: identity.SourceWorkday, Mode: api.ModeEnforce, Account: signIn}
	a.Person = identity.Person{
		Key: key, AsOf: now, Standing: identity.StandingActive, ActivateAt: now.Add(-1000 * time.Hour), Record: identity.Record{
			Source: identity.SourceWorkday, EmployeeID: key, Status: identity.StatusActive, Department: "Sales", FirstName: "Ada", LastName: "Lovelace",
		},
		Systems: []identity.SystemView{{System: google, ReadAt: now.Add(-time.Hour), Accounts: accounts, Digest: d.l.ValueDigest}},
	}
	if left {
		a.Person.Standing, a.Person.LeaveAt = identity.StandingLeft, now.Add(-time.Hour)
	}
	require.NoError(d.t, d.s.Plan(d.t.Context(), d.pol, &a, nil, dry))
	return a
}

// kinds are the kinds of steps.
func kinds(steps []identity.SystemStep) (all []identity.SystemStepKind) {
	for _, s := range steps {
		all = append(all, s.Kind)
	}
	return all
}

// allow lets a batch through, as an operator does.
func (d *desk) allow(ref api.HoldRef) {
	d.t.Helper()
	hold, found, err := d.l.Budgets().CountHold(d.t.Context(), ref.Source, ref.Kind)
	require.NoError(d.t, err)
	require.True(d.t, found, "%s", api.HoldID(ref))
	holds := &hrsync.Holds{Sync: &hrsync.Sync{Ledger: d.l, Policy: d.s.Policy, Launch: d.launch, Clock: d.now}}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	decide := step.Result(holds.Decide)
	env.RegisterActivity(decide)
	_, err = env.ExecuteActivity(decide, api.HoldDecision{
		Source: ref.Source, Kind: ref.Kind, Hash: hold.Hash, Verb: api.VerbAllow, By: "ops", Reason: "a lay-off", At: d.now(),
	})
	require.NoError(d.t, err)
}

// TestWhatADepartureOwesStaysWhileNobodyKnows where the person stands, and goes once they are known to work here.
func TestWhatADepartureOwesStaysWhileNobodyKnows(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	const key = "workday-100"
	require.NoError(t, d.l.Systems().Owe(t.Context(), ledgersystems.Debt{
		Key: key, System: google, Account: "u0", Step: identity.SystemSuspend, Episode: 1, Why: "Unavailable", Leaving: true,
	}))
	look := func(standing identity.Standing) {
		a := api.Assessment{Key: key, Episode: 1, Source: identity.SourceWorkday, Mode: api.ModeEnforce}
		a.Person = identity.Person{Key: key, AsOf: d.now(), Standing: standing, Systems: []identity.SystemView{{
			System: google, ReadAt: d.now(), Accounts: []identity.SystemAccount{d.employee("u0")}, Owed: []identity.SystemStepKind{identity.SystemSuspend}, Digest: d.l.Digest,
		}}}
		require.NoError(t, d.s.Plan(t.Context(), d.pol, &a, nil, false))
	}
	look(identity.StandingUnknown)
	require.Len(t, d.debts(), 1)
	look(identity.StandingActive)
	require.Empty(t, d.debts())
}

// TestDeparturesBeyondABudgetWait in one batch, which somebody lets through; nobody who was counted waits.
func TestDeparturesBeyondABudgetWait(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	for i := range 2 {
		key := fmt.Sprint("workday-", 100+i)
		for range 2 {
			a := d.plan(key, true, false, d.employee(fmt.Sprint("u", i)))
			require.Contains(t, kinds(a.Systems[0].Steps), identity.SystemSuspend)
			require.Empty(t, a.Systems[0].Held)
		}
	}
	for _, key := range []string{"workday-102", "workday-103"} {
		a := d.plan(key, true, false, d.employee("x"+key))
		require.Empty(t, a.Systems[0].Steps, "nothing of a departure is done while the end of sign-in waits")
		require.Contains(t, kinds(a.Systems[0].Held), identity.SystemSuspend)
		require.Equal(t, api.NoticeBudgetContain, a.Systems[0].Notices[0].Code)
		require.False(t, a.Systems[0].Notices[0].Blocking, "OneLogin waits for none of it")
	}
	ref := api.HoldRef{Source: google, Kind: api.HoldLeaver}
	require.Contains(t, d.launch.holds, ref)
	d.offset += 400 * 24 * time.Hour
	require.Empty(t, d.plan("workday-102", true, false, d.employee("xworkday-102")).Systems[0].Steps, "time lets nobody through")
	d.launch.take()
	d.allow(ref)
	require.Equal(t, []string{"workday-102", "workday-103"}, d.launch.take(), "they are looked at again")
	require.NotEmpty(t, d.plan("workday-102", true, false, d.employee("xworkday-102")).Systems[0].Steps)
}

// TestWhoIsNotWantedOutAnyMore leaves the batch, and so the question.
func TestWhoIsNotWantedOutAnyMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	for i := range 3 {
		d.plan(fmt.Sprint("workday-", 100+i), true, false, d.employee(fmt.Sprint("u", i)))
	}
	_, found, err := d.l.Budgets().CountHold(t.Context(), google, api.HoldLeaver)
	require.NoError(t, err)
	require.True(t, found)
	d.plan("workday-102", false, false, d.employee("u2", "sales@acme.example"))
	_, found, err = d.l.Budgets().CountHold(t.Context(), google, api.HoldLeaver)
	require.NoError(t, err)
	require.False(t, found)
	require.Len(t, d.launch.holds, 2, "the run about the batch hears of it")
}

// TestANamedPersonsOrderIsNotHeld by a budget, and counts.
func TestANamedPersonsOrderIsNotHeld(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	for i := range 2 {
		d.plan(fmt.Sprint("workday-", 100+i), true, false, d.employee(fmt.Sprint("u", i)))
	}
	order := identity.Order{ID: "o", Key: "workday-105", Kind: identity.OrderContain, By: "security", At: d.now()}
	a := d.plan("workday-105", true, true, d.employee("u5"))
	a.Systems, a.Order = nil, &order
	require.NoError(t, d.s.Plan(t.Context(), d.pol, &a, []identity.Order{order}, false))
	require.Contains(t, kinds(a.Systems[0].Steps), identity.SystemSuspend)
}

// TestWhoWasLetThroughAtOneLogin is let through everywhere: nobody is asked about one departure once for each system.
func TestWhoWasLetThroughAtOneLogin(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	for i := range 2 {
		d.plan(fmt.Sprint("workday-", 100+i), true, false, d.employee(fmt.Sprint("u", i)))
	}
	require.Empty(t, d.plan("workday-105", true, false, d.employee("u5")).Systems[0].Steps)
	_, err := d.l.Budgets().Reserve(t.Context(), budgets.Reservation{
		Budget: "contain/workday", Keys: []string{"workday-105/1"}, Override: true, By: "ops",
	})
	require.NoError(t, err)
	require.NotEmpty(t, d.plan("workday-105", true, false, d.employee("u5")).Systems[0].Steps)
	_, held, err := d.l.Budgets().CountHold(t.Context(), google, api.HoldLeaver)
	require.NoError(t, err)
	require.False(t, held)
}

// TestAChangeBeyondABudgetWaits while a departure of the same day does not, and a deletion waits by itself.
func TestAChangeBeyondABudgetWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	require.Equal(t, []identity.SystemStepKind{identity.SystemAddGroups}, kinds(d.plan("workday-1", false, false, d.employee("u1")).Systems[0].Steps))
	a := d.plan("workday-2", false, false, d.employee("u2"))
	require.Empty(t, a.Systems[0].Steps)
	require.Equal(t, []identity.SystemStepKind{identity.SystemAddGroups}, kinds(a.Systems[0].Held))
	require.Equal(t, []api.HoldRef{{Source: google, Kind: api.HoldGrant}}, d.launch.holds)
	require.NotEmpty(t, d.plan("workday-3", true, false, d.employee("u3")).Systems[0].Steps)
	d.allow(api.HoldRef{Source: google, Kind: api.HoldGrant})
	require.NotEmpty(t, d.plan("workday-2", false, false, d.employee("u2")).Systems[0].Steps)

	licensed := func(id string) identity.SystemAccount {
		account := d.employee(id)
		account.Document.Status, account.Licences = identity.AccountSuspended, []string{"Enterprise"}
		account.Done = map[identity.SystemStepKind]time.Time{identity.SystemEndSessions: d.now()}
		return account
	}
	long := func(key, id string) api.Assessment {
		a := d.plan(key, true, true, licensed(id))
		a.Systems, a.Person.LeaveAt = nil, d.now().Add(-60*24*time.Hour)
		require.NoError(t, d.s.Plan(t.Context(), d.pol, &a, nil, false))
		return a
	}
	require.Contains(t, kinds(long("workday-4", "u4").Systems[0].Steps), identity.SystemReleaseLicences)
	late := long("workday-5", "u5")
	require.NotContains(t, kinds(late.Systems[0].Steps), identity.SystemReleaseLicences)
	require.Equal(t, []identity.SystemStepKind{identity.SystemReleaseLicences}, kinds(late.Systems[0].Held))
}

// TestAGrantWhileAPrivilegedNameIsNotThere draws on the budget of privileged ones: what is given may be what the name means.
func TestAGrantWhileAPrivilegedNameIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t, strings.Replace(planned, "grant: {count: 1}", "grant: {count: 9}, grant_privileged: {count: 1}", 1))
	given := func(key, id string, unclear ...identity.SystemObject) []identity.SystemStepKind {
		a := d.plan(key, false, true, d.employee(id))
		a.Systems, a.Person.Systems[0].Unclear = nil, unclear
		require.NoError(t, d.s.Plan(t.Context(), d.pol, &a, nil, false))
		return kinds(a.Systems[0].Steps)
	}
	admins := identity.SystemObject{System: google, Kind: identity.ObjectGroup, Name: "admins@acme.example"}
	add := []identity.SystemStepKind{identity.SystemAddGroups}
	require.Equal(t, add, given("workday-1", "u1"))
	require.Equal(t, add, given("workday-2", "u2", admins))
	require.Empty(t, given("workday-3", "u3", admins), "there was room for one")
	require.Equal(t, add, given("workday-4", "u4"))
}

// TestALicenceThatNoRuleGivesDrawsOnDeletions, and waits by itself.
func TestALicenceThatNoRuleGivesDrawsOnDeletions(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	licensed := func(id string) identity.SystemAccount {
		account := d.employee(id, "sales@acme.example")
		account.Licences = []string{"Enterprise"}
		account.Given = map[identity.SystemObjectKind][]string{identity.ObjectLicence: {"Enterprise"}}
		return account
	}
	require.Equal(t, []identity.SystemStepKind{identity.SystemReleaseLicences}, kinds(d.plan("workday-1", false, false, licensed("u1")).Systems[0].Steps))
	late := licensed("u2")
	late.Groups = nil
	a := d.plan("workday-2", false, false, late)
	require.Equal(t, []identity.SystemStepKind{identity.SystemAddGroups}, kinds(a.Systems[0].Steps), "nothing else waits for it")
	require.Equal(t, []identity.SystemStepKind{identity.SystemReleaseLicences}, kinds(a.Systems[0].Held))
	require.Equal(t, []api.HoldRef{{Source: google, Kind: api.HoldDelete}}, d.launch.holds)
}

// TestWhatAnAccountIsMadeWithIsCountedOnce, when it is made.
func TestWhatAnAccountIsMadeWithIsCountedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	first := d.plan("workday-1", false, false)
	require.Subset(t, kinds(first.Systems[0].Steps), []identity.SystemStepKind{identity.SystemCreate, identity.SystemAddGroups})
	second := d.plan("workday-2", false, false)
	require.Empty(t, second.Systems[0].Steps)
	require.Equal(t, []api.HoldRef{{Source: google, Kind: api.HoldJoin}}, d.launch.holds)
	made := d.employee("u1")
	made.MadeAt = d.now().Add(-time.Hour)
	require.Equal(t, []identity.SystemStepKind{identity.SystemAddGroups}, kinds(d.plan("workday-1", false, false, made).Systems[0].Steps), "the rest of a new account")
	require.Equal(t, []identity.SystemStepKind{identity.SystemAddGroups}, kinds(d.plan("workday-3", false, false, d.employee("u3")).Systems[0].Steps),
		"the budget of grants is untouched by it")
	old := d.employee("u4")
	old.MadeAt = d.now().Add(-60 * 24 * time.Hour)
	require.Empty(t, d.plan("workday-4", false, false, old).Systems[0].Steps, "an account that was made long ago is new no more, whatever it was never given")
}

// TestALookThatIsDryOrHeldDrawsOnNothing, and says what would be done.
func TestALookThatIsDryOrHeldDrawsOnNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	for i := range 4 {
		a := d.plan(fmt.Sprint("workday-", 100+i), true, true, d.employee(fmt.Sprint("u", i)))
		require.NotEmpty(t, a.Systems[0].Steps)
	}
	a := d.plan("workday-1", true, true, d.employee("u9"))
	a.Systems, a.Held = nil, []identity.Step{{Kind: identity.StepSuspend}}
	require.NoError(t, d.s.Plan(t.Context(), d.pol, &a, nil, false))
	require.Empty(t, a.Systems[0].Steps, "what follows from a plan that is held waits with it")
	require.NotEmpty(t, a.Systems[0].Held)
	require.Empty(t, d.launch.holds)
}

// TestWhereATemplateObserves nothing is done anywhere, and nothing is counted.
func TestWhereATemplateObserves(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	d.pol = policytest.Parse(t, "modes: {}"+planned[len("\nmodes: {onboarding: enforce, offboarding: enforce, role_change: enforce}"):])
	for i := range 4 {
		require.True(t, d.plan(fmt.Sprint("workday-", 100+i), true, false, d.employee(fmt.Sprint("u", i))).Systems[0].Observe)
		require.True(t, d.plan(fmt.Sprint("workday-", 200+i), false, false, d.employee(fmt.Sprint("v", i))).Systems[0].Observe)
	}
	require.Empty(t, d.launch.holds)
}

// TestWithoutSystemsNothingIsPlanned nor read.
func TestWithoutSystemsNothingIsPlanned(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	views, err := w.s.Views(t.Context(), w.policy, ada, 1, "")
	require.NoError(t, err)
	require.Nil(t, views)
	a := api.Assessment{Key: ada}
	require.NoError(t, w.s.Plan(t.Context(), w.policy, &a, nil, false))
	require.Equal(t, api.Assessment{Key: ada}, a)
}

// TestADepartureTakesWhatThereIs, whatever was decided before: nothing is written down for it that would stand before a containment.
func TestADepartureTakesWhatThereIs(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	name := d.group(true)
	account := d.employee(d.user, name)
	d.link(ada, d.user)
	a := d.plan(ada, true, false, account)
	require.Contains(t, kinds(a.Systems[0].Steps), identity.SystemRemoveGroups)
	require.Empty(t, d.view().Taking)
	d.carry(d.leaving(identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: []string{name}}))
	require.Empty(t, d.view().Taking)
}

// TestWhatIsOwedAndNotWantedAnyMore is struck, but not because a system was not read for long.
func TestWhatIsOwedAndNotWantedAnyMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	d.link(ada, d.user)
	d.owe(d.leaving(identity.SystemStep{Kind: identity.SystemSuspend}), "Unavailable")
	owes := func(left bool, age time.Duration) int {
		a := d.plan(ada, left, true, d.employee(d.user, "sales@acme.example"))
		a.Systems = nil
		a.Person.Systems[0].Owed, a.Person.Systems[0].ReadAt = []identity.SystemStepKind{identity.SystemSuspend}, d.now().Add(-age)
		require.NoError(t, d.s.Plan(t.Context(), d.pol, &a, nil, false))
		return len(d.debts())
	}
	require.Equal(t, 1, owes(true, time.Hour), "it is wanted still")
	require.Equal(t, 0, owes(false, time.Hour), "who works here again owes no end of access")
	require.Empty(t, d.items())
	d.owe(d.order(identity.SystemStep{Kind: identity.SystemMove}), "Unavailable")
	require.Equal(t, 1, owes(false, 100*time.Hour), "nobody knows what is wanted there")
	require.Equal(t, 0, owes(false, time.Hour))
}

// TestASuspensionThatSomebodyLifted is ours no more: the next one is theirs, and stays.
func TestASuspensionThatSomebodyLifted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	d.carry(d.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
	d.hand("restore", d.user, "")
	account := d.employee(d.user, "sales@acme.example")
	account.SuspendedByUs = true
	d.plan(ada, false, true, account)
	require.True(t, d.view().SuspendedByUs)
	d.plan(ada, false, false, account)
	require.False(t, d.view().SuspendedByUs)
}
