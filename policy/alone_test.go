package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// TestPlanOfAnAccountWithoutAPerson: only orders say what a service account should be.
func TestPlanOfAnAccountWithoutAPerson(t *testing.T) {
	t.Parallel()
	p := example(t)
	past := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	soon := past.Add(time.Hour)
	status := func(s identity.AccountStatus) func(*identity.Account) {
		return func(a *identity.Account) { a.Status = s }
	}
	suspended, lifted := []identity.StepKind{suspend, logOut}, []identity.StepKind{activate}
	for name, c := range map[string]planCase{
		"no order":                        {verdict: identity.VerdictNone},
		"suspend":                         {orders: orders(identity.OrderSuspend), verdict: identity.VerdictSuspend, steps: suspended},
		"suspended":                       {orders: orders(identity.OrderSuspend), account: pausedByUs, verdict: identity.VerdictNone},
		"suspended for a while":           {orders: order(identity.OrderSuspend, until(soon)), account: pausedByUs, verdict: identity.VerdictWait, due: "2026-03-02T10:00:00Z"},
		"released":                        {account: pausedByUs, verdict: identity.VerdictLift, steps: lifted},
		"lapsed":                          {orders: order(identity.OrderSuspend, until(past)), account: pausedByUs, verdict: identity.VerdictLift, steps: lifted},
		"a second order stands":           {orders: orders(identity.OrderSuspend), account: pausedByUs, verdict: identity.VerdictNone},
		"released under a freeze":         {orders: orders(identity.OrderFreeze), account: pausedByUs, verdict: identity.VerdictAttention, notices: []string{"frozen"}},
		"released under an unknown order": {orders: order("quarantine"), account: pausedByUs, verdict: identity.VerdictAttention, notices: []string{"unknown_order"}},
		"released, exempt":                {orders: orders(identity.OrderExempt), account: pausedByUs, verdict: identity.VerdictLift, steps: lifted},
		"released and gone":               {noAccount: true, verdict: identity.VerdictNone},
		"released under a contain order":  {orders: orders(identity.OrderContain), account: pausedByUs, verdict: identity.VerdictLeave, steps: []identity.StepKind{suspend, logOut, remove, scramble, factors}},
		"a contain order released":        {account: suspendedByUs, verdict: identity.VerdictAttention, notices: []string{"no_record"}},
		"suspended by somebody else":      {account: status(identity.AccountSuspended), verdict: identity.VerdictAttention, notices: []string{"suspended_elsewhere"}},
		"a protected account":             {account: both(pausedByUs, func(a *identity.Account) { a.Username = "breakglass-1" }), verdict: identity.VerdictAttention, notices: []string{"protected"}},
		"restrict has no rules to end in": {orders: order(identity.OrderRestrict), verdict: identity.VerdictAttention, notices: []string{"no_record"}},
		"grant":                           {orders: grant("Book club"), verdict: identity.VerdictAttention, notices: []string{"no_record"}},
		"log out":                         {orders: orders(identity.OrderLogOut), verdict: identity.VerdictRespond, steps: []identity.StepKind{identity.StepEndSessions}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var account *identity.Account
			if !c.noAccount {
				account = engineerAccount()
				account.ExternalID = ""
				if c.account != nil {
					c.account(account)
				}
			}
			got := p.Plan(p.Person("onelogin-7", nil, instant(t, "2026-03-02T09:00:00Z")), account, c.orders)
			require.Equal(t, c.verdict, got.Verdict)
			require.Equal(t, c.steps, kinds(got))
			require.Equal(t, c.notices, codes(got.Notices))
			require.Equal(t, instant(t, c.due), got.Due)
			require.NotEmpty(t, got.Reason)
			require.Equal(t, c.verdict == identity.VerdictAttention, blocking(got.Notices) && len(got.Steps) == 0)
		})
	}
	// A person whose source is not read just now is no account without a person.
	got := p.Plan(p.Person("workday-7", nil, instant(t, "2026-03-02T09:00:00Z")), engineerAccount(), nil)
	require.Equal(t, identity.VerdictAttention, got.Verdict)
	require.Equal(t, []string{"no_record"}, codes(got.Notices))
}
