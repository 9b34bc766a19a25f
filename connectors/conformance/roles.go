package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// RunRoles holds an implementer to the contract of target.RoleManager. Group of the bench is a role that ID has not.
func RunRoles(t *testing.T, s TargetSubject) {
	t.Helper()
	cases := []targetCase{
		{"roles/to the end", rolesEnd},
		{"roles/what gives nothing", rolesNothing},
		{"roles/that do not exist", rolesMissing},
		{"roles/given and taken", rolesBack},
	}
	runCases(t, s, append(cases, giveWrite.cases()...))
}

var giveWrite = targetWrite{
	name:    "give",
	arrange: oneGroup,
	do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
		return able[target.RoleManager](t, b.Target).Give(ctx, target.GiveRequest{Write: in, Roles: []string{b.Group()}})
	},
	done: oneMore,
}

func rolesEnd(t *testing.T, b *TargetBench) {
	all, err := able[target.RoleManager](t, b.Target).Roles(t.Context(), target.RolesRequest{})
	require.NoError(t, err)
	var ids []string
	names := map[string]bool{}
	for _, r := range all.Roles {
		require.NotEmpty(t, r.Name)
		require.False(t, names[strings.ToLower(r.Name)], "two roles have one name")
		names[strings.ToLower(r.Name)] = true
		ids = append(ids, r.ID)
	}
	require.Subset(t, ids, b.Look(b.ID).Memberships)
	require.Contains(t, ids, b.Group())
	slices.Sort(ids)
	require.Equal(t, ids, slices.Compact(slices.Clone(ids)), "no role comes twice")
}

func rolesNothing(t *testing.T, b *TargetBench) {
	before, effects := b.Look(b.ID), b.Effects()
	gives := able[target.RoleManager](t, b.Target)
	require.NoError(t, gives.Give(t.Context(), target.GiveRequest{Write: target.Write{ID: b.ID}}))
	require.NoError(t, gives.Give(t.Context(), target.GiveRequest{Write: target.Write{ID: b.ID}, Roles: before.Memberships}))
	require.Equal(t, before, b.Look(b.ID))
	require.Equal(t, effects, b.Effects())
}

func rolesMissing(t *testing.T, b *TargetBench) {
	before, effects := b.Look(b.ID), b.Effects()
	gives := able[target.RoleManager](t, b.Target)
	failed(t, gives.Give(t.Context(), target.GiveRequest{Write: target.Write{ID: b.ID}, Roles: []string{b.Wrong}}), connectors.KindInvalid)
	// An account is no role, whatever its id looks like.
	require.Error(t, gives.Give(t.Context(), target.GiveRequest{Write: target.Write{ID: b.ID}, Roles: []string{b.Missing}}))
	require.Equal(t, before, b.Look(b.ID))
	require.Equal(t, effects, b.Effects())
}

func rolesBack(t *testing.T, b *TargetBench) {
	before, role := b.Look(b.ID), b.Group()
	m := able[target.RoleManager](t, b.Target)
	require.NoError(t, m.Give(t.Context(), target.GiveRequest{Write: target.Write{ID: b.ID}, Roles: []string{role, role}}))
	require.ElementsMatch(t, append(slices.Clone(before.Memberships), role), b.Look(b.ID).Memberships)
	require.ElementsMatch(t, b.Look(b.ID).Memberships, b.read(t).Memberships)
	require.NoError(t, m.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}, From: []string{role}}))
	require.Equal(t, before, b.Look(b.ID))
}
