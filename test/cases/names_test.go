package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L04_NothingButTheName: the address and the username are foreign as well.
func TestCase_L04_NothingButTheName(t *testing.T) {
	t.Parallel()
	var leaver control.Person
	s := company(t, func(s *kit.Stack) {
		leaver = s.Age("workday-21009", control.Fields{"external_id": guid, "email": "x4711@legacy.example", "username": "x4711"})
	})
	intact := untouched(s, leaver)
	leaves(s, "workday-21009")
	settled(s, "name", leaver)
	intact()
}

// TestCase_L06_NothingButTheName: a second account that nobody owns.
func TestCase_L06_NothingButTheName(t *testing.T) {
	t.Parallel()
	var first, second control.Person
	s := company(t, func(s *kit.Stack) {
		first = s.Account("workday-21009")
		second = s.Second(first, control.Fields{"username": "x4711", "email": "x4711@legacy.example", "roles": []string{"GitHub"}})
	})
	leaves(s, "workday-21009")
	s.AwaitShut(first.ID)
	settled(s, "", second)
}

// TestCase_L01_Spellings: an external id, an address or a name that is theirs, as people and directories write it.
func TestCase_L01_Spellings(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]control.Fields{
		"our key in capitals":           {"external_id": "WORKDAY-21009"},
		"our key with a space":          {"external_id": " workday-21009"},
		"leading zeros":                 {"external_id": "0000021009"},
		"a prefix":                      {"external_id": "EMP-21009"},
		"address in capitals":           {"external_id": guid, "email": "Leon.Moreau@ACME.example"},
		"address with a tag":            {"external_id": guid, "email": "leon.moreau+onelogin@acme.example", "username": "lm"},
		"names swapped":                 {"external_id": guid, "firstname": "Moreau", "lastname": "Leon", "email": "lm@acme.example", "username": "lm"},
		"accents":                       {"external_id": guid, "firstname": "Léon", "lastname": "Moréau", "email": "lm@acme.example", "username": "leon.moreau"},
		"a second surname":              {"external_id": guid, "lastname": "Moreau-Diaz", "email": "lm@acme.example", "username": "leon.moreau"},
		"no names, the username":        {"external_id": guid, "firstname": "", "lastname": "", "email": "", "username": "leon.moreau"},
		"the private address":           {"external_id": guid, "email": "leon.moreau@home.example", "username": "leon.moreau@home.example"},
		"the number in another field":   {"external_id": guid, "email": "lm@acme.example", "username": "21009"},
		"the address as a username":     {"external_id": guid, "email": "", "firstname": "L", "lastname": "M"},
		"the address in the directory":  {"external_id": guid, "email": "lm@x.example", "username": "lm", "userprincipalname": "leon.moreau@acme.example"},
		"the account name of directory": {"external_id": guid, "email": "lm@x.example", "username": "lm", "samaccountname": "leon.moreau"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var leaver control.Person
			s := company(t, func(s *kit.Stack) { leaver = s.Age("workday-21009", f) })
			intact := untouched(s, leaver)
			leaves(s, "workday-21009")
			settled(s, "", leaver)
			intact()
		})
	}
}

// TestCase_L05_Namesakes: of two employed people of one name, one leaves, and no account says whose it is but by the address.
func TestCase_L05_Namesakes(t *testing.T) {
	t.Parallel()
	var leaver, stays control.Person
	s := company(t, func(s *kit.Stack) {
		leaver = s.Age("workday-21009", control.Fields{"external_id": guid, "email": "lm1@legacy.example", "username": "lm1"})
		s.HR("workday-21015", "change", control.Fields{"first_name": "Leon", "last_name": "Moreau"})
		stays = s.Age("workday-21015", control.Fields{"external_id": sid, "firstname": "Leon", "lastname": "Moreau", "email": "lm2@legacy.example", "username": "lm2"})
	})
	leaves(s, "workday-21009")
	s.Until("security knows of the one", func() bool { return names(s.Messages(security), leaver) || !kit.Open(s.Of(leaver.ID)) })
	require.True(t, s.Of(stays.ID).CanSignIn, "only the name says so, and it says the same of both")
	require.NotEmpty(t, s.Of(stays.ID).Roles)
}

// TestCase_L07_ThreeRecords: contractor, employee, contractor again under another number; only the last one leaves now.
func TestCase_L07_ThreeRecords(t *testing.T) {
	t.Parallel()
	var first, second, third control.Person
	var key string
	s := company(t, func(s *kit.Stack) {
		s.HR("bamboohr-106", "terminate", control.Fields{"last_day": "today-900", "termination_date": "today-900"})
		first = s.Age("bamboohr-106", control.Fields{"status": 2, "roles": []string{}})
		again := func(source, n string, f control.Fields) control.Person {
			f["first_name"], f["last_name"], f["personal_email"] = first.FirstName, first.LastName, "qiang.schmidt@home.example"
			f["department"], f["location"], f["work_email"] = "Marketing", "London", "qs"+n+"@acme.example"
			id, err := s.Sandbox.HireAgain(t.Context(), source, first.Owner, f)
			require.NoError(t, err)
			key = source + "-" + id
			return s.Second(first, control.Fields{"username": "qs" + n, "email": "qs" + n + "@acme.example", "external_id": key, "roles": []string{"Everyone"}})
		}
		second = again("workday", "2", control.Fields{"hire_date": "today-890", "last_day": "today-300", "termination_date": "today-300"})
		third = again("bamboohr", "3", control.Fields{"hire_date": "today-290"})
	})
	require.Empty(t, s.LeftWithAccess())
	leaves(s, key)
	s.AwaitShut(third.ID)
	settled(s, "", second)
}
