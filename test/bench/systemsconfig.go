package main

import "fmt"

// systemNames are the systems beside OneLogin, in the order of the figures.
var systemNames = []string{"google", "salesforce", "ldap"}

const (
	// systemsPolicy is added to the policy, with the mode of each system.
	systemsPolicy = `systems:
  google:
    mode: %[1]s
    provisioned_by: gatehouse
    leaver:
      sign_in: lock
      auto_reply: {subject: Not here any more, text: "Please write to {manager_email}."}
      delegate_to: manager
    limits: %[2]s
  salesforce: {mode: %[1]s, provisioned_by: gatehouse, limits: %[2]s}
  ldap: {mode: %[1]s, provisioned_by: gatehouse, limits: %[2]s}
attributes:
  title: {from: person.title}
  department: {from: person.department}
  manager: {owner: hr}
`
	// allowed keeps no budget of a system in the way.
	allowed = "{contain: {count: 100000, percent: 100}, remove: {count: 100000, percent: 100}}"
)

// systemsRules give accounts and groups as the sandbox's company has them: pairs of old and new text of the policy.
func systemsRules() []string {
	pairs := []string{
		"      roles: [Everyone]\n", "      roles: [Everyone]\n      accounts: {google: {}, ldap: {}}\n      groups: {google: [all@acme.example]}\n",
		"      roles: [Sales, Salesforce]\n", "      roles: [Sales, Salesforce]\n" +
			"      accounts: {google: {org_unit: /Sales}, salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}, ldap: {}}\n" +
			"      groups: {google: [sales@acme.example], ldap: [Sales]}\n",
	}
	for _, d := range []struct{ name, mail, roles string }{
		{"Engineering", "engineering", "[Engineering, GitHub, AWS Read Only, Jira]"},
		{"Marketing", "marketing", "[Marketing]"},
		{"Finance", "finance", "[Finance, NetSuite]"},
		{"People", "people", "[People]"},
		{"IT", "it", "[IT, Jira]"},
		{"Support", "support", "[Support, Zendesk, Jira]"},
	} {
		old := "      roles: " + d.roles + "\n"
		pairs = append(pairs, old, old+fmt.Sprintf("      accounts: {google: {org_unit: /%[1]s}, ldap: {}}\n      groups: {google: [%[2]s@acme.example], ldap: [%[1]s]}\n", d.name, d.mail))
	}
	return pairs
}
