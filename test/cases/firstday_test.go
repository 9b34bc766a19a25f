package cases

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_O12_TheFirstDay plays docs/first-day.md: a company with dirty accounts, from doctor and adopt in observe to enforce. Nothing
// is changed before somebody allows it; then every forgotten leaver whose account is on record is out, each other one is asked
// about by name of the account, and nobody else is touched.
func TestCase_O12_TheFirstDay(t *testing.T) {
	t.Parallel()
	const observing = "modes: {onboarding: observe, offboarding: observe, role_change: observe, mfa: observe}"
	mode := func(to string) func(string) string {
		return func(policy string) string {
			policy = kit.Replace(t, policy, "modes: {onboarding: enforce, offboarding: enforce, role_change: enforce, mfa: enforce}", observing)
			return kit.Replace(t, policy, "offboarding: observe", "offboarding: "+to)
		}
	}
	s := kit.New(t, kit.Options{People: 200, Legacy: true, Forgotten: 8, Policy: mode("observe")})
	d := s.Desk(nil)
	forgotten := s.LeftWithAccess()
	require.Len(t, forgotten, 8)
	mark := s.Mark()

	require.Contains(t, d.Run("doctor").Out, "offboarding is in mode observe: nobody who leaves is shut out")
	decisions := filepath.Join(t.TempDir(), "decisions.csv")
	out := d.MustRun("adopt", "--csv", decisions, "--suggest")
	for _, line := range []string{`left, and the account is not suspended +\d`, `may be of somebody who has left +\d`, `candidates +\d+`} {
		require.Regexp(t, line, out)
	}
	require.Regexp(t, `(?m)^  leave +\d+  observe$`, d.MustRun("plan", "--all"))
	require.Contains(t, d.MustRun("plan", "--all", "--policy", s.PolicyPath), "0 of ")

	_, err := s.App.ApplySchedules(t.Context())
	require.NoError(t, err)
	s.Baseline()
	sweep(s)
	linked := decide(t, decisions)
	out = d.MustRun("adopt", "--import", decisions, "--by", "j.doe")
	require.Contains(t, out, "0 of them done by an earlier import of this file")
	require.Contains(t, out, "temporal workflow start --type Reconcile")
	require.Contains(t, d.MustRun("status"), "offboarding observe")
	reconcile(s, true)
	gaps, err := s.App.Ledger.Worklist().GapCounts(t.Context())
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(gaps, func(g worklist.GapCount) bool { return g.Kind == api.GapPlanned && g.People > 0 }), "what was only observed is a gap")
	require.Empty(t, s.Effects(mark, unwanted...), "an install that observes changes nothing")

	s.WritePolicy(mode("enforce"))
	s.Until("the policy is in force", func() bool { return string(s.Vendors.Policy.Current().Modes().Offboarding) == "enforce" })
	reconcile(s, true)
	require.Empty(t, s.Effects(mark, unwanted...), "a change of mode changes nobody before somebody allows it")
	require.Contains(t, d.MustRun("holds"), "starter show --workflow hold/")
	held, err := s.App.Ledger.Budgets().Holds(t.Context())
	require.NoError(t, err)
	for _, h := range held {
		workflow := api.HoldID(api.HoldRef{Source: h.Source, Kind: h.Kind})
		s.Until("the batch asks", func() bool { return strings.Contains(d.Run("show", "--workflow", workflow).Out, "--verb allow") })
		d.MustRun("decide", "--workflow", workflow, "--verb", "allow", "--by", "j.doe", "--reason", "read the list")
	}
	asked := func(account int64) bool {
		items, err := s.App.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{})
		require.NoError(t, err)
		return slices.ContainsFunc(items, func(i worklist.Item) bool {
			waiting, err := s.App.Ledger.Worklist().Holders(t.Context(), i.ID, 100, 0)
			require.NoError(t, err)
			return strings.Contains(i.Text, fmt.Sprintf("account %d ", account)) ||
				slices.ContainsFunc(waiting, func(h worklist.Holder) bool {
					return strings.HasSuffix(h.Step, "@"+identity.OneLoginRef(account).String())
				})
		})
	}
	s.Until("who has left is out, or somebody is asked about the account", func() bool {
		return !slices.ContainsFunc(s.LeftWithAccess(), func(open control.Open) bool { return !asked(open.AccountID) })
	})
	require.Less(t, len(s.LeftWithAccess()), len(forgotten))
	for _, effect := range s.Effects(mark, "onelogin.update_user") {
		_, account, _ := strings.Cut(effect, "user:")
		require.True(t, slices.Contains(linked, account) || slices.ContainsFunc(forgotten, func(f control.Open) bool { return account == itoa(f.AccountID) }), effect)
	}
}

// decide links what in a file of decisions nobody else comes into question for, and returns these accounts. A mailbox that somebody's
// name is on is linked as well: it goes with them, as it was said.
func decide(t *testing.T, path string) (linked []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	require.NoError(t, err)
	at := func(column string) int { return slices.Index(rows[0], column) }
	for _, row := range rows[1:] {
		link := row[at("section")] == "candidate" || row[at("section")] == "may_have_left"
		if row[at("decision")] != "" || row[at("also")] != "" || !link {
			continue
		}
		row[at("decision")], row[at("reason")] = "link", "looked through on the first day"
		linked = append(linked, strings.TrimPrefix(row[at("account")], "onelogin/"))
		if strings.Contains(row[at("why")], "administrator's prefix") {
			row[at("use")] = "admin"
		}
	}
	var out strings.Builder
	require.NoError(t, csv.NewWriter(&out).WriteAll(rows))
	require.NoError(t, os.WriteFile(path, []byte(out.String()), 0o600))
	return linked
}
