package activities_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/reviews"
	"gatehouse/sandbox/control"
)

// campaign is the review of the month of monday.
const campaign = "2026-03"

var review = api.ReviewInput{Campaign: campaign}

// reviewSteps are the activities of a review in their order.
var reviewSteps = []string{
	api.ReviewOpen, api.ReviewApps, api.ReviewUsers, api.ReviewRoles, api.ReviewAssess, api.ReviewFreeze,
	api.ReviewWrite, api.ReviewMail, api.ReviewManagers,
}

// reviewAt brings a review to right before a step.
func reviewAt(step string) func(r *rig) any {
	return func(r *rig) any {
		r.hrRead()
		for _, each := range reviewSteps {
			if each == step {
				break
			}
			r.must(each, review)
		}
		return review
	}
}

// hrRead takes the first reading of both HR sources, without which a review cannot tell who belongs to whom.
func (r *rig) hrRead() {
	r.t.Helper()
	for _, source := range []string{"workday", "bamboohr"} {
		r.must(api.SyncCollect, api.SyncInput{Source: source, Batch: "first"})
	}
}

// reviewed is a frozen review with all of its accounts and findings.
type reviewed struct {
	reviews.Campaign
	accounts map[string]reviews.Access
	findings map[string][]reviews.Finding
}

// reviewed makes a review up to the freeze and reads it back.
func (r *rig) reviewed() reviewed {
	r.t.Helper()
	reviewAt(api.ReviewWrite)(r)
	out := reviewed{accounts: map[string]reviews.Access{}, findings: map[string][]reviews.Finding{}}
	c, found, err := r.app.Ledger.Review().Campaign(r.t.Context(), campaign)
	require.NoError(r.t, err)
	require.True(r.t, found)
	require.False(r.t, c.FrozenAt.IsZero())
	out.Campaign = c
	accounts, err := r.app.Ledger.Review().Accounts(r.t.Context(), campaign, 0, 1000)
	require.NoError(r.t, err)
	for _, a := range accounts {
		out.accounts[a.Username] = a
		found, err := r.app.Ledger.Review().FindingsOf(r.t.Context(), campaign, []int64{a.ID})
		require.NoError(r.t, err)
		if len(found) > 0 {
			out.findings[a.Username] = found[a.ID]
		}
	}
	return out
}

// kinds are the kinds of finding about an account.
func (v reviewed) kinds(username string) []string {
	var kinds []string
	for _, f := range v.findings[username] {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

func TestReviewFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{
		"  managed_roles:", "  conflicts:\n    - {name: write and run, roles: [GitHub, AWS Admin]}\n  managed_roles:",
	}})
	r.hrRead()
	leaver := r.account("workday-21003")
	r.hr("workday", "terminate", "21003", nil)
	for range 2 {
		r.must(api.SyncCollect, api.SyncInput{Source: "workday", Batch: "second"})
		r.must(api.SyncHint, api.BatchInput{Source: "workday", Batch: "second"})
	}
	require.NoError(t, r.sandbox.SetStatus(t.Context(), r.account("workday-21004").Username, 3))
	v := r.reviewed()

	require.Equal(t, []string{"left_and_active"}, v.kinds(leaver.Username))
	require.Equal(t, []string{"orphaned"}, v.kinds("riley.orphan@acme.example"))
	require.Equal(t, []string{"service_or_protected"}, v.kinds("svc-backup@acme.example"), "a service account needs no HR record")
	require.Equal(t, "not a person", v.accounts["svc-backup@acme.example"].Verdict.HR)
	require.Equal(t, []string{"orphaned", "unmanaged_privileged_role", "service_or_protected"}, v.kinds("breakglass-1@acme.example"))
	require.Equal(t, "locked", status(v.accounts[r.account("workday-21004").Username]), "a lock ends by itself, so the account is under review")
	require.Equal(t, "unknown", v.accounts[leaver.Username].Verdict.MFA, "nobody has looked, which is not the same as none")
	require.Positive(t, v.Counts.Excluded[2], "who has left is counted, and not reviewed")
	require.Positive(t, v.Counts.ByKind["separation_of_duties"], "one head has both roles of the conflict")

	for name, a := range v.accounts {
		for _, m := range a.Members {
			require.False(t, m.AddedAt.IsZero(), "%s: OneLogin told since when", name)
		}
	}
}

func status(a reviews.Access) string { return map[int]string{1: "active", 3: "locked"}[a.Status] }

func TestReviewFindsWhatIsNotUsed(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hrRead()
	r.clock.Advance(100 * 24 * time.Hour)
	ok, reason, err := r.sandbox.SignIn(t.Context(), r.account("workday-21002").Username)
	require.NoError(t, err)
	require.True(t, ok, reason)
	v := r.reviewed()
	require.Empty(t, v.kinds(r.account("workday-21002").Username))
	require.Equal(t, []string{"dormant"}, v.kinds(r.account("workday-21003").Username))
}

// TestReviewFindsNobodyWhoNarrowlyHasNot puts beside each finding somebody to whom nearly the same happened.
func TestReviewFindsNobodyWhoNarrowlyHasNot(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{
		"  managed_roles:", "  conflicts:\n    - {name: build and pay, roles: [GitHub, NetSuite]}\n  managed_roles:",
		"  dormant_after: 90d", "  dormant_after: 90d\n  privileged: [Project 01]",
	}, apps: 2})
	r.hrRead()
	give := func(key string, roles ...string) string {
		ids, err := r.vendors.Catalog.RoleIDs(t.Context(), roles)
		require.NoError(t, err)
		a := r.account(key)
		held, err := r.vendors.OneLogin.User(t.Context(), a.ID)
		require.NoError(t, err)
		require.NoError(t, r.vendors.OneLogin.RemoveRoles(t.Context(), a.ID, held.RoleIDs))
		require.NoError(t, r.vendors.OneLogin.AddRoles(t.Context(), a.ID, ids))
		return a.Username
	}
	conflict, noConflict := give("workday-21002", "GitHub", "NetSuite"), give("workday-21003", "GitHub", "Sales")
	privileged, managed := give("workday-21011", "Project 01"), give("workday-21012", "AWS Admin", "Sales")
	late, leaving := r.account("workday-21006").Username, r.account("workday-21007").Username
	r.hr("workday", "terminate", "21006", nil)
	r.hr("workday", "terminate", "21007", control.Fields{"last_day": "today+200"})
	for range 2 {
		r.must(api.SyncCollect, api.SyncInput{Source: "workday", Batch: "second"})
		r.must(api.SyncHint, api.BatchInput{Source: "workday", Batch: "second"})
	}

	// The last day of work is over, and the list of HR does not say so yet.
	ended, back := r.account("workday-21015").Username, r.account("workday-21016").Username
	for key, course := range map[string][]bool{"workday-21015": {true, false}, "workday-21016": {true, false, true}} {
		for _, employed := range course {
			_, err := r.app.Ledger.People().SetEmployed(t.Context(), key, employed)
			require.NoError(t, err)
		}
	}

	// Ninety days to the second are not longer than ninety days.
	edge, over := r.account("workday-21008").Username, r.account("workday-21009").Username
	for _, name := range []string{over, edge} {
		ok, reason, err := r.sandbox.SignIn(t.Context(), name)
		require.NoError(t, err)
		require.True(t, ok, reason)
		r.clock.Advance(time.Second)
	}
	r.clock.Advance(90*24*time.Hour - time.Second)
	v := r.reviewed()
	for name, want := range map[string]struct {
		kind string
		has  bool
	}{
		conflict: {"separation_of_duties", true}, noConflict: {"separation_of_duties", false},
		privileged: {"unmanaged_privileged_role", true}, managed: {"unmanaged_privileged_role", false},
		late: {"left_and_active", true}, leaving: {"left_and_active", false},
		ended: {"left_and_active", true}, back: {"left_and_active", false},
		over: {"dormant", true}, edge: {"dormant", false},
	} {
		_, reviewed := v.accounts[name]
		require.True(t, reviewed, "%s is not under review", name)
		if want.has {
			require.Contains(t, v.kinds(name), want.kind, name)
		} else {
			require.NotContains(t, v.kinds(name), want.kind, name)
		}
	}
	require.Equal(t, "works here", v.accounts[leaving].Verdict.HR, "whoever is leaving works here until they have left")
}

func TestReviewTellsWhoHasAFactor(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	with, without := r.account("workday-21002"), r.account("workday-21003")
	scan, err := r.app.Ledger.MFA().BeginScan(t.Context(), "scan", true)
	require.NoError(t, err)
	require.NoError(t, r.app.Ledger.MFA().List(t.Context(), scan, []mfa.Listed{
		{AccountID: with.ID, Key: "workday-21002", Active: true}, {AccountID: without.ID, Key: "workday-21003", Active: true},
	}))
	_, err = r.app.Ledger.MFA().Settle(t.Context(), []mfa.Reading{{AccountID: with.ID, Some: true}, {AccountID: without.ID}}, false)
	require.NoError(t, err)
	v := r.reviewed()
	require.Equal(t, "yes", v.accounts[with.Username].Verdict.MFA)
	require.Equal(t, []string{"no_second_factor"}, v.kinds(without.Username))
	require.Equal(t, int64(1), v.Counts.ByMFA["none"])
}

// TestReviewStaysWithinTheCallBudget: not one call per user.
func TestReviewStaysWithinTheCallBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	reviewAt(api.ReviewApps)(r)
	mark := r.mark()
	for _, step := range []string{api.ReviewApps, api.ReviewUsers, api.ReviewRoles, api.ReviewAssess, api.ReviewFreeze} {
		r.must(step, review)
	}
	entries, err := r.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	calls := map[string]int{}
	for _, e := range entries {
		calls[e.Op]++
	}
	roles, err := r.vendors.OneLogin.Roles(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{
		"onelogin.list_roles": 1, "onelogin.list_groups": 1, "onelogin.list_apps": 1, "onelogin.list_users": 1,
		"onelogin.list_role_users": len(roles),
	}, calls)
}

// TestFrozenReviewStays: a run that is reset to before the freeze changes nothing.
func TestFrozenReviewStays(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	before := r.reviewed()
	r.clock.Advance(time.Hour)
	r.hire("workday", ada())
	require.NoError(t, r.sandbox.SetStatus(t.Context(), r.account("workday-21002").Username, 3))
	for _, step := range reviewSteps[:6] {
		r.must(step, review)
	}
	after, _, err := r.app.Ledger.Review().Campaign(t.Context(), campaign)
	require.NoError(t, err)
	require.Equal(t, before.Campaign, after)
	again, err := r.app.Ledger.Review().Accounts(t.Context(), campaign, 0, 1000)
	require.NoError(t, err)
	require.Len(t, again, len(before.accounts))
	for _, a := range again {
		require.Equal(t, before.accounts[a.Username], a)
	}
}

// TestReviewReadsWhomAPageHid: OneLogin pages by position, so a deletion hides somebody from the list of users; the
// roles still show them.
func TestReviewReadsWhomAPageHid(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	reviewAt(api.ReviewRoles)(r)
	all, err := r.app.Ledger.Review().Accounts(t.Context(), campaign, 0, 1000)
	require.NoError(t, err)
	created := r.hidden()
	for _, step := range []string{api.ReviewRoles, api.ReviewAssess, api.ReviewFreeze} {
		r.must(step, review)
	}
	found, err := r.app.Ledger.Review().Accounts(t.Context(), campaign, 0, 1000)
	require.NoError(t, err)
	require.Len(t, found, len(all)+1)
	require.True(t, slices.ContainsFunc(found, func(a reviews.Access) bool { return a.Username == created }))
}

// hidden makes an account with a role that the list of users, which was read before, did not show.
func (r *rig) hidden() string {
	r.t.Helper()
	active := onelogin.StatusActive
	u, err := r.vendors.OneLogin.CreateUser(r.t.Context(), onelogin.NewUser{
		Username: "late@acme.example", Email: "late@acme.example", FirstName: "Late", LastName: "Comer", Status: &active,
	})
	require.NoError(r.t, err)
	ids, err := r.vendors.Catalog.RoleIDs(r.t.Context(), []string{"Everyone"})
	require.NoError(r.t, err)
	require.NoError(r.t, r.vendors.OneLogin.AddRoles(r.t.Context(), u.ID, ids))
	return u.Username
}

func TestReviewThatCannotBeFinishedIsNotBegun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options rigOptions
		read    []string
		in      api.ReviewInput
		want    string
	}{
		"no HR was read":      {rigOptions{}, nil, review, "bamboohr has not been read yet"},
		"one HR was not read": {rigOptions{}, []string{"bamboohr"}, review, "workday has not been read yet"},
		"nobody to tell":      {rigOptions{policy: []string{"\nreview:\n  compliance: compliance@acme.example\n  dormant_after: 90d\n  service_accounts: ['account.username.startsWith(\"svc-\")']\n", "\n"}}, []string{"workday", "bamboohr"}, review, "set review.compliance"},
		"a name that is none": {rigOptions{}, nil, api.ReviewInput{Campaign: "November"}, "is not the name of a review"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.options)
			for _, source := range c.read {
				r.must(api.SyncCollect, api.SyncInput{Source: source, Batch: "first"})
			}
			_, err := r.run(api.ReviewOpen, c.in)
			require.ErrorContains(t, err, c.want)
			require.True(t, application(t, err).NonRetryable(), "only a person can help")
		})
	}
}

// TestReviewStartsOnePerMonth: the month is that of the scheduled time in the zone of the schedule,
// or the company's.
func TestReviewStartsOnePerMonth(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	for at, want := range map[time.Time]string{
		time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC): "2026-11", // half past midnight in Berlin
		time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC):    "2026-11",
		time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC): "2026-10",
	} {
		var started api.ReviewStarted
		require.NoError(t, r.must(api.ReviewBegin, api.ReviewStart{At: at}).Get(&started))
		require.Equal(t, api.ReviewStarted{Campaign: want, WorkflowID: "access-review/" + want, Fresh: true}, started)
	}
	// A schedule in Los Angeles fires on the first there, which is the first in Berlin, and one in Auckland on what is
	// still the last of the month before.
	for zone, at := range map[string]time.Time{
		"Pacific/Auckland":    time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC),
		"America/Los_Angeles": time.Date(2027, 1, 1, 7, 0, 0, 0, time.UTC),
	} {
		var started api.ReviewStarted
		require.NoError(t, r.must(api.ReviewBegin, api.ReviewStart{At: at, Zone: zone}).Get(&started))
		require.Equal(t, "2026-12", started.Campaign, zone)
	}
	_, err := r.run(api.ReviewBegin, api.ReviewStart{At: monday, Zone: "Mars/Base"})
	require.ErrorContains(t, err, "is not a time zone")
	_, err = r.run(api.ReviewBegin, api.ReviewStart{Campaign: "../../etc"})
	require.ErrorContains(t, err, "is not the name of a review")
	_, err = r.run(api.ReviewBegin, api.ReviewStart{})
	require.ErrorContains(t, err, "needs a name")
}
