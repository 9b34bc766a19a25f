package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// What directories write into external ids.
const (
	guid = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	sid  = "S-1-5-21-3623811015-3361044348-30300820-1013"
)

// TestCase_L01_ForeignExternalID: the work address is theirs and the external id is a directory's.
func TestCase_L01_ForeignExternalID(t *testing.T) {
	t.Parallel()
	var guided, sidded, bare control.Person
	s := company(t, func(s *kit.Stack) {
		guided = s.Age("workday-21009", control.Fields{"external_id": guid, "directory_id": 77})
		sidded = s.Age("workday-21015", control.Fields{"external_id": sid, "directory_id": 77})
		bare = s.Age("bamboohr-104", control.Fields{"external_id": "104"})
	})
	intact := untouched(s, guided, sidded, bare)
	leaves(s, "workday-21009", "workday-21015", "bamboohr-104")
	settled(s, "external id", guided, sidded)
	// The number names nobody by itself; with the address and the name it does.
	s.AwaitShut(bare.ID)
	intact()
}

// TestCase_L01_ForeignExternalIDOfAnEmployedNamesake: what speaks for the leaver speaks for somebody employed as well.
func TestCase_L01_ForeignExternalIDOfAnEmployedNamesake(t *testing.T) {
	t.Parallel()
	var leaver, other control.Person
	s := company(t, func(s *kit.Stack) {
		// The other one's employee id is the leaver's anchor: it names two people, and the address only one.
		leaver = s.Age("workday-21009", control.Fields{"external_id": "21015"})
		other = s.Age("workday-21015", control.Fields{"external_id": guid})
	})
	leaves(s, "workday-21009")
	settled(s, "record", leaver)
	require.True(t, s.Of(other.ID).CanSignIn, "of the one who works here")
}

// TestCase_L02_OtherName: married, or called otherwise, and a directory's external id.
func TestCase_L02_OtherName(t *testing.T) {
	t.Parallel()
	var married, nick, noID control.Person
	s := company(t, func(s *kit.Stack) {
		married = s.Age("workday-21009", control.Fields{"external_id": guid, "lastname": "Deschanel"})
		nick = s.Age("workday-21038", control.Fields{"external_id": sid, "firstname": "Jo"})
		noID = s.Age("workday-21018", control.Fields{"external_id": "", "lastname": "Rossi-Vega"})
	})
	intact := untouched(s, married, nick, noID)
	leaves(s, "workday-21009", "workday-21038", "workday-21018")
	settled(s, "name", married, nick, noID)
	intact()
}

// TestCase_L02_OtherNameUnderOurKey: the external id is the one that Gatehouse writes, and it is enough.
func TestCase_L02_OtherNameUnderOurKey(t *testing.T) {
	t.Parallel()
	var married control.Person
	s := company(t, func(s *kit.Stack) {
		married = s.Age("workday-21009", control.Fields{"lastname": "Deschanel", "email": "leon.deschanel@acme.example", "username": "leon.deschanel"})
	})
	leaves(s, "workday-21009")
	s.AwaitShut(married.ID)
	s.AwaitNobodyLeftWithAccess()
}

// TestCase_L03_PrivilegedRole: an administrator is the last one who may be missed.
func TestCase_L03_PrivilegedRole(t *testing.T) {
	t.Parallel()
	var admin control.Person
	s := company(t, func(s *kit.Stack) {
		admin = s.Age("workday-21009", control.Fields{
			"external_id": guid, "roles": []string{"Everyone", "Engineering", "AWS Admin"},
		})
	})
	intact := untouched(s, admin)
	leaves(s, "workday-21009")
	settled(s, "urgent", admin)
	intact()
}

// TestCase_L03_PrivilegedRoleWithoutExternalID: nothing but the role keeps the account from being theirs.
func TestCase_L03_PrivilegedRoleWithoutExternalID(t *testing.T) {
	t.Parallel()
	var admin control.Person
	s := company(t, func(s *kit.Stack) {
		admin = s.Age("workday-21009", control.Fields{"external_id": "", "roles": []string{"Everyone", "AWS Admin"}})
	})
	leaves(s, "workday-21009")
	s.AwaitShut(admin.ID)
	s.AwaitNobodyLeftWithAccess()
}

// TestCase_L04_OtherAddress: the name and the username are theirs, and the address is of another company.
func TestCase_L04_OtherAddress(t *testing.T) {
	t.Parallel()
	var renamed, bought control.Person
	s := company(t, func(s *kit.Stack) {
		renamed = s.Age("workday-21009", control.Fields{
			"external_id": guid, "email": "leon.moreau@acme-legacy.example", "username": "leon.moreau",
		})
		bought = s.Age("workday-21015", control.Fields{
			"external_id": "", "email": "mfischer@bought.example", "username": "maya.fischer@bought.example",
		})
	})
	intact := untouched(s, renamed, bought)
	leaves(s, "workday-21009", "workday-21015")
	settled(s, "name", renamed, bought)
	intact()
}
