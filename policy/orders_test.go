package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/policy"
)

func pausedByUs(a *identity.Account) {
	a.Status, a.SuspendedByUs, a.SuspendedFor = identity.AccountSuspended, true, "o0"
}

func both(changes ...func(*identity.Account)) func(*identity.Account) {
	return func(a *identity.Account) {
		for _, c := range changes {
			c(a)
		}
	}
}

func orders(kinds ...identity.OrderKind) []identity.Order {
	var out []identity.Order
	for i, k := range kinds {
		o := order(k)[0]
		o.ID = "o" + string(rune('1'+i))
		out = append(out, o)
	}
	return out
}

func TestPlanOfOrders(t *testing.T) {
	t.Parallel()
	const (
		endSessions = identity.StepEndSessions
		reset       = identity.StepResetPassword
		lock        = identity.StepLock
		closeOrder  = identity.StepCloseOrder
	)
	soon := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	past := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	onLeave := func(e *identity.Engagement) { e.Status = identity.StatusOnLeave }
	unknown := func(e *identity.Engagement) { e.Found = false }
	mover := func(e *identity.Engagement) { e.Department = "Sales" }
	status := func(s identity.AccountStatus) func(*identity.Account) {
		return func(a *identity.Account) { a.Status = s }
	}
	asleep := func(a *identity.Account) { a.Status, a.InvitationSentAt, a.Roles = 7, time.Time{}, nil }
	suspended := []identity.StepKind{suspend, logOut}
	leave := []identity.StepKind{suspend, logOut, remove, scramble, factors}
	suspendOrder := orders(identity.OrderSuspend)
	for name, c := range map[string]planCase{
		// A suspension takes sign-in and nothing else.
		"suspend":                       {orders: suspendOrder, verdict: identity.VerdictSuspend, steps: suspended},
		"suspend until":                 {orders: order(identity.OrderSuspend, until(soon)), verdict: identity.VerdictSuspend, steps: suspended, due: "2026-03-09T00:00:00Z"},
		"suspended":                     {orders: suspendOrder, account: pausedByUs, verdict: identity.VerdictNone},
		"suspended for a while":         {orders: order(identity.OrderSuspend, until(soon)), account: pausedByUs, verdict: identity.VerdictWait, due: "2026-03-09T00:00:00Z"},
		"nothing changes meanwhile":     {orders: suspendOrder, account: pausedByUs, engagement: mover, verdict: identity.VerdictNone},
		"suspend, HR unknown":           {orders: suspendOrder, engagement: unknown, verdict: identity.VerdictSuspend, steps: suspended, notices: []string{"record_missing"}},
		"suspend under a freeze":        {orders: orders(identity.OrderFreeze, identity.OrderSuspend), verdict: identity.VerdictSuspend, steps: suspended},
		"suspend over restrict":         {orders: orders(identity.OrderSuspend, identity.OrderRestrict), verdict: identity.VerdictSuspend, steps: suspended},
		"contain over suspend":          {orders: orders(identity.OrderSuspend, identity.OrderContain), verdict: identity.VerdictLeave, steps: leave},
		"suspend while locked":          {orders: suspendOrder, account: status(identity.AccountLocked), verdict: identity.VerdictSuspend, steps: suspended},
		"suspend somebody invited":      {orders: suspendOrder, account: status(identity.AccountPasswordPending), verdict: identity.VerdictSuspend, steps: suspended},
		"suspend a prepared account":    {orders: suspendOrder, account: asleep, verdict: identity.VerdictNone},
		"suspend nobody":                {orders: suspendOrder, noAccount: true, verdict: identity.VerdictAttention, notices: []string{"nothing_to_suspend"}},
		"suspended by somebody else":    {orders: suspendOrder, account: status(identity.AccountSuspended), verdict: identity.VerdictNone},
		"opened again behind our backs": {orders: suspendOrder, account: func(a *identity.Account) { a.SuspendedByUs, a.SuspendedFor = true, "o1" }, verdict: identity.VerdictSuspend, steps: suspended},

		// Its end.
		"lift":                         {account: pausedByUs, verdict: identity.VerdictLift, steps: []identity.StepKind{activate}},
		"lift, lapsed":                 {orders: order(identity.OrderSuspend, until(past)), account: pausedByUs, verdict: identity.VerdictLift, steps: []identity.StepKind{activate}},
		"lift, a second one stands":    {orders: suspendOrder, account: pausedByUs, verdict: identity.VerdictNone},
		"lift, mover":                  {account: pausedByUs, engagement: mover, verdict: identity.VerdictLift, steps: []identity.StepKind{activate}},
		"lift into a restriction":      {orders: orders(identity.OrderRestrict), account: pausedByUs, verdict: identity.VerdictLift, steps: []identity.StepKind{group, activate}},
		"lift under a freeze":          {orders: orders(identity.OrderFreeze), account: pausedByUs, verdict: identity.VerdictAttention, notices: []string{"frozen"}},
		"lift, HR unknown":             {account: pausedByUs, engagement: unknown, verdict: identity.VerdictAttention, notices: []string{"record_missing"}},
		"lift while on leave":          {account: pausedByUs, engagement: onLeave, verdict: identity.VerdictNone},
		"lift, other's suspension":     {account: status(identity.AccountSuspended), verdict: identity.VerdictAttention, notices: []string{"suspended_elsewhere"}},
		"leave wins over suspend":      {orders: suspendOrder, engagement: leaver, verdict: identity.VerdictLeave, steps: leave},
		"leave takes the suspension":   {orders: suspendOrder, engagement: leaver, account: pausedByUs, verdict: identity.VerdictLeave, steps: leave},
		"left, suspend released":       {engagement: leaver, account: pausedByUs, verdict: identity.VerdictLeave, steps: leave},
		"left, nothing but suspension": {engagement: leaver, account: both(pausedByUs, func(a *identity.Account) { a.Roles = nil }), verdict: identity.VerdictLeave, steps: []identity.StepKind{suspend, logOut, scramble, factors}},
		"left and done, suspend order": {orders: suspendOrder, engagement: leaver, account: suspendedByUs, verdict: identity.VerdictNone},
		"rehire while suspended":       {orders: suspendOrder, account: suspendedByUs, verdict: identity.VerdictNone},
		"rehire after the suspension":  {account: suspendedByUs, verdict: identity.VerdictJoin, steps: []identity.StepKind{add, activate, invite}},

		// Responses.
		"log out":                   {orders: orders(identity.OrderLogOut), verdict: identity.VerdictRespond, steps: []identity.StepKind{endSessions}},
		"three at once":             {orders: orders(identity.OrderLock, identity.OrderResetPassword, identity.OrderLogOut), verdict: identity.VerdictRespond, steps: []identity.StepKind{lock, reset, endSessions}},
		"after a suspension":        {orders: orders(identity.OrderLogOut, identity.OrderSuspend), verdict: identity.VerdictSuspend, steps: suspended},
		"lock a suspended account":  {orders: orders(identity.OrderLock, identity.OrderSuspend), account: pausedByUs, verdict: identity.VerdictRespond, steps: []identity.StepKind{closeOrder}},
		"lock a locked account":     {orders: orders(identity.OrderLock), account: status(identity.AccountLocked), verdict: identity.VerdictRespond, steps: []identity.StepKind{closeOrder}},
		"lock after a crash":        {orders: orders(identity.OrderLock), account: both(status(identity.AccountLocked), func(a *identity.Account) { a.LockedFor = "o1" }), verdict: identity.VerdictRespond, steps: []identity.StepKind{lock}},
		"lock after one that ended": {orders: orders(identity.OrderLock), account: both(status(identity.AccountLocked), func(a *identity.Account) { a.LockedUntil = past }), verdict: identity.VerdictRespond, steps: []identity.StepKind{lock}},
		"lock before an invitation": {orders: orders(identity.OrderLock), account: asleep, verdict: identity.VerdictRespond, steps: []identity.StepKind{closeOrder}},
		"reset without a password":  {orders: orders(identity.OrderResetPassword), account: asleep, verdict: identity.VerdictRespond, steps: []identity.StepKind{closeOrder}},
		"respond under a freeze":    {orders: orders(identity.OrderFreeze, identity.OrderLock), verdict: identity.VerdictRespond, steps: []identity.StepKind{lock}},
		"respond, HR unknown":       {orders: orders(identity.OrderLogOut), engagement: unknown, verdict: identity.VerdictRespond, steps: []identity.StepKind{endSessions}, notices: []string{"record_missing"}},
		"respond to nobody":         {orders: orders(identity.OrderLogOut), noAccount: true, verdict: identity.VerdictRespond, steps: []identity.StepKind{closeOrder}},
		"respond to a leaver":       {orders: orders(identity.OrderLock), engagement: leaver, verdict: identity.VerdictLeave, steps: append(slices.Clone(leave), closeOrder)},
		"respond after the leave":   {orders: orders(identity.OrderLock), engagement: leaver, account: suspendedByUs, verdict: identity.VerdictRespond, steps: []identity.StepKind{closeOrder}},
		"lapsed response":           {orders: order(identity.OrderLock, until(past)), verdict: identity.VerdictNone},
		"our lock is no riddle":     {account: both(status(identity.AccountLocked), func(a *identity.Account) { a.LockedFor = "o9" }), verdict: identity.VerdictNone},
		"a lock that has ended":     {account: both(status(identity.AccountLocked), func(a *identity.Account) { a.LockedUntil = past }), verdict: identity.VerdictNone},
		"protected":                 {orders: orders(identity.OrderLock), account: func(a *identity.Account) { a.Username = "breakglass-1" }, verdict: identity.VerdictAttention, notices: []string{"protected"}},

		// Grants.
		"grant":                  {orders: grant("Book club"), verdict: identity.VerdictChange, steps: []identity.StepKind{add}},
		"grant given":            {orders: grant("Book club"), account: func(a *identity.Account) { a.Roles = append(a.Roles, "Book club") }, verdict: identity.VerdictNone},
		"grant until":            {orders: grant("Book club", until(soon)), verdict: identity.VerdictChange, steps: []identity.StepKind{add}, due: "2026-03-09T00:00:00Z"},
		"grant lapsed":           {orders: grant("Book club", until(past), gave("Book club")), account: func(a *identity.Account) { a.Roles = append(a.Roles, "Book club") }, verdict: identity.VerdictChange, steps: []identity.StepKind{remove}},
		"grant of what was had":  {orders: grant("Book club", until(past)), account: func(a *identity.Account) { a.Roles = append(a.Roles, "Book club") }, verdict: identity.VerdictNone},
		"grant of managed":       {orders: grant("Sales", until(past)), account: func(a *identity.Account) { a.Roles = append(a.Roles, "Sales") }, verdict: identity.VerdictNone},
		"grant of birthright":    {orders: grant("Engineering", until(past), gave("Engineering")), verdict: identity.VerdictNone},
		"grant to a leaver":      {orders: grant("Book club"), engagement: leaver, verdict: identity.VerdictLeave, steps: leave},
		"grant while suspended":  {orders: append(grant("Book club"), suspendOrder...), account: pausedByUs, verdict: identity.VerdictNone},
		"exempt changes nothing": {orders: orders(identity.OrderExempt), verdict: identity.VerdictNone},

		// The end of a restriction.
		"restriction over":        {account: func(a *identity.Account) { a.Group = "MFA required" }, verdict: identity.VerdictChange, steps: []identity.StepKind{group}},
		"restriction over, moved": {engagement: mover, account: func(a *identity.Account) { a.Group = "MFA required" }, verdict: identity.VerdictChange, steps: []identity.StepKind{profile, group, remove, add}},
		"restriction over, left":  {engagement: leaver, account: both(suspendedByUs, func(a *identity.Account) { a.Group = "MFA required" }), verdict: identity.VerdictNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.run(t, example(t))
			require.Equal(t, c.verdict, got.Verdict)
			require.Equal(t, c.steps, kinds(got))
			require.Equal(t, c.notices, codes(got.Notices))
			var due time.Time
			if c.due != "" {
				due = instant(t, c.due)
			}
			require.Equal(t, due, got.Due)
		})
	}
}

func grant(role string, change ...func(*identity.Order)) []identity.Order {
	out := order(identity.OrderGrant, change...)
	out[0].Roles = []string{role}
	return out
}

func gave(role string) func(*identity.Order) {
	return func(o *identity.Order) { o.Given = []string{role} }
}

func TestStepsSayForWhichOrder(t *testing.T) {
	t.Parallel()
	p := example(t)
	plan := planCase{orders: append(orders(identity.OrderSuspend), order(identity.OrderSuspend, until(drawnNow.Add(time.Hour)))...)}.run(t, p)
	require.Equal(t, []identity.Step{{Kind: suspend, Orders: []string{"o1"}}, {Kind: logOut}}, plan.Steps)

	long, short := order(identity.OrderLock)[0], order(identity.OrderLock)[0]
	long.ID, long.Minutes, short.ID, short.Minutes = "long", 60, "short", 15
	plan = planCase{orders: []identity.Order{short, long}}.run(t, p)
	require.Equal(t, []identity.Step{
		{Kind: identity.StepCloseOrder, Orders: []string{"short"}, Why: "another order locks the account for longer"},
		{Kind: identity.StepLock, Orders: []string{"long"}, Minutes: 60},
	}, plan.Steps)

	over := grant("Book club", until(drawnNow.Add(-time.Hour)), gave("Book club"))[0]
	over.ID = "over"
	plan = planCase{orders: append(grant("AWS Admin"), over), account: func(a *identity.Account) { a.Roles = append(a.Roles, "Book club") }}.run(t, p)
	require.Equal(t, []identity.Step{
		{Kind: remove, Names: []string{"Book club"}, Orders: []string{"over"}},
		{Kind: add, Names: []string{"AWS Admin"}, Orders: []string{"o1"}},
	}, plan.Steps)
	require.Contains(t, plan.Desired.Rules, "order o1")
}

// TestLeaverIsNeverRevived plays a course of events: orders come and go and HR takes notice of a departure at some
// moment. From then on, whatever becomes of the orders, nobody can sign in.
func TestLeaverIsNeverRevived(t *testing.T) {
	t.Parallel()
	p := example(t)
	rapid.Check(t, func(t *rapid.T) {
		employed, left := engineer(), engineer(leaver)
		account, standing := engineerAccount(), drawOrders(t, allOrders()...)
		gone := rapid.IntRange(0, 6).Draw(t, "leaves at")
		for i := range 8 {
			e := employed
			if i >= gone {
				e = left
			}
			account, standing = settle(t, p, e, account, standing)
			if i >= gone && (account.Status != identity.AccountSuspended || account.SuspendedFor != "") {
				t.Fatalf("somebody who has left is %s (for %q) under %v", account.Status, account.SuspendedFor, standing)
			}
			standing = drawOrders(t, allOrders()...)
		}
	})
}

// TestSuspensionRestoresWhatWas holds that a suspend order leaves no trace, and that everything else about a person
// goes on from where it was.
func TestSuspensionRestoresWhatWas(t *testing.T) {
	t.Parallel()
	p := example(t)
	rapid.Check(t, func(t *rapid.T) {
		before := drawAccount(t)
		if before == nil {
			return
		}
		others := drawOrders(t, identity.OrderExempt, identity.OrderGrant, identity.OrderSet)
		before, _ = settle(t, p, engineer(), before, others)
		during, _ := settle(t, p, engineer(), before, append(slices.Clone(others), identity.Order{ID: "s", Kind: identity.OrderSuspend}))
		if during.Status == identity.AccountActive || !slices.Equal(during.Roles, before.Roles) || during.Group != before.Group {
			t.Fatalf("a suspension left %+v", during)
		}
		after, _ := settle(t, p, engineer(), during, others)
		want := *before
		switch {
		case during.SuspendedFor != "":
			want.Status = identity.AccountActive
		case before.Status == identity.AccountLocked:
			// Whoever locked it decides when it opens again.
			want.Status = identity.AccountSuspended
		}
		if diff := cmp.Diff(&want, after); diff != "" {
			t.Fatalf("not what it was: %s", diff)
		}
	})
}

// settle carries out plans until there is nothing more to do, and leaves out the orders that were closed.
func settle(t *rapid.T, p *policy.Policy, e identity.Engagement, account *identity.Account, standing []identity.Order) (*identity.Account, []identity.Order) {
	for range 6 {
		plan := p.Plan(p.Person("workday-21001", []identity.Engagement{e}, drawnNow), account, standing)
		if len(plan.Steps) == 0 {
			return account, standing
		}
		account, standing = apply(account, plan, drawnNow), withoutClosed(standing, plan)
	}
	t.Fatalf("never at rest: %+v under %v", account, standing)
	return account, standing
}
