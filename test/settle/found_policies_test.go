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
