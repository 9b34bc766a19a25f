package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_R03_FirstDaysMoveAhead: the first day of somebody who works here moves ten years ahead. They keep what they have, somebody
// is asked, and their changes of position wait where that is seen; six of them in one report are one doubt about the source. Who
// has left and comes back later is shut out and no doubt, and neither is a joiner who comes later than was said.
func TestCase_R03_FirstDaysMoveAhead(t *testing.T) {
	t.Parallel()
	t.Run("one", func(t *testing.T) {
		t.Parallel()
		s := kit.New(t, kit.Options{Policy: roomy(t)})
		s.Baseline()
		const key = "workday-21005"
		joiner := s.Hire("workday", control.Fields{
			"first_name": "Nora", "last_name": "Spaet", "department": "Engineering", "title": "Engineer", "location": "Berlin",
			"employment_type": "Employee", "personal_email": "nora@home.example", "hire_date": "today+2",
		})
		tell(s, joiner)
		s.AwaitStage(joiner, api.StageWaiting)
		intact := untouched(s)
		s.HR(key, "change", control.Fields{"hire_date": "today+3650", "department": "Sales"})
		s.HR(joiner, "change", control.Fields{"hire_date": "today+30"})
		s.Sync("workday")
		s.Until("somebody is asked", func() bool { return waits(s, key, policy.NoticeFirstDayMoved) })
		s.Until("it is on the list", func() bool { return listed(s, key, policy.NoticeFirstDayMoved) })
		intact()
		require.False(t, waits(s, joiner, policy.NoticeFirstDayMoved))
		s.HR(key, "change", control.Fields{"hire_date": "today-900"})
		s.Sync("workday")
		s.Until("they are moved once HR is right again", func() bool { return slices.Contains(s.Account(key).Roles, "Salesforce") })
		s.Until("and the item is closed", func() bool { return !listed(s, key, policy.NoticeFirstDayMoved) })
	})
	t.Run("six", func(t *testing.T) {
		t.Parallel()
		s := kit.New(t, kit.Options{Policy: roomy(t)})
		s.Baseline()
		keys, ids := berliners(s, 6)
		account := s.Account("workday-21003")
		intact := untouched(s, account)
		for _, key := range keys {
			s.HR(key, "change", control.Fields{"hire_date": "today+365"})
		}
		s.HR("workday-21003", "terminate", control.Fields{"last_day": "today", "involuntary": true})
		run, text := notBelieved(s, "workday", "first days of 6 of the")
		require.Contains(t, s.Desk(nil).Run("records", "--source", "workday").Out, code(t, text))
		s.AwaitShut(account.ID)
		require.False(t, slices.ContainsFunc(keys, func(key string) bool { return listed(s, key, policy.NoticeFirstDayMoved) }), "nobody is asked about one by one")
		intact()
		for _, key := range keys {
			s.HR(key, "change", control.Fields{"hire_date": "today-900"})
		}
		repaired(s, "workday", run)
		require.Equal(t, 6, inside(s, ids))
	})
	t.Run("left, and comes back", func(t *testing.T) {
		t.Parallel()
		s := kit.New(t, kit.Options{Policy: roomy(t)})
		s.Baseline()
		const key = "workday-21005"
		account := s.Account(key)
		leaves(s, key)
		s.AwaitShut(account.ID)
		s.HR(key, "change", control.Fields{"status": "Active", "last_day": "", "termination_date": "", "involuntary": false, "hire_date": "today+30"})
		s.Sync("workday")
		tell(s, key)
		s.AwaitStage(key, api.StageWaiting)
		require.False(t, waits(s, key, policy.NoticeFirstDayMoved))
		d, _, err := s.App.Ledger.Dossier(t.Context(), key)
		require.NoError(t, err)
		require.False(t, d.Person.Employed, "they are out until that day is prepared")
		require.False(t, s.Account(key).CanSignIn)
	})
}

// listed reports that the list of what needs a person has an item of a kind about somebody.
func listed(s *kit.Stack, key, class string) bool {
	s.T.Helper()
	return slices.ContainsFunc(needing(s, worklist.ItemFilter{Class: class}), func(i worklist.Item) bool { return strings.HasSuffix(i.Object, "@"+key) })
}
