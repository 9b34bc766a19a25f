package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L06_SecondAccountThatCannotSignInYet: it will, once it is unlocked, invited or reset.
func TestCase_L06_SecondAccountThatCannotSignInYet(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"unactivated": 0, "locked": 3, "expired": 4, "awaiting reset": 5, "pending": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first, second control.Person
			s := company(t, func(s *kit.Stack) {
				first = s.Account("workday-21009")
				second = s.Second(first, control.Fields{"username": "lmoreau", "status": status, "external_id": "21009"})
			})
			leaves(s, "workday-21009")
			s.AwaitShut(first.ID)
			s.Until("suspended, or security knows of it", func() bool {
				return s.Of(second.ID).Status == 2 || names(s.Messages(security), second)
			})
		})
	}
}

// TestCase_L06_NineAccounts: more than anybody has.
func TestCase_L06_NineAccounts(t *testing.T) {
	t.Parallel()
	var all []control.Person
	s := company(t, func(s *kit.Stack) {
		all = append(all, s.Account("workday-21009"))
		for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			all = append(all, s.Second(all[0], control.Fields{"username": "leon" + n, "roles": []string{"GitHub"}}))
		}
	})
	intact := untouched(s, all...)
	leaves(s, "workday-21009")
	s.AwaitShut(all[0].ID)
	settled(s, "", all...)
	intact()
}

// TestCase_L05_RecycledAddress: somebody who left long ago had the address that a colleague has now. HR touches the old
// record, and the colleague keeps what they have.
func TestCase_L05_RecycledAddress(t *testing.T) {
	t.Parallel()
	var colleague control.Person
	var old string
	s := company(t, func(s *kit.Stack) {
		colleague = s.Age("workday-21009", control.Fields{"external_id": guid})
		old = s.Hire("workday", control.Fields{
			"first_name": "Leonie", "last_name": "Moreau", "work_email": colleague.Email, "personal_email": "leonie@home.example", "department": "Sales",
			"location": "Berlin", "hire_date": "today-2000", "last_day": "today-60", "termination_date": "today-60",
		})
	})
	intact := untouched(s)
	s.HR(old, "change", control.Fields{"termination_date": "today-59", "last_day": "today-59"})
	tell(s, old)
	s.Until("the run has come to rest", func() bool {
		state, ok := s.State(old)
		return ok && (state.Stage == "done" || state.Stage == "attention")
	})
	intact()
	require.True(t, s.Of(colleague.ID).CanSignIn)
}

// TestCase_L07_TheOldRecordIsGone: HR deleted it when the person became an employee.
func TestCase_L07_TheOldRecordIsGone(t *testing.T) {
	t.Parallel()
	var old, now control.Person
	var key string
	s := company(t, func(s *kit.Stack) {
		old = s.Account("bamboohr-106")
		id, err := s.Sandbox.HireAgain(t.Context(), "workday", old.Owner, control.Fields{
			"first_name": old.FirstName, "last_name": old.LastName, "work_email": old.Email, "personal_email": "qiang.schmidt@home.example",
			"department": "Marketing", "location": "London", "hire_date": "today-20",
		})
		require.NoError(t, err)
		key = "workday-" + id
		now = s.Second(old, control.Fields{"username": "qs", "external_id": key, "roles": []string{"Everyone"}})
		s.HR("bamboohr-106", "delete", nil)
	})
	leaves(s, key)
	s.AwaitShut(now.ID)
	settled(s, "", old)
}

// TestCase_L24_ARoleComesBack: a mapping gives the role back and leaves the account suspended.
func TestCase_L24_ARoleComesBack(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	account := s.Account("workday-21009")
	require.NoError(t, s.Sandbox.AddMapping(t.Context(), control.Mapping{
		Name: "everybody in engineering", Conditions: []control.MappingCondition{{Source: "department", Operator: "=", Value: "Engineering"}},
		Actions: []control.MappingAction{{Action: "add_role", Value: []string{"AWS Admin"}}},
	}))
	over := nights(s, account.ID, 3, func() error { _, err := s.Sandbox.RunMappings(t.Context()); return err })
	leaves(s, "workday-21009")
	reopened(s, account, over, "mapping")
}

// TestCase_L24_APersonGivesAccessBack: by hand, again and again.
func TestCase_L24_APersonGivesAccessBack(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	account := s.Account("workday-21009")
	over := nights(s, account.ID, 3, func() error {
		_, err := s.Sandbox.EditAccount(t.Context(), account.ID, control.Fields{"status": 1, "roles": []string{"GitHub"}})
		return err
	})
	leaves(s, "workday-21009")
	reopened(s, account, over, "")
}

// TestCase_L24_ASecondAccountIsReopened: the one that Gatehouse found by its search.
func TestCase_L24_ASecondAccountIsReopened(t *testing.T) {
	t.Parallel()
	var first, second control.Person
	s := company(t, func(s *kit.Stack) {
		first = s.Account("workday-21009")
		second = s.Second(first, control.Fields{"username": "lmoreau", "external_id": "21009", "roles": []string{"GitHub"}})
		require.NoError(t, s.Sandbox.SetDirectoryEntry(t.Context(), control.DirectoryEntry{Directory: 77, ID: second.ID}))
	})
	over := nights(s, second.ID, 3, func() error { _, err := s.Sandbox.SyncDirectory(t.Context(), 77); return err })
	leaves(s, "workday-21009")
	s.AwaitShut(first.ID)
	reopened(s, second, over, "directory")
}
