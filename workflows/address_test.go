package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

const (
	oldAddress = "ada.byron@acme.example"
	newAddress = "ada.lovelace@acme.example"
)

// readdressed is somebody whose account is to get another address.
func readdressed(verdict identity.Verdict, steps ...identity.StepKind) api.Assessment {
	a := person()
	a.ManagerKey = "workday-20001"
	a.Because = &api.Because{Cause: api.CauseAddress}
	a.Plan = identity.Plan{
		Verdict: verdict, Reason: "the account differs from what the policy gives", PolicyHash: "p1",
		Desired: identity.Desired{
			Exists: true, SignIn: true, Profile: identity.Profile{FirstName: "Ada", LastName: "Byron", Email: newAddress},
		},
	}
	for _, kind := range steps {
		a.Plan.Steps = append(a.Plan.Steps, identity.Step{Kind: kind})
	}
	return a
}

// TestNewAddressIsTold: the person, found by the old address if need be, their manager and IT read both addresses.
func TestNewAddressIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.account.Email = newAddress
	e := w.open(start).template(api.TypeRoleChange, readdressed(identity.VerdictChange, identity.StepSetProfile))
	require.NoError(t, e.err)
	require.Equal(t, []api.MessageKind{api.MessageMoverPerson, api.MessageMoverManager, api.MessageMoverIT}, w.posted())
	require.Equal(t, oldAddress, w.messages[0].Former)
	for _, m := range w.messages {
		said := ""
		for _, l := range m.Lines {
			said += l.Label + ": " + l.Value + "\n"
		}
		require.Contains(t, said, newAddress)
		require.Contains(t, said, oldAddress)
	}
}

// TestAddressThatWasNotTakenIsNotTold: OneLogin kept the old one, so there is no new one to tell of.
func TestAddressThatWasNotTakenIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.open(start).template(api.TypeRoleChange, readdressed(identity.VerdictChange, identity.StepSetProfile))
	require.NoError(t, e.err)
	require.Empty(t, w.posted())
}

// TestInvitationGoesToTheNewAddress: it is sent after the change, and to where the account is found now.
func TestInvitationGoesToTheNewAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.account.Email = newAddress
	e := w.open(start).template(api.TypeOnboarding, readdressed(identity.VerdictJoin, identity.StepSetProfile, identity.StepActivate, identity.StepInvite))
	require.NoError(t, e.err)
	require.Equal(t, []string{"onelogin.update", "onelogin.invite"}, w.did("onelogin.update", "onelogin.invite"))
	require.Equal(t, newAddress, w.invites[0].Email)
}
