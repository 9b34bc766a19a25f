package policy

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPlainNamesAreWrittenAsAnyOther: a name that has nothing to spell out is written in Latin letters by a shorter way, to the
// same.
func TestPlainNamesAreWrittenAsAnyOther(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	letters := []byte("abeoua AEOUZ zyx019-'`._@,\"(~\t")
	for range 20_000 {
		text := make([]byte, random.IntN(14))
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		short, complete := transliterate(string(text))
		long, too := transliterate(string(text) + "\u0301")
		require.Equal(t, long, short, "%q", text)
		require.Equal(t, too, complete, "%q", text)
	}
}
