package conformance

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// refusedOnly expects an error that names what was refused, and nothing else.
func refusedOnly(t *testing.T, err error, object string) {
	t.Helper()
	var refused *connectors.Refusals
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{object}, refused.Objects())
	require.Contains(t, err.Error(), object)
	var e *connectors.Error
	require.ErrorAs(t, err, &e, "it has a kind")
	require.NotContains(t, []connectors.Kind{connectors.KindUnavailable, connectors.KindRateLimited, connectors.KindMalformed}, e.Kind)
}

// removeRefused: the account leaves the others, wherever in the list the refused one stands, and once more changes nothing.
func removeRefused(t *testing.T, b *TargetBench) {
	refused, before := b.Refuse(b.ID), b.Look(b.ID)
	from := before.Memberships[:3]
	if !slices.Contains(from, refused) {
		from[0] = refused
	}
	var rest []string
	for _, id := range before.Memberships {
		if id == refused || !slices.Contains(from, id) {
			rest = append(rest, id)
		}
	}
	in := target.RemoveRequest{Write: target.Write{ID: b.ID}, From: from}
	refusedOnly(t, able[target.Remover](t, b.Target).Remove(t.Context(), in), refused)
	require.ElementsMatch(t, rest, b.Look(b.ID).Memberships)
	require.ElementsMatch(t, rest, b.read(t).Memberships)
	effects := b.Effects()
	refusedOnly(t, able[target.Remover](t, b.Restart()).Remove(t.Context(), in), refused)
	require.ElementsMatch(t, rest, b.Look(b.ID).Memberships)
	require.LessOrEqual(t, b.Effects(), effects+1, "no more than the refused one is tried again")
}

// grantsRefused: everything but the refused one is revoked, and counted.
func grantsRefused(t *testing.T, b *LockBench) {
	b.GrantAll(b.ID)
	refused := b.RefuseGrant(b.ID)
	got, err := able[target.GrantRevoker](t, b.Target).RevokeGrants(t.Context(), target.Write{ID: b.ID})
	refusedOnly(t, err, refused)
	require.Equal(t, target.Revoked{Apps: 2, Passwords: 2, Recovery: true}, got)
	require.Equal(t, 1, b.Grants(b.ID))
	got, err = able[target.GrantRevoker](t, b.Restart()).RevokeGrants(t.Context(), target.Write{ID: b.ID})
	refusedOnly(t, err, refused)
	require.Equal(t, target.Revoked{}, got)
	require.Equal(t, 1, b.Grants(b.ID))
}
