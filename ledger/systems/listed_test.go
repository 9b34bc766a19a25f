package systems_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

// testListed lists accounts whoever's they are, a page at a time, with what they hold.
func testListed(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, r.c.Now(), 0, []systems.Object{{ID: "g1", Name: "sales"}, {ID: "g2", Name: "all"}}))
	unread := row("4")
	unread.Holds = nil
	lead := row("1", "g1", "g2", "g3")
	lead.Manager = "3"
	r.observe(lead, row("2"), row("3"), unread)
	r.link("1", "workday-1")
	r.link("2", "workday-1")
	require.NoError(t, s.NoteGiven(ctx, ref("1"), identity.ObjectGroup, []string{"g1"}, "workday-1", 1, r.c.Now()))

	require.NoError(t, s.NoteDone(ctx, ref("2"), "workday-1", 3, identity.SystemResetPassword, r.c.Now()))

	page, err := s.List(ctx, google, "", 3)
	require.NoError(t, err)
	require.Len(t, page, 3)
	group := func(id, name string, given bool) systems.Thing {
		return systems.Thing{Object: systems.Object{Kind: identity.ObjectGroup, ID: id, Name: name}, Given: given}
	}
	require.Equal(t, []systems.Thing{group("g3", "#id:g3", false), group("g2", "all", false), group("g1", "sales", true)}, page[0].Things)
	require.Equal(t, "3", page[0].Manager)
	require.False(t, page[0].Second)
	require.True(t, page[1].Second)
	require.Equal(t, "workday-1", page[1].LockedFor)
	require.Equal(t, 3, page[1].LockedIn)
	require.Empty(t, page[1].Things)
	require.True(t, page[1].Shown, "it was shown to hold nothing")
	require.False(t, page[2].Second, "nobody's account is nobody's second one")
	page, err = s.List(ctx, google, page[2].Ref.ID, 3)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.False(t, page[0].Shown, "nobody knows what it holds")
	page, err = s.List(ctx, google, "4", 3)
	require.NoError(t, err)
	require.Empty(t, page)

	shows, err := s.ShowsSignIns(ctx, google)
	require.NoError(t, err)
	require.False(t, shows)
	used := row("5")
	used.Document.LastLogin = r.c.Now()
	r.observe(used)
	shows, err = s.ShowsSignIns(ctx, google)
	require.NoError(t, err)
	require.True(t, shows)
}

// TestListed runs on both engines.
func TestListed(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){"accounts with what they hold": testListed})
}
