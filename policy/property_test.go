package policy_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// The moment around which everything that is drawn happens.
var drawnNow = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func drawDate(t *rapid.T, label string) identity.Date {
	days := rapid.SampledFrom([]int{-400, -30, -1, 0, 1, 5, 8, 30, 400}).Draw(t, label)
	return identity.Date(drawnNow.AddDate(0, 0, days).Format(time.DateOnly))
}

func drawEngagement(t *rapid.T) identity.Engagement {
	e := engineer()
	e.Source = rapid.SampledFrom([]string{identity.SourceWorkday, identity.SourceBambooHR}).Draw(t, "source")
	e.FirstName = rapid.SampledFrom([]string{"Ada", "Zoë", "Мария", ""}).Draw(t, "first")
	e.Department = rapid.SampledFrom([]string{"Engineering", "Sales", "IT", "Legal", ""}).Draw(t, "department")
	e.Title = rapid.SampledFrom([]string{"Engineer", "Head of Infrastructure", ""}).Draw(t, "title")
	e.Location = rapid.SampledFrom([]string{"Berlin", "Auckland", "Honolulu", "Atlantis"}).Draw(t, "location")
	e.EmploymentType = rapid.SampledFrom([]string{"Employee", "Contractor"}).Draw(t, "type")
	e.ManagerID = rapid.SampledFrom([]string{"20001", ""}).Draw(t, "manager")
	e.Status = rapid.SampledFrom([]identity.Status{
		identity.StatusActive, identity.StatusActive, identity.StatusOnLeave, identity.StatusInactive,
		identity.StatusTerminated, identity.StatusRescinded, identity.StatusUnknown,
	}).Draw(t, "status")
	e.HireDate = drawDate(t, "hire")
	if rapid.Bool().Draw(t, "ends") {
		e.LastDay, e.LeaverFirstSeen = drawDate(t, "last day"), drawnNow.Add(-48*time.Hour)
		e.Involuntary = rapid.Bool().Draw(t, "involuntary")
	}
	e.Found = rapid.IntRange(0, 9).Draw(t, "found") > 0
	if rapid.IntRange(0, 9).Draw(t, "drop") == 0 {
		e.Missing = []string{"title"}
	}
	return e
}

func drawAccount(t *rapid.T) *identity.Account {
	if rapid.Bool().Draw(t, "no account") {
		return nil
	}
	roles := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"Everyone", "Engineering", "Jira", "Sales", "Book club", "#12", "AWS Admin"}),
		func(s string) string { return s }).Draw(t, "roles")
	slices.Sort(roles)
	return engineerAccount(func(a *identity.Account) {
		a.Roles = roles
		a.Status = rapid.SampledFrom([]identity.AccountStatus{0, 1, 1, 2, 2, 3, 4, 5, 7, 8}).Draw(t, "account status")
		a.Group = rapid.SampledFrom([]string{"", "Default", "Engineering", "MFA required"}).Draw(t, "group")
		a.ExternalID = rapid.SampledFrom([]string{"", "workday-21001", "ad-9"}).Draw(t, "external id")
		a.SuspendedByUs = a.Status == identity.AccountSuspended && rapid.Bool().Draw(t, "by us")
		if a.SuspendedByUs && rapid.Bool().Draw(t, "for an order") {
			a.SuspendedFor = "earlier"
		}
		a.CreatedByUs = rapid.Bool().Draw(t, "created by us")
		a.Phone = rapid.SampledFrom([]string{"", "one", "other", "third"}).Draw(t, "phone")
		a.Title = rapid.SampledFrom([]string{"Engineer", "Engineer", "one", ""}).Draw(t, "account title")
		if rapid.Bool().Draw(t, "never used") {
			a.LastLogin, a.InvitationSentAt = time.Time{}, time.Time{}
		}
	})
}

func drawOrders(t *rapid.T, kindsOfOrder ...identity.OrderKind) []identity.Order {
	orders := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) identity.Order {
		o := identity.Order{Kind: rapid.SampledFrom(kindsOfOrder).Draw(t, "kind")}
		if o.Kind == identity.OrderGrant {
			o.Roles = []string{rapid.SampledFrom([]string{"Sales", "Book club", "AWS Admin"}).Draw(t, "granted")}
			o.Given = rapid.SampledFrom([][]string{nil, o.Roles}).Draw(t, "given")
		}
		if o.Kind == identity.OrderDeny {
			o.Roles = []string{rapid.SampledFrom([]string{"Everyone", "Jira", "Book club", "AWS Admin"}).Draw(t, "denied")}
			o.Taken = []identity.Taken{{Role: o.Roles[0], Times: rapid.IntRange(0, 4).Draw(t, "taken"), At: drawnNow.Add(-time.Hour)}}
		}
		if o.Kind == identity.OrderSet {
			o.Attributes = map[string]string{rapid.SampledFrom([]string{"title", "phone"}).Draw(t, "attribute"): rapid.SampledFrom([]string{"one", "other"}).Draw(t, "value")}
			if rapid.Bool().Draw(t, "written") {
				o.Before = map[string]string{"title": "Clerk", "phone": ""}
			}
		}
		if rapid.Bool().Draw(t, "limited") {
			o.Until = drawnNow.Add(rapid.SampledFrom([]time.Duration{-time.Hour, 0, time.Hour}).Draw(t, "until"))
		}
		return o
	}), 0, 3).Draw(t, "orders")
	for i := range orders {
		orders[i].ID = "o" + strconv.Itoa(i)
	}
	return orders
}

// withoutClosed leaves out the orders that the steps of a plan close.
func withoutClosed(orders []identity.Order, plan identity.Plan) []identity.Order {
	return slices.DeleteFunc(slices.Clone(orders), func(o identity.Order) bool {
		return o.Kind.Response() && slices.ContainsFunc(plan.Steps, func(s identity.Step) bool { return slices.Contains(s.Orders, o.ID) })
	})
}

func allOrders() []identity.OrderKind {
	return []identity.OrderKind{
		identity.OrderContain, identity.OrderSuspend, identity.OrderRestrict, identity.OrderFreeze, identity.OrderExempt,
		identity.OrderGrant, identity.OrderLogOut, identity.OrderResetPassword, identity.OrderLock,
		identity.OrderDeny, identity.OrderSet, identity.OrderEnable,
	}
}

// apply does to a model account what the steps of a plan say. It returns nil where the account is gone.
func apply(account *identity.Account, plan identity.Plan, now time.Time) *identity.Account {
	var a *identity.Account
	if account != nil {
		model := *account
		model.Roles = slices.Clone(account.Roles)
		a = &model
	}
	for _, step := range plan.Steps {
		switch step.Kind {
		case identity.StepSuspend:
			// Somebody else's lock stays somebody else's business.
			foreign := len(step.Orders) > 0 && a.Status == identity.AccountLocked && a.LockedFor == ""
			a.Status, a.SuspendedByUs, a.SuspendedFor = identity.AccountSuspended, !foreign, strings.Join(step.Orders, "")
			if foreign {
				a.SuspendedFor = ""
			}
		case identity.StepCreate:
			a = &identity.Account{Status: identity.AccountPasswordPending, CreatedByUs: true}
			if len(step.Names) > 0 {
				a.Group = step.Names[0]
			}
			setProfile(a, plan.Desired.Profile)
		case identity.StepSetProfile:
			setProfile(a, plan.Desired.Profile)
		case identity.StepSetGroup:
			a.Group = step.Names[0]
		case identity.StepRemoveRoles:
			a.Roles = slices.DeleteFunc(a.Roles, func(role string) bool { return slices.Contains(step.Names, role) })
		case identity.StepAddRoles:
			a.Roles = append(a.Roles, step.Names...)
			slices.Sort(a.Roles)
		case identity.StepActivate:
			a.Status, a.SuspendedByUs, a.SuspendedFor = identity.AccountActive, false, ""
		case identity.StepLock:
			a.Status, a.LockedFor = identity.AccountLocked, step.Orders[0]
		case identity.StepEnable:
			a.Status = identity.AccountActive
		case identity.StepInvite:
			a.InvitationSentAt = now
		case identity.StepDelete:
			a = nil
		case identity.StepLogOut, identity.StepScramblePassword, identity.StepRemoveFactors, identity.StepEndSessions,
			identity.StepResetPassword, identity.StepCloseOrder:
		}
	}
	return a
}

func setProfile(a *identity.Account, p identity.Profile) {
	set := func(field *string, value string) {
		if value != "" {
			*field = value
		}
	}
	set(&a.FirstName, p.FirstName)
	set(&a.LastName, p.LastName)
	set(&a.Title, p.Title)
	set(&a.Department, p.Department)
	set(&a.Company, p.Company)
	set(&a.ExternalID, p.ExternalID)
	set(&a.Phone, p.Phone)
	for _, field := range p.Clear {
		var cleared identity.Profile
		cleared.Title, cleared.Department, cleared.Company, cleared.Phone = a.Title, a.Department, a.Company, a.Phone
		cleared.Set(field, "")
		a.Title, a.Department, a.Company, a.Phone = cleared.Title, cleared.Department, cleared.Company, cleared.Phone
	}
}

// variants are policies that differ in what decides about steps.
func variants(t *testing.T) []*policy.Policy {
	t.Helper()
	full := string(readFile(t, "testdata/policy.yaml"))
	texts := []string{
		full,
		replace(t, full, "keep_roles: []", "keep_roles: [Jira, Book club]"),
		replace(t, replace(t, full, "credential: invite", "credential: none"), "early_roles: []", "early_roles: [People]"),
		policytest.Whole(policytest.Smallest + policytest.Everyone),
	}
	out := make([]*policy.Policy, len(texts))
	for i, text := range texts {
		p, err := policy.Parse("policy.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = p
	}
	return out
}

// TestPlanConverges holds that carrying out a plan leaves nothing to do, whatever was found, and that the steps come
// in the order in which they have to be carried out.
func TestPlanConverges(t *testing.T) {
	t.Parallel()
	policies := variants(t)
	inOrder := []identity.StepKind{
		suspend, logOut, create, profile, group, remove, add, activate, invite, scramble, factors, erase,
	}
	byOrder := []identity.Verdict{identity.VerdictSuspend, identity.VerdictLift, identity.VerdictRespond}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(policies).Draw(t, "policy")
		engagements := rapid.SliceOfN(rapid.Custom(drawEngagement), 0, 3).Draw(t, "engagements")
		account, orders := drawAccount(t), drawOrders(t, allOrders()...)
		person := p.Person("workday-21001", engagements, drawnNow)
		plan := p.Plan(person, account, orders)
		if diff := cmp.Diff(plan, p.Plan(person, account, orders)); diff != "" {
			t.Fatalf("the same input gives another plan: %s", diff)
		}
		last := -1
		for _, step := range plan.Steps {
			if slices.Contains([]identity.StepKind{identity.StepEndSessions, identity.StepResetPassword, identity.StepLock, identity.StepEnable, identity.StepCloseOrder}, step.Kind) {
				last = len(inOrder)
				continue
			}
			at := slices.Index(inOrder, step.Kind)
			if at <= last || !slices.IsSorted(step.Names) {
				t.Fatalf("steps out of order: %v", plan.Steps)
			}
			last = at
		}
		acts := slices.Contains(append(byOrder,
			identity.VerdictJoin, identity.VerdictChange, identity.VerdictLeave, identity.VerdictUndo,
		), plan.Verdict)
		if acts != (len(plan.Steps) > 0) {
			t.Fatalf("verdict %s with steps %v", plan.Verdict, plan.Steps)
		}
		for range byOrder {
			// What orders ask for comes first, and hides what HR wants until it is done.
			if !slices.Contains(byOrder, plan.Verdict) {
				break
			}
			account, orders = apply(account, plan, drawnNow), withoutClosed(orders, plan)
			plan = p.Plan(person, account, orders)
		}
		if again := p.Plan(person, apply(account, plan, drawnNow), withoutClosed(orders, plan)); len(again.Steps) > 0 {
			t.Fatalf("after %v there is more to do: %v", plan.Steps, again.Steps)
		}
	})
}

// TestContainAlwaysWins holds that a contain order ends sign-in whatever HR and other orders say.
func TestContainAlwaysWins(t *testing.T) {
	t.Parallel()
	p := example(t)
	rapid.Check(t, func(t *rapid.T) {
		engagements := rapid.SliceOfN(rapid.Custom(drawEngagement), 0, 3).Draw(t, "engagements")
		account := drawAccount(t)
		orders := append(drawOrders(t, allOrders()...), identity.Order{Kind: identity.OrderContain})
		plan := p.Plan(p.Person("workday-21001", engagements, drawnNow), account, orders)
		after := apply(account, plan, drawnNow)
		switch {
		case plan.Has(identity.StepActivate) || plan.Has(identity.StepCreate) || plan.Has(identity.StepAddRoles):
			t.Fatalf("a contain order gives access: %v", plan.Steps)
		case account == nil && slices.ContainsFunc(plan.Steps, func(s identity.Step) bool { return s.Kind != identity.StepCloseOrder }):
			t.Fatalf("steps without an account: %v", plan.Steps)
		case account != nil && (after.Status != identity.AccountSuspended || len(after.Roles) > 0):
			t.Fatalf("status %s and roles %v remain", after.Status, after.Roles)
		}
	})
}

// TestPlannedLeaverLooksLikeAnybody holds that before the moment nothing in a plan differs from that of the same
// person without a last day, but that a moment is awaited.
func TestPlannedLeaverLooksLikeAnybody(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, `
access:
  rules:
    - {name: policytest.Everyone, when: "true", group: Default, roles: [Everyone], priority: -1}
    - {name: active, when: person.standing == "active", roles: [GitHub]}
    - {name: engineering, when: person.department == "Engineering", group: Engineering, roles: [Jira]}
`)
	rapid.Check(t, func(t *rapid.T) {
		e := drawEngagement(t)
		e.LastDay, e.LeaverFirstSeen, e.Involuntary = "", time.Time{}, false
		e.Status = rapid.SampledFrom([]identity.Status{identity.StatusActive, identity.StatusOnLeave}).Draw(t, "employed")
		staying := p.Person("workday-21001", []identity.Engagement{e}, drawnNow)
		e.LastDay, e.LeaverFirstSeen = "2027-12-31", drawnNow.Add(-time.Hour)
		leaving := p.Person("workday-21001", []identity.Engagement{e}, drawnNow)

		account, orders := drawAccount(t), drawOrders(t, allOrders()...)
		want, got := p.Plan(staying, account, orders), p.Plan(leaving, account, orders)
		if e.Found && got.Due.IsZero() {
			t.Fatal("the last day is not awaited")
		}
		if want.Verdict == identity.VerdictNone && got.Verdict == identity.VerdictWait {
			got.Verdict = want.Verdict
		}
		got.Due = want.Due
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("a last day shows: %s", diff)
		}
	})
}
