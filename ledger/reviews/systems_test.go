package reviews_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/reviews"
	"gatehouse/ledger/storetest"
)

// TestSystems runs on both engines.
func TestSystems(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"accounts in other systems are staged and frozen": testSystemStage,
		"who is asked about other systems":                testSystemsAsked,
	})
}

func systemAccount(id string, manager, lead int64, key string, holds ...string) reviews.SystemAccount {
	a := reviews.SystemAccount{
		Ref: identity.Ref{System: "google", ID: id}, PersonKey: key, HR: "works here", Manager: manager, Lead: lead, Status: 1,
		SystemDetail: reviews.SystemDetail{Username: id + "@acme.example", Name: "=" + id},
	}
	for _, name := range holds {
		a.Holds = append(a.Holds, reviews.Hold{Kind: "group", Name: name})
	}
	return a
}

// testSystemStage stages accounts in pages, and reads them in the order of the sheet wherever a page ends.
func testSystemStage(t *testing.T, e storetest.Engine) {
	ctx := t.Context()
	l := storetest.Open(t, e.URL(t), ledger.Options{Seal: storetest.Ring(t, "a", "a")})
	r := l.Review()
	_, err := r.Open(ctx, month)
	require.NoError(t, err)
	google := reviews.System{System: "google", ReadAt: time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC), MaxAge: 24 * time.Hour, Excluded: 1}
	ref := identity.Ref{System: "google", ID: "3"}
	rows := reviews.Rows{
		Systems:  []reviews.System{google, {System: "ldap", MaxAge: time.Hour, Stale: true}},
		Accounts: []reviews.SystemAccount{systemAccount("1", 7, 5, "workday-1", "sales", "all"), systemAccount("2", 0, 0, ""), systemAccount("3", 7, 4, "workday-0")},
		Findings: []reviews.Finding{
			{Severity: 1, Kind: "left", Ref: ref, Item: "google/3", Detail: "open"},
			{Severity: 1, Kind: "left", Ref: identity.Ref{System: "google", ID: "1"}, Item: "google/1", Detail: "open"},
			{Severity: 2, Kind: "unread", Ref: identity.Ref{System: "ldap"}, Item: "ldap", Detail: "never"},
			{Severity: 1, Kind: "left", UserID: 9, Detail: "OneLogin's"},
		},
	}
	require.NoError(t, r.Stage(ctx, month, moveStep("", "1", false), rows))
	google.Excluded = 2
	rows.Systems = []reviews.System{google}
	require.NoError(t, r.Stage(ctx, month, moveStep("1", "2", true), rows), "the same rows again are no error")
	var counts reviews.Counts
	frozen, err := r.Freeze(ctx, month, "x", func(c reviews.Counts) []reviews.Tab { counts = c; return nil })
	require.NoError(t, err)
	require.Equal(t, []reviews.SystemCount{
		{System: google, Accounts: 3, Rows: 4},
		{System: reviews.System{System: "ldap", MaxAge: time.Hour, Stale: true}},
	}, counts.Systems)
	require.Equal(t, int64(4), counts.SystemRows())
	require.Equal(t, int64(4), counts.Findings)
	again, _, err := r.Campaign(ctx, month)
	require.NoError(t, err)
	require.Equal(t, frozen.Counts.Systems, again.Counts.Systems)
	require.ErrorIs(t, r.Stage(ctx, month, moveStep("2", "3", true), rows), reviews.ErrFrozen)

	var ids []string
	var place reviews.SystemPlace
	for {
		page, err := r.SystemAccounts(ctx, month, place, 1)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		ids, place = append(ids, page[0].Ref.ID), page[0].Place()
	}
	require.Equal(t, []string{"2", "3", "1"}, ids)
	found, err := r.SystemAccountsByRef(ctx, month, []identity.Ref{ref, {System: "ldap", ID: "3"}})
	require.NoError(t, err)
	require.Equal(t, map[identity.Ref]reviews.SystemAccount{ref: rows.Accounts[2]}, found)
	of, err := r.SystemFindingsOf(ctx, month, []identity.Ref{ref})
	require.NoError(t, err)
	require.Equal(t, map[identity.Ref][]reviews.Finding{ref: {rows.Findings[0]}}, of)
	all, err := r.Findings(ctx, month, reviews.FindingPlace{}, 10)
	require.NoError(t, err)
	require.Len(t, all, 4)
	theirs, err := r.FindingsOf(ctx, month, []int64{9})
	require.NoError(t, err)
	require.Len(t, theirs[9], 1)
}

// testSystemsAsked: each account in another system is asked about once, also that of somebody whose account in OneLogin is closed.
func testSystemsAsked(t *testing.T, e storetest.Engine) {
	ctx := t.Context()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	r := l.Review()
	_, err := r.Open(ctx, month)
	require.NoError(t, err)
	closed := reviewUser(4, 2, "closed")
	closed.Included = false
	owned := systemAccount("owned", 2, 0, "")
	owned.Owner = "owner@acme.example"
	require.NoError(t, r.Stage(ctx, month, moveStep("", "1", true), reviews.Rows{
		Users:    []reviews.User{reviewUser(1, 0, "chief"), reviewUser(2, 1, "lead"), reviewUser(3, 1, "gone"), closed},
		Verdicts: []reviews.Verdict{{UserID: 3, HR: "left"}},
		Accounts: []reviews.SystemAccount{
			systemAccount("of-lead", 2, 4, "workday-4"), systemAccount("of-gone", 3, 9, "workday-9"), systemAccount("nobody", 0, 0, ""),
			systemAccount("self", 1, 1, "workday-1"), owned,
		},
	}))
	managers, err := r.Managers(ctx, month, "left", 0, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2}, managers)
	owners, err := r.Owners(ctx, month)
	require.NoError(t, err)
	require.Equal(t, []string{"owner@acme.example"}, owners)
	asked := map[string]int{}
	note := func(accounts []reviews.SystemAccount, total int, err error) {
		require.NoError(t, err)
		require.Len(t, accounts, total)
		for _, a := range accounts {
			asked[a.Ref.ID]++
		}
	}
	for _, m := range managers {
		note(r.SystemReports(ctx, month, m, 10))
	}
	note(r.SystemOwned(ctx, month, owners[0], 10))
	note(r.SystemUnmanaged(ctx, month, "left", 10))
	require.Equal(t, map[string]int{"of-lead": 1, "of-gone": 1, "nobody": 1, "self": 1, "owned": 1}, asked)
	some, total, err := r.SystemUnmanaged(ctx, month, "left", 1)
	require.NoError(t, err)
	require.Len(t, some, 1)
	require.Equal(t, 3, total, fmt.Sprint(some))
}
