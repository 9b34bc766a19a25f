package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// atWork is somebody who can sign in, has a password and nothing left to do.
func atWork(t *testing.T) (s *kit.Stack, key string) {
	s = kit.New(t, kit.Options{})
	s.Baseline()
	key = s.Hire("workday", engineer("Grace", "Hopper", "today"))
	s.Hint(key, "onboard")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), s.Account(key).Username))
	return s, key
}

// holds has somebody hold a role again, as a mapping would.
func holds(s *kit.Stack, key, role string) {
	s.T.Helper()
	now := s.Account(key)
	_, err := s.Sandbox.EditAccount(s.T.Context(), now.ID, control.Fields{"roles": append(now.Roles, role)})
	require.NoError(s.T, err)
}

// recordDenied has runs take a role for an order and give it back when the order lapses.
func recordDenied(t *testing.T) {
	s, key := atWork(t)
	give(s, identity.Order{ID: "o-deny", Key: key, Kind: identity.OrderDeny, Roles: []string{"GitHub"}, Until: time.Now().Add(3 * time.Second)})
	s.AwaitStage(key, api.StageWaiting)
	require.NotContains(t, s.Account(key).Roles, "GitHub")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Contains(t, s.Account(key).Roles, "GitHub")
	write(s, roleDenied, api.PersonID(key))
}

// recordDeniedReturns asks about a role that is given again each time, and goes on when somebody says that it is not any more.
func recordDeniedReturns(t *testing.T) {
	s, key := atWork(t)
	give(s, identity.Order{ID: "o-deny", Key: key, Kind: identity.OrderDeny, Roles: []string{"GitHub"}})
	for range 3 {
		s.Outcome(key)
		holds(s, key, "GitHub")
		s.Hint(key, "test")
	}
	state := s.AwaitStage(key, api.StageAttention)
	require.Equal(t, policy.NoticeDeniedReturns, state.Attention[0].Code)
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbRetry))
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.NotContains(t, s.Account(key).Roles, "GitHub")
	write(s, deniedReturns, api.PersonID(key))
}

// recordLiftWithDenial takes what is denied before it lifts a suspension.
func recordLiftWithDenial(t *testing.T) {
	s, key := atWork(t)
	give(s, identity.Order{ID: "o-suspend", Key: key, Kind: identity.OrderSuspend})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	put(s, identity.Order{ID: "o-deny", Key: key, Kind: identity.OrderDeny, Roles: []string{"GitHub"}})
	_, err := s.Vendors.Activities.Orders.Release(t.Context(), api.ReleaseOrder{ID: "o-suspend", Key: key, By: "grace@acme.example", Reason: "recorded"})
	require.NoError(t, err)
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	require.Equal(t, 1, s.Account(key).Status)
	require.NotContains(t, s.Account(key).Roles, "GitHub")
	write(s, liftWithDenial, api.PersonID(key))
}

// recordSet has the account say something else than HR for a while.
func recordSet(t *testing.T) {
	s, key := atWork(t)
	now := time.Now()
	give(s, identity.Order{
		ID: "o-set", Key: key, Kind: identity.OrderSet, At: now, Until: now.Add(3 * time.Second),
		Attributes: map[string]string{"title": "Acting head", "phone": "+49 30 1"},
	})
	s.AwaitStage(key, api.StageWaiting)
	require.Equal(t, "Acting head", s.Account(key).Title)
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, []string{"Engineer", ""}, []string{s.Account(key).Title, s.Account(key).Phone})
	write(s, attributesSet, api.PersonID(key))
}

// recordOpened opens an account that somebody else has suspended, restricted and without what is denied.
func recordOpened(t *testing.T) {
	s, key := atWork(t)
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), s.Account(key).Username, 2))
	put(s, identity.Order{ID: "o-deny", Key: key, Kind: identity.OrderDeny, Roles: []string{"GitHub"}},
		identity.Order{ID: "o-restrict", Key: key, Kind: identity.OrderRestrict, Group: "Default"})
	give(s, identity.Order{ID: "o-enable", Key: key, Kind: identity.OrderEnable})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	now := s.Account(key)
	require.Equal(t, 1, now.Status)
	require.Equal(t, "Default", now.Group)
	require.NotContains(t, now.Roles, "GitHub")
	write(s, accountOpened, api.PersonID(key))
}

// recordNotOpened closes an order about an account that nobody has closed.
func recordNotOpened(t *testing.T) {
	s, key := atWork(t)
	give(s, identity.Order{ID: "o-enable", Key: key, Kind: identity.OrderEnable})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	order, _, err := s.App.Ledger.Orders().ByID(t.Context(), "o-enable")
	require.NoError(t, err)
	require.Equal(t, "not done: nobody has closed the account, which is active", order.ReleaseReason)
	write(s, accountNotOpened, api.PersonID(key))
}
