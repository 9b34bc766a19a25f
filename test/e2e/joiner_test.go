package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// engineer are the particulars of a hire in Engineering, Berlin; its five roles come from two rules of the policy.
func engineer(first, last, day string) control.Fields {
	return control.Fields{
		"first_name": first, "last_name": last, "department": "Engineering", "title": "Engineer",
		"location": "Berlin", "hire_date": day, "manager_id": "21001",
		"personal_email": first + "." + last + "@home.example",
	}
}

var engineerRoles = []string{"AWS Read Only", "Engineering", "Everyone", "GitHub", "Jira"}

// onboarded hires somebody who starts today and waits until they can sign in.
func onboarded(s *kit.Stack, fields control.Fields) string {
	s.T.Helper()
	key := s.Hire("workday", fields)
	s.Hint(key, "onboard")
	require.Equal(s.T, "can sign in", s.Outcome(key).Result)
	return key
}

func TestHireFromWorkdayByPollCanSignIn(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := s.Hire("workday", engineer("Ada", "Byron", "today"))
	require.Equal(t, 1, s.Sync("workday").Hinted)
	require.Equal(t, "can sign in", s.Outcome(key).Result)

	account := s.Account(key)
	require.Equal(t, "Engineering", account.Group)
	require.Equal(t, engineerRoles, account.Roles)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), account.Username))
	ok, reason, err := s.Sandbox.SignIn(t.Context(), account.Username)
	require.NoError(t, err)
	require.True(t, ok, reason)
	require.Equal(t, 0, s.Sync("workday").Hinted, "a second poll finds nothing new")
}

// TestSecondWebhookWhileTheAccountIsMade: HR is so slow that the look for its second webhook begins before the account is made and ends
// after it. The account that was made is the one that is opened.
func TestSecondWebhookWhileTheAccountIsMade(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	s.Slow("onelogin", "onelogin.create_user", 6000, 1)
	s.Slow("onelogin", "onelogin.add_roles", 4000, 1)
	key := s.Hire("workday", engineer("Ada", "Byron", "today"))
	require.Equal(t, 202, s.WorkdayWebhook(strings.TrimPrefix(key, "workday-")))
	s.Until("the account is being made", func() bool {
		state, open := s.State(key)
		return open && state.Doing == "Creating the account"
	})
	s.Slow("workday", "", 3000, 3)
	require.Equal(t, 202, s.WorkdayWebhook(strings.TrimPrefix(key, "workday-")))
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	require.Equal(t, engineerRoles, s.Account(key).Roles)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), s.Account(key).Username))
}

func TestHireInTheFutureWaitsAndFollowsTheDate(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := s.Hire("workday", engineer("Grace", "Murray", "today+30"))
	require.Equal(t, 1, s.Sync("workday").Hinted)
	state := s.AwaitStage(key, api.StageWaiting)
	require.False(t, state.Due.IsZero())
	_, found, err := s.Sandbox.ByExternalID(t.Context(), key)
	require.NoError(t, err)
	require.False(t, found, "the account is not made 30 days ahead")

	s.HR(key, "change", control.Fields{"hire_date": "today+5"})
	require.Equal(t, 1, s.Sync("workday").Hinted)
	s.Until("the account is prepared", func() bool {
		p, found, err := s.Sandbox.ByExternalID(t.Context(), key)
		return err == nil && found && p.Status == 0
	})
	s.AwaitStage(key, api.StageWaiting)
	require.Empty(t, s.Account(key).Roles, "no role before the first day")

	s.HR(key, "change", control.Fields{"hire_date": "today"})
	s.Sync("workday")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	require.Equal(t, engineerRoles, s.Account(key).Roles)
}

func TestRescindedHireIsUndone(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := s.Hire("workday", engineer("Joan", "Clarke", "today+3"))
	s.Hint(key, "onboard")
	s.AwaitStage(key, api.StageWaiting)
	s.Account(key)
	s.HR(key, "rescind", nil)
	s.Hint(key, "webhook")
	require.Equal(t, "hire undone", s.Outcome(key).Result)
	_, found, err := s.Sandbox.ByExternalID(t.Context(), key)
	require.NoError(t, err)
	require.False(t, found)
}

func TestRescindedHireWhoHasSignedInIsContainedNotDeleted(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := onboarded(s, engineer("Joan", "Clarke", "today"))
	account := s.Account(key)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), account.Username))
	ok, _, err := s.Sandbox.SignIn(t.Context(), account.Username)
	require.NoError(t, err)
	require.True(t, ok)
	s.HR(key, "rescind", nil)
	s.Hint(key, "webhook")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	require.Equal(t, 2, s.Account(key).Status)
}

func TestRehireReturnsToFreshAccess(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := onboarded(s, engineer("Annie", "Easley", "today"))
	before := s.Account(key)
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	s.Hint(key, "webhook")
	require.Equal(t, "access ended", s.Outcome(key).Result)

	s.HR(key, "change", control.Fields{"last_day": "", "termination_date": "", "department": "Sales"})
	s.Hint(key, "webhook")
	// Where the day has ended at the company, what HR withdraws had taken effect: the run then looks once more.
	require.Contains(t, []string{"can sign in", "nothing to do"}, s.Outcome(key).Result)
	after := s.Account(key)
	require.Equal(t, before.ID, after.ID)
	require.Equal(t, 1, after.Status)
	require.Equal(t, "Sales", after.Group)
	require.Equal(t, []string{"Everyone", "Sales", "Salesforce"}, after.Roles)
}

func TestSecondOfTheSameNameGetsTheNextFreeAddress(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	var names []string
	for i := range 3 {
		fields := engineer("Mary", "Jackson", "today")
		fields["personal_email"] = fmt.Sprintf("mary%d@home.example", i)
		names = append(names, s.Account(onboarded(s, fields)).Username)
	}
	require.Equal(t, []string{"mary.jackson@acme.example", "mary.jackson2@acme.example", "mary.jackson3@acme.example"}, names)
}

func TestHireEnteredLateRunsAtOnceAndSaysSo(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := onboarded(s, engineer("Late", "Comer", "today-5"))
	require.Equal(t, 1, s.Account(key).Status)
	require.Contains(t, s.Messages("C0IT"), "entered in HR after the first day")
}

func TestJoinerWithoutManagerIsToldToTheFallbackOwner(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	fields := engineer("Nobody", "Above", "today")
	delete(fields, "manager_id")
	onboarded(s, fields)
	require.Contains(t, s.Messages(""), "no manager in HR")
}

func TestDepartmentThatPolicyDoesNotKnowIsToldAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	fields := engineer("Odd", "Department", "today")
	fields["department"] = "Alchemy"
	key := onboarded(s, fields)
	require.Equal(t, []string{"Everyone"}, s.Account(key).Roles)
	require.Contains(t, s.Messages("C0IT"), "Action needed")
}

func TestContractorBecomesEmployeeOneAccountOneChain(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	fields := engineer("Katherine", "Coleman", "today-100")
	delete(fields, "manager_id")
	contractor := s.Hire("bamboohr", fields)
	s.Hint(contractor, "onboard")
	require.Equal(t, "can sign in", s.Outcome(contractor).Result)
	account := s.Account(contractor)

	// The one employment ends before the other begins: two at a time are asked about.
	s.HR(contractor, "terminate", control.Fields{"last_day": "today"})
	employee := s.Hire("workday", engineer("Katherine", "Coleman", "today"))
	s.Hint(employee, "webhook")
	require.Equal(t, "belongs to "+contractor, s.Outcome(employee).Result)
	require.Equal(t, 202, s.BambooHRWebhook(strings.TrimPrefix(contractor, "bamboohr-")))
	s.Until("the account follows the employment", func() bool { return s.Account(contractor).Group == "Engineering" })
	s.Outcome(contractor)
	after := s.Account(contractor)
	require.Equal(t, account.ID, after.ID)
	require.Equal(t, 1, after.Status, "the person is still employed")
	_, found, err := s.Sandbox.ByExternalID(t.Context(), employee)
	require.NoError(t, err)
	require.False(t, found, "no second account")
}
