package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

const weakFactors = policytest.Everyone + `
mfa:
  weak:
    - factors: [Security Questions, OneLogin SMS]
    - {factors: [onelogin  sms, OneLogin Email], when: person.department == "Finance"}
    - {factors: [OneLogin Voice], when: '"Super admin" in account.roles'}
`

func TestWeakFactorsFollowThePerson(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, weakFactors)
	for name, c := range map[string]struct {
		department string
		account    *identity.Account
		want       []string
	}{
		"nobody in particular": {want: []string{"Security Questions", "OneLogin SMS"}},
		"by the department":    {department: "Finance", want: []string{"Security Questions", "OneLogin SMS", "OneLogin Email"}},
		"by the account": {
			account: &identity.Account{Roles: []string{"Super admin"}}, want: []string{"Security Questions", "OneLogin SMS", "OneLogin Voice"},
		},
		"capitals count in a condition": {department: "finance", want: []string{"Security Questions", "OneLogin SMS"}},
	} {
		person := identity.Person{Record: identity.Record{Department: c.department}}
		got, err := p.MFAWeak(&person, c.account)
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
	require.Equal(t, []string{"Security Questions", "OneLogin SMS"}, p.MFAWeakForAll())
	require.Equal(t, []string{"Security Questions", "OneLogin SMS", "OneLogin Email", "OneLogin Voice"}, p.MFAWeakForSome())
}

func TestEveryFactorCountsByDefault(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone)
	weak, err := p.MFAWeak(&identity.Person{}, nil)
	require.NoError(t, err)
	require.Empty(t, weak)
	require.Empty(t, p.MFAWeakForSome())
}

func TestNamesOfFactorsAreComparedAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	require.True(t, policy.SameFactor("OneLogin SMS", " onelogin sms"))
	require.True(t, policy.SameFactor("OneLogin  SMS", "OneLogin SMS"))
	require.False(t, policy.SameFactor("OneLogin SMS", "SMS"), "a tenant may have both")
}

// TestWeakFactorsAskForTheirFields: a source that does not show a field of such a condition has somebody told.
func TestWeakFactorsAskForTheirFields(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"department"}, policytest.Parse(t, weakFactors).PersonFields())
}
