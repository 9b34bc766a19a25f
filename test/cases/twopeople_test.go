package cases

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L20_TwoPeopleOfOneNameAndAddress: father and son share a name and an address at home, or two people gave the
// address that stands for none. The elder leaves. Each has an account of their own, before Gatehouse or made by it.
func TestCase_L20_TwoPeopleOfOneNameAndAddress(t *testing.T) {
	t.Parallel()
	for _, home := range []string{"novak@home.example", "none@example.com"} {
		for _, known := range []bool{true, false} {
			t.Run(home+map[bool]string{true: ", met before", false: ", never met"}[known], func(t *testing.T) {
				t.Parallel()
				s := kit.New(t, kit.Options{Policy: roomy(t)})
				s.Baseline()
				elder := s.Hire("workday", namesake("today-4000", home, "Engineering"))
				tell(s, elder)
				require.Equal(t, "can sign in", s.Outcome(elder).Result)
				younger := s.Hire("workday", namesake("today-30", home, "Sales"))
				if known {
					tell(s, younger)
					s.Until("the younger is asked about, or has an account of their own", func() bool {
						_, found, err := s.Sandbox.ByExternalID(t.Context(), younger)
						require.NoError(t, err)
						return found || waits(s, younger, api.NoticePossibleDuplicate)
					})
				}
				account := s.Account(elder)
				leaves(s, elder)
				s.AwaitShut(account.ID)
				s.AwaitNobodyLeftWithAccess()

				tell(s, younger)
				if home != "none@example.com" {
					s.Until("the younger is asked about", func() bool { return waits(s, younger, api.NoticePossibleDuplicate) })
					require.NoError(t, s.Decide(api.PersonID(younger), api.VerbSeparate))
				}
				s.Until("the younger has an account of their own", func() bool {
					p, found, err := s.Sandbox.ByExternalID(t.Context(), younger)
					require.NoError(t, err)
					return found && p.ID != account.ID && slices.Contains(p.Roles, "Sales")
				})
				require.False(t, kit.Open(s.Of(account.ID)))
			})
		}
	}
}

// TestCase_L20_RecordsThatComeAndGo: a record comes back under another id, or one of two was deleted. It is the same human,
// and when they leave they are out.
func TestCase_L20_RecordsThatComeAndGo(t *testing.T) {
	t.Parallel()
	t.Run("another id", func(t *testing.T) {
		t.Parallel()
		s := kit.New(t, kit.Options{Policy: roomy(t)})
		s.Baseline()
		tell(s, "workday-21005")
		s.Outcome("workday-21005")
		account := s.Account("workday-21005")
		require.NoError(t, s.Sandbox.Renumber(t.Context(), "21005", "A21005"))
		tell(s, "workday-A21005")
		s.Outcome("workday-A21005")
		leaves(s, "workday-A21005")
		s.AwaitShut(account.ID)
		s.AwaitNobodyLeftWithAccess()
	})
	t.Run("a second record that was deleted", func(t *testing.T) {
		t.Parallel()
		s := kit.New(t, kit.Options{Policy: roomy(t)})
		s.Baseline()
		first := s.Hire("bamboohr", namesake("today-100", "novak@home.example", "Engineering"))
		tell(s, first)
		require.Equal(t, "can sign in", s.Outcome(first).Result)
		account := s.Account(first)
		s.HR(first, "terminate", control.Fields{"last_day": "today"})
		id, err := s.Sandbox.HireAgain(t.Context(), "workday", account.Owner, namesake("today", "novak@home.example", "Engineering"))
		require.NoError(t, err)
		second := "workday-" + id
		tell(s, second)
		s.Outcome(second)
		s.HR(first, "delete", nil)
		tell(s, first)
		s.Outcome(first)
		require.Equal(t, 1, s.Of(account.ID).Status, "a password is set by the invitation")
		leaves(s, second)
		s.AwaitShut(account.ID)
		s.AwaitNobodyLeftWithAccess()
	})
}

// TestCase_L20_TheYoungerLeaves: and the elder stays what they were.
func TestCase_L20_TheYoungerLeaves(t *testing.T) {
	t.Parallel()
	var keys []string
	var accounts []control.Person
	s := company(t, func(s *kit.Stack) { keys, accounts = alike(s, "novak@home.example", 2) })
	s.Hint(keys[0], "test")
	s.Until("somebody is asked whether the elder is the younger", func() bool { return waits(s, keys[0], api.NoticePossibleDuplicate) })
	intact := untouched(s, accounts[1])
	leaves(s, keys[1])
	s.AwaitShut(accounts[1].ID)
	s.AwaitNobodyLeftWithAccess()
	intact()
	s.Hint(keys[0], "again")
	s.AwaitStage(keys[0], api.StageAttention)
	require.True(t, waits(s, keys[0], api.NoticePossibleDuplicate), "a hint is no answer")
	require.NoError(t, s.Decide(api.PersonID(keys[0]), api.VerbSeparate))
	s.Until("the elder is looked at", func() bool { return slices.Contains(s.Of(accounts[0].ID).Roles, "NetSuite") })
	require.False(t, kit.Open(s.Of(accounts[1].ID)))
}
