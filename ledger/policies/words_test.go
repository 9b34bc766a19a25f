package policies_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/storetest"
)

// testWordsAreHeardOnce: a word is written down once, waits to be judged, and is kept with what came of it.
func testWordsAreHeardOnce(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "a", "a")})
	word := policies.Word{ID: "w1", About: policies.WordOfItem("0a1b2c"), Verb: policies.WordTake, By: "ann", Proof: []byte(`{}`)}
	fresh, err := l.Policies().Say(ctx, word)
	require.NoError(t, err)
	require.True(t, fresh)
	fresh, err = l.Policies().Say(ctx, word)
	require.NoError(t, err)
	require.False(t, fresh)
	_, err = l.Policies().Say(ctx, policies.Word{ID: "w2", About: policies.WordOfPolicy("ab"), Verb: policies.WordAccept, By: "ann", Proof: []byte(`{}`)})
	require.NoError(t, err)
	_, err = l.Policies().Say(ctx, policies.Word{ID: "w3", About: policies.WordOfPolicy("ab"), Verb: policies.WordAccept, By: "ann"})
	require.Error(t, err, "it shows nothing")
	waiting, err := l.Policies().WordsToJudge(ctx, 9)
	require.NoError(t, err)
	require.Len(t, waiting, 1, "each process judges those about policies")
	require.Equal(t, "ann", waiting[0].By)
	require.NoError(t, l.Policies().JudgedWord(ctx, "w1", "no worker knows this key"))
	require.NoError(t, l.Policies().JudgedWord(ctx, "w1", ""))
	waiting, err = l.Policies().WordsToJudge(ctx, 9)
	require.NoError(t, err)
	require.Empty(t, waiting)
	kept, err := l.Policies().WordsAbout(ctx, word.About, 9)
	require.NoError(t, err)
	require.Equal(t, "no worker knows this key", kept[0].Refused)
	require.NoError(t, l.Policies().PruneWords(ctx, c.Now().Add(time.Hour)))
	kept, err = l.Policies().WordsAbout(ctx, word.About, 9)
	require.NoError(t, err)
	require.Empty(t, kept)
}
