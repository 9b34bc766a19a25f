package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// byAccount is the key under which an order names an account and nobody.
func byAccount(p control.Person) string { return "onelogin-" + itoa(p.ID) }

// TestCase_L08_OrderForAnAccountUnderAnothersKey: it acts on the account that it names, and the link on record stays.
func TestCase_L08_OrderForAnAccountUnderAnothersKey(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	owner := s.Account("workday-21009")
	s.Hint("workday-21009", "test")
	s.Outcome("workday-21009")
	other, err := s.Sandbox.CreateAccount(t.Context(), control.Fields{
		"username": "x4711", "email": "x4711@legacy.example", "firstname": "X", "lastname": "Person",
		"external_id": "workday-21009", "owner": "human-x", "roles": []string{"GitHub"},
	})
	require.NoError(t, err)
	intact := untouched(s, other)
	give(s, identity.Order{ID: "now", Key: byAccount(other), Kind: identity.OrderContain})
	s.AwaitShut(other.ID)
	intact()

	leaves(s, "workday-21009")
	s.AwaitShut(owner.ID)
	s.AwaitNobodyLeftWithAccess()
}

// TestCase_L08_SuspendOrderForAnAccountUnderAnothersKey: the same for what is lifted again.
func TestCase_L08_SuspendOrderForAnAccountUnderAnothersKey(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	s.Hint("workday-21009", "test")
	s.Outcome("workday-21009")
	other, err := s.Sandbox.CreateAccount(t.Context(), control.Fields{
		"username": "x4711", "external_id": "workday-21009", "owner": "human-x", "roles": []string{"GitHub"},
	})
	require.NoError(t, err)
	intact := untouched(s, other)
	give(s, identity.Order{ID: "look", Key: byAccount(other), Kind: identity.OrderSuspend})
	s.Until("the account is suspended", func() bool { return s.Of(other.ID).Status == 2 })
	intact()
}

// automatic are event rules that suspend without asking.
const automatic = `
events:
  update_every: 1s
  approvers: [farid.obrien@acme.example, tara.mbeki@acme.example]
  rules:
    - name: failed-logins
      types: [USER_FAILED_ONELOGIN_LOGIN]
      count: 5
      within: 10m
      respond: [{order: suspend, approval: automatic}]
`

// TestCase_L09_IncidentUnderAVictimsKey: who did it is suspended, and not whom the account pretends to be.
func TestCase_L09_IncidentUnderAVictimsKey(t *testing.T) {
	t.Parallel()
	pretends(t, true)
}

// pretends has an account under somebody else's key fail to sign in again and again. Known says that the victim is on record.
func pretends(t *testing.T, known bool) {
	t.Helper()
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return roomy(t)(policy) + automatic }})
	s.Baseline()
	victim := s.Account("workday-21009")
	if known {
		s.Hint("workday-21009", "test")
		s.Outcome("workday-21009")
	}
	attacker := called(s, "riley.orphan@acme.example")
	_, err := s.Sandbox.EditAccount(t.Context(), attacker.ID, control.Fields{"external_id": "workday-21009"})
	require.NoError(t, err)
	_, _, err = s.Sandbox.Events(t.Context(), control.Event{Type: 6, Usernames: []string{attacker.Username}, Times: 5})
	require.NoError(t, err)
	intact := untouched(s, attacker)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("the attacker is suspended", func() bool { return s.Of(attacker.ID).Status == 2 })
	require.Equal(t, 1, s.Of(victim.ID).Status)
	intact()
}
