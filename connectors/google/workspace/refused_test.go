package workspace_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// TestAGroupThatIsRefusedKeepsNobodyOutOfTheOthers, also where Google does not even show it.
func TestAGroupThatIsRefusedKeepsNobodyOutOfTheOthers(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "GET"} {
		b := newBench(t)
		groups := b.user(b.usual).GroupIDs
		require.Greater(t, len(groups), 2)
		in := target.Write{ID: b.usual}
		require.NoError(t, b.target().Remove(t.Context(), target.RemoveRequest{Write: in, From: groups}))
		b.refuses("POST", "/admin/directory/v1/groups/"+groups[0]+"/members")
		if method == "GET" {
			b.refuses("GET", "/admin/directory/v1/groups/"+groups[0])
		}
		for range 2 {
			err := b.target().Add(t.Context(), target.AddRequest{Write: in, To: groups})
			var refused *connectors.Refusals
			require.ErrorAs(t, err, &refused)
			require.Equal(t, groups[:1], refused.Objects())
			require.True(t, connectors.IsKind(err, connectors.KindUnauthorized))
			require.ElementsMatch(t, groups[1:], b.user(b.usual).GroupIDs)
		}
	}
}

// TestARoleThatIsRefusedKeepsNoOther: of an administrator by two roles, Gatehouse may take one.
func TestARoleThatIsRefusedKeepsNoOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hand("role", b.usual, "1")
	b.hand("role", b.usual, "4")
	b.refuses("POST", "/admin/directory/v1/users/"+b.usual+"/makeAdmin")
	taken, err := b.target().Demote(t.Context(), target.Write{ID: b.usual})
	var refused *connectors.Refusals
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{"role 1"}, refused.Objects())
	require.Len(t, taken.Roles, 1)
	require.False(t, taken.Roles[0].Super)
	require.Len(t, b.user(b.usual).Roles, 1)
}

// TestRecoveryThatIsRefusedKeepsNothingElse: what is left of it is named, and is not said to be gone.
func TestRecoveryThatIsRefusedKeepsNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hand("recovery", b.usual, "me@home.example")
	b.hand("grant", b.usual, "crm")
	b.hand("app_password", b.usual, "printer")
	b.hand("codes", b.usual, "")
	b.refuses("PUT", "/admin/directory/v1/users/"+b.usual)
	got, err := b.target().RevokeGrants(t.Context(), target.Write{ID: b.usual})
	var refused *connectors.Refusals
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{"address and number for recovery"}, refused.Objects())
	require.Equal(t, target.Revoked{Apps: 1, Passwords: 1}, got)
	u := b.user(b.usual)
	require.Empty(t, u.Apps)
	require.Empty(t, u.AppPasswords)
	require.Zero(t, u.Codes)
	require.NotContains(t, err.Error(), "me@home.example")
}
