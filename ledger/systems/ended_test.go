package systems_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

// testEnded: what a departure has set lasts until it is taken back, and what it took is known until it is given back.
func testEnded(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	const key = "workday-1"
	require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, r.c.Now(), 0, []systems.Object{{ID: "g1", Name: "chess"}, {ID: "g2", Name: "sales"}, {ID: "g3", Name: "bees"}}))
	r.observe(row("1", "g1", "g2", "g3"))
	r.link("1", key)
	of := func(whose string, episode int) identity.SystemAccount {
		views, err := s.Views(ctx, whose, episode, "", []string{google})
		require.NoError(t, err)
		require.NotEmpty(t, views[0].Accounts)
		return views[0].Accounts[0]
	}
	require.Nil(t, of(key, 1).Departure)
	require.NoError(t, s.NoteGiven(ctx, ref("1"), identity.ObjectGroup, []string{"g2"}, key, 1, r.c.Now()))
	leave := func(episode int, delegate string, took ...string) {
		for range 2 {
			require.NoError(t, s.NoteEnded(ctx, ref("1"), systems.Ended{Key: key, Episode: episode, Step: identity.SystemAutoReply, At: r.c.Now(), Mark: "m"}))
			require.NoError(t, s.NoteEnded(ctx, ref("1"), systems.Ended{Key: key, Episode: episode, Step: identity.SystemDelegate, At: r.c.Now(), To: delegate}))
			require.NoError(t, s.NoteDone(ctx, ref("1"), key, episode, identity.SystemResetPassword, r.c.Now()))
			require.NoError(t, s.NoteEnded(ctx, ref("1"), systems.Ended{Key: key, Episode: episode, Step: identity.SystemMove, At: r.c.Now(), To: "/Sales"}))
			require.NoError(t, s.NoteLost(ctx, ref("1"), identity.ObjectGroup, took, key, episode))
		}
		require.NoError(t, s.NoteTaken(ctx, ref("1"), identity.ObjectGroup, took))
	}
	leave(2, "boss", "g1", "g2")
	require.Len(t, of(key, 2).Done, 4)
	back := of(key, 3)
	require.Empty(t, back.Done)
	require.Len(t, back.Departure.Done, 4)
	require.Equal(t, []string{"boss"}, back.Departure.Delegates)
	require.Equal(t, "/Sales", back.Departure.Place)
	require.Equal(t, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"chess"}}, back.Departure.Took, "rules have given the other one")

	// It is withdrawn, and they leave again before it is given back.
	for range 2 {
		require.NoError(t, s.NoteTaking(ctx, ref("1"), identity.ObjectGroup, []string{"g3"}))
		require.NoError(t, s.NoteWithdrawn(ctx, ref("1"), key, 3))
	}
	require.Equal(t, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"bees"}}, of(key, 3).Taking, "what a move has decided goes on")
	require.Equal(t, []string{"chess"}, of(key, 3).Departure.Back[identity.ObjectGroup])
	require.Empty(t, of(key, 3).Departure.Took)
	leave(4, "heir", "g3")
	again := of(key, 5).Departure
	require.Equal(t, []string{"boss", "heir"}, again.Delegates, "both of them")
	require.Equal(t, []string{"bees", "chess"}, again.Took[identity.ObjectGroup])
	require.NoError(t, s.NoteWithdrawn(ctx, ref("1"), key, 5))
	require.Equal(t, []string{"bees", "chess"}, of(key, 5).Departure.Back[identity.ObjectGroup])
	require.NoError(t, s.NoteBack(ctx, ref("1"), identity.ObjectGroup, []string{"g1"}))
	require.Equal(t, []string{"bees"}, of(key, 5).Departure.Back[identity.ObjectGroup])
	require.Equal(t, []string{"chess"}, of(key, 5).Groups)
	require.Empty(t, of(key, 5).Given)
	require.Empty(t, of(key, 7).Departure.Back, "whoever is hired again starts from the rules")

	marks, err := s.Marks(ctx, ref("1"), identity.SystemAutoReply, "")
	require.NoError(t, err)
	require.Equal(t, []string{"m"}, marks)
	for range 2 {
		require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemAutoReply, ""))
		require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemDelegate, "boss"))
	}
	require.Equal(t, []string{"heir"}, of(key, 5).Departure.Delegates)
	require.NotContains(t, of(key, 5).Departure.Done, identity.SystemAutoReply)

	// An order that has ended access in the same employment is over: the next one has all of it to do again.
	require.NoError(t, s.NoteDone(ctx, ref("1"), key, 5, identity.SystemResetPassword, r.c.Now()))
	require.NoError(t, s.NoteOver(ctx, ref("1"), key, 5))
	require.Empty(t, of(key, 5).Done)
	require.Contains(t, of(key, 5).Departure.Done, identity.SystemResetPassword)
	require.NoError(t, s.NoteDone(ctx, ref("1"), key, 5, identity.SystemResetPassword, r.c.Now()))
	require.Contains(t, of(key, 5).Done, identity.SystemResetPassword)

	require.NoError(t, r.Inventory().UnlinkAccount(ctx, ref("1"), "it"))
	r.link("1", "workday-2")
	left := of("workday-2", 3).Departure
	require.Len(t, left.Done, 1)
	require.Equal(t, []string{"heir"}, left.Delegates, "what lasts is undone for whoever the account belongs to now")
	require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemDelegate, "heir"))
	require.Nil(t, of("workday-2", 3).Departure, "the rest is nobody else's")
}

// testPlaceBack: an account goes back to where it was before a departure that is withdrawn, however long that takes.
func testPlaceBack(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	const key = "workday-1"
	r.observe(row("1"))
	r.link("1", key)
	of := func(episode int) identity.SystemDeparture { return *r.first(key, episode).Departure }
	require.NoError(t, s.NoteEnded(ctx, ref("1"), systems.Ended{Key: key, Episode: 2, Step: identity.SystemMove, At: r.c.Now(), To: "/Sales", Mark: "/Leavers"}))
	require.Equal(t, "/Sales", of(3).Place)
	require.False(t, of(3).PlaceBack, "nobody has withdrawn it")
	for range 2 {
		require.NoError(t, s.NoteWithdrawn(ctx, ref("1"), key, 3))
	}
	require.True(t, of(3).PlaceBack)

	// They leave again before it is back, from where it is: where leavers are by now is another place, and it is moved there by hand as well.
	require.NoError(t, s.NoteDone(ctx, ref("1"), key, 4, identity.SystemResetPassword, r.c.Now()))
	for _, from := range []string{"/leavers/", "/By hand"} { // A system may write a place otherwise than the policy.
		require.NoError(t, s.NoteEnded(ctx, ref("1"), systems.Ended{Key: key, Episode: 4, Step: identity.SystemMove, At: r.c.Now(), To: from, Mark: "/Former"}))
	}
	require.Equal(t, "/Sales", of(5).Place)
	require.Equal(t, "/Former", of(5).MovedTo)
	require.False(t, of(5).PlaceBack, "whoever is hired again starts from the rules")
	require.NoError(t, s.NoteWithdrawn(ctx, ref("1"), key, 5))
	require.True(t, of(5).PlaceBack)
	for range 2 {
		require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemMove, ""))
	}
	require.Empty(t, of(5).Place)
}

// testUntaken: what a departure has yet to take is known until it is taken, until something else is decided about it, or until the
// departure is withdrawn.
func testUntaken(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	const key, group = "workday-1", identity.ObjectGroup
	require.NoError(t, s.PutObjects(ctx, google, group, r.c.Now(), 0, []systems.Object{{ID: "g1", Name: "chess"}, {ID: "g2", Name: "sales"}}))
	r.observe(row("1", "g1", "g2"))
	r.link("1", key)
	of := func(episode int) *identity.SystemDeparture { return r.first(key, episode).Departure }
	note := func(episode int, ids ...string) {
		t.Helper()
		for range 2 {
			require.NoError(t, s.NoteUntaken(ctx, ref("1"), map[identity.SystemObjectKind][]string{group: ids}, key, episode))
		}
		require.Len(t, of(episode).Untaken[group], len(ids))
	}
	note(2, "g1", "g2")
	decided := of(2).Decided
	require.NoError(t, s.NoteTaken(ctx, ref("1"), group, []string{"g2"}))
	note(2, "g1")
	require.Equal(t, []string{"chess"}, of(3).Untaken[group])
	require.True(t, decided.Equal(of(3).Decided), "since the first of it")
	require.Nil(t, of(5), "it is nothing to the employment after the next departure")
	for name, decide := range map[string]func() error{
		"taken":     func() error { return s.NoteTaken(ctx, ref("1"), group, []string{"g1"}) },
		"kept":      func() error { return s.NoteKept(ctx, ref("1"), group, []string{"g1"}) },
		"decided":   func() error { return s.NoteTaking(ctx, ref("1"), group, []string{"g1"}) },
		"withdrawn": func() error { return s.NoteWithdrawn(ctx, ref("1"), key, 3) },
		"nothing":   func() error { return s.NoteUntaken(ctx, ref("1"), nil, key, 2) },
	} {
		note(2, "g1")
		for range 2 {
			require.NoError(t, decide(), name)
		}
		require.Nil(t, of(3), name)
	}
}
