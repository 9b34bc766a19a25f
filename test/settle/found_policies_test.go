package settle

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAConditionThatNamesNoGroupIsRefused: a rule asked for a group in other letters, or by its label, and matched nobody, ever. Names in
// conditions are looked up like those in groups.
func TestAConditionThatNamesNoGroupIsRefused(t *testing.T) {
	h := newHouse(t)
	const when = "      when: '\"Finance\" in accounts.ldap.groups'\n"
	h.writePolicy(h.config.Policy, when, "      when: '\"finance\" in accounts.ldap.groups || \"Wifi@acme.example\" in accounts.google.groups || "+
		"\"Edit Opportunities\" in accounts.salesforce.roles'\n")
	err := h.vendors.Policy.Reload(t.Context())
	require.ErrorContains(t, err, `ldap has no group "finance" (did you mean "Finance"?)`)
	require.ErrorContains(t, err, `google has no group "Wifi@acme.example" (did you mean "wifi@acme.example"?)`)
	require.ErrorContains(t, err, `salesforce has no permission set "Edit Opportunities" (did you mean "Edit_Opportunities"?)`)
}

// TestAMaxAgeThatNoReadingMeetsIsRefused: everything is read each six hours. With max_age: 1h the system was unknown for five of them: joiners
// got no account, rules that read it stayed undecided, and nobody who wrote it was told.
func TestAMaxAgeThatNoReadingMeetsIsRefused(t *testing.T) {
	h := newHouse(t)
	const salesforce = "  salesforce: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m"
	h.writePolicy(h.config.Policy, salesforce+"}", salesforce+", max_age: 1h}")
	require.ErrorContains(t, h.vendors.Policy.Reload(t.Context()), "systems.salesforce.max_age is 1h0m0s, and everything there is read every 6h0m0s")
}
