package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy/policytest"
)

// TestHasOfAnAccount: has(accounts.google) passed the load and was never true.
func TestHasOfAnAccount(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, replace(t, strings.TrimSuffix(everySystem, "attributes:\n"), "systems:\n  google:", "    - {name: with, when: has(accounts.google), roles: [With Google]}\n"+
		"    - {name: without, when: '!has(accounts.google)', roles: [Without Google]}\n"+
		"    - {name: without too, when: '!has(accounts.salesforce)', roles: [Without Salesforce]}\nsystems:\n  google:"))
	roles := inGoogle().input(p).Plan.Desired.Roles
	require.Contains(t, roles, "With Google")
	require.NotContains(t, roles, "Without Google")
	require.Contains(t, roles, "Without Salesforce")
}
