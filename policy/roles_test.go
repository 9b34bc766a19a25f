package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

const catalogue = `
roles:
  AWS Admin: {owner: cloud@acme.example, privileged: true, requestable: false}
  Salesforce: {licence: Salesforce Sales Cloud, seats: 40}
  Book club: {managed_by: person}
  Payroll: {managed_by: application, privileged: true}
access:
  privileged_roles: [Super admin]
  rules: [{name: policytest.Everyone, when: "true", group: Default, roles: [Everyone]}, {name: sales, when: 'person.department == "Sales"', roles: [Salesforce]}]
`

func TestCatalogueOfRoles(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, catalogue)
	require.Empty(t, cmp.Diff([]policy.Role{
		{Name: "AWS Admin", Owner: "cloud@acme.example", Privileged: true, ManagedBy: policy.ManagedByGatehouse},
		{Name: "Book club", Requestable: true, ManagedBy: policy.ManagedByPerson},
		{Name: "Payroll", Privileged: true, Requestable: true, ManagedBy: policy.ManagedByApplication},
		{Name: "Salesforce", Requestable: true, ManagedBy: policy.ManagedByGatehouse, Licence: "Salesforce Sales Cloud", Seats: 40},
	}, p.Catalogue(), cmpopts.IgnoreUnexported(policy.Role{})))
	require.Equal(t, []string{"AWS Admin", "Payroll", "Super admin"}, p.PrivilegedRoles(), "the list of before counts too")
	require.Equal(t, []string{"AWS Admin", "Everyone", "Salesforce"}, p.ManagedRoles())
	require.Equal(t, []string{"AWS Admin", "Book club", "Everyone", "Payroll", "Salesforce", "Super admin"}, p.Roles(), "all are compared with OneLogin's")
	require.False(t, p.Requestable("AWS Admin"))
	require.True(t, p.Requestable("Book club"))
	require.True(t, p.Requestable("one that the catalogue does not have"))

	listed := policytest.Parse(t, replace(t, catalogue, "  privileged_roles:", "  managed_roles: [Everyone, Jira]\n  privileged_roles:"))
	require.Equal(t, []string{"AWS Admin", "Everyone", "Jira", "Salesforce"}, listed.ManagedRoles(), "list and catalogue add up")
}

// TestRoleOfAnApplicationIsLeft: nobody who moves loses what the application itself decides about.
func TestRoleOfAnApplicationIsLeft(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, catalogue)
	a := engineerAccount()
	a.Group, a.Roles = "Default", []string{"Book club", "Everyone", "Payroll"}
	person := p.Person("workday-21001", []identity.Engagement{engineer()}, monday)
	person.Moved = true
	require.Empty(t, p.Plan(person, a, nil).Steps)
}
