package activities_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/reviews"
	"gatehouse/ledger/systems"
	"gatehouse/sandbox/control"
)

// besidePolicy has Google in the policy, a rule that gives a group there, and a group that is privileged.
func besidePolicy() []string {
	return []string{
		"\njoiner: {", "\nsystems:\n  google:\n    provisioned_by: gatehouse\n    max_age: 12h\n    privileged: [it@acme.example, sales@acme.example]\n" +
			"    leaver: {sign_in: suspend}\n\njoiner: {",
		"      roles: [IT, Jira]\n", "      roles: [IT, Jira]\n      groups: {google: [all@acme.example, it@acme.example]}\n",
	}
}

// besides is a rig with the systems beside OneLogin, whose people and their accounts in OneLogin are known.
func newBesides(t *testing.T, policy ...string) *rig {
	t.Helper()
	r := newRig(t, rigOptions{systems: true, policy: append(besidePolicy(), policy...)})
	r.swept()
	return r
}

// observe takes in what a sweep of a system shows now.
func (r *rig) observe(rows ...systems.Row) {
	r.t.Helper()
	for _, row := range rows {
		_, err := r.app.Ledger.Systems().Observe(r.t.Context(), r.clock.Now(), []systems.Row{row})
		require.NoError(r.t, err)
	}
}

// sweptWhole notes a complete reading of systems.
func (r *rig) sweptWhole(names ...string) {
	r.t.Helper()
	for _, name := range names {
		s, err := r.app.Ledger.Inventory().BeginSweep(r.t.Context(), inventory.Sweep{System: name, ID: r.clock.Now().String(), Kind: inventory.SweepFull})
		require.NoError(r.t, err)
		s.Complete = true
		require.NoError(r.t, r.app.Ledger.Inventory().FinishSweep(r.t.Context(), s))
	}
}

func besideRef(id string) identity.Ref { return identity.Ref{System: "google", ID: id} }

// besideRow is an account in Google that was made a year ago and used today, with groups.
func (r *rig) besideRow(id string, groups ...string) systems.Row {
	row := systems.Row{
		Account: inventory.Account{Ref: besideRef(id), Document: identity.Account{
			Status: identity.AccountActive, Username: id + "@acme.example", Email: id + "@acme.example", FirstName: "First", LastName: id,
			Department: "Sales", CreatedAt: r.clock.Now().AddDate(-1, 0, 0), LastLogin: r.clock.Now(),
		}},
		Holds: map[identity.SystemObjectKind][]string{identity.ObjectGroup: {}},
	}
	for _, name := range groups {
		row.Holds[identity.ObjectGroup] = append(row.Holds[identity.ObjectGroup], "id-"+name)
	}
	return row
}

func (r *rig) link(id, key string) {
	r.t.Helper()
	require.NoError(r.t, r.app.Ledger.Inventory().LinkAccount(r.t.Context(), inventory.LinkAccount{Ref: besideRef(id), Person: key, By: "test"}))
}

// judged puts an account into a state, as the matching does.
func (r *rig) judged(id string, state identity.AccountLinkState, person string) {
	r.t.Helper()
	row, _, err := r.app.Ledger.Inventory().Account(r.t.Context(), besideRef(id))
	require.NoError(r.t, err)
	kept, err := r.app.Ledger.Inventory().JudgeAccounts(r.t.Context(), []inventory.Judgement{{Was: row, State: state, Person: person, By: "test"}})
	require.NoError(r.t, err)
	require.Equal(r.t, 1, kept)
}

// groupsOf names the groups of Google.
func (r *rig) groupsOf(names ...string) {
	r.t.Helper()
	var objects []systems.Object
	for _, name := range names {
		objects = append(objects, systems.Object{ID: "id-" + name, Name: name})
	}
	require.NoError(r.t, r.app.Ledger.Systems().PutObjects(r.t.Context(), "google", identity.ObjectGroup, r.clock.Now(), 0, objects))
}

// left has somebody leave, as the record says, and returns which of their employments that ends.
func (r *rig) left(key string) (episode int) {
	r.t.Helper()
	for _, employed := range []bool{true, false} {
		p, err := r.app.Ledger.People().SetEmployed(r.t.Context(), key, employed)
		require.NoError(r.t, err)
		episode = p.Episode
	}
	return episode
}

// besideOf reads the accounts of a review in the systems beside OneLogin, and what was found about each, by their ids.
func (r *rig) besideOf() (accounts map[string]reviews.SystemAccount, kinds map[string][]string) {
	r.t.Helper()
	accounts, kinds = map[string]reviews.SystemAccount{}, map[string][]string{}
	all, err := r.app.Ledger.Review().SystemAccounts(r.t.Context(), campaign, reviews.SystemPlace{}, 20_000)
	require.NoError(r.t, err)
	var refs []identity.Ref
	for _, a := range all {
		accounts[a.Ref.ID], refs = a, append(refs, a.Ref)
	}
	found, err := r.app.Ledger.Review().SystemFindingsOf(r.t.Context(), campaign, refs)
	require.NoError(r.t, err)
	for ref, of := range found {
		for _, f := range of {
			kinds[ref.ID] = append(kinds[ref.ID], f.Kind)
		}
	}
	return accounts, kinds
}

// dirty fills Google with what a review is for.
func (r *rig) dirty() {
	r.t.Helper()
	r.groupsOf("all@acme.example", "it@acme.example", "sales@acme.example", "=IMPORTXML(1)")
	formula := r.besideRow("formula", "=IMPORTXML(1)")
	formula.Document.FirstName, formula.Document.LastName = "=HYPERLINK(1)", ""
	closed := r.besideRow("closed")
	closed.Document.Status = identity.AccountSuspended
	dormant := r.besideRow("dormant")
	dormant.Document.LastLogin = r.clock.Now().AddDate(0, -6, 0)
	never := r.besideRow("never")
	never.Document.LastLogin = time.Time{}
	unread := r.besideRow("unread")
	unread.Holds = nil
	r.observe(r.besideRow("works", "all@acme.example", "it@acme.example"), r.besideRow("second"), r.besideRow("leaver", "all@acme.example"),
		r.besideRow("locked"), r.besideRow("unlinked", "sales@acme.example"), r.besideRow("disputed"), r.besideRow("candidate"), r.besideRow("shared"),
		formula, closed, dormant, never, unread)
	r.link("works", "workday-21002")
	r.clock.Advance(time.Minute)
	for id, key := range map[string]string{
		"second": "workday-21002", "leaver": "workday-21003", "locked": "workday-21004", "formula": "workday-21006", "dormant": "workday-21007",
		"never": "workday-21008", "unread": "workday-21009", "disputed": "workday-21011",
	} {
		r.link(id, key)
	}
	r.judged("disputed", identity.AccountDisputed, "workday-21011")
	r.judged("candidate", identity.AccountCandidate, "workday-21003")
	r.left("workday-21003")
	episode := r.left("workday-21004")
	ctx, s := r.t.Context(), r.app.Ledger.Systems()
	require.NoError(r.t, s.NoteDone(ctx, besideRef("locked"), "workday-21004", episode, identity.SystemResetPassword, r.clock.Now()))
	require.NoError(r.t, s.NoteGiven(ctx, besideRef("works"), identity.ObjectGroup, []string{"id-all@acme.example"}, "workday-21002", 1, r.clock.Now()))
	require.NoError(r.t, r.app.Ledger.Inventory().DeclareAccount(ctx, inventory.Declaration{Ref: besideRef("shared"), Kind: identity.KindShared, Owner: "workday-21012", By: "test"}))
}

// TestReviewCoversTheSystemsBesideOneLogin judges what Google shows, and says how old that is.
func TestReviewCoversTheSystemsBesideOneLogin(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	r.dirty()
	r.sweptWhole("google", "salesforce")
	mark := r.mark()
	v := r.reviewed()
	require.Zero(t, r.calls(mark, "google.directory.list_users"), "the inventory is what there is")
	accounts, kinds := r.besideOf()
	require.Equal(t, map[string][]string{
		"leaver": {"left_and_active"}, "candidate": {"orphaned"}, "unlinked": {"orphaned", "unmanaged_privileged_access"}, "disputed": {"disputed_account"},
		"shared": {"service_or_protected"}, "dormant": {"dormant"}, "never": {"never_signed_in"},
	}, kinds)
	for id, want := range map[string][]string{
		"works": nil, "second": {"second account"}, "leaver": {"leaver still open"}, "locked": {"locked by Gatehouse when its person left"},
		"unlinked": {"no person"}, "disputed": {"disputed"}, "candidate": {"perhaps workday-21003's", "no person"}, "shared": {"shared account"},
		"dormant": {"dormant"}, "never": {"never signed in"}, "unread": nil, "formula": nil,
	} {
		require.Equal(t, want, accounts[id].Flags, id)
	}
	require.NotContains(t, accounts, "closed")
	require.Equal(t, "left", accounts["leaver"].HR)
	require.Equal(t, "works here", accounts["works"].HR)
	require.Equal(t, r.account("workday-21012").Username, accounts["shared"].Owner)
	require.Equal(t, []reviews.Hold{
		{Kind: "group", Name: "all@acme.example", Rules: []string{"it"}, Given: true},
		{Kind: "group", Name: "it@acme.example", Rules: []string{"it"}, Privileged: true},
	}, accounts["works"].Holds)
	require.NotZero(t, accounts["works"].Manager)
	require.Equal(t, v.accounts[r.account("workday-21002").Username].ManagerID, accounts["works"].Manager)
	require.True(t, accounts["unread"].Unread)

	counts := v.Counts.Systems
	require.Len(t, counts, 3)
	require.Equal(t, int64(12), counts[0].Accounts)
	require.Equal(t, int64(13), counts[0].Rows)
	require.Equal(t, int64(1), counts[0].Excluded)
	require.False(t, counts[0].Stale)
	require.True(t, counts[0].ReadAt.Equal(r.clock.Now()))
	require.Equal(t, int64(1), v.Counts.ByKind["system_not_read"], "nothing was ever read of the directory")
	require.True(t, counts[1].Stale)
	require.Equal(t, "ldap", counts[1].System.System)
}

// TestReviewShowsOtherSystemsInATabOfTheirOwn: a row per account and what it holds, findings among the findings, counts on the summary,
// and nothing that a spreadsheet would work out.
func TestReviewShowsOtherSystemsInATabOfTheirOwn(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	r.dirty()
	r.sweptWhole("google", "salesforce")
	r.clock.Advance(13 * time.Hour)
	reviewAt(api.ReviewMail)(r)
	book := r.sheetsOf()[0]
	var titles []string
	for _, tab := range book.Tabs {
		titles = append(titles, tab.Title)
	}
	require.Equal(t, []string{"2026-03 Summary", "2026-03 Findings", "2026-03 Access", "2026-03 Other systems"}, titles)
	rows := book.Tab("2026-03 Other systems").Values
	require.Len(t, rows, 1+13)
	require.Equal(t, []any{"System", "Account", "Name"}, rows[0][:3])
	text := lines(rows)
	works := "works@acme.example|First works|Sales|workday-21002|works here|active|group|"
	require.Contains(t, text, "google|"+works+"all@acme.example|Gatehouse|managed: it|")
	require.Contains(t, text, "google|"+works+"it@acme.example|not by Gatehouse|managed: it|")
	require.Contains(t, text, "|system not read in time, privileged")
	require.Contains(t, text, "|=HYPERLINK(1)|")
	require.Contains(t, text, "|group|=IMPORTXML(1)|not by Gatehouse|outside the policy|")
	require.Contains(t, text, "unread@acme.example|First unread|Sales|workday-21009|works here|active||not known|")
	require.Contains(t, text, "|2026-03-02 09:01 UTC|", "the age of what is shown stands in each row")
	summary := lines(book.Tab("2026-03 Summary").Values)
	for _, want := range []string{
		"google: accounts under review|12", "google: left out: cannot sign in|1", "google: last read whole|2026-03-02 09:01 UTC|not read in time: older than 12h",
		"ldap: last read whole|never|not read in time: older than 24h", "salesforce: accounts under review|0", "System not read in time|2",
	} {
		require.Contains(t, summary, want)
	}
	findings := lines(book.Tab("2026-03 Findings").Values)
	for _, want := range []string{
		"1|Left according to HR, account still open|google: leaver@acme.example|First leaver|",
		"2|System not read in time|google||", "it was last read whole on 2026-03-02 09:01 UTC, which is more than 12h ago",
		"2|System not read in time|ldap||", "no reading has shown all of it yet",
		"it may be the account of workday-21003, who has left, and nobody has decided",
		"2|Privileged access in another system outside the policy|google: unlinked@acme.example|First unlinked|Sales||group sales@acme.example|",
	} {
		require.Contains(t, findings, want)
	}
	before := r.sheetsOf()
	r.must(api.ReviewWrite, review)
	require.Equal(t, before, r.sheetsOf(), "written twice, it is the same")
}

func lines(rows [][]any) string {
	var b strings.Builder
	for _, row := range rows {
		texts := make([]string, len(row))
		for i, v := range row {
			texts[i] = fmt.Sprint(v)
		}
		b.WriteString(strings.Join(texts, "|") + "\n")
	}
	return b.String()
}

// TestLettersSayWhatPeopleHaveInOtherSystems: each account stands in the e-mail of one who answers for it.
func TestLettersSayWhatPeopleHaveInOtherSystems(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	r.dirty()
	r.sweptWhole("google", "salesforce", "ldap")
	reviewAt(api.ReviewMail)(r)
	for range 2 {
		r.must(api.ReviewMail, review)
		r.must(api.ReviewManagers, review)
	}
	team, rest, owner := "Access review 2026-03: your team", "Access review 2026-03: accounts without a manager", "Access review 2026-03: accounts that you answer for"
	accounts, _ := r.besideOf()
	who, err := r.app.Ledger.Review().Identities(t.Context(), campaign, []int64{accounts["works"].Manager, accounts["leaver"].Manager})
	require.NoError(t, err)
	for id, want := range map[string]map[string][]string{
		"works":    {who[accounts["works"].Manager].Email: {team}},
		"leaver":   {who[accounts["leaver"].Manager].Email: {team}},
		"unlinked": {"it@acme.example": {rest}},
		"shared":   {r.account("workday-21012").Username: {owner}},
	} {
		require.Equal(t, want, r.toldAbout("google: "+id+"@acme.example"), id)
	}
	for _, m := range r.mails() {
		switch {
		case m.To[0] == "compliance@acme.example":
			require.Contains(t, m.Text, "Findings, Access and Other systems")
			require.Contains(t, m.Text, "Accounts under review in google")
		case strings.Contains(m.Text, "google: works@"):
			require.Contains(t, m.Text, "group all@acme.example, group it@acme.example")
			require.Contains(t, m.Text, "accounts of theirs in other systems")
		}
	}
}

// TestLeaverIsAskedAboutWhoseAccountInOneLoginIsClosed: their manager is known by it all the same.
func TestLeaverIsAskedAboutWhoseAccountInOneLoginIsClosed(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	r.dirty()
	require.NoError(t, r.sandbox.SetStatus(t.Context(), r.account("workday-21003").Username, 2))
	v := r.reviewed()
	accounts, kinds := r.besideOf()
	require.NotContains(t, v.accounts, r.account("workday-21003").Username)
	require.NotZero(t, accounts["leaver"].Manager)
	require.Contains(t, kinds["leaver"], "left_and_active")
}

// TestOwnerWhoHasLeftAnswersForNothing: what they answered for goes to whoever answers for accounts that nobody does.
func TestOwnerWhoHasLeftAnswersForNothing(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	r.dirty()
	r.left("workday-21012")
	reviewAt(api.ReviewMail)(r)
	accounts, _ := r.besideOf()
	require.Empty(t, accounts["shared"].Owner)
	require.Contains(t, accounts["shared"].Flags, "nobody answers for it")
	r.must(api.ReviewManagers, review)
	require.Equal(t, map[string][]string{"it@acme.example": {"Access review 2026-03: accounts without a manager"}}, r.toldAbout("google: shared@acme.example"))
}

// TestSystemThatDoesNotTellOfSignInsCallsNobodyDormant.
func TestSystemThatDoesNotTellOfSignInsCallsNobodyDormant(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	row := r.besideRow("1")
	row.Document.LastLogin = time.Time{}
	r.observe(row)
	r.link("1", "workday-21002")
	reviewAt(api.ReviewMail)(r)
	_, kinds := r.besideOf()
	require.Empty(t, kinds)
	require.Contains(t, lines(r.sheetsOf()[0].Tab("2026-03 Other systems").Values), "|not told|")
}

// TestReviewWithoutOtherSystemsIsWhatItWas: no tab, no line and no word of them.
func TestReviewWithoutOtherSystemsIsWhatItWas(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.observe(r.besideRow("1"))
	reviewAt(api.ReviewManagers)(r)
	r.must(api.ReviewManagers, review)
	require.Len(t, r.sheetsOf()[0].Tabs, 3)
	accounts, _ := r.besideOf()
	require.Empty(t, accounts)
	for _, tab := range r.sheetsOf()[0].Tabs {
		require.NotContains(t, strings.ToLower(lines(tab.Values)), "other system")
	}
	for _, m := range r.mails() {
		require.NotContains(t, strings.ToLower(m.Text), "other system")
	}
}

// TestAssessmentOfOtherSystemsGoesOnWhereItWasKilled: a process that ends at any step leaves what another one makes whole, once.
func TestAssessmentOfOtherSystemsGoesOnWhereItWasKilled(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	r.dirty()
	for i := range 1200 {
		r.observe(r.besideRow(fmt.Sprintf("many-%04d", i)))
	}
	r.sweptWhole("google")
	reviewAt(api.ReviewAssess)(r)
	for step := 1; ; step++ {
		if r.assessKilled(step) {
			break
		}
		require.Less(t, step, 200)
	}
	r.must(api.ReviewFreeze, review)
	c, _, err := r.app.Ledger.Review().Campaign(t.Context(), campaign)
	require.NoError(t, err)
	require.Equal(t, int64(1212), c.Counts.Systems[0].Accounts)
	require.Equal(t, int64(1), c.Counts.Systems[0].Excluded, "what is left out is counted once")
	r.observe(r.besideRow("after the freeze"))
	r.must(api.ReviewAssess, review)
	accounts, _ := r.besideOf()
	require.Len(t, accounts, 1212)
}

// assessKilled judges in a process that ends at a look at the clock, and reports whether it got to the end before.
func (r *rig) assessKilled(at int) (done bool) {
	r.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(func(ctx context.Context, in api.ReviewInput) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		looks := 0
		r.clock.watch(func() {
			if looks++; looks == at {
				cancel()
			}
		})
		defer r.clock.watch(nil)
		_, err := r.vendors.Activities.Review.Assess(ctx, in)
		return err
	}, activity.RegisterOptions{Name: api.ReviewAssess})
	_, err := env.ExecuteActivity(api.ReviewAssess, review)
	return err == nil
}

// TestPolicyThatChangesHalfwayJudgesOtherSystemsAnew: all accounts are judged by one policy.
func TestPolicyThatChangesHalfwayJudgesOtherSystemsAnew(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	r.dirty()
	reviewAt(api.ReviewFreeze)(r)
	require.NoError(t, r.app.Ledger.Review().Restart(t.Context(), campaign, "assess"))
	accounts, _ := r.besideOf()
	require.Empty(t, accounts)
	r.must(api.ReviewAssess, review)
	r.must(api.ReviewFreeze, review)
	c, _, err := r.app.Ledger.Review().Campaign(t.Context(), campaign)
	require.NoError(t, err)
	require.Equal(t, int64(12), c.Counts.Systems[0].Accounts)
}

// TestLargeReviewOfOtherSystemsStaysSmall: ten thousand accounts are judged and written in little memory.
func TestLargeReviewOfOtherSystemsStaysSmall(t *testing.T) {
	r := newBesides(t)
	require.NoError(t, r.sandbox.Google(t.Context(), control.GoogleSettings{PerMinute: 10_000}))
	var page []systems.Row
	for i := range 10_000 {
		if page = append(page, r.besideRow(fmt.Sprintf("%05d", i), "a@acme.example", "b@acme.example", "c@acme.example")); len(page) == 100 {
			_, err := r.app.Ledger.Systems().Observe(t.Context(), r.clock.Now(), page)
			require.NoError(t, err)
			page = nil
		}
	}
	r.sweptWhole("google")
	reviewAt(api.ReviewAssess)(r)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r.must(api.ReviewAssess, review)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(20<<20), "nothing is kept of the accounts that are done")
	r.must(api.ReviewFreeze, review)
	c, _, err := r.app.Ledger.Review().Campaign(t.Context(), campaign)
	require.NoError(t, err)
	require.Equal(t, int64(30_000), c.Counts.SystemRows())
}

// TestReviewTakesWhatSweepsHaveRead: what the vendors show stands in the review, by way of the inventory.
func TestReviewTakesWhatSweepsHaveRead(t *testing.T) {
	t.Parallel()
	r := newBesides(t)
	for _, name := range []string{"google", "salesforce", "ldap"} {
		in := api.SystemSweepInput{SystemSweepRequest: api.SystemSweepRequest{System: name, Full: true}, Sweep: "first"}
		var out api.SystemSwept
		require.NoError(t, r.must(api.SystemsSweep, in).Get(&out))
		require.True(t, out.Complete, "%s: %s", name, out.Why)
	}
	v := r.reviewed()
	accounts, _ := r.besideOf()
	held := map[string]map[string]bool{}
	for _, a := range accounts {
		require.False(t, a.Unread, a.Ref.String())
		for _, h := range a.Holds {
			if held[a.Ref.System] == nil {
				held[a.Ref.System] = map[string]bool{}
			}
			require.NotContains(t, h.Name, "#", "each has a name")
			held[a.Ref.System][h.Kind] = true
		}
	}
	for _, y := range v.Counts.Systems {
		require.False(t, y.Stale, y.System.System)
		require.Positive(t, y.Accounts, y.System.System)
		require.NotEmpty(t, held[y.System.System], y.System.System)
	}
	require.Zero(t, v.Counts.ByKind["system_not_read"])
}
