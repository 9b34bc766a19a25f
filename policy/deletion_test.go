package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// TestAccountsAreKeptByDefault: never is the default, and may be written.
func TestAccountsAreKeptByDefault(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"": 0, "delete_after: never, ": 0, "delete_after: 1d, ": 24 * time.Hour, "delete_after: 90d, ": 90 * 24 * time.Hour} {
		p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(replace(t, policytest.Smallest, "leaver: {", "leaver: {"+text)+policytest.Everyone)))
		require.NoError(t, err)
		require.Equal(t, want, p.Leaver().DeleteAfter, "%q", text)
	}
}

// TestDeletion plans for an account of somebody who left in the evening of 2 March, with accounts kept for thirty days.
func TestDeletion(t *testing.T) {
	t.Parallel()
	text := replace(t, string(readFile(t, "testdata/policy.yaml")), "delete_after: never", "delete_after: 30d")
	p, err := policy.Parse("policy.yaml", []byte(text))
	require.NoError(t, err)
	const due = "2026-04-01T17:00:00Z"
	out := func(a *identity.Account) {
		a.Status, a.SuspendedByUs, a.Roles = identity.AccountSuspended, true, nil
		a.LastLogin = instant(t, "2026-03-02T16:59:00Z")
	}
	tests := map[string]struct {
		at      string
		record  func(*identity.Engagement)
		account func(*identity.Account)
		orders  []identity.Order
		want    identity.Verdict
		// code is of the notice that says why not, and keeps says that no day is told at all.
		code  string
		keeps bool
	}{
		"the moment before":      {at: "2026-04-01T16:59:59Z", want: identity.VerdictNone},
		"on its day":             {at: due, want: identity.VerdictDelete},
		"long after":             {at: "2027-04-01T17:00:00Z", want: identity.VerdictDelete},
		"roles come first":       {at: due, account: func(a *identity.Account) { a.Roles = []string{"Jira"} }, want: identity.VerdictLeave, keeps: true},
		"open comes first":       {at: due, account: func(a *identity.Account) { a.Status = identity.AccountActive }, want: identity.VerdictLeave, keeps: true},
		"used since":             {at: due, account: func(a *identity.Account) { a.LastLogin = instant(t, "2026-03-02T17:00:01Z") }, want: identity.VerdictNone, code: policy.NoticeNotDeleted},
		"used at the moment":     {at: due, account: func(a *identity.Account) { a.LastLogin = instant(t, "2026-03-02T17:00:00Z") }, want: identity.VerdictDelete},
		"never used":             {at: due, account: func(a *identity.Account) { a.LastLogin = time.Time{} }, want: identity.VerdictDelete},
		"protected":              {at: due, account: func(a *identity.Account) { a.Group = "Break glass" }, want: identity.VerdictAttention, code: policy.NoticeProtected, keeps: true},
		"protection was lifted":  {at: due, account: func(a *identity.Account) { a.Group, a.Lifted = "Break glass", true }, want: identity.VerdictNone, code: policy.NoticeNotDeleted},
		"a hold":                 {at: due, orders: order(identity.OrderHold), want: identity.VerdictNone, code: policy.NoticeNotDeletedYet},
		"a grant":                {at: due, orders: order(identity.OrderGrant), want: identity.VerdictNone, code: policy.NoticeNotDeletedYet},
		"a freeze":               {at: due, orders: order(identity.OrderFreeze), want: identity.VerdictNone, code: policy.NoticeNotDeletedYet},
		"a suspend order":        {at: due, orders: order(identity.OrderSuspend), want: identity.VerdictNone, code: policy.NoticeNotDeletedYet},
		"an order of the future": {at: due, orders: order("embargo"), want: identity.VerdictNone, code: policy.NoticeNotDeletedYet},
		"a contain order":        {at: due, orders: order(identity.OrderContain), want: identity.VerdictNone, keeps: true},
		"an exemption":           {at: due, orders: order(identity.OrderExempt), want: identity.VerdictDelete},
		"back at work":           {at: due, record: func(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "", time.Time{} }, want: identity.VerdictJoin, keeps: true},
		"HR lost the record":     {at: due, record: func(e *identity.Engagement) { e.Found = false }, want: identity.VerdictAttention, keeps: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engineer(func(e *identity.Engagement) {
				e.LastDay, e.LeaverFirstSeen = "2026-03-02", e.FirstSeen
				if tt.record != nil {
					tt.record(e)
				}
			})
			account := engineerAccount(out)
			if tt.account != nil {
				tt.account(account)
			}
			person := p.Person("workday-21001", []identity.Engagement{e}, instant(t, tt.at))
			plan := p.Plan(person, account, tt.orders)
			require.Equal(t, tt.want, plan.Verdict)
			if tt.code != "" {
				require.Contains(t, codes(plan.Notices), tt.code)
			}
			if tt.keeps {
				require.Zero(t, plan.DeleteAt)
				return
			}
			require.Equal(t, instant(t, due), plan.DeleteAt.UTC())
			require.Zero(t, plan.Due, "no run waits for it")
			keeping := p.Keeping().Plan(person, account, tt.orders)
			require.Equal(t, identity.VerdictNone, keeping.Verdict)
			require.Zero(t, keeping.DeleteAt)
			require.Equal(t, plan.PolicyHash, keeping.PolicyHash)
		})
	}
}
