package policy_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
)

// example is the policy of testdata/policy.yaml.
func example(tb testing.TB) *policy.Policy {
	tb.Helper()
	p, err := policy.Load("testdata/policy.yaml")
	require.NoError(tb, err)
	return p
}

func instant(tb testing.TB, text string) time.Time {
	tb.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(tb, err)
	return at.UTC()
}

// engineer is an active engineer in Berlin since 2024.
func engineer(change ...func(*identity.Engagement)) identity.Engagement {
	e := identity.Engagement{
		Record: identity.Record{
			Source: identity.SourceWorkday, EmployeeID: "21001", FirstName: "Ada", LastName: "Byron",
			Department: "Engineering", Title: "Engineer", Location: "Berlin", Company: "Acme", EmploymentType: "employee",
			ManagerID: "20001", Status: identity.StatusActive, HireDate: "2024-02-01",
		},
		FirstSeen: time.Date(2024, 1, 10, 9, 0, 0, 0, time.UTC), Found: true,
	}
	for _, c := range change {
		c(&e)
	}
	return e
}

// engineerAccount is the account that engineer should have.
func engineerAccount(change ...func(*identity.Account)) *identity.Account {
	a := &identity.Account{
		ID: 7, Username: "ada.byron", Email: "ada.byron@acme.example", FirstName: "Ada", LastName: "Byron",
		Title: "Engineer", Department: "Engineering", Company: "Acme", ExternalID: "workday-21001",
		Status: identity.AccountActive, State: 1, Group: "Engineering",
		Roles:            []string{"AWS Read Only", "Engineering", "Everyone", "GitHub", "Jira"},
		InvitationSentAt: time.Date(2024, 2, 1, 7, 0, 0, 0, time.UTC), LastLogin: time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC),
		CreatedByUs: true,
	}
	for _, c := range change {
		c(a)
	}
	return a
}

func codes(notices []identity.Notice) []string {
	var out []string
	for _, n := range notices {
		out = append(out, n.Code)
	}
	return out
}

func kinds(plan identity.Plan) []identity.StepKind {
	var out []identity.StepKind
	for _, s := range plan.Steps {
		out = append(out, s.Kind)
	}
	return out
}

func blocking(notices []identity.Notice) bool {
	return slices.ContainsFunc(notices, func(n identity.Notice) bool { return n.Blocking })
}

func readFile(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(name)
	require.NoError(tb, err)
	return data
}

func replace(tb testing.TB, text, old, replacement string) string {
	tb.Helper()
	require.Contains(tb, text, old)
	return strings.Replace(text, old, replacement, 1)
}
