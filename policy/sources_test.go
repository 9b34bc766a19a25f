package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// TestExternalIDsOfTwoSources: an employee id that may be two people's says nothing about whose an account is.
func TestExternalIDsOfTwoSources(t *testing.T) {
	t.Parallel()
	both := []string{"workday", "bamboohr"}
	for format, unclear := range map[string]bool{
		"{key}": false, "{source}-{employee_id}": false, "{employee_id}@{source}": false, "{employee_id}": true, "WD{employee_id}": true,
	} {
		p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(policytest.Smallest+policytest.Everyone+`naming: {match_external_ids: ["`+format+`"]}`)))
		require.NoError(t, err)
		require.NoError(t, p.CheckSources(both[:1]), format)
		require.NoError(t, p.CheckSources(nil), format)
		if !unclear {
			require.NoError(t, p.CheckSources(both), format)
			continue
		}
		require.EqualError(t, p.CheckSources(both), `policy.yaml:5:31: naming.match_external_ids: "`+format+
			`" cannot tell workday and bamboohr apart, which may use one employee id for two people: use {key}, or put {source} in it`)
	}
	require.NoError(t, example(t).CheckSources(both))
}
