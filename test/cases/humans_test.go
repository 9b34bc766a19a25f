package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// namesake are the particulars of somebody called Jan Novak with an address at home.
func namesake(hired, home, department string) control.Fields {
	return control.Fields{
		"first_name": "Jan", "last_name": "Novak", "department": department, "title": "Engineer", "location": "Berlin",
		"hire_date": hired, "personal_email": home, "manager_id": "21001",
	}
}

// TestCase_L20_ConversionAndRehireLink: one employment after the other, the same name and a private address that nobody
// else has. There is one human, one account, and when they leave it is shut.
func TestCase_L20_ConversionAndRehireLink(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	first := s.Hire("bamboohr", control.Fields{
		"first_name": "Jan", "last_name": "Novak", "department": "Engineering", "location": "Berlin", "hire_date": "today-100", "personal_email": "novak@home.example",
	})
	tell(s, first)
	require.Equal(t, "can sign in", s.Outcome(first).Result)
	account := s.Account(first)
	s.HR(first, "terminate", control.Fields{"last_day": "today"})
	id, err := s.Sandbox.HireAgain(t.Context(), "workday", account.Owner, namesake("today", "Novak@home.example ", "Engineering"))
	require.NoError(t, err)
	second := "workday-" + id
	tell(s, second)
	s.Outcome(second)
	_, found, err := s.Sandbox.ByExternalID(t.Context(), second)
	require.NoError(t, err)
	require.False(t, found, "no second account")
	s.Until("the human goes on as an employee", func() bool { return s.Of(account.ID).Status == 1 && s.Of(account.ID).Group == "Engineering" })
	leaves(s, second)
	s.AwaitShut(account.ID)
	s.AwaitNobodyLeftWithAccess()
}

// TestCase_L21_BackWithTheOldEnd: the departure was carried out, and the person is active again with its date still there.
func TestCase_L21_BackWithTheOldEnd(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		back  control.Fields
		comes bool
	}{
		"with a new first day": {control.Fields{"hire_date": "today", "rehired_on": "today"}, true},
		"with the old one":     {control.Fields{"rehired_on": "today"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			account := s.Account("workday-21005")
			s.HR("workday-21005", "terminate", control.Fields{"last_day": "today-20", "termination_date": "today-20"})
			tell(s, "workday-21005")
			s.AwaitShut(account.ID)
			s.Outcome("workday-21005")
			s.HR("workday-21005", "change", tt.back)
			tell(s, "workday-21005")
			if tt.comes {
				s.Until("they are back", func() bool { return s.Of(account.ID).Status == 1 })
				return
			}
			s.Until("somebody is asked", func() bool { return waits(s, "workday-21005", policy.NoticeStatusContradictsEnd) })
			require.False(t, kit.Open(s.Of(account.ID)))
		})
	}
}

// TestCase_L22_ExtensionSignedLate: the manager is told while there is still time, and an extension that comes is one.
func TestCase_L22_ExtensionSignedLate(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	const key = "bamboohr-105"
	account := s.Account(key)
	s.HR(key, "change", control.Fields{"last_day": "today+6", "termination_date": "today+6"})
	s.Sync("bamboohr")
	s.Until("the manager is told", func() bool {
		return strings.Contains(s.Messages(""), "HR has no extension") && strings.Contains(s.Messages(""), "within 7 days")
	})
	require.NotContains(t, s.Messages(it)+s.Messages(security), key, "and nobody else is told who it is")
	s.HR(key, "change", control.Fields{"last_day": "today+300", "termination_date": "today+300"})
	tell(s, key)
	s.AwaitStage(key, api.StageWaiting)
	require.True(t, s.Of(account.ID).CanSignIn)
}

// TestCase_L22_StripAfter: sign-in ends at the moment, and the rest waits.
func TestCase_L22_StripAfter(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(text string) string {
		return kit.Replace(t, roomy(t)(text), "contain_within: 15m", "contain_within: 15m, strip_after: 20s")
	}})
	s.Baseline()
	account := s.Account("workday-21005")
	require.NotEmpty(t, account.Roles)
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today"})
	tell(s, "workday-21005")
	s.Until("sign-in has ended", func() bool { return s.Of(account.ID).Status == 2 })
	require.Equal(t, account.Roles, s.Of(account.ID).Roles)
	s.AwaitShut(account.ID)
}
