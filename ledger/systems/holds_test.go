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

func testTombstone(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	r.observe(row("1", "g1", "g2"))
	r.link("1", "workday-1")
	require.Equal(t, []string{"#id:g1", "#id:g2"}, r.groups("workday-1"))

	r.c.Advance(time.Hour)
	require.Empty(t, r.observe(row("1", "g1")), "what is not shown is no news before it goes")
	require.Equal(t, []string{"#id:g1", "#id:g2"}, r.groups("workday-1"))
	n, err := r.Systems().Missing(ctx, google)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	r.c.Advance(48 * time.Hour)
	r.observe(row("1", "g1"))
	require.Equal(t, []string{"#id:g1", "#id:g2"}, r.groups("workday-1"), "however often a list does not show it")
	open, err := r.Systems().Unconfirmed(ctx, google, "", 10)
	require.NoError(t, err)
	require.Equal(t, []identity.Ref{ref("1")}, open)

	look := row("1", "g1")
	look.Unconfirmed = true
	changed, err := r.Systems().Reread(ctx, r.c.Now(), []systems.Row{look})
	require.NoError(t, err)
	require.Empty(t, changed, "a reading of the account that confirms nothing yet")
	n, err = r.Systems().CountUnconfirmed(ctx, google)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	changed, err = r.Systems().Reread(ctx, r.c.Now(), []systems.Row{row("1", "g1")})
	require.NoError(t, err)
	require.Equal(t, []identity.Ref{ref("1")}, changed, "it was due already")
	require.Equal(t, []string{"#id:g1"}, r.groups("workday-1"))
	due, err := r.Systems().Due(ctx, google, "", 10)
	require.NoError(t, err)
	require.Empty(t, due)

	r.observe(row("1"))
	require.NoError(t, r.Systems().Note(ctx, r.c.Now(), row("1")))
	open, err = r.Systems().Unconfirmed(ctx, google, "", 10)
	require.NoError(t, err)
	require.Empty(t, open)
	n, err = r.Systems().CountUnconfirmed(ctx, google)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, []string{"#id:g1"}, r.groups("workday-1"), "it is confirmed and not due")
	r.c.Advance(24 * time.Hour)
	require.Equal(t, []string{}, r.groups("workday-1"), "a system that shows that there is none is not one that shows nothing")
	due, err = r.Systems().Due(ctx, google, "", 10)
	require.NoError(t, err)
	require.Equal(t, []identity.Ref{ref("1")}, due)
}

func testShownAgain(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	r.observe(row("1", "g1"))
	r.link("1", "workday-1")
	r.c.Advance(time.Hour)
	r.observe(row("1"))
	require.NoError(t, r.Systems().Note(ctx, r.c.Now(), row("1")))
	r.c.Advance(time.Hour)
	require.Empty(t, r.observe(row("1", "g1")), "nothing has changed for anybody")
	r.c.Advance(48 * time.Hour)
	require.Equal(t, []string{"#id:g1"}, r.groups("workday-1"))
	n, err := r.Systems().Missing(ctx, google)
	require.NoError(t, err)
	require.Zero(t, n)

	without := row("1")
	without.Holds = nil
	r.observe(without)
	require.Equal(t, []string{"#id:g1"}, r.groups("workday-1"), "a kind that was not shown says nothing")
}

func testOlder(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	r.observe(row("1", "g1"))
	r.link("1", "workday-1")
	before := r.c.Now().Add(time.Minute)
	r.c.Advance(time.Hour)
	now := row("1", "g1", "g2")
	now.Container, now.Manager, now.Document.Title = "/Sales", "7", "Head"
	require.NoError(t, r.Systems().Note(ctx, r.c.Now(), now))
	changed, err := r.Systems().Observe(ctx, before, []systems.Row{row("1", "g9")})
	require.NoError(t, err)
	require.Empty(t, changed)
	got := r.view("workday-1").Primary()
	require.Equal(t, []string{"#id:g1", "#id:g2"}, got.Groups)
	require.Equal(t, "/Sales", got.Container)
	require.Equal(t, "7", got.Manager)
	require.Equal(t, "Head", got.Document.Title)
	require.True(t, got.ObservedAt.Equal(r.c.Now()))
}

func testGivenAndTaken(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s, group := r.Systems(), identity.ObjectGroup
	r.observe(row("1", "g1"))
	r.link("1", "workday-1")
	asked := r.c.Now().Add(time.Minute)
	r.c.Advance(time.Hour)
	for range 2 {
		require.NoError(t, s.NoteGiven(ctx, ref("1"), group, []string{"g2"}, "workday-1", 1, time.Time{}))
	}
	require.Equal(t, []string{"#id:g1"}, r.groups("workday-1"), "it is about to be given")
	require.Equal(t, map[identity.SystemObjectKind][]string{group: {"#id:g2"}}, r.view("workday-1").Primary().Given)
	for range 2 {
		require.NoError(t, s.NoteGiven(ctx, ref("1"), group, []string{"g2"}, "workday-1", 1, r.c.Now()))
	}
	_, err := s.Observe(ctx, asked, []systems.Row{row("1", "g1")})
	require.NoError(t, err)
	require.Equal(t, []string{"#id:g1", "#id:g2"}, r.groups("workday-1"), "a page that was asked for before does not know it")
	r.c.Advance(time.Minute)
	require.Empty(t, r.observe(row("1", "g1", "g2")), "what we gave is no news")
	other, err := s.Views(ctx, "workday-1", 2, "", []string{google})
	require.NoError(t, err)
	require.Empty(t, other[0].Primary().Given, "it was given in another employment")

	require.NoError(t, s.NoteTaking(ctx, ref("1"), group, []string{"g1"}))
	require.Equal(t, map[identity.SystemObjectKind][]string{group: {"#id:g1"}}, r.view("workday-1").Primary().Taking)
	asked = r.c.Now()
	r.c.Advance(time.Minute)
	for range 2 {
		require.NoError(t, s.NoteTaken(ctx, ref("1"), group, []string{"g1", "g2"}))
	}
	require.Equal(t, []string{}, r.groups("workday-1"), "it is gone at once")
	require.Empty(t, r.view("workday-1").Primary().Taking)
	require.Empty(t, r.view("workday-1").Primary().Given)
	_, err = s.Observe(ctx, asked, []systems.Row{row("1", "g1", "g2")})
	require.NoError(t, err)
	require.Equal(t, []string{}, r.groups("workday-1"), "an older page does not bring it back")
	r.c.Advance(time.Minute)
	require.Equal(t, []identity.Ref{ref("1")}, r.observe(row("1", "g2")), "somebody has given it since")
	require.Equal(t, []string{"#id:g2"}, r.groups("workday-1"))
}

func testNews(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	require.Equal(t, []identity.Ref{ref("1"), ref("2")}, r.observe(row("2"), row("1"), row("2")), "a doubled page shows nothing twice")
	news, err := s.News(ctx, google, "", 1)
	require.NoError(t, err)
	require.Equal(t, []identity.Ref{ref("1")}, news)
	require.NoError(t, s.Told(ctx, google, []identity.Ref{ref("1"), ref("2")}))
	r.c.Advance(time.Hour)
	require.Empty(t, r.observe(row("1"), row("2")))

	signedIn := row("1")
	signedIn.Document.LastLogin = r.c.Now()
	require.Empty(t, r.observe(signedIn), "a sign-in concerns nobody")
	elsewhere := row("1")
	elsewhere.Document.Title = "Manager"
	require.Equal(t, []identity.Ref{ref("1")}, r.observe(elsewhere))
	news, err = s.News(ctx, google, "", 10)
	require.NoError(t, err)
	require.Equal(t, []identity.Ref{ref("1")}, news)
	require.NoError(t, s.Told(ctx, google, news))

	require.NoError(t, s.NoteValues(ctx, ref("1"), map[string]identity.SystemValue{"title": {Written: r.Digest("Director"), At: r.c.Now()}}))
	r.c.Advance(time.Hour)
	ownPart := row("1")
	ownPart.Document.Title = "Director"
	require.Empty(t, r.observe(ownPart), "it is what we wrote")
	require.NoError(t, r.Inventory().MarkSuspended(ctx, ref("1"), "workday-1", true, ""))
	ownPart.Document.Status = identity.AccountSuspended
	require.Empty(t, r.observe(ownPart), "we suspended it")
	ownPart.Document.Status = identity.AccountActive
	require.Equal(t, []identity.Ref{ref("1")}, r.observe(ownPart))

	fresh, err := s.ObserveHeld(ctx, systems.Held{System: google, Kind: identity.ObjectLicence, At: r.c.Now(), IDs: map[string][]string{"1": {"l1"}, "2": {}}})
	require.NoError(t, err)
	require.Equal(t, []identity.Ref{ref("1")}, fresh)
}

func testDiffer(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	known := row("1", "g1")
	known.Manager = "7"
	r.observe(known, row("2", "g1"), row("3"))
	r.c.Advance(time.Hour)
	unknown := row("1", "g1")
	unknown.ManagerUnknown, unknown.Document.LastLogin = true, r.c.Now()
	title := row("2", "g1")
	title.Document.Title = "Manager"
	changed, fresh, err := r.Systems().Differ(ctx, r.c.Now(), []systems.Row{unknown, title, row("3", "g1"), row("4")})
	require.NoError(t, err)
	require.Equal(t, []string{"2", "3"}, changed)
	require.Equal(t, []string{"4"}, fresh)
}
