package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/policy"
)

func deny(role string, change ...func(*identity.Order)) []identity.Order {
	out := order(identity.OrderDeny, append([]func(*identity.Order){func(o *identity.Order) { o.ID = "deny" }}, change...)...)
	out[0].Roles = []string{role}
	return out
}

func taken(times int, at string) func(*identity.Order) {
	return func(o *identity.Order) {
		when, _ := time.Parse(time.DateOnly, at)
		o.Taken = []identity.Taken{{Role: "Jira", Times: times, At: when}}
	}
}

func TestPlanOfDenials(t *testing.T) {
	t.Parallel()
	soon := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	past := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	holds := func(roles ...string) func(*identity.Account) {
		return func(a *identity.Account) { a.Roles = append(a.Roles, roles...) }
	}
	without := func(a *identity.Account) {
		a.Roles = slices.DeleteFunc(a.Roles, func(role string) bool { return role == "Jira" })
	}
	status := func(s identity.AccountStatus) func(*identity.Account) {
		return func(a *identity.Account) { a.Status = s }
	}
	nowhere := func(e *identity.Engagement) { e.Department = "Legal" }
	takes := []identity.StepKind{remove}
	for name, c := range map[string]planCase{
		"what a rule gives":          {orders: deny("Jira"), verdict: identity.VerdictChange, steps: takes},
		"taken":                      {orders: deny("Jira"), account: without, verdict: identity.VerdictNone},
		"what nobody manages":        {orders: deny("Book club"), account: holds("Book club"), verdict: identity.VerdictChange, steps: takes},
		"what is not held":           {orders: deny("Book club"), verdict: identity.VerdictNone},
		"until":                      {orders: deny("Jira", until(soon)), account: without, verdict: identity.VerdictWait, due: "2026-03-09T00:00:00Z"},
		"over":                       {orders: deny("Jira", until(past)), account: without, verdict: identity.VerdictChange, steps: []identity.StepKind{add}},
		"over, given by hand":        {orders: deny("Book club", until(past)), verdict: identity.VerdictNone},
		"beats a grant":              {orders: append(grant("Book club"), deny("Book club")...), verdict: identity.VerdictNone},
		"takes what a grant gave":    {orders: append(grant("Book club", gave("Book club")), deny("Book club")...), account: holds("Book club"), verdict: identity.VerdictChange, steps: takes},
		"grant over meanwhile":       {orders: append(grant("Book club", until(past), gave("Book club")), deny("Book club")...), account: holds("Book club"), verdict: identity.VerdictChange, steps: takes},
		"under a freeze":             {orders: append(orders(identity.OrderFreeze), deny("Jira")...), verdict: identity.VerdictAttention, notices: []string{"frozen"}},
		"under a hold":               {orders: append(orders(identity.OrderHold), deny("Jira")...), verdict: identity.VerdictNone},
		"under a doubt":              {orders: deny("Jira"), engagement: nowhere, verdict: identity.VerdictChange, steps: takes, notices: []string{"department_without_rule", "department_unmapped"}},
		"HR unknown":                 {orders: deny("Jira"), engagement: func(e *identity.Engagement) { e.Found = false }, verdict: identity.VerdictAttention, notices: []string{"record_missing"}},
		"a field is missing":         {orders: deny("Jira"), engagement: func(e *identity.Engagement) { e.Missing = []string{"location"} }, verdict: identity.VerdictChange, steps: takes, notices: []string{"field_missing"}},
		"while suspended":            {orders: append(orders(identity.OrderSuspend), deny("Jira")...), account: pausedByUs, verdict: identity.VerdictNone},
		"before a lift":              {orders: deny("Jira"), account: pausedByUs, verdict: identity.VerdictLift, steps: []identity.StepKind{remove, activate}},
		"of a leaver":                {orders: deny("Jira"), engagement: leaver, verdict: identity.VerdictLeave, steps: []identity.StepKind{suspend, logOut, remove, scramble, factors}},
		"of somebody without access": {orders: deny("Jira"), noAccount: true, verdict: identity.VerdictJoin, steps: []identity.StepKind{create, add, activate, invite}},
		"protected":                  {orders: deny("Jira"), account: func(a *identity.Account) { a.Username = "breakglass-1" }, verdict: identity.VerdictAttention, notices: []string{"protected"}},
		"locked by somebody else":    {orders: deny("Jira"), account: status(identity.AccountLocked), verdict: identity.VerdictAttention, notices: []string{"suspended_elsewhere"}},

		// Something gives it again.
		"came back":                   {orders: deny("Jira", taken(2, "2026-03-01")), verdict: identity.VerdictChange, steps: takes},
		"comes back each time":        {orders: deny("Jira", taken(3, "2026-03-01")), verdict: identity.VerdictAttention, notices: []string{"denied_role_returns"}},
		"came back long ago":          {orders: deny("Jira", taken(3, "2026-01-01")), verdict: identity.VerdictChange, steps: takes},
		"stayed away at last":         {orders: deny("Jira", taken(3, "2026-03-01")), account: without, verdict: identity.VerdictNone},
		"comes back, and more to do":  {orders: append(deny("Jira", taken(3, "2026-03-01")), grant("Book club")...), verdict: identity.VerdictChange, steps: []identity.StepKind{add}, notices: []string{"denied_role_returns"}},
		"comes back, and has to go":   {orders: deny("Jira", taken(3, "2026-03-01")), account: pausedByUs, verdict: identity.VerdictLift, steps: []identity.StepKind{remove, activate}},
		"comes back, and they leave":  {orders: deny("Jira", taken(3, "2026-03-01")), engagement: leaver, verdict: identity.VerdictLeave, steps: []identity.StepKind{suspend, logOut, remove, scramble, factors}},
		"comes back, a second denial": {orders: append(deny("Jira", taken(3, "2026-03-01")), deny("GitHub")...), verdict: identity.VerdictChange, steps: takes, notices: []string{"denied_role_returns"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.run(t, example(t))
			require.Equal(t, c.verdict, got.Verdict)
			require.Equal(t, c.steps, kinds(got))
			require.Equal(t, c.notices, codes(got.Notices))
			require.Equal(t, instant(t, c.due), got.Due)
			if give, _ := got.Step(add); name != "over" {
				require.NotContains(t, give.Names, "Jira")
			}
		})
	}
}

func TestDenialSaysForWhichOrder(t *testing.T) {
	t.Parallel()
	p := example(t)
	plan := planCase{orders: append(grant("Book club", gave("Book club"), until(drawnNow)), deny("Book club")...), account: func(a *identity.Account) { a.Roles = append(a.Roles, "Book club") }}.run(t, p)
	require.Equal(t, []identity.Step{{Kind: remove, Names: []string{"Book club"}, Orders: []string{"o1"}, Denies: []string{"deny"}}}, plan.Steps)
	plan = planCase{orders: deny("Jira")}.run(t, p)
	require.Contains(t, plan.Desired.Rules, "order deny")
	require.NotContains(t, plan.Desired.Roles, "Jira")
	require.Empty(t, plan.Found, "what is denied is not left as found")
}

// TestLeaverKeepsNothingDenied: leaver.keep_roles is a rule like any other.
func TestLeaverKeepsNothingDenied(t *testing.T) {
	t.Parallel()
	p, err := policy.Parse("policy.yaml", []byte(replace(t, string(readFile(t, "testdata/policy.yaml")), "keep_roles: []", "keep_roles: [Jira, Book club]")))
	require.NoError(t, err)
	plan := planCase{orders: deny("Jira"), engagement: leaver}.run(t, p)
	taken, _ := plan.Step(remove)
	require.Contains(t, taken.Names, "Jira")
	require.Equal(t, []string{"Book club"}, p.KeptByLeavers(deny("Jira"), drawnNow))
	require.Equal(t, []string{"Jira", "Book club"}, p.KeptByLeavers(deny("Jira", until(drawnNow)), drawnNow))
}

// TestDeniedIsNeverGiven holds that no plan gives what an order denies, and that whoever can sign in holds none of it once their plans
// are carried out, unless a freeze, a hold, a protection or what keeps giving it stands in the way.
func TestDeniedIsNeverGiven(t *testing.T) {
	t.Parallel()
	p := example(t)
	rapid.Check(t, func(t *rapid.T) {
		account := drawAccount(t)
		standing := append(drawOrders(t, allOrders()...), deny(rapid.SampledFrom([]string{"Everyone", "Jira", "Book club"}).Draw(t, "role"))...)
		denied := standing[len(standing)-1].Roles[0]
		stays := slices.ContainsFunc(standing, func(o identity.Order) bool {
			return o.InForce(drawnNow) && (o.Kind == identity.OrderFreeze || o.Kind == identity.OrderHold || len(o.Taken) > 0)
		})
		for range 6 {
			plan := p.Plan(p.Person("workday-21001", []identity.Engagement{engineer()}, drawnNow), account, standing)
			if give, _ := plan.Step(identity.StepAddRoles); slices.Contains(give.Names, denied) {
				t.Fatalf("%s is given under %v", denied, standing)
			}
			opens := plan.Has(identity.StepActivate) || plan.Has(identity.StepEnable)
			account, standing = apply(account, plan, drawnNow), withoutClosed(standing, plan)
			if opens && slices.Contains(account.Roles, denied) && !stays {
				t.Fatalf("somebody is let in with %s: %v", denied, plan.Steps)
			}
		}
		if account != nil && account.Status == identity.AccountActive && slices.Contains(account.Roles, denied) && !stays {
			t.Fatalf("%s is held under %v", denied, standing)
		}
	})
}

func set(attribute, value string, change ...func(*identity.Order)) []identity.Order {
	out := order(identity.OrderSet, append([]func(*identity.Order){func(o *identity.Order) { o.ID = "set" }}, change...)...)
	out[0].Attributes = map[string]string{attribute: value}
	return out
}

func was(attribute, value string) func(*identity.Order) {
	return func(o *identity.Order) { o.Before = map[string]string{attribute: value} }
}

func TestPlanOfSettings(t *testing.T) {
	t.Parallel()
	soon := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	past := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	phoned := func(number string) func(*identity.Account) { return func(a *identity.Account) { a.Phone = number } }
	titled := func(title string) func(*identity.Account) { return func(a *identity.Account) { a.Title = title } }
	noTitle := func(e *identity.Engagement) { e.Title = "" }
	writes := []identity.StepKind{profile}
	later := func(o *identity.Order) { o.ID, o.At = "later", o.At.Add(time.Hour) }
	keeps := func(a *identity.Account) {
		a.Kept = []identity.Kept{{Field: identity.FieldTitle, Wrote: "Head", Holds: "Engineer", TakenBack: true}}
	}
	for name, c := range map[string]struct {
		planCase
		title, phone string
		clear        []identity.FieldName
	}{
		"above HR":           {planCase: planCase{orders: set("title", "Head", until(soon)), verdict: identity.VerdictChange, steps: writes, due: "2026-03-09T00:00:00Z"}, title: "Head"},
		"written":            {planCase: planCase{orders: set("title", "Head", until(soon)), account: titled("Head"), verdict: identity.VerdictWait, due: "2026-03-09T00:00:00Z"}, title: "Head"},
		"HR says nothing":    {planCase: planCase{orders: set("phone", "+49 30 1"), verdict: identity.VerdictChange, steps: writes}, title: "Engineer", phone: "+49 30 1"},
		"over":               {planCase: planCase{orders: set("title", "Head", until(past), was("title", "Engineer")), account: titled("Head"), verdict: identity.VerdictChange, steps: writes}, title: "Engineer"},
		"over, HR moved on":  {planCase: planCase{orders: set("title", "Head", until(past), was("title", "Engineer")), account: titled("Head"), engagement: func(e *identity.Engagement) { e.Title = "Lead" }, verdict: identity.VerdictChange, steps: writes}, title: "Lead"},
		"over, given back":   {planCase: planCase{orders: set("phone", "1", until(past), was("phone", "2")), account: phoned("1"), verdict: identity.VerdictChange, steps: writes}, title: "Engineer", phone: "2"},
		"over, was empty":    {planCase: planCase{orders: set("phone", "1", until(past), was("phone", "")), account: phoned("1"), verdict: identity.VerdictChange, steps: writes}, title: "Engineer", clear: []identity.FieldName{identity.FieldPhone}},
		"over and emptied":   {planCase: planCase{orders: set("phone", "1", until(past), was("phone", "")), verdict: identity.VerdictNone}, title: "Engineer"},
		"over, changed":      {planCase: planCase{orders: set("phone", "1", until(past), was("phone", "2")), account: phoned("3"), verdict: identity.VerdictNone}, title: "Engineer"},
		"over, never done":   {planCase: planCase{orders: set("phone", "1", until(past)), account: phoned("1"), verdict: identity.VerdictNone}, title: "Engineer"},
		"over, not sent":     {planCase: planCase{orders: set("title", "Head", until(past), was("title", "Clerk")), account: titled("Head"), engagement: func(e *identity.Engagement) { e.Title, e.Missing = "", []string{"title"} }, verdict: identity.VerdictNone, notices: []string{"field_missing"}}},
		"over, HR emptied":   {planCase: planCase{orders: set("title", "Head", until(past), was("title", "Clerk")), account: titled("Head"), engagement: noTitle, verdict: identity.VerdictChange, steps: writes}, title: "Clerk"},
		"the latest counts":  {planCase: planCase{orders: append(set("title", "Chief", later), set("title", "Head")...), verdict: identity.VerdictChange, steps: writes}, title: "Chief"},
		"one after another":  {planCase: planCase{orders: append(set("phone", "1", until(past), was("phone", "")), set("phone", "2", later, was("phone", ""))...), account: phoned("1"), verdict: identity.VerdictChange, steps: writes}, title: "Engineer", phone: "2"},
		"kept by OneLogin":   {planCase: planCase{orders: set("title", "Head"), account: keeps, verdict: identity.VerdictNone, notices: []string{"value_not_kept"}}, title: "Head"},
		"under a freeze":     {planCase: planCase{orders: append(orders(identity.OrderFreeze), set("title", "Head")...), verdict: identity.VerdictAttention, notices: []string{"frozen"}}, title: "Head"},
		"of a leaver":        {planCase: planCase{orders: set("title", "Head"), engagement: leaver, verdict: identity.VerdictLeave, steps: []identity.StepKind{suspend, logOut, remove, scramble, factors}}},
		"protected":          {planCase: planCase{orders: set("title", "Head"), account: func(a *identity.Account) { a.Username = "breakglass-1" }, verdict: identity.VerdictAttention, notices: []string{"protected"}}},
		"of who joins today": {planCase: planCase{orders: set("title", "Head"), noAccount: true, verdict: identity.VerdictJoin, steps: []identity.StepKind{create, add, activate, invite}}, title: "Head"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.run(t, example(t))
			require.Equal(t, c.verdict, got.Verdict)
			require.Equal(t, c.steps, kinds(got))
			require.Equal(t, c.notices, codes(got.Notices))
			require.Equal(t, instant(t, c.due), got.Due)
			require.Equal(t, c.title, got.Desired.Profile.Title)
			require.Equal(t, c.phone, got.Desired.Profile.Phone)
			require.Equal(t, c.clear, got.Desired.Profile.Clear)
			if write, planned := got.Step(profile); planned && name != "over, HR moved on" {
				require.NotEmpty(t, write.Orders)
			}
		})
	}
}

// TestSettingChangesNoAccess: rules look at HR's record, and not at what an account says for a while.
func TestSettingChangesNoAccess(t *testing.T) {
	t.Parallel()
	plan := planCase{orders: set("department", "Sales")}.run(t, example(t))
	require.Equal(t, []identity.StepKind{profile}, kinds(plan))
	require.Contains(t, plan.Desired.Roles, "Engineering")
}

func TestSetBack(t *testing.T) {
	t.Parallel()
	o := set("phone", "1", was("phone", ""))[0]
	for name, c := range map[string]struct {
		account *identity.Account
		desired identity.Profile
		want    bool
	}{
		"no account":       {want: true},
		"still there":      {account: &identity.Account{Phone: "1"}, want: false},
		"somebody else's":  {account: &identity.Account{Phone: "2"}, want: true},
		"HR says the same": {account: &identity.Account{Phone: "1"}, desired: identity.Profile{Phone: "1"}, want: true},
		"HR says other":    {account: &identity.Account{Phone: "1"}, desired: identity.Profile{Phone: "2"}, want: false},
	} {
		require.Equal(t, c.want, policy.SetBack(o, c.account, c.desired), name)
	}
	require.True(t, policy.SetBack(set("phone", "1")[0], &identity.Account{Phone: "1"}, identity.Profile{}), "it was never carried out")
}

func TestPlanOfOpening(t *testing.T) {
	t.Parallel()
	const enable, closeOrder = identity.StepEnable, identity.StepCloseOrder
	past := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	status := func(s identity.AccountStatus) func(*identity.Account) {
		return func(a *identity.Account) { a.Status = s }
	}
	closed := status(identity.AccountSuspended)
	enabling := func(more ...identity.OrderKind) []identity.Order {
		return append(order(identity.OrderEnable, func(o *identity.Order) { o.ID = "open" }), orders(more...)...)
	}
	opens := []identity.StepKind{enable}
	for name, c := range map[string]struct {
		planCase
		why string
	}{
		"suspended by somebody else": {planCase: planCase{account: closed, steps: opens}},
		"locked by OneLogin":         {planCase: planCase{account: status(identity.AccountLocked), steps: opens}},
		"locked for a while":         {planCase: planCase{account: both(status(identity.AccountLocked), func(a *identity.Account) { a.LockedUntil = past.Add(48 * time.Hour) }), steps: opens}},
		"leaving later":              {planCase: planCase{account: closed, engagement: func(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "2026-04-30", past }, steps: opens, due: "2026-04-30T16:00:00Z"}},
		"restricted":                 {planCase: planCase{account: closed, orders: orders(identity.OrderRestrict), steps: []identity.StepKind{group, enable}}},
		"denied":                     {planCase: planCase{account: closed, orders: deny("Jira"), steps: []identity.StepKind{remove, enable}}},
		"suspended by us":            {planCase: planCase{account: suspendedByUs, steps: []identity.StepKind{closeOrder}}, why: "opens it once HR and the policy want that"},
		"suspended for an order":     {planCase: planCase{account: pausedByUs, steps: []identity.StepKind{closeOrder}}, why: "opened when that is over"},
		"locked by an order":         {planCase: planCase{account: both(status(identity.AccountLocked), func(a *identity.Account) { a.LockedFor = "o9" }), steps: []identity.StepKind{closeOrder}}, why: "an order has locked"},
		"a lock that has ended":      {planCase: planCase{account: both(status(identity.AccountLocked), func(a *identity.Account) { a.LockedUntil = past }), steps: []identity.StepKind{closeOrder}}, why: "ended by itself"},
		"open":                       {planCase: planCase{steps: []identity.StepKind{closeOrder}}, why: "nobody has closed the account, which is active"},
		"password expired":           {planCase: planCase{account: status(identity.AccountPasswordExpired), steps: []identity.StepKind{closeOrder}}, why: "which is password expired"},
		"never activated":            {planCase: planCase{account: status(identity.AccountUnactivated), steps: []identity.StepKind{closeOrder}}, why: "never activated"},
		"without a password":         {planCase: planCase{account: status(identity.AccountPasswordPending), steps: []identity.StepKind{closeOrder}}, why: "no password yet"},
		"without a licence":          {planCase: planCase{account: both(closed, func(a *identity.Account) { a.State = 3 }), steps: []identity.StepKind{closeOrder}}, why: "no licence"},
		"on leave":                   {planCase: planCase{account: closed, engagement: func(e *identity.Engagement) { e.Status = identity.StatusOnLeave }, steps: []identity.StepKind{closeOrder}}, why: "on leave"},
		"HR unknown":                 {planCase: planCase{account: closed, engagement: func(e *identity.Engagement) { e.Found = false }, steps: []identity.StepKind{closeOrder}, notices: []string{"record_missing"}}, why: "does not say that the person is employed"},
		"frozen":                     {planCase: planCase{account: closed, orders: orders(identity.OrderFreeze), steps: []identity.StepKind{closeOrder}}, why: "of kind freeze"},
		"ordered to be suspended":    {planCase: planCase{account: closed, orders: orders(identity.OrderSuspend), steps: []identity.StepKind{closeOrder}}, why: "of kind suspend"},
		"protected":                  {planCase: planCase{account: both(closed, func(a *identity.Account) { a.Username = "breakglass-1" }), steps: []identity.StepKind{closeOrder}}, why: "protected"},
		"nobody's":                   {planCase: planCase{noAccount: true, steps: []identity.StepKind{closeOrder}}, why: "there is no account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.orders = append(enabling(), c.orders...)
			got := c.run(t, example(t))
			require.Equal(t, identity.VerdictRespond, got.Verdict)
			require.Equal(t, c.steps, kinds(got))
			require.Equal(t, c.notices, codes(got.Notices))
			last := got.Steps[len(got.Steps)-1]
			require.Equal(t, []string{"open"}, last.Orders)
			require.Contains(t, last.Why, c.why)
			require.Equal(t, c.why == "", last.Why == "")
		})
	}
	alone := example(t).Plan(identity.Person{Key: "onelogin-7", AsOf: past, Standing: identity.StandingUnknown}, engineerAccount(closed), enabling())
	require.Equal(t, "the account is not the primary one of anybody in HR", alone.Steps[0].Why)
	for name, c := range map[string]planCase{
		"left":      {account: suspendedByUs, engagement: leaver, orders: enabling()},
		"contained": {account: suspendedByUs, orders: enabling(identity.OrderContain)},
	} {
		plan := c.run(t, example(t))
		require.True(t, plan.Has(closeOrder), name)
		require.False(t, plan.Has(enable), name)
	}
}

// TestOnlyWhoMayBeInIsLetIn holds that nobody is let in by an enable order whom HR does not want in, or against whom an order stands.
func TestOnlyWhoMayBeInIsLetIn(t *testing.T) {
	t.Parallel()
	p := example(t)
	rapid.Check(t, func(t *rapid.T) {
		engagements := rapid.SliceOfN(rapid.Custom(drawEngagement), 0, 2).Draw(t, "engagements")
		account := drawAccount(t)
		standing := append(drawOrders(t, allOrders()...), identity.Order{ID: "open", Kind: identity.OrderEnable})
		person := p.Person("workday-21001", engagements, drawnNow)
		plan := p.Plan(person, account, standing)
		if !plan.Has(identity.StepEnable) {
			return
		}
		against := slices.ContainsFunc(standing, func(o identity.Order) bool {
			return o.InForce(drawnNow) && slices.Contains([]identity.OrderKind{identity.OrderContain, identity.OrderSuspend, identity.OrderFreeze}, o.Kind)
		})
		in := person.Standing == identity.StandingActive || person.Standing == identity.StandingLeaving && person.LeaveAt.After(drawnNow)
		if against || !in || account.SuspendedByUs || account.Status != identity.AccountSuspended && account.Status != identity.AccountLocked {
			t.Fatalf("%s is let in under %v, whose account is %s", person.Standing, standing, account.Status)
		}
	})
}

// TestOrdersAboutAnAccountAlone: rules and HR are about people, and so is what stands above them.
func TestOrdersAboutAnAccountAlone(t *testing.T) {
	t.Parallel()
	for _, standing := range [][]identity.Order{deny("Jira"), set("title", "Head")} {
		plan := example(t).Plan(identity.Person{Key: "onelogin-7", AsOf: drawnNow, Standing: identity.StandingUnknown}, engineerAccount(), standing)
		require.Equal(t, identity.VerdictAttention, plan.Verdict)
		require.Equal(t, []string{policy.NoticeNoRecord}, codes(plan.Notices))
	}
}
