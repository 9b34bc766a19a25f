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

// testAgain: what is known of an account holds for the next time, in which it happens again.
func testAgain(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	const key = "workday-1"
	require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, r.c.Now(), 0, []systems.Object{{ID: "g1", Name: "chess"}, {ID: "g2", Name: "sales"}}))
	r.observe(row("1", "g1", "g2"))
	r.link("1", key)
	of := func(episode int) identity.SystemAccount { return r.first(key, episode) }

	// What was given before a departure that is withdrawn is Gatehouse's to take, as is what was given while the account was another's, but for
	// licences.
	require.NoError(t, s.NoteGiven(ctx, ref("1"), identity.ObjectGroup, []string{"g1"}, key, 1, r.c.Now()))
	require.NoError(t, s.NoteGiven(ctx, ref("1"), identity.ObjectGroup, []string{"g2"}, "workday-2", 1, r.c.Now()))
	require.NoError(t, s.NoteGiven(ctx, ref("1"), identity.ObjectLicence, []string{"l1"}, "workday-2", 1, r.c.Now()))
	require.False(t, of(2).GivenBefore, "the departure itself")
	require.True(t, of(3).GivenBefore)
	require.Equal(t, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"sales"}}, of(3).Given)
	for range 2 {
		require.NoError(t, s.NoteWithdrawn(ctx, ref("1"), key, 3))
	}
	require.Equal(t, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"chess", "sales"}}, of(3).Given)
	require.False(t, of(3).GivenBefore)

	// Where there was nothing to set, nothing is to be taken back, and what is set in the next departure is.
	for range 2 {
		for _, step := range []identity.SystemStepKind{identity.SystemDelegate, identity.SystemAutoReply} {
			require.NoError(t, s.NoteEnded(ctx, ref("1"), systems.Ended{Key: key, Episode: 4, Step: step, At: r.c.Now(), Nothing: true}))
		}
	}
	require.Len(t, of(4).Done, 2, "the departure has it done")
	require.Nil(t, of(5).Departure)
	marks, err := s.Marks(ctx, ref("1"), identity.SystemAutoReply, "")
	require.NoError(t, err)
	require.Empty(t, marks)
	require.NoError(t, s.NoteEnded(ctx, ref("1"), systems.Ended{Key: key, Episode: 6, Step: identity.SystemDelegate, At: r.c.Now(), To: "boss"}))
	require.Len(t, of(6).Done, 1, "that of the departure before is not done in this one")
	require.Equal(t, []string{"boss"}, of(7).Departure.Delegates)

	// What has come to agree takes the place of what was written, unless that was written since.
	wrote := identity.SystemValue{Written: "b", Seen: "a", At: r.c.Now()}
	require.NoError(t, s.NoteValues(ctx, ref("1"), map[string]identity.SystemValue{"title": wrote}))
	agreed := func(v string, at time.Time) {
		require.NoError(t, s.NoteAgreed(ctx, ref("1"), map[string]identity.SystemValue{"title": {Written: v, Seen: v, At: at}, "phone": {Written: v, Seen: v, At: at}}))
	}
	agreed("late", wrote.At.Add(-time.Minute))
	require.Equal(t, wrote.Written, of(3).Values["title"].Written)
	for range 2 {
		agreed("a", wrote.At)
	}
	now := of(3).Values
	require.Len(t, now, 1, "it is known by then that it was never written")
	require.Equal(t, "a", now["title"].Written)
	require.Equal(t, "a", now["title"].Seen)
	require.True(t, wrote.At.Equal(now["title"].At))

	// What was as it should be before it was ever written is kept too, until it is written.
	never := func(v string) map[string]identity.SystemValue {
		return map[string]identity.SystemValue{"title": {Written: v, Seen: v}, "phone": {Written: v, Seen: v}}
	}
	require.NoError(t, s.NoteAgreed(ctx, ref("1"), never("c")))
	require.NoError(t, s.NoteAgreed(ctx, ref("1"), never("d")))
	now = of(3).Values
	require.Equal(t, "a", now["title"].Written, "it was written")
	require.Equal(t, identity.SystemValue{Written: "d", Seen: "d"}, now["phone"])
}
