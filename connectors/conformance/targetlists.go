package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

func findExact(t *testing.T, b *TargetBench) {
	finds, there := able[target.Finder](t, b.Target), b.Look(b.ID)
	for _, in := range []target.FindRequest{
		{ExternalID: there.ExternalID},
		{Email: there.Email},
		{Email: strings.ToUpper(there.Email)},
		{Username: there.Username},
		{Username: strings.ToUpper(there.Username)},
	} {
		found, err := finds.Find(t.Context(), in)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, b.ID, found[0].Ref.ID)
	}
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	found, err := finds.Find(t.Context(), target.FindRequest{ExternalID: there.ExternalID})
	require.NoError(t, err)
	require.Len(t, found, 1, "whatever its status")
}

func findNobody(t *testing.T, b *TargetBench) {
	finds, there := able[target.Finder](t, b.Target), b.Look(b.ID)
	for _, in := range []target.FindRequest{
		{ExternalID: there.ExternalID + "9"},
		{ExternalID: there.ExternalID[:len(there.ExternalID)-1]},
		{Email: "nobody-" + there.Email},
		{Username: there.Username[1:]},
	} {
		found, err := finds.Find(t.Context(), in)
		require.NoError(t, err)
		require.Empty(t, found, "what merely looks alike is nobody")
	}
}

func findRefused(t *testing.T, b *TargetBench) {
	finds := able[target.Finder](t, b.Target)
	for _, in := range []target.FindRequest{{}, {Email: " "}, {Email: "*"}, {ExternalID: "*"}} {
		_, err := finds.Find(t.Context(), in)
		failed(t, err, connectors.KindInvalid)
	}
}

func listEnds(t *testing.T, b *TargetBench) {
	pages := 1
	ids, total, err := walk(t.Context(), able[target.Lister](t, b.Target), target.ListRequest{}, func() { pages++ })
	require.NoError(t, err)
	require.Greater(t, pages, 1, "the list must span several pages to prove anything")
	require.ElementsMatch(t, b.All(), ids)
	if total != -1 { // A system that does not count says so.
		require.Equal(t, len(ids), total)
	}
}

// listChanging deletes an account that was shown, and makes another, between pages.
func listChanging(t *testing.T, b *TargetBench) {
	before, deleted := b.All(), 0
	ids, _, err := walk(t.Context(), able[target.Lister](t, b.Target), target.ListRequest{}, func() {
		if deleted == 0 {
			b.Delete(before[0])
			b.Add()
			deleted++
		}
	})
	require.NoError(t, err)
	require.Equal(t, 1, deleted)
	seen := map[string]bool{}
	for _, id := range ids {
		require.False(t, seen[id], "account %s comes twice", id)
		seen[id] = true
	}
	missing := 0
	for _, id := range before[1:] {
		if !seen[id] {
			missing++
		}
	}
	require.LessOrEqual(t, missing, deleted, "one that was there the whole time is shown, but for as many as were deleted")
}

func listRestarted(t *testing.T, b *TargetBench) {
	lists := able[target.Lister](t, b.Target)
	first, err := lists.List(t.Context(), target.ListRequest{})
	require.NoError(t, err)
	require.NotEmpty(t, first.Next)
	rest, _, err := walk(t.Context(), able[target.Lister](t, b.Restart()), target.ListRequest{Cursor: first.Next}, func() {})
	require.NoError(t, err)
	for _, a := range first.Accounts {
		rest = append(rest, a.Ref.ID)
	}
	require.ElementsMatch(t, b.All(), rest)
	_, err = lists.List(t.Context(), target.ListRequest{Cursor: "no cursor of anybody's"})
	failed(t, err, connectors.KindInvalid)
}

func listSince(t *testing.T, b *TargetBench) {
	now := b.Age()
	since := now.Add(-time.Minute)
	b.Touch(b.ID)
	ids, _, err := walk(t.Context(), able[target.Lister](t, b.Target), target.ListRequest{Since: since}, func() {})
	require.NoError(t, err)
	require.Equal(t, []string{b.ID}, ids)
	none, _, err := walk(t.Context(), able[target.Lister](t, b.Target), target.ListRequest{Since: now.Add(time.Hour)}, func() {})
	require.NoError(t, err)
	require.Empty(t, none)
}

// walk lists everything, and calls between after each page but the last.
func walk(ctx context.Context, l target.Lister, in target.ListRequest, between func()) (ids []string, total int, err error) {
	for range 1000 {
		page, err := l.List(ctx, in)
		if err != nil {
			return nil, 0, err
		}
		for _, a := range page.Accounts {
			ids = append(ids, a.Ref.ID)
		}
		if page.Next == "" {
			return ids, page.Total, nil
		}
		if page.Next == in.Cursor {
			return nil, 0, errors.New("a page leads to itself")
		}
		in.Cursor = page.Next
		between()
	}
	return nil, 0, fmt.Errorf("no end after %d accounts", len(ids))
}
