package cases

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// holdState is what the run about a hold shows; empty if there is no such run.
func holdState(s *kit.Stack, source, kind string) api.State {
	s.T.Helper()
	var state api.State
	value, err := s.Temporal.QueryWorkflow(s.T.Context(), api.HoldID(api.HoldRef{Source: source, Kind: kind}), "", api.QueryState)
	if err == nil {
		require.NoError(s.T, value.Get(&state))
	}
	return state
}

// askedAbout waits until the run about a hold asks about a number of people, and returns the question.
func askedAbout(s *kit.Stack, source, kind string, people int) string {
	s.T.Helper()
	text := ""
	long(s, fmt.Sprintf("somebody is asked about %d people of %s held as %s", people, source, kind), func() bool {
		for _, a := range holdState(s, source, kind).Attention {
			if strings.HasPrefix(a.Text, fmt.Sprintf("%d people would ", people)) {
				text = a.Text
			}
		}
		return text != ""
	})
	return text
}

// decideHold answers the question of a hold.
func decideHold(s *kit.Stack, source, kind, verb string) {
	s.T.Helper()
	require.NoError(s.T, s.Decide(api.HoldID(api.HoldRef{Source: source, Kind: kind}), verb))
}

// ordinary is the example policy with the budgets that an install begins with.
func ordinary(t testing.TB) func(string) string {
	return func(policy string) string {
		for _, kind := range []string{"grant", "group", "profile", "join"} {
			policy = kit.Replace(t, policy, "  "+kind+": {count: 40, percent: 50}\n", "")
		}
		return kit.Replace(t, policy, "  delete: {count: 10, percent: 10}\n", "")
	}
}

// newcomers enters rows that nobody has hired, without a webhook.
func newcomers(s *kit.Stack, source string, n int) []string {
	s.T.Helper()
	var keys []string
	for i := range n {
		keys = append(keys, s.Hire(source, control.Fields{
			"first_name": "Extra" + string(rune('a'+i/26)) + string(rune('a'+i%26)), "last_name": "Row", "department": "Sales", "title": "Account Executive",
			"location": "Berlin", "hire_date": "today", "personal_email": fmt.Sprintf("extra.row%d@home.example", i),
		}))
	}
	return keys
}

// accounts counts the accounts of a tenant.
func accounts(s *kit.Stack) int {
	s.T.Helper()
	all, err := s.Sandbox.Accounts(s.T.Context())
	require.NoError(s.T, err)
	return len(all)
}

// TestCase_R01_RowsBeyondTheJoinBudget: a report suddenly has rows of people whom nobody has hired.
func TestCase_R01_RowsBeyondTheJoinBudget(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: ordinary(t)})
	s.Baseline()
	before, mark := accounts(s), s.Mark()
	intact := untouched(s)
	extra := newcomers(s, "workday", 40)
	s.Sync("workday")
	askedAbout(s, "workday", api.HoldJoin, 40)
	s.Until("IT is told", func() bool { return strings.Contains(s.Messages(it), "40 people would get an account") })

	// A webhook about one of them makes no exception, and neither does the next poll.
	tell(s, extra[0])
	s.Sync("workday")
	s.Outcome(extra[0])
	require.Equal(t, before, accounts(s), "no account was made")
	require.Empty(t, s.Effects(mark, "onelogin.create_user", "onelogin.send_invite_link"))
	require.Equal(t, 1, strings.Count(s.Messages(it), "40 people would get an account"), "one question, and one message")
	intact()

	// Some of them were a mistake. HR repairs that, and the others are let through.
	for _, key := range extra[32:] {
		s.HR(key, "delete", nil)
	}
	s.Sync("workday")
	askedAbout(s, "workday", api.HoldJoin, 32)
	decideHold(s, "workday", api.HoldJoin, api.VerbAllow)
	long(s, "those who were let through have an account", func() bool { return accounts(s) == before+32 })
	for _, key := range extra[:32] {
		require.Equal(t, "can sign in", s.Outcome(key).Result)
	}
	s.Sync("workday")
	require.Equal(t, before+32, accounts(s), "and nobody else has")
	for _, key := range extra[32:] {
		_, found, err := s.Sandbox.ByExternalID(context.WithoutCancel(t.Context()), key)
		require.NoError(t, err)
		require.False(t, found)
	}
}

// TestCase_R05_ManyHiresRescindedAtOnce: one export says of everybody who is about to start that they do not come.
func TestCase_R05_ManyHiresRescindedAtOnce(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	hired, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{
		Source: "workday", Action: "hire", Count: 16, Fields: control.Fields{"hire_date": "today+5"},
	})
	require.NoError(t, err)
	before := accounts(s)
	s.Sync("workday")
	long(s, "their accounts are prepared", func() bool { return accounts(s) == before+16 })
	intact := untouched(s)
	rescind := func(ids []string) {
		_, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{Source: "workday", Action: "rescind", EmployeeIDs: ids})
		require.NoError(t, err)
	}
	rescind(hired)
	s.Sync("workday")
	askedAbout(s, "workday", api.HoldDelete, 16)
	tell(s, "workday-"+hired[0])
	s.Sync("workday")
	for _, id := range hired {
		s.Until("the run of "+id+" waits", func() bool { return len(open(s, api.TypeOnboarding)) == 0 })
	}
	intact()
	require.Equal(t, 1, strings.Count(s.Messages(it), "16 people would lose the account"), "one question, and one message")
	require.NotContains(t, s.Messages(security), "OVERDUE", "nobody of them could sign in")

	// Three of them come after all. The others do not, and somebody says so.
	for _, id := range hired[:3] {
		s.HR("workday-"+id, "change", control.Fields{"rescinded": false})
	}
	s.Sync("workday")
	askedAbout(s, "workday", api.HoldDelete, 13)
	decideHold(s, "workday", api.HoldDelete, api.VerbAllow)
	long(s, "the accounts of the others are deleted", func() bool { return accounts(s) == before+3 })
	for _, id := range hired[:3] {
		s.Account("workday-" + id)
	}
}
