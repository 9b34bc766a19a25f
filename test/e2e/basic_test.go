package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

func ada() control.Fields {
	return control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer",
		"location": "Berlin", "hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
	}
}

func TestHireFromWorkdayCanSignIn(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := s.Hire("workday", ada())
	require.Equal(t, 1, s.Sync("workday").Hinted)
	out := s.Outcome(key)
	require.Equal(t, "can sign in", out.Result)
	account := s.Account(key)
	require.Equal(t, "Engineering", account.Group)
	require.Equal(t, []string{"AWS Read Only", "Engineering", "Everyone", "GitHub", "Jira"}, account.Roles)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), account.Username))
	ok, reason, err := s.Sandbox.SignIn(t.Context(), account.Username)
	require.NoError(t, err)
	require.True(t, ok, reason)
}

func TestTerminationByBambooHRWebhook(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	mark := s.Mark()
	s.HR("bamboohr-101", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	out := s.Outcome("bamboohr-101")
	require.Equal(t, "access ended", out.Result)
	account := s.Account("bamboohr-101")
	require.Equal(t, 2, account.Status)
	require.Empty(t, account.Roles)
	require.Empty(t, account.Sessions)
	require.NotEmpty(t, out.Ticket)
	t.Log(s.Effects(mark))
}
