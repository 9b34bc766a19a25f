package systems_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

func testWatched(t *testing.T, e storetest.Engine) {
	ctx, s := context.Background(), newRig(t, e).Systems()
	cookie, err := s.Watched(ctx, google)
	require.NoError(t, err)
	require.Empty(t, cookie)
	for _, next := range []string{"a", "b", "b"} {
		require.NoError(t, s.PutWatched(ctx, google, next))
	}
	cookie, err = s.Watched(ctx, google)
	require.NoError(t, err)
	require.Equal(t, "b", cookie)
}

// profiled is an account that is of this kind of user.
func profiled(id, profile string) systems.Row {
	r := row(id, "g1")
	r.Holds[identity.ObjectProfile] = []string{profile}
	return r
}

func testProfile(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	require.NoError(t, s.PutObjects(ctx, google, identity.ObjectProfile, r.c.Now(), 0, []systems.Object{{ID: "p1", Name: "Standard"}, {ID: "p2", Name: "Admin"}}))
	r.observe(row("10", "g1"))
	r.link("10", "workday-1")
	require.Empty(t, r.view("workday-1").Primary().Profile)
	before := r.c.Now()
	r.c.Advance(time.Minute)
	require.Empty(t, r.observe(profiled("10", "p1")), "that it is known for the first time is no news")
	require.Equal(t, "Standard", r.view("workday-1").Primary().Profile)
	r.c.Advance(time.Minute)
	require.Len(t, r.observe(profiled("10", "p2")), 1)
	require.Equal(t, "Admin", r.view("workday-1").Primary().Profile, "one takes the other's place at once")
	_, err := s.Observe(ctx, before, []systems.Row{profiled("10", "p1")})
	require.NoError(t, err)
	require.Empty(t, r.observe(row("10", "g1")), "what is not shown stays")
	require.Equal(t, "Admin", r.view("workday-1").Primary().Profile)
	listed, err := s.List(ctx, google, "", 10)
	require.NoError(t, err)
	require.Contains(t, listed[0].Things, systems.Thing{Object: systems.Object{Kind: identity.ObjectProfile, ID: "p2", Name: "Admin"}})
}

// testReadBefore has what accounts hold from before the rest was asked for.
func testReadBefore(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	r.observe(row("10", "g1"))
	r.link("10", "workday-1")
	read := r.c.Now()
	r.c.Advance(time.Second)
	require.NoError(t, r.Systems().Note(ctx, r.c.Now(), row("10", "g1", "g2")))
	r.c.Advance(time.Second)
	old := row("10", "g1")
	old.HeldAt = read
	changed, fresh, err := r.Systems().Differ(ctx, r.c.Now(), []systems.Row{old})
	require.NoError(t, err)
	require.Empty(t, changed, "what became known later is no difference")
	require.Empty(t, fresh)
	require.Empty(t, r.observe(old))
	waiting, err := r.Systems().Unconfirmed(ctx, google, "", 10)
	require.NoError(t, err)
	require.Empty(t, waiting, "what was given since is not missed")
	require.Equal(t, []string{"#id:g1", "#id:g2"}, r.groups("workday-1"))

	old.HeldAt = time.Time{}
	changed, _, err = r.Systems().Differ(ctx, r.c.Now(), []systems.Row{old})
	require.NoError(t, err)
	require.Equal(t, []string{"10"}, changed)
}

func testHeldBy(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	r.observe(row("10", "g1", "g2"), row("11", "g2"), row("12"))
	by, err := s.HeldBy(ctx, google, identity.ObjectGroup)
	require.NoError(t, err)
	require.Equal(t, []string{"10"}, by["g1"])
	require.ElementsMatch(t, []string{"10", "11"}, by["g2"])

	shown := func(at time.Time, ids map[string][]string) (less []string) {
		less, known, err := s.Less(ctx, systems.Held{System: google, Kind: identity.ObjectGroup, At: at, IDs: ids})
		require.NoError(t, err)
		require.LessOrEqual(t, known, 2)
		return less
	}
	r.c.Advance(time.Minute)
	all := map[string][]string{"10": {"g1"}, "11": {"g2", "g3"}, "12": nil}
	require.Equal(t, []string{"10"}, shown(r.c.Now(), all))
	require.Equal(t, []string{"10"}, shown(r.c.Now(), map[string][]string{"10": nil}))
	require.NoError(t, s.NoteGiven(ctx, ref("11"), identity.ObjectGroup, []string{"g4"}, "workday-1", 1, r.c.Now()))
	require.Equal(t, []string{"10"}, shown(r.c.Now().Add(-time.Second), all), "what was given since does not count")
	require.Equal(t, []string{"10", "11"}, shown(r.c.Now().Add(time.Second), all))
	r.c.Advance(time.Minute)
	require.NoError(t, s.Note(ctx, r.c.Now(), row("10", "g1")))
	require.Equal(t, []string{"11"}, shown(r.c.Now(), all), "a reading of the account has confirmed it")
}
