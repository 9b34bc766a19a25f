package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
)

// testWordsAreHeardOnce: a word is written down once, waits to be judged, and is kept with what came of it.
func testWordsAreHeardOnce(t *testing.T, e engine) {
	ctx := context.Background()
	c := newClock()
	l := open(t, e.url(t), ledger.Options{Clock: c.Now, Seal: sealer(t, "a", "a")})
	word := ledger.Word{ID: "w1", About: ledger.WordOfItem("0a1b2c"), Verb: ledger.WordTake, By: "ann", Proof: []byte(`{}`)}
	fresh, err := l.Say(ctx, word)
	require.NoError(t, err)
	require.True(t, fresh)
	fresh, err = l.Say(ctx, word)
	require.NoError(t, err)
	require.False(t, fresh)
	_, err = l.Say(ctx, ledger.Word{ID: "w2", About: ledger.WordOfPolicy("ab"), Verb: ledger.WordAccept, By: "ann", Proof: []byte(`{}`)})
	require.NoError(t, err)
	_, err = l.Say(ctx, ledger.Word{ID: "w3", About: ledger.WordOfPolicy("ab"), Verb: ledger.WordAccept, By: "ann"})
	require.Error(t, err, "it shows nothing")
	waiting, err := l.WordsToJudge(ctx, 9)
	require.NoError(t, err)
	require.Len(t, waiting, 1, "each process judges those about policies")
	require.Equal(t, "ann", waiting[0].By)
	require.NoError(t, l.JudgedWord(ctx, "w1", "no worker knows this key"))
	require.NoError(t, l.JudgedWord(ctx, "w1", ""))
	waiting, err = l.WordsToJudge(ctx, 9)
	require.NoError(t, err)
	require.Empty(t, waiting)
	kept, err := l.WordsAbout(ctx, word.About, 9)
	require.NoError(t, err)
	require.Equal(t, "no worker knows this key", kept[0].Refused)
	require.NoError(t, l.PruneWords(ctx, c.Now().Add(time.Hour)))
	kept, err = l.WordsAbout(ctx, word.About, 9)
	require.NoError(t, err)
	require.Empty(t, kept)
}
