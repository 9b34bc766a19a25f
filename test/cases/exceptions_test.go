package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// became is what a response came to, empty while it is open.
func became(s *kit.Stack, id string) string {
	s.T.Helper()
	order, found, err := s.App.Ledger.Orders().ByID(s.T.Context(), id)
	require.NoError(s.T, err)
	require.True(s.T, found)
	return order.ReleaseReason
}

// TestCase_O13_DeniedRoleThatAMappingGives: an order denies a role to somebody with two accounts, and a mapping gives it again each
// night. It is taken from the primary account as long as that may help, and then asked about; a departure meanwhile waits for nobody.
func TestCase_O13_DeniedRoleThatAMappingGives(t *testing.T) {
	t.Parallel()
	const key = "workday-21009"
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	account := s.Account(key)
	second := s.Second(account, control.Fields{"roles": []string{"GitHub"}})
	require.NoError(t, s.Sandbox.AddMapping(t.Context(), control.Mapping{
		Name: "engineers have GitHub", Conditions: []control.MappingCondition{{Source: "department", Operator: "=", Value: "Engineering"}},
		Actions: []control.MappingAction{{Action: "add_role", Value: []string{"GitHub"}}},
	}))
	_, err := s.Sandbox.RunMappings(t.Context())
	require.NoError(t, err)
	s.Baseline()
	s.Hint(key, "test")
	s.Outcome(key)
	holds := func(id int64) bool { return slices.Contains(s.Of(id).Roles, "GitHub") }
	require.True(t, holds(account.ID))
	intact := untouched(s, account)
	since := s.Mark()
	give(s, identity.Order{ID: "no-github", Key: key, Kind: identity.OrderDeny, Roles: []string{"GitHub"}})
	for range 3 {
		s.Until("the role is taken", func() bool { return !holds(account.ID) })
		s.Outcome(key)
		_, err := s.Sandbox.RunMappings(t.Context())
		require.NoError(t, err)
		require.True(t, holds(account.ID))
		s.Hint(key, "event")
	}
	s.Until("somebody is asked", func() bool {
		state, _ := s.State(key)
		return len(state.Attention) > 0 && state.Attention[0].Code == policy.NoticeDeniedReturns
	})
	for range 5 {
		s.Hint(key, "event")
	}
	require.True(t, holds(account.ID), "it is not fought over for ever")
	require.Len(t, s.Effects(since, "onelogin.remove_roles"), 3)
	require.True(t, holds(second.ID), "an order acts on the primary account")
	intact()

	leaves(s, key)
	s.AwaitShut(account.ID)
	s.Until("the second account is asked about or shut", func() bool {
		state, _ := s.State(key)
		return s.Of(second.ID).Status == 2 || len(state.Attention) > 0
	})
}

// TestCase_O14_SettingAboveHR: the account says for a while what an order sets, and then what HR says and what it said before. Somebody
// with such an order who leaves is shut out at once.
func TestCase_O14_SettingAboveHR(t *testing.T) {
	t.Parallel()
	const key, gone = "workday-21009", "workday-21010"
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	account, leaver := s.Account(key), s.Account(gone)
	second := s.Second(account, nil)
	s.Baseline()
	for _, each := range []string{key, gone} {
		s.Hint(each, "test")
		s.Outcome(each)
	}
	before := s.Of(account.ID)
	set := func(id, key string, until time.Duration) {
		now := time.Now()
		give(s, identity.Order{
			ID: id, Key: key, Kind: identity.OrderSet, At: now, Until: now.Add(until),
			Attributes: map[string]string{"title": "Acting head", "phone": "+49 30 1"},
		})
	}
	set("leaver", gone, time.Hour)
	s.Until("the leaver's account says so", func() bool { return s.Of(leaver.ID).Title == "Acting head" })
	leaves(s, gone)
	s.AwaitShut(leaver.ID)

	set("acting", key, 4*time.Second)
	s.Until("the account says so", func() bool { return s.Of(account.ID).Title == "Acting head" && s.Of(account.ID).Phone == "+49 30 1" })
	require.Equal(t, second.Title, s.Of(second.ID).Title, "an order acts on the primary account")
	s.Until("it says what HR says, and what it said before", func() bool {
		return s.Of(account.ID).Title == before.Title && s.Of(account.ID).Phone == before.Phone
	})
	require.Equal(t, before.Roles, s.Of(account.ID).Roles)
	require.Equal(t, before.Email, s.Of(account.ID).Email)
}

// TestCase_O15_OpeningWhatOthersClosed: accounts that OneLogin locked or an administrator suspended are opened for who works here, and
// for nobody else; further accounts stay as they are.
func TestCase_O15_OpeningWhatOthersClosed(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	const locked, suspended, away, left, unlicensed = "workday-21009", "workday-21010", "workday-21012", "workday-21013", "workday-21006"
	all := []string{locked, suspended, away, left, unlicensed}
	second := s.Second(s.Account(locked), nil)
	ids := map[string]int64{}
	for _, key := range all {
		ids[key] = s.Account(key).ID
	}
	s.Baseline()
	for _, key := range all {
		s.Hint(key, "test")
		s.Outcome(key)
	}
	status := func(key string) int { return s.Of(ids[key]).Status }
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), second.Username, 3))
	for key, status := range map[string]int{locked: 3, suspended: 2, away: 3, unlicensed: 2} {
		require.NoError(t, s.Sandbox.SetStatus(t.Context(), s.Of(ids[key]).Username, status))
	}
	_, err := s.Sandbox.EditAccount(t.Context(), ids[unlicensed], control.Fields{"state": 3})
	require.NoError(t, err)
	s.HR(away, "leave", nil)
	leaves(s, left)
	s.AwaitShut(ids[left])
	protected := called(s, "breakglass-1@acme.example")
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), protected.Username, 3))

	for _, key := range all {
		give(s, identity.Order{ID: "open-" + key, Key: key, Kind: identity.OrderEnable})
	}
	give(s, identity.Order{ID: "open-protected", Key: byAccount(protected), Kind: identity.OrderEnable})
	for order, says := range map[string]string{
		locked: "opened", suspended: "opened", away: "on leave", left: "has left", unlicensed: "no licence", "protected": "protected",
	} {
		s.Until("the order about "+order+" is closed", func() bool { return became(s, "open-"+order) != "" })
		require.Contains(t, became(s, "open-"+order), says)
	}
	require.Equal(t, []int{1, 1, 3, 2, 2}, []int{status(locked), status(suspended), status(away), status(left), status(unlicensed)})
	require.Equal(t, 3, s.Of(second.ID).Status, "an order acts on the primary account")
	require.Equal(t, 3, s.Of(protected.ID).Status)
	ok, reason, err := s.Sandbox.SignIn(t.Context(), s.Of(ids[locked]).Username)
	require.NoError(t, err)
	require.True(t, ok, reason)
	s.AwaitNobodyLeftWithAccess()
	require.NotContains(t, strings.Join(s.Effects(0, "onelogin.update_user", "onelogin.unlock_user"), "\n"), itoa(protected.ID))
}
