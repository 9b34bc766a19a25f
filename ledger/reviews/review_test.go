package reviews_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/reviews"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

const month = "2026-11"

// moveStep is a move of the step users.
func moveStep(from, to string, done bool) reviews.StepMove {
	return reviews.StepMove{Step: "users", From: from, To: to, Done: done}
}

func reviewUser(id, manager int64, name string) reviews.User {
	return reviews.User{
		ID: id, Included: true, Status: 1, GroupID: 7, ManagerID: manager,
		Identity: reviews.Identity{Username: name, Email: name + "@acme.example", Name: name},
	}
}

// noTabs lays nothing out.
func noTabs(reviews.Counts) []reviews.Tab { return nil }

func testReviewStage(t *testing.T, e storetest.Engine) {
	ctx, c := t.Context(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	err := l.Review().Stage(ctx, month, moveStep("", "1", false), reviews.Rows{})
	require.ErrorIs(t, err, ledger.ErrNotFound)
	first, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	c.Advance(time.Hour)
	again, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(first, again), "a campaign is opened once")

	since := c.Now().Add(-48 * time.Hour)
	gone := reviewUser(9, 0, "gone")
	gone.Included, gone.Status = false, 2
	rows := reviews.Rows{
		Users:   []reviews.User{reviewUser(2, 1, "grace"), reviewUser(1, 0, "ada"), gone},
		Members: []reviews.Member{{UserID: 1, RoleID: 5, AddedAt: since, AddedBy: 2}, {UserID: 1, RoleID: 3}, {UserID: 9, RoleID: 5}},
	}
	require.NoError(t, l.Review().Stage(ctx, month, moveStep("", "1", false), rows))
	require.ErrorIs(t, l.Review().Stage(ctx, month, moveStep("", "1", false), rows), reviews.ErrMoved)
	rows.Members[0].AddedAt, rows.Members[0].AddedBy = time.Time{}, 0
	rows.Members = append(rows.Members, reviews.Member{UserID: 77, RoleID: 5})
	require.NoError(t, l.Review().Stage(ctx, month, moveStep("1", "2", true), rows), "the same rows again are no error")
	require.ErrorIs(t, l.Review().Stage(ctx, month, moveStep("2", "3", false), rows), reviews.ErrMoved, "a step that is done stays done")
	at, done, err := l.Review().Step(ctx, month, "users")
	require.NoError(t, err)
	require.Equal(t, "2", at)
	require.True(t, done)

	strays, err := l.Review().Strays(ctx, month, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{77}, strays)
	accounts, err := l.Review().Accounts(ctx, month, 0, 10)
	require.NoError(t, err)
	require.Len(t, accounts, 2, "a suspended account is not under review")
	require.Equal(t, []reviews.Member{{UserID: 1, RoleID: 3}, {UserID: 1, RoleID: 5, AddedAt: since, AddedBy: 2}}, accounts[0].Members,
		"what OneLogin told is not lost to what it did not tell")
	require.Equal(t, "ada@acme.example", accounts[0].Email)
	require.Empty(t, accounts[1].Members)
	later, err := l.Review().Accounts(ctx, month, 1, 10)
	require.NoError(t, err)
	require.Equal(t, accounts[1:], later)
	who, err := l.Review().Identities(ctx, month, []int64{1, 9, 77})
	require.NoError(t, err)
	require.Len(t, who, 2)
}

func testReviewFreeze(t *testing.T, e storetest.Engine) {
	ctx, c := t.Context(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	_, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	gone := reviewUser(9, 0, "gone")
	gone.Included, gone.Status = false, 2
	require.NoError(t, l.Review().Stage(ctx, month, moveStep("", "1", true), reviews.Rows{
		Users:    []reviews.User{reviewUser(1, 0, "ada"), reviewUser(2, 1, "grace"), gone},
		Members:  []reviews.Member{{UserID: 1, RoleID: 5}, {UserID: 1, RoleID: 3}, {UserID: 9, RoleID: 5}, {UserID: 77, RoleID: 5}},
		Names:    []reviews.Name{{Kind: reviews.NameRole, ID: 5, Name: "Sales"}, {Kind: reviews.NameApp, ID: 6, Name: "Gong"}},
		RoleApps: []reviews.RoleApp{{RoleID: 5, AppID: 6}},
		Verdicts: []reviews.Verdict{{UserID: 1, PersonKey: "workday-1", HR: "left", MFA: "yes"}, {UserID: 2, MFA: "unknown"}},
		Findings: []reviews.Finding{
			{Severity: 2, Kind: "b", UserID: 1, Detail: "x"}, {Severity: 1, Kind: "z", UserID: 2, Item: "Sales", Detail: "y"},
		},
	}))
	c.Advance(time.Minute)
	tab := reviews.Tab{Title: "2026-11 Access", Kind: "access", SheetID: 12, FirstRow: 0, Rows: 3}
	frozen, err := l.Review().Freeze(ctx, month, "abc", func(c reviews.Counts) []reviews.Tab {
		require.Equal(t, int64(3), c.Access, "two roles, and one account without any")
		return []reviews.Tab{tab}
	})
	require.NoError(t, err)
	require.Equal(t, c.Now(), frozen.FrozenAt)
	require.Empty(t, cmp.Diff(reviews.Counts{
		Users: 2, Excluded: map[int]int64{2: 1}, Memberships: 2, Access: 3, Roles: 1, Apps: 1, Findings: 2,
		ByKind: map[string]int64{"b": 1, "z": 1}, ByMFA: map[string]int64{"yes": 1, "unknown": 1},
	}, frozen.Counts))

	c.Advance(time.Minute)
	again, err := l.Review().Freeze(ctx, month, "other", noTabs)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(frozen, again), "a second freeze changes nothing")
	tabs, err := l.Review().Tabs(ctx, month)
	require.NoError(t, err)
	require.Equal(t, []reviews.Tab{tab}, tabs)
	require.ErrorIs(t, l.Review().Stage(ctx, month, reviews.StepMove{Step: "roles", To: "1"}, reviews.Rows{}), reviews.ErrFrozen)
	require.ErrorIs(t, l.Review().Restart(ctx, month, "users"), reviews.ErrFrozen)
	require.NoError(t, l.Review().Move(ctx, month, reviews.StepMove{Step: "write", To: "1"}), "writing goes on after the freeze")
	require.ErrorIs(t, l.Review().Move(ctx, month, reviews.StepMove{Step: "write", To: "1"}), reviews.ErrMoved)
	require.NoError(t, l.Review().ForgetSteps(ctx, month, "write"))
	at, _, err := l.Review().Step(ctx, month, "write")
	require.NoError(t, err)
	require.Empty(t, at, "a step that was forgotten begins again")

	found, err := l.Review().Findings(ctx, month, reviews.FindingPlace{}, 1)
	require.NoError(t, err)
	require.Equal(t, []reviews.Finding{{Severity: 1, Kind: "z", UserID: 2, Item: "Sales", Detail: "y"}}, found)
	found, err = l.Review().Findings(ctx, month, reviews.FindingPlace{Severity: 1, Kind: "z", UserID: 2, Item: "Sales"}, 10)
	require.NoError(t, err)
	require.Len(t, found, 1)
	byUser, err := l.Review().FindingsOf(ctx, month, []int64{1, 2})
	require.NoError(t, err)
	require.Len(t, byUser, 2)
	managers, err := l.Review().Managers(ctx, month, "gone", 0, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, managers)
	team, total, err := l.Review().Reports(ctx, month, 1, 10)
	require.NoError(t, err)
	require.Equal(t, 1, total)
	require.Equal(t, int64(2), team[0].ID)
	rest, total, err := l.Review().Unmanaged(ctx, month, "gone", 10)
	require.NoError(t, err)
	require.Equal(t, 1, total)
	require.Len(t, rest[0].Members, 2)
	catalog, err := l.Review().Catalog(ctx, month)
	require.NoError(t, err)
	require.Equal(t, []int64{6}, catalog.RoleApps[5])

	require.NoError(t, l.Review().Finish(ctx, month))
	testReviewRetention(ctx, t, l, c)
}

// testReviewRetention deletes the rows of a campaign and keeps what it came to.
func testReviewRetention(ctx context.Context, t *testing.T, l *ledger.Ledger, c *storetest.Clock) {
	t.Helper()
	n, err := l.Review().Prune(ctx, c.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Zero(t, n, "it is not old enough")
	c.Advance(time.Hour)
	n, err = l.Review().Prune(ctx, c.Now())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	accounts, err := l.Review().Accounts(ctx, month, 0, 10)
	require.NoError(t, err)
	require.Empty(t, accounts)
	kept, found, err := l.Review().Campaign(ctx, month)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, int64(2), kept.Counts.Users)
	require.Equal(t, c.Now(), kept.PrunedAt)
	tabs, err := l.Review().Tabs(ctx, month)
	require.NoError(t, err)
	require.Len(t, tabs, 1)
}

func testReviewRestart(t *testing.T, e storetest.Engine) {
	ctx := t.Context()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	_, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	require.NoError(t, l.Review().Stage(ctx, month, reviews.StepMove{Step: "assess", To: "1"}, reviews.Rows{
		Verdicts: []reviews.Verdict{{UserID: 1, HR: "left"}}, Findings: []reviews.Finding{{Kind: "a", UserID: 1}},
		Names: []reviews.Name{{Kind: reviews.NameManaged, ID: 1, Name: "r"}, {Kind: reviews.NameRole, ID: 1, Name: "r"}},
	}))
	require.NoError(t, l.Review().Restart(ctx, month, "assess"))
	at, _, err := l.Review().Step(ctx, month, "assess")
	require.NoError(t, err)
	require.Empty(t, at)
	found, err := l.Review().Findings(ctx, month, reviews.FindingPlace{}, 10)
	require.NoError(t, err)
	require.Empty(t, found)
	catalog, err := l.Review().Catalog(ctx, month)
	require.NoError(t, err)
	require.Empty(t, catalog.Names[reviews.NameManaged])
	require.Len(t, catalog.Names[reviews.NameRole], 1)
}

func testStandings(t *testing.T, e storetest.Engine) {
	ctx := t.Context()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	admit := func(source, id, email string, active bool) {
		t.Helper()
		_, err := l.People().Admit(ctx, source+"-"+id, source, id, persons.Digests{WorkEmail: l.Digest(email)})
		require.NoError(t, err)
		require.NoError(t, l.Roster().Put(ctx, []roster.Row{{Source: source, EmployeeID: id, Digest: "d", Active: active}}))
	}
	admit("workday", "1", "ada@acme.example", true)
	admit("workday", "2", "grace@acme.example", false)
	admit("workday", "3", "twin@acme.example", true)
	admit("bamboohr", "3", "twin@acme.example", true)
	admit("bamboohr", "40", "alan@acme.example", true)
	require.NoError(t, l.Inventory().SetAccount(ctx, "bamboohr-40", 104, false))
	// An order was given about each of two accounts by itself.
	for _, id := range []int64{108, 109} {
		require.NoError(t, l.Inventory().SetAccount(ctx, identity.BareKey(id), id, false))
	}
	found, err := l.Review().Standings(ctx, []reviews.AccountTrace{
		{AccountID: 101, ExternalID: "workday-1"},
		{AccountID: 102, ExternalID: "2"},
		{AccountID: 103, WorkDigest: l.Digest("twin@acme.example")},
		{AccountID: 104},
		{AccountID: 105, ExternalID: "104", WorkDigest: l.Digest("nobody@acme.example")},
		{AccountID: 106, ExternalID: "3"},
		{AccountID: 107, WorkDigest: l.Digest("ADA@acme.example")},
		{AccountID: 108},
		{AccountID: 109, WorkDigest: l.Digest("ada@acme.example")},
	})
	require.NoError(t, err)
	here := func(key string) reviews.HRStanding {
		return reviews.HRStanding{PersonKey: key, Records: true, Active: true}
	}
	require.Empty(t, cmp.Diff(map[int64]reviews.HRStanding{
		101: here("workday-1"), 102: {PersonKey: "workday-2", Records: true}, 104: here("bamboohr-40"), 107: here("workday-1"), 109: here("workday-1"),
	}, found), "two people under one trace prove nothing")
}

// testReviewWhoIsAsked holds that every account under review stands in one e-mail: a manager's own, or that to whoever
// looks after the rest.
func testReviewWhoIsAsked(t *testing.T, e storetest.Engine) {
	ctx := t.Context()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	_, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	closed := reviewUser(4, 1, "closed")
	closed.Included, closed.Status = false, 2
	require.NoError(t, l.Review().Stage(ctx, month, moveStep("", "1", true), reviews.Rows{
		Users: []reviews.User{
			reviewUser(1, 1, "chief"), reviewUser(2, 1, "manager"), reviewUser(3, 1, "left"), closed,
			reviewUser(11, 2, "of the manager"), reviewUser(12, 3, "of one who left"), reviewUser(13, 4, "of one whose account is closed"),
			reviewUser(14, 0, "of nobody"), reviewUser(15, 99, "of one unknown"),
		},
		Verdicts: []reviews.Verdict{{UserID: 1, HR: "works here"}, {UserID: 2, HR: "works here"}, {UserID: 3, HR: "left"}},
	}))
	var asked []int64
	ids := func(people []reviews.Access) (out []int64) {
		for _, p := range people {
			out = append(out, p.ID)
		}
		asked = append(asked, out...)
		return out
	}
	managers, err := l.Review().Managers(ctx, month, "left", 0, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2}, managers, "nobody asks somebody who has left")
	for manager, want := range map[int64][]int64{1: {2, 3}, 2: {11}} {
		team, total, err := l.Review().Reports(ctx, month, manager, 10)
		require.NoError(t, err)
		require.Equal(t, want, ids(team), "nobody is asked about themselves")
		require.Len(t, want, total)
	}
	rest, total, err := l.Review().Unmanaged(ctx, month, "left", 10)
	require.NoError(t, err)
	require.ElementsMatch(t, []int64{1, 12, 13, 14, 15}, ids(rest))
	require.Equal(t, 5, total)
	require.ElementsMatch(t, []int64{1, 2, 3, 11, 12, 13, 14, 15}, asked, "everybody once")
}

// testReviewBeginsAgain holds that what was collected too long ago is forgotten, and what was frozen never is.
func testReviewBeginsAgain(t *testing.T, e storetest.Engine) {
	ctx, c := t.Context(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	_, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	require.NoError(t, l.Review().Stage(ctx, month, moveStep("", "1", true), reviews.Rows{Users: []reviews.User{reviewUser(1, 0, "ada")}}))
	c.Advance(48 * time.Hour)
	again, err := l.Review().Renew(ctx, month)
	require.NoError(t, err)
	require.Equal(t, c.Now(), again.StartedAt)
	at, done, err := l.Review().Step(ctx, month, "users")
	require.NoError(t, err)
	require.Empty(t, at)
	require.False(t, done)
	found, err := l.Review().Accounts(ctx, month, 0, 10)
	require.NoError(t, err)
	require.Empty(t, found)
	_, err = l.Review().Freeze(ctx, month, "abc", noTabs)
	require.NoError(t, err)
	_, err = l.Review().Renew(ctx, month)
	require.ErrorIs(t, err, reviews.ErrFrozen)
}

// testReviewLarge stages and reads back what a large company has, in pages as a review does.
func testReviewLarge(t *testing.T, e storetest.Engine) {
	ctx := t.Context()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	_, err := l.Review().Open(ctx, month)
	require.NoError(t, err)
	const users, page = 2_000, 100
	at := ""
	for first := 0; first < users; first += page {
		var rows reviews.Rows
		for i := first; i < first+page; i++ {
			rows.Users = append(rows.Users, reviewUser(int64(i+1), int64(i/8), fmt.Sprint("user", i)))
			for role := range int64(4) {
				rows.Members = append(rows.Members, reviews.Member{UserID: int64(i + 1), RoleID: role + 1})
			}
		}
		to := fmt.Sprint(first + page)
		require.NoError(t, l.Review().Stage(ctx, month, moveStep(at, to, false), rows))
		at = to
	}
	seen, after := 0, int64(0)
	for {
		accounts, err := l.Review().Accounts(ctx, month, after, 300)
		require.NoError(t, err)
		if len(accounts) == 0 {
			break
		}
		for _, a := range accounts {
			require.Greater(t, a.ID, after)
			require.Len(t, a.Members, 4)
			seen, after = seen+1, a.ID
		}
	}
	require.Equal(t, users, seen)
}
