package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

const nonPersonal = policytest.Everyone + `
accounts:
  non_personal:
    - {name: emergency, kind: break_glass, when: account.username.startsWith("breakglass-"), owner: security@acme.example}
    - {name: rooms, kind: shared, when: 'account.group == "Rooms" && account.roles[0] == "Everyone"', owner: office@acme.example}
    - {name: robots, kind: service, when: account.username.contains("-"), owner: it@acme.example}
review:
  compliance: compliance@acme.example
  service_accounts: ['account.username.startsWith("svc_")']
`

func TestNonPersonalAccounts(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, nonPersonal)
	for name, c := range map[string]struct {
		account identity.Account
		want    string
		service string
	}{
		"a person's":                 {account: identity.Account{Username: "ada"}},
		"the first entry counts":     {account: identity.Account{Username: "breakglass-1"}, want: "emergency", service: `account.username.startsWith("breakglass-")`},
		"a condition that fails":     {account: identity.Account{Username: "room", Group: "Rooms"}},
		"a shared one":               {account: identity.Account{Username: "room", Group: "Rooms", Roles: []string{"Everyone"}}, want: "rooms", service: `account.group == "Rooms" && account.roles[0] == "Everyone"`},
		"what only a review says of": {account: identity.Account{Username: "svc_x"}, service: `account.username.startsWith("svc_")`},
	} {
		entry, listed := p.NonPersonal(c.account)
		require.Equal(t, c.want, entry.Name, name)
		require.Equal(t, c.want != "", listed, name)
		require.Equal(t, c.service, p.ServiceAccount(c.account), name)
	}
	require.Equal(t, policy.NonPersonal{
		Name: "rooms", Kind: identity.KindShared, Owner: "office@acme.example", Rule: `account.group == "Rooms" && account.roles[0] == "Everyone"`,
	}, p.NonPersonalEntries()[1])
	require.Empty(t, policytest.Parse(t, policytest.Everyone).NonPersonalEntries())
}
