package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
)

// sponsoredPolicy is the smallest policy, with some lines more.
func sponsoredPolicy(t *testing.T, lines string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(`company: {zone: Europe/Berlin, domain: acme.example}
access: {rules: [{name: partners, when: 'person.source == "sponsored" && person.employment_type == "sponsored"', roles: [Partners]}]}
leaver: {fallback_owner: it@acme.example}
safety: {protected: []}
modes: {offboarding: enforce}
`+lines+"end: policy\n"))
	require.NoError(t, err)
	return p
}

// TestSponsoredSection: without the section there are no sponsored people, and with it somebody has to look after them.
func TestSponsoredSection(t *testing.T) {
	t.Parallel()
	off := sponsoredPolicy(t, "")
	require.False(t, off.Sponsored().On)
	require.NoError(t, off.CheckSources([]string{"workday"}))
	on := sponsoredPolicy(t, "sponsored: {}\n")
	require.True(t, on.Sponsored().On)
	require.Equal(t, 365*24*time.Hour, on.Sponsored().Longest)
	require.Equal(t, 30*24*time.Hour, sponsoredPolicy(t, "sponsored: {longest: 30d}\n").Sponsored().Longest)
	require.NoError(t, on.CheckSources([]string{"workday", identity.SourceSponsored}))
	err := on.CheckSources([]string{"workday"})
	require.ErrorContains(t, err, "policy.yaml:6:")
	require.ErrorContains(t, err, "set schedules.sponsored in gatehouse.yaml")
}

// TestSponsoredIDsAreNobodyElses: an external id that is an employee id fits one HR system beside the ledger's own people, and not two.
func TestSponsoredIDsAreNobodyElses(t *testing.T) {
	t.Parallel()
	p := sponsoredPolicy(t, "naming: {match_external_ids: ['{employee_id}']}\n")
	require.NoError(t, p.CheckSources([]string{"workday", identity.SourceSponsored}))
	require.ErrorContains(t, p.CheckSources([]string{"workday", "bamboohr", identity.SourceSponsored}), "workday and bamboohr")
}

// TestSponsoredPerson: rules see where somebody is from, their contract is warned of by its own days, and HR's record decides beside theirs.
func TestSponsoredPerson(t *testing.T) {
	t.Parallel()
	p := sponsoredPolicy(t, "sponsored: {}\n")
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	partner := identity.Engagement{Found: true, FirstSeen: now, LeaverFirstSeen: now, Record: identity.Record{
		Source: identity.SourceSponsored, EmployeeID: "s1", FirstName: "Carla", LastName: "Rossi", EmploymentType: "sponsored", ManagerID: "workday-21005",
		Status: identity.StatusActive, HireDate: "2026-03-02", LastDay: "2026-03-10",
	}}
	person := p.Person("sponsored-s1", []identity.Engagement{partner}, now)
	require.Equal(t, []string{"Partners"}, p.Plan(person, nil, nil).Desired.Roles)
	notice := warning(person)
	require.Contains(t, notice, "ends within 14 days")
	require.Contains(t, notice, "starter sponsor extend --person sponsored-s1")

	partner.Unconfirmed, partner.LastDay = true, "2026-03-20"
	notice = warning(p.Person("sponsored-s1", []identity.Engagement{partner}, now))
	require.Contains(t, notice, "starter sponsor confirm --person sponsored-s1")
	require.Contains(t, notice, "ends on 2026-03-20")

	employee := partner
	employee.Record = identity.Record{Source: "workday", EmployeeID: "1", Status: identity.StatusActive, HireDate: "2026-03-01"}
	both := p.Person("sponsored-s1", []identity.Engagement{partner, employee}, now)
	require.Equal(t, "workday", both.Record.Source)
	require.Empty(t, warning(both))
}

func warning(p identity.Person) string {
	var all []string
	for _, n := range p.Notices {
		if n.Code == policy.NoticeContractEnds {
			all = append(all, n.Text)
		}
	}
	return strings.Join(all, "\n")
}
