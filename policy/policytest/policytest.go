// Package policytest makes policies for tests of the packages that decide by one.
package policytest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy"
)

// Smallest is what every policy has to say and nothing stands in for.
const Smallest = `
company: {zone: Europe/Berlin, domain: acme.example}
leaver: {fallback_owner: it@acme.example}
`

// Everyone is a rule that gives everybody a group and a role.
const Everyone = `access: {rules: [{name: everyone, when: "true", group: Default, roles: [Everyone]}]}
`

// Parse adds text to the smallest policy that works.
func Parse(tb testing.TB, text string) *policy.Policy {
	tb.Helper()
	p, err := policy.Parse("policy.yaml", []byte(Whole(Smallest+text)))
	require.NoError(tb, err)
	return p
}

// Whole adds to a text what every policy has to have: what protects, how far templates may go, and the last line.
func Whole(text string) string {
	text = strings.TrimSuffix(text, "\n") + "\n"
	lines := strings.Split(text, "\n")
	has := func(key string) bool {
		return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, key) })
	}
	for _, part := range []struct{ key, text string }{
		{"safety:", "safety: {protected: []}\n"}, {"modes:", "modes: {}\n"}, {"end:", "end: policy\n"},
	} {
		if !has(part.key) {
			text += part.text
		}
	}
	return text
}
