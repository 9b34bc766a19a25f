package identity_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// TestPlainTextIsFoldedAsAnyOther: what has nothing to spell out is folded by a shorter way, to the same.
func TestPlainTextIsFoldedAsAnyOther(t *testing.T) {
	t.Parallel()
	const accent, joiner = "\u0301", "\u200d" // Neither is a letter, and with either the text is taken the long way.
	random := rand.New(rand.NewPCG(1, 2))
	letters := []byte("abeoua AEOUZ zyx019-'`._@,\"(~\t")
	for range 20_000 {
		text := make([]byte, random.IntN(14))
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		s := string(text)
		require.True(t, identity.IsASCII(s))
		require.Equal(t, identity.FoldName(s+joiner), identity.FoldName(s), "%q", s)
		require.Equal(t, identity.Plain(s+accent), identity.Plain(s), "%q", s)
		require.Equal(t, identity.NameWords(s+joiner), identity.NameWords(s), "%q", s)
	}
}
