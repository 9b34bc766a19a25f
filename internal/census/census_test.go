package census_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/census"
	"gatehouse/policy"
)

func examplePolicy(t testing.TB) *policy.Policy {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	data, err := os.ReadFile(filepath.Join(filepath.Dir(file), "..", "..", "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	p, err := policy.Parse("policy.yaml", data)
	require.NoError(t, err)
	return p
}

// company is a company of so many people with an account each, three in ten of them older than Gatehouse.
func company(people int) *census.Data {
	first := strings.Fields("Anna Ben Chiara David Elena Felix Grace Hiro Ines Jonas Keiko Liam Maya Noah Olivia Pablo Qiang Rosa Samuel Tara")
	last := strings.Fields("Meyer Tanaka Rossi Okafor Silva Novak Haddad Kim Larsen Moreau Singh O'Brien Fischer Costa Ivanova Chen Walker Nguyen Schmidt Garcia")
	departments := strings.Fields("Engineering Sales Support Marketing Finance IT People")
	d := &census.Data{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Sources: []string{"workday"}}
	for i := range people {
		id := fmt.Sprint(21000 + i)
		r := identity.Record{
			Source: "workday", EmployeeID: id, FirstName: first[i%len(first)], LastName: last[(i/len(first))%len(last)], Status: identity.StatusActive,
			HireDate: "2020-01-01", Department: departments[i%len(departments)], Title: "Engineer", Location: "Berlin", Company: "Acme", EmploymentType: "Employee",
			ManagerID: "21000", WorkEmail: fmt.Sprintf("p%d@acme.example", i), PersonalEmail: fmt.Sprintf("p%d@home.example", i),
		}
		if i%20 == 7 {
			r.Status, r.LastDay, r.TerminationDate = identity.StatusTerminated, "2026-02-20", "2026-02-20"
		}
		d.Records = append(d.Records, r)
		a := identity.Account{
			ID: int64(100000 + i), Username: r.WorkEmail, Email: r.WorkEmail, FirstName: r.FirstName, LastName: r.LastName, Department: r.Department,
			ExternalID: "workday-" + id, Status: identity.AccountActive, Roles: []string{"Everyone"}, Group: r.Department,
		}
		switch i % 10 {
		case 1:
			a.ExternalID = fmt.Sprintf("S-1-5-21-%d", i)
		case 2:
			a.Email, a.Username, a.ExternalID = fmt.Sprintf("old%d@legacy.example", i), fmt.Sprintf("x%d", i), ""
		}
		d.Accounts = append(d.Accounts, a)
	}
	return d
}

func BenchmarkCensus(b *testing.B) {
	pol, d := examplePolicy(b), company(10_000)
	b.ReportAllocs()
	for b.Loop() {
		census.New(d, pol).Report()
	}
}

// TestTwoPoliciesAreCompared: who changes by another policy, by kind, against the budgets.
func TestTwoPoliciesAreCompared(t *testing.T) {
	t.Parallel()
	before, d := examplePolicy(t), company(400)
	_, file, _, _ := runtime.Caller(0)
	data, err := os.ReadFile(filepath.Join(filepath.Dir(file), "..", "..", "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(data), `roles: [Everyone]`)
	after, err := policy.Parse("new.yaml", []byte(strings.Replace(string(data), `roles: [Everyone]`, `roles: [Everyone, Salesforce]`, 1)))
	require.NoError(t, err)
	now := 0
	diff := census.Compare(census.New(d, before), census.New(d, after), func(*census.Planned) { now++ })
	require.Equal(t, 400, now)
	require.NotEmpty(t, diff.Changed)
	sales := census.RoleChange{}
	for _, r := range diff.Roles {
		if r.Role == "Salesforce" {
			sales = r
		}
	}
	require.Greater(t, sales.Given, 200, "a rule that is for everybody gives its roles to everybody: %+v", diff.Roles)
	require.Empty(t, census.Compare(census.New(d, before), census.New(d, before), func(*census.Planned) {}).Changed, "one policy does not differ from itself")

	left := 0
	counting := census.NewCounting(before)
	for p := range census.New(d, before).Plans() {
		counting.Add(p)
		if p.Left() && p.Account != nil {
			require.Equal(t, identity.VerdictLeave, p.Plan.Verdict, p.Key)
			left++
		}
	}
	require.Positive(t, left)
	for _, b := range counting.Summary().Budgets {
		if b.Kind == census.KindContain {
			require.Equal(t, left, b.People)
			require.Equal(t, b.People > b.Allowed, b.Held)
		}
	}
}

// TestReportSortsEveryAccountOnce: each is in one section, and none is left out.
func TestReportSortsEveryAccountOnce(t *testing.T) {
	t.Parallel()
	d := company(400)
	r := census.New(d, examplePolicy(t)).Report()
	seen := map[string]bool{}
	for _, s := range r.Sections {
		if s.Name == census.SectionBeyond || s.Name == census.SectionNone {
			continue
		}
		for _, row := range s.Rows {
			require.False(t, seen[row.Account], row.Account)
			seen[row.Account] = true
		}
	}
	require.Len(t, seen, len(d.Accounts))
	require.NotEmpty(t, r.Section(census.SectionLeft).Rows)
	require.NotEmpty(t, r.Section(census.SectionCandidate).Rows)
}
