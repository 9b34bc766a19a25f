package policy_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

func TestWeakerThan(t *testing.T) {
	t.Parallel()
	full := string(readFile(t, "testdata/policy.yaml"))
	before := example(t)
	separate := "  conflicts:\n    - {name: duties, roles: [AWS Admin, Salesforce, Finance]}\n  rules:\n"
	tests := map[string]struct {
		old, replacement string
		want             []string
	}{
		"a comment":            {"# The example policy", "# An example policy", nil},
		"modes may go further": {"offboarding: enforce", "offboarding: observe", nil},
		"an account is no longer protected": {
			`    - account.group == "Break glass"` + "\n", "", []string{`safety.protected no longer has account.group == "Break glass"`},
		},
		"one more is protected": {"  protected:\n", "  protected:\n    - account.id == 7\n", nil},
		"twice as many":         {"contain: {count: 20, percent: 5}", "contain: {count: 40, percent: 10}", nil},
		"more than twice": {
			"contain: {count: 20, percent: 5}", "contain: {count: 41, percent: 10.5}",
			[]string{
				"safety.contain.count lets through 41 in 24h0m0s, and let through 20 in 24h0m0s before",
				"safety.contain.percent lets through 10.5 percent in 24h0m0s, and let through 5 percent in 24h0m0s before",
			},
		},
		"no limit": {
			"contain: {count: 20, percent: 5}", "contain: {count: 0, percent: 5}",
			[]string{"safety.contain.count lets through any number, and let through 20 in 24h0m0s before"},
		},
		"left out, so that the default is in force": {
			"  grant_privileged: {count: 5, percent: 2}\n", "",
			[]string{
				"safety.grant_privileged.count lets through 20 in 24h0m0s, and let through 5 in 24h0m0s before",
				"safety.grant_privileged.percent lets through 5 percent in 24h0m0s, and let through 2 percent in 24h0m0s before",
			},
		},
		"no longer privileged": {
			"privileged_roles: [AWS Admin, Super admin]", "privileged_roles: [AWS Admin]", []string{`role "Super admin" is no longer privileged`},
		},
	}
	for name, tt := range tests {
		p, err := policy.Parse("policy.yaml", []byte(replace(t, full, tt.old, tt.replacement)))
		require.NoError(t, err, name)
		require.Equal(t, tt.want, p.WeakerThan(before), name)
	}
	hourly, err := policy.Parse("policy.yaml", []byte(replace(t, full, "window: 24h", "window: 1h")))
	require.NoError(t, err)
	require.Len(t, hourly.WeakerThan(before), 14, "the same number in an hour is 24 times as many in a day")
	apart, err := policy.Parse("policy.yaml", []byte(replace(t, full, "  rules:\n", separate)))
	require.NoError(t, err)
	require.Empty(t, apart.WeakerThan(before))
	require.Equal(t, []string{
		`roles "AWS Admin" and "Salesforce" are no longer kept apart`, `roles "AWS Admin" and "Finance" are no longer kept apart`,
		`roles "Salesforce" and "Finance" are no longer kept apart`,
	}, before.WeakerThan(apart))
}

// TestEveryBudgetIsCompared holds that a budget which is added to the section safety is one that cannot be raised unseen.
func TestEveryBudgetIsCompared(t *testing.T) {
	t.Parallel()
	upper, found := regexp.MustCompile("([a-z])([A-Z])"), 0
	for field := range reflect.TypeFor[policy.Safety]().Fields() {
		if field.Type != reflect.TypeFor[policy.Limit]() {
			continue
		}
		found++
		key := strings.ToLower(upper.ReplaceAllString(field.Name, "${1}_$2"))
		with := func(limit string) *policy.Policy {
			return policytest.Parse(t, policytest.Everyone+"safety: {protected: [], "+key+": "+limit+"}")
		}
		require.Len(t, with("{count: 3, percent: 1}").WeakerThan(with("{count: 1, percent: 1}")), 1, "%s: name it in Safety.budgets", key)
	}
	require.Positive(t, found)
}
