package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

const conflictPolicy = `
company: {zone: Europe/Berlin, domain: example.com}
leaver: {fallback_owner: it@example.com}
access:
  rules:
    - {name: policytest.Everyone, when: "true", roles: [Everyone]}
    - {name: payers, when: person.department == "Accounts", roles: [Payer]}
    - {name: approvers, when: person.department == "Control", roles: [Approver], keep_old_access: 2h}
    - {name: both, when: person.title == "Founder", roles: [Auditor]}
  conflicts:
    - {name: payments, roles: [Payer, Approver, Auditor]}
mover: {keep_old_access: 24h}
`

func TestConflictsOf(t *testing.T) {
	t.Parallel()
	p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(conflictPolicy)))
	require.NoError(t, err)
	payments := func(roles ...string) []policy.Conflict { return []policy.Conflict{{Name: "payments", Roles: roles}} }
	tests := map[string]struct {
		roles []string
		want  []policy.Conflict
	}{
		"nothing":        {nil, nil},
		"one of them":    {[]string{"Payer", "Everyone"}, nil},
		"two of them":    {[]string{"Approver", "Everyone", "Payer"}, payments("Payer", "Approver")},
		"all of them":    {[]string{"Payer", "Approver", "Auditor"}, payments("Payer", "Approver", "Auditor")},
		"none of a kind": {[]string{"payer", "approver"}, nil},
		"the same twice": {[]string{"Payer", "Payer"}, nil},
	}
	for name, tt := range tests {
		require.Empty(t, cmp.Diff(tt.want, p.ConflictsOf(tt.roles)), name)
	}
	require.Empty(t, cmp.Diff(payments("Payer", "Approver", "Auditor"), p.Conflicts()))
}
