package systems_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

// testMoved: what an account held at a change of position is remembered of its person in that episode, and what it holds is known by the
// names that it had before.
func testMoved(t *testing.T, e storetest.Engine) {
	ctx, r := t.Context(), newRig(t, e)
	s, at := r.Systems(), r.c.Now()
	for i, name := range []string{"sales", "cn=sales,ou=a", "vertrieb", "vertrieb"} {
		require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, at.Add(time.Duration(i)*time.Hour), 0, []systems.Object{{ID: "g1", Name: name}, {ID: "g2", Name: "it"}}))
	}
	r.observe(row("1", "g1", "g2"))
	r.link("1", "workday-1")
	require.Equal(t, map[identity.SystemObjectKind]map[string][]string{
		identity.ObjectGroup: {"vertrieb": {"cn=sales,ou=a", "sales"}},
	}, r.first("workday-1", 1).Formerly)
	require.Empty(t, r.first("workday-1", 1).MovedWith)
	held := map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"g1"}}
	require.NoError(t, s.NoteMoved(ctx, ref("1"), held, "workday-1", 1))
	require.Equal(t, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"vertrieb"}}, r.first("workday-1", 1).MovedWith)
	require.Empty(t, r.first("workday-1", 2).MovedWith, "another employment")
	require.True(t, r.first("workday-1", 3).GivenBefore)
	require.NoError(t, s.NoteWithdrawn(ctx, ref("1"), "workday-1", 3))
	require.Equal(t, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"vertrieb"}}, r.first("workday-1", 3).MovedWith, "the departure is withdrawn")
	require.False(t, r.first("workday-1", 3).GivenBefore)
	require.NoError(t, s.NoteMoved(ctx, ref("1"), nil, "workday-1", 1))
	require.Empty(t, r.first("workday-1", 1).MovedWith)
	require.NoError(t, s.NoteLost(ctx, ref("1"), identity.ObjectGroup, []string{"g1"}, "workday-1", 1))
	require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, at.Add(9*time.Hour), 0, []systems.Object{{ID: "g1", Name: "#id:g2"}}))
	require.Equal(t, "vertrieb", r.first("workday-1", 2).Departure.TookAs[identity.ObjectGroup]["##id:g2"], "no name stands for an id")
}
