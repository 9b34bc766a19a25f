package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// twins puts a second account under somebody's external id, before Gatehouse first looks.
func twins(s *kit.Stack, key string, f control.Fields) (first, second control.Person) {
	s.T.Helper()
	first = s.Account(key)
	f["external_id"] = key
	return first, s.Second(first, f)
}

// stranger is what an account has that agrees with nobody.
func stranger() control.Fields {
	return control.Fields{"username": "x4711", "email": "x4711@legacy.example", "firstname": "X", "lastname": "Person", "roles": []string{"GitHub"}}
}

// TestCase_L05_TwoUnderOneExternalID: of a person whom nobody has assessed before.
func TestCase_L05_TwoUnderOneExternalID(t *testing.T) {
	t.Parallel()
	var first, second control.Person
	s := company(t, func(s *kit.Stack) { first, second = twins(s, "workday-21009", stranger()) })
	leaves(s, "workday-21009")
	s.AwaitShut(first.ID)
	settled(s, "", second)
	s.Until("security is told", func() bool { return s.Messages(security) != "" })
}

// TestCase_L05_TwoUnderOneExternalIDByOrder: the same by an operator's word, which needs no HR.
func TestCase_L05_TwoUnderOneExternalIDByOrder(t *testing.T) {
	t.Parallel()
	var first, second control.Person
	s := company(t, func(s *kit.Stack) { first, second = twins(s, "workday-21009", stranger()) })
	give(s, identity.Order{ID: "now", Key: "workday-21009", Kind: identity.OrderContain})
	s.AwaitShut(first.ID)
	settled(s, "", second)
}

// TestCase_L05_TheOtherFitsSomebodyEmployed: by name and address it is a colleague's.
func TestCase_L05_TheOtherFitsSomebodyEmployed(t *testing.T) {
	t.Parallel()
	var first, second control.Person
	s := company(t, func(s *kit.Stack) {
		colleague := s.Account("workday-21015")
		first, second = twins(s, "workday-21009", control.Fields{
			"username": "maya.f", "email": colleague.Email, "firstname": colleague.FirstName, "lastname": colleague.LastName,
			"owner": colleague.Owner, "roles": []string{"GitHub"},
		})
	})
	intact := untouched(s, first)
	leaves(s, "workday-21009")
	s.AwaitShut(first.ID)
	s.Until("security knows of the other", func() bool { return names(s.Messages(security), second) })
	intact()
}

// TestCase_L06_SecondAccounts: of one human, none of them under an external id that names the record.
func TestCase_L06_SecondAccounts(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]control.Fields{
		"an administrator's":             {"email": "adm-leon.moreau@acme.example", "roles": []string{"AWS Admin"}},
		"an administrator's, a suffix":   {"username": "leon.moreau-adm", "email": "", "external_id": guid, "roles": []string{"AWS Admin"}},
		"the same address, no id":        {"username": "lmoreau", "roles": []string{"GitHub"}},
		"the same address, a foreign id": {"username": "lmoreau", "external_id": sid, "directory_id": 77, "roles": []string{"GitHub"}},
		"without roles":                  {"username": "lmoreau", "external_id": sid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first, second control.Person
			s := company(t, func(s *kit.Stack) {
				first = s.Account("workday-21009")
				second = s.Second(first, f)
			})
			intact := untouched(s, first, second)
			leaves(s, "workday-21009")
			s.AwaitShut(first.ID)
			settled(s, "", second)
			intact()
		})
	}
}

// TestCase_L06_SecondAccountMadeAfterwards: somebody makes it while the first is being watched.
func TestCase_L06_SecondAccountMadeAfterwards(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "verify_after: [1s]", "verify_after: [1s, 6s]")
	}})
	s.Baseline()
	first := s.Account("workday-21009")
	leaves(s, "workday-21009")
	s.AwaitShut(first.ID)
	second := s.Second(first, control.Fields{"username": "lmoreau", "roles": []string{"GitHub"}})
	settled(s, "", second)
}

// TestCase_L07_ContractorThenEmployee: two records and two accounts of one human, all of them older than Gatehouse.
func TestCase_L07_ContractorThenEmployee(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{
		"with the old address": "", "with an address of their own": "qiang.schmidt2@acme.example",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var old, now control.Person
			var key string
			s := company(t, func(s *kit.Stack) {
				s.HR("bamboohr-106", "terminate", control.Fields{"last_day": "today-400", "termination_date": "today-400"})
				old = s.Age("bamboohr-106", control.Fields{"status": 2, "roles": []string{}})
				if email == "" {
					email = old.Email
				}
				id, err := s.Sandbox.HireAgain(t.Context(), "workday", old.Owner, control.Fields{
					"first_name": old.FirstName, "last_name": old.LastName, "work_email": email, "personal_email": "qiang.schmidt@home.example",
					"department": "Marketing", "title": "Content Strategist", "location": "London", "hire_date": "today-390", "manager_id": "21006",
				})
				require.NoError(t, err)
				key = "workday-" + id
				now = s.Second(old, control.Fields{"username": "qiang.schmidt2", "email": email, "external_id": key, "roles": []string{"Everyone", "Marketing"}})
			})
			require.Empty(t, s.LeftWithAccess(), "they work here")
			intact := untouched(s, old, now)
			leaves(s, key)
			s.AwaitShut(now.ID)
			s.AwaitNobodyLeftWithAccess()
			intact()
		})
	}
}

// TestCase_L07_BothAccountsOpen: nobody suspended the contractor's account either.
func TestCase_L07_BothAccountsOpen(t *testing.T) {
	t.Parallel()
	var old, now control.Person
	var key string
	s := company(t, func(s *kit.Stack) {
		s.HR("bamboohr-106", "terminate", control.Fields{"last_day": "today-400", "termination_date": "today-400"})
		old = s.Account("bamboohr-106")
		id, err := s.Sandbox.HireAgain(t.Context(), "workday", old.Owner, control.Fields{
			"first_name": old.FirstName, "last_name": old.LastName, "work_email": "qs@acme.example", "personal_email": "qiang.schmidt@home.example",
			"department": "Marketing", "title": "Content Strategist", "location": "London", "hire_date": "today-390",
		})
		require.NoError(t, err)
		key = "workday-" + id
		now = s.Second(old, control.Fields{"username": "qs", "email": "qs@acme.example", "external_id": key, "roles": []string{"Everyone"}})
	})
	leaves(s, key)
	s.AwaitShut(now.ID, old.ID)
	s.AwaitNobodyLeftWithAccess()
}

// TestCase_L23_OneAddressTwoAccounts: a daily and an admin account, no external ids, tied to nobody else.
func TestCase_L23_OneAddressTwoAccounts(t *testing.T) {
	t.Parallel()
	var daily, admin control.Person
	s := company(t, func(s *kit.Stack) {
		daily = s.Age("workday-21009", control.Fields{"external_id": ""})
		admin = s.Second(daily, control.Fields{"roles": []string{"AWS Admin"}})
	})
	intact := untouched(s, daily, admin)
	leaves(s, "workday-21009")
	s.AwaitShut(daily.ID, admin.ID)
	s.AwaitNobodyLeftWithAccess()
	intact()
}

// TestCase_L23_ServiceAccountUnderTheirName: it runs on, and somebody is asked who looks after it now.
func TestCase_L23_ServiceAccountUnderTheirName(t *testing.T) {
	t.Parallel()
	var daily, service control.Person
	s := company(t, func(s *kit.Stack) {
		daily = s.Age("workday-21009", control.Fields{"external_id": ""})
		service = s.Second(daily, control.Fields{"username": "svc-leon.moreau", "kind": "service", "roles": []string{"AWS Admin"}})
	})
	intact := untouched(s, daily)
	leaves(s, "workday-21009")
	s.AwaitShut(daily.ID)
	s.Until("somebody is asked for a new owner", func() bool {
		return names(s.Messages(security)+s.Messages(it)+tickets(s), service)
	})
	intact()
	require.True(t, s.Of(service.ID).CanSignIn)
}
