package activities_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/worklist"
	"gatehouse/policy/policytest"
	"gatehouse/sandbox/control"
)

// listedAccounts is a policy with one list of the accounts that are no person's. Nobody is exempt from grace periods otherwise.
func listedAccounts(more string) []string {
	return []string{"\nmodes:", `
accounts:
  non_personal:
    - {name: emergency, kind: break_glass, when: account.username.startsWith("breakglass-"), owner: security@acme.example}
    - {name: robots, kind: service, when: account.username.startsWith("svc-"), owner: robots@acme.example}
` + more + "\nmodes:", `    - account.username.startsWith("breakglass-")
  # The first rule`, `    - account.username == "nobody"
  # The first rule`}
}

// swept fills the inventory and compares it with HR.
func (r *rig) swept() {
	r.t.Helper()
	for _, source := range []string{"workday", "bamboohr"} {
		r.must(api.SyncCollect, api.SyncInput{Source: source, Batch: "baseline"})
	}
	r.must(api.AccountsSweep, api.SweepAccountsInput{Sweep: r.clock.Now().String(), Full: true})
	r.must(api.AccountsMatch, nil)
}

func (r *rig) named(username string) control.Person {
	r.t.Helper()
	p, found, err := r.sandbox.ByUsername(r.t.Context(), username)
	require.NoError(r.t, err)
	require.True(r.t, found, username)
	return p
}

func (r *rig) doubted() []worklist.Item {
	r.t.Helper()
	items, err := r.app.Ledger.Worklist().Items(r.t.Context(), worklist.ItemFilter{System: identity.SystemOneLogin, Class: "non_personal_doubtful"})
	require.NoError(r.t, err)
	return items
}

// TestNonPersonal: what somebody has said stands above the list, and the list below an HR record.
func TestNonPersonal(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone+`
accounts:
  non_personal: [{name: robots, kind: service, when: account.username.startsWith("svc-"), owner: robots@acme.example}]
`)
	seen := inventory.Account{ObservedAt: monday, State: identity.AccountUnowned, Kind: identity.KindUnknown}
	with := func(change func(*inventory.Account)) inventory.Account {
		row := seen
		change(&row)
		return row
	}
	for name, c := range map[string]struct {
		username string
		row      inventory.Account
		kind     identity.AccountKind
		doubtful bool
	}{
		"not listed":               {"ada", seen, "", false},
		"listed":                   {"svc-a", seen, identity.KindService, false},
		"not in the inventory yet": {"svc-a", inventory.Account{}, "", false},
		"declared a person's":      {"svc-a", with(func(a *inventory.Account) { a.Kind = identity.KindPerson }), "", false},
		"declared, not listed":     {"ada", with(func(a *inventory.Account) { a.Kind = identity.KindBreakGlass }), identity.KindBreakGlass, false},
		"on record for somebody":   {"svc-a", with(func(a *inventory.Account) { a.State, a.Person = identity.AccountLinked, "workday-1" }), "", true},
		"disputed":                 {"svc-a", with(func(a *inventory.Account) { a.State, a.Person = identity.AccountDisputed, "workday-1" }), "", true},
		"somebody's perhaps":       {"svc-a", with(func(a *inventory.Account) { a.State, a.Person = identity.AccountCandidate, "workday-1" }), "", true},
		"refused":                  {"svc-a", with(func(a *inventory.Account) { a.State, a.Person = identity.AccountRefused, "workday-1" }), identity.KindService, false},
		"stands for itself":        {"svc-a", with(func(a *inventory.Account) { a.State, a.Person = identity.AccountLinked, "onelogin-1" }), identity.KindService, false},
	} {
		entry, is, doubtful := people.NonPersonal(p, identity.Account{Username: c.username}, c.row)
		require.Equal(t, c.kind != "", is, name)
		require.Equal(t, c.doubtful, doubtful, name)
		if is {
			require.Equal(t, c.kind, entry.Kind, name)
		}
	}
}

// TestTooWideAConditionIsAnItemAndForgetsNobody has an entry match everybody.
func TestTooWideAConditionIsAnItemAndForgetsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: listedAccounts(`    - {name: too wide, kind: shared, when: account.username.contains("@"), owner: office@acme.example}`)})
	r.swept()
	items := r.doubted()
	require.Len(t, items, 1)
	require.Equal(t, "too wide", items[0].Object)
	require.Contains(t, items[0].Text, "more than a condition for accounts of no person should match")
	require.Contains(t, items[0].Text, "they stay people's")
	in := uncovered(r, "workday-21010")
	require.Equal(t, api.MFACourse, r.check(in).Verdict, "whom HR knows has a grace period")

	r.hr("workday", "terminate", "21010", nil)
	require.Equal(t, identity.VerdictLeave, r.assess(in.Key).Plan.Verdict, "and is shut out on the last day")
	unmet := "workday-21009"
	r.hr("workday", "terminate", "21009", nil)
	leaver := r.assess(unmet)
	require.Equal(t, identity.VerdictLeave, leaver.Plan.Verdict, "also if nobody has looked at them before")
	require.Equal(t, r.account(unmet).ID, leaver.Account.ID)
}

func TestNonPersonalAccountsHaveNoGracePeriod(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: listedAccounts("")})
	for _, username := range []string{"breakglass-9@acme.example", "stray@acme.example"} {
		fields := control.Fields{"username": username, "email": username}
		_, err := r.sandbox.CopyAccount(t.Context(), r.named("svc-backup@acme.example").ID, fields)
		require.NoError(t, err)
	}
	r.swept()
	require.Empty(t, r.doubted())
	r.scan("first")
	for username, want := range map[string]string{"breakglass-9@acme.example": "exempt: break-glass account", "svc-backup@acme.example": "exempt: service account"} {
		account := r.named(username)
		in := api.MFACheckInput{Key: identity.BareKey(account.ID), AccountID: account.ID}
		look := r.check(in)
		require.Equal(t, api.MFAExempt, look.Verdict, username)
		r.must(api.MFAMove, api.MFAMoveInput{AccountID: account.ID, Clock: look.Clock, Stage: mfa.StageExempt, Record: api.RecordInput{Key: in.Key}})
		require.Equal(t, 1, r.track(account.ID).Rows)
		state, _, err := r.app.Ledger.MFA().State(t.Context(), account.ID)
		require.NoError(t, err)
		require.Zero(t, state.Since)
		require.Equal(t, want, r.sheetsOf()[0].Tabs[0].Values[state.Row-1][4])
	}
	stray := r.named("stray@acme.example")
	require.Equal(t, api.MFACourse, r.check(api.MFACheckInput{Key: identity.BareKey(stray.ID), AccountID: stray.ID}).Verdict)
}

// TestNonPersonalAccountsInAReview are listed with what they are and who answers for them, and reviewed by those.
func TestNonPersonalAccountsInAReview(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: listedAccounts("")})
	r.swept()
	r.hrRead()
	v := r.reviewed()
	glass, robot := v.accounts["breakglass-2@acme.example"], v.accounts["svc-backup@acme.example"]
	require.Equal(t, "break-glass account", glass.Verdict.HR)
	require.Equal(t, "security@acme.example", glass.Verdict.Owner)
	require.Equal(t, "service account", robot.Verdict.HR)
	require.NotContains(t, v.kinds("breakglass-2@acme.example"), "orphaned")
	require.Contains(t, v.kinds("breakglass-2@acme.example"), "service_or_protected")
	require.Contains(t, v.kinds("riley.orphan@acme.example"), "orphaned")

	r.must(api.ReviewWrite, review)
	r.must(api.ReviewManagers, review)
	letters := map[string]string{}
	for _, m := range r.mails() {
		for _, to := range m.To {
			letters[to] += m.Text
		}
	}
	require.Contains(t, letters["security@acme.example"], "breakglass-2@acme.example")
	require.NotContains(t, letters["security@acme.example"], "svc-backup@acme.example")
	require.Contains(t, letters["robots@acme.example"], "svc-backup@acme.example")
	for to, text := range letters {
		if to != "security@acme.example" {
			require.NotContains(t, text, "breakglass-2@acme.example", "nobody else reviews it: "+to)
		}
	}
}

// TestCaseAboutABreakGlassAccount says what the account is and who answers for it, and is at least high.
func TestCaseAboutABreakGlassAccount(t *testing.T) {
	t.Parallel()
	const rules = `
events:
  rules:
    - {name: signed-in, types: [USER_LOGGED_INTO_ONELOGIN], severity: low}
    - {name: failed, types: [USER_FAILED_ONELOGIN_LOGIN], severity: critical}
`
	policy := listedAccounts("")
	policy[1] = rules + policy[1]
	r := newRig(t, rigOptions{policy: policy})
	r.swept()
	r.watched()
	glass, robot := r.named("breakglass-2@acme.example"), r.named("svc-backup@acme.example")
	for _, e := range []control.Event{
		{Type: 5, Usernames: []string{glass.Username, robot.Username}, Times: 2}, {Type: 6, Usernames: []string{glass.Username}, Times: 1},
	} {
		_, _, err := r.sandbox.Events(t.Context(), e)
		require.NoError(t, err)
	}
	r.watched()
	about := func(rule string, account control.Person) api.CaseState {
		var state api.CaseState
		require.NoError(t, r.must(api.EventsCase, api.CaseRef{Rule: rule, Subject: "onelogin-" + strconv.FormatInt(account.ID, 10), Number: 1}).Get(&state))
		return state
	}
	state := about("signed-in", glass)
	require.Equal(t, "high", state.Severity)
	require.Equal(t, "error", state.Pager)
	require.Equal(t, []api.Line{{Label: "Kind", Value: "break-glass account"}, {Label: "Owner", Value: "security@acme.example"}}, state.Happened.Ticket[:2])
	require.True(t, slices.Equal(state.Happened.Ticket[:2], state.Happened.Page[:2]))
	require.Equal(t, "critical", about("failed", glass).Severity, "what is more stays more")
	state = about("signed-in", robot)
	require.Equal(t, "low", state.Severity)
	require.Equal(t, "none", state.Pager)
	require.Equal(t, "service account", state.Happened.Message[0].Value)
}
