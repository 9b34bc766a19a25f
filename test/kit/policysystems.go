package kit

import (
	"strings"
	"testing"
)

// SystemsPolicy adds the systems beside OneLogin to the example policy, and gives them by department.
func SystemsPolicy(t testing.TB) func(string) string {
	return func(text string) string {
		text = Replace(t, text,
			"    - name: engineering\n      when: person.department == \"Engineering\"\n      group: Engineering\n",
			"    - name: engineering\n      when: person.department == \"Engineering\"\n      group: Engineering\n"+
				"      accounts: {google: {org_unit: /Engineering}, ldap: {}}\n"+
				"      groups: {google: [engineering@acme.example, all@acme.example], ldap: [Engineering]}\n",
			"    - name: sales\n      when: person.department == \"Sales\"\n      group: Sales\n",
			"    - name: sales\n      when: person.department == \"Sales\"\n      group: Sales\n"+
				"      accounts: {google: {org_unit: /Sales}, salesforce: {profile: Standard User, permission_sets: [Export_Reports]}, ldap: {}}\n"+
				"      groups: {google: [sales@acme.example, all@acme.example], ldap: [Sales]}\n",
		)
		head, _, _ := strings.Cut(text, "# A file without this last line")
		return head + `systems:
  google:
    mode: enforce
    provisioned_by: gatehouse
    leaver:
      sign_in: lock
      suspend_after: 30d
      auto_reply: {subject: "Not here any more", text: "Please write to {manager_email}."}
      delegate_to: manager
  salesforce:
    mode: enforce
    provisioned_by: gatehouse
  ldap:
    mode: enforce
    provisioned_by: gatehouse
attributes:
  title: {from: person.title}
  department: {from: person.department}
  phone: {owner: google, normalise: phone, country: DE}
  manager: {owner: hr}
`
	}
}
