package cases

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L05_CompanyOfNamesakes: of 300 people, ninety share nine names, and their accounts have a directory's external
// ids. Of each name one leaves whose account carries the work address, and of three names one whose account carries
// nothing but the name. Who leaves is shut out or asked about, and nobody is asked about the accounts of those who stay.
func TestCase_L05_CompanyOfNamesakes(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 300, Policy: roomy(t)})
	accounts := map[string]control.Person{}
	var keys []string
	for i := range 90 {
		n := 100 + i
		key := fmt.Sprintf("workday-%d", 21001+n)
		name := control.Fields{"firstname": "Anna", "lastname": "Schmidt" + string(rune('a'+i%9))}
		if i%9 == 8 {
			name["firstname"] = "Paul"
		}
		s.HR(key, "change", control.Fields{"first_name": name["firstname"], "last_name": name["lastname"]})
		name["external_id"] = fmt.Sprintf("%s%03d", guid[:len(guid)-3], i)
		if i < 3 {
			name["email"], name["username"] = fmt.Sprintf("x%d@legacy.example", i), fmt.Sprintf("x%d", i)
		}
		accounts[key] = s.Age(key, name)
		keys = append(keys, key)
	}
	s.Baseline()
	leavers := keys[:12]
	var theirs []control.Person
	for _, key := range leavers {
		theirs = append(theirs, accounts[key])
	}
	intact := untouched(s, theirs...)
	leaves(s, leavers...)
	settled(s, "name", theirs...)
	intact()
	said := s.Messages(security)
	for key, account := range accounts {
		if !slices.Contains(leavers, key) {
			require.NotContains(t, said, fmt.Sprint(account.ID), "whose owner works here under their own address")
		}
	}
	require.LessOrEqual(t, s.Said(security, "may be a leaver's", "the name of somebody who has left"), len(leavers))
}

// TestCase_L05_NothingButACommonName: eight people of one name, of whose accounts nothing says which is whose. One leaves:
// that is one question, and nobody is touched.
func TestCase_L05_NothingButACommonName(t *testing.T) {
	t.Parallel()
	var all []control.Person
	s := company(t, func(s *kit.Stack) {
		for i := range 8 {
			key := fmt.Sprintf("workday-%d", 21009+i)
			s.HR(key, "change", control.Fields{"first_name": "Anna", "last_name": "Schmidt"})
			all = append(all, s.Age(key, control.Fields{
				"external_id": "", "firstname": "Anna", "lastname": "Schmidt", "email": fmt.Sprintf("x%d@legacy.example", i), "username": fmt.Sprintf("x%d", i),
			}))
		}
	})
	intact := untouched(s)
	leaves(s, "workday-21009")
	settled(s, "name", all[0])
	intact()
	require.Equal(t, 1, strings.Count(s.Messages(security), "carry the name of somebody who has left"))
	require.NotContains(t, s.Messages(security), "carries the name of somebody who has left")
}
