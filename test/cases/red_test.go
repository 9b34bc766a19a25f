package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L03_OnePersonSpeltTwice: the same decider, spelt otherwise, is no second one.
func TestCase_L03_OnePersonSpeltTwice(t *testing.T) {
	t.Parallel()
	s, admin := protectedLeaver(t, control.Fields{"external_id": guid})
	allow := func(by string) error {
		item := asked(s, "workday-21019", admin)
		return s.App.Launch.Decide(t.Context(), api.PersonID("workday-21019"), api.Decision{Verb: api.VerbAllow, By: by, Item: item})
	}
	require.ErrorContains(t, allow(admin.Email), "nobody decides about themselves")
	require.NoError(t, allow("farid.obrien@acme.example"))
	s.Until("it is known who has allowed it", func() bool {
		state, _ := s.State("workday-21019")
		return len(state.Attention) > 0 && strings.Contains(state.Attention[0].Text, "farid.obrien")
	})
	for _, by := range []string{
		"farid.obrien@acme.example", " Farid.OBrien@ACME.example", "Farid O'Brien <farid.obrien@acme.example>", "farid.obrien@acme.example.",
		"farid obrien", "OBrien, Farid", "f.obrien@acme.example", "farid.obrien@other.example",
	} {
		require.ErrorContains(t, allow(by), "a second person has to", by)
	}
	require.Equal(t, 1, s.Of(admin.ID).Status, "one person is not two")
}

// TestCase_L09_NobodyIsOnRecord: the same before Gatehouse has ever assessed the victim.
func TestCase_L09_NobodyIsOnRecord(t *testing.T) {
	t.Parallel()
	pretends(t, false)
}

// alike hires people of one name with one private address, each with an account of their own that is older than Gatehouse.
func alike(s *kit.Stack, private string, n int) (keys []string, accounts []control.Person) {
	s.T.Helper()
	for i := range n {
		email := "peter.novak" + []string{"", "2", "3", "4"}[i] + "@acme.example"
		key := s.Hire("workday", control.Fields{
			"first_name": "Peter", "last_name": "Novak", "work_email": email, "personal_email": private, "location": "Berlin",
			"department": []string{"Finance", "Sales", "Support", "Marketing"}[i], "title": "Analyst", "manager_id": "21005",
			"hire_date": []string{"today-9000", "today-90", "today-60", "today-30"}[i],
		})
		p, err := s.Sandbox.CreateAccount(s.T.Context(), control.Fields{
			"username": email, "email": email, "firstname": "Peter", "lastname": "Novak", "external_id": key,
			"group": []string{"Finance", "Sales", "Support", "Marketing"}[i], "roles": []string{"Everyone"}, "department": "Finance",
		})
		require.NoError(s.T, err)
		keys, accounts = append(keys, key), append(accounts, p)
	}
	return keys, accounts
}

// TestCase_L20_FatherAndSon: one name, one private address, two people.
func TestCase_L20_FatherAndSon(t *testing.T) {
	t.Parallel()
	for name, private := range map[string]string{"the family's address": "novak@home.example", "a placeholder": "none@none.example"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var keys []string
			var accounts []control.Person
			people := 2
			if private == "none@none.example" {
				people = 4
			}
			s := company(t, func(s *kit.Stack) { keys, accounts = alike(s, private, people) })
			intact := untouched(s, accounts[0])
			leaves(s, keys[0])
			s.AwaitShut(accounts[0].ID)
			s.AwaitNobodyLeftWithAccess()
			intact()
		})
	}
}
