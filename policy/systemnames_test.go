package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
	"gatehouse/policy/system"
)

// TestANameThatIsComparedWithWhatIsMadeOfListsIsRefused: it was looked up nowhere, and a rename took the role from everybody.
func TestANameThatIsComparedWithWhatIsMadeOfListsIsRefused(t *testing.T) {
	t.Parallel()
	_, err := policy.Parse("policy.yaml", []byte(policytest.Whole(policytest.Smallest+`
access:
  rules:
    - {name: trusted, when: '"wifi@acme.example" in accounts.google.groups + accounts.ldap.groups', roles: [Trusted]}
    - {name: either, when: '"x" in (person.title == "y" ? accounts.google : accounts.ldap).groups', roles: [Either]}
    - {name: known, when: 'size(accounts.google.groups + accounts.ldap.groups) == 3 || "b" in [accounts.google.title + "c"]', roles: [Known]}
systems:
  google: {provisioned_by: gatehouse, leaver: {sign_in: suspend}}
  ldap: {provisioned_by: gatehouse}
`)))
	require.ErrorContains(t, err, `"wifi@acme.example" is compared with what is made of accounts.google.groups, where it cannot be looked up: `+
		`compare it with each list by itself, as in "wifi@acme.example" in accounts.google.groups || ...`)
	require.ErrorContains(t, err, "policy.yaml:7:30:")
	require.ErrorContains(t, err, `policy.yaml:8:29: "x" is compared with what is made of accounts.ldap.groups`)
	require.NotContains(t, err.Error(), "title")
}

// TestWhatANameMeansIsSaidOnceItWasAnothers: the advice was to create what had been renamed, and nobody was in that.
func TestWhatANameMeansIsSaidOnceItWasAnothers(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, `
access:
  rules:
    - {name: trusted, when: '"wifi" in accounts.google.groups', roles: [Trusted]}
    - {name: sales, when: "true", groups: {google: [sales]}}
systems:
  google: {provisioned_by: gatehouse, leaver: {sign_in: suspend}}
`)
	group := func(id, name string, before ...string) system.Object {
		return system.Object{Kind: identity.ObjectGroup, ID: id, Name: name, Formerly: before}
	}
	check := func(objects ...system.Object) (texts []string) {
		for _, u := range p.UnknownIn("google", objects) {
			texts = append(texts, u.Text)
		}
		return texts
	}
	require.Equal(t, []string{
		`the condition of rule "trusted" cannot be decided: google has no group "wifi", it was renamed to "wlan": write the name that it has now, or rename it back there; one that is made anew would be another one`,
	}, check(group("1", "wlan", "wifi"), group("2", "sales")))
	require.Equal(t, []string{
		`the condition of rule "trusted" cannot be decided: google has a group "wifi", and what was called so before was renamed to "wlan": nobody can tell which is meant. ` +
			`Write the name that it has now, or both of them, or delete it there`,
	}, check(group("1", "wlan", "wifi"), group("2", "sales"), group("3", "vertrieb", "sales"), group("4", "wifi")), "what is given by a name is clear")
	require.Empty(t, check(group("1", "wifi", "wlan", "wifi"), group("2", "sales")), "it was renamed back")
	require.Empty(t, check(group("1", "wifi"), group("2", "sales", "wifi")), "the policy has either")
}
