package password

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

const drawn = 3000

// TestNoPartOfANameCanBeInIt looks at every three characters that stand together: a symbol that is in nobody's name is among them.
func TestNoPartOfANameCanBeInIt(t *testing.T) {
	t.Parallel()
	for range drawn {
		p := Unknown()
		for i := range len(p) - 2 {
			require.True(t, strings.ContainsAny(p[i:i+3], symbols), "%q in a password", p[i:i+3])
		}
	}
	for _, c := range symbols {
		require.False(t, unicode.IsLetter(c) || unicode.IsDigit(c))
		require.NotContains(t, `-_.,'’"@ #&()/+!$`, string(c), "names, addresses and units have it, separate words by it, or take it for a letter")
	}
}

// TestPoliciesOfLengthAndKindTakeIt counts kinds in each.
func TestPoliciesOfLengthAndKindTakeIt(t *testing.T) {
	t.Parallel()
	for range drawn {
		p := Unknown()
		require.Len(t, p, 44)
		for _, kind := range []string{upper, lower, digits, symbols} {
			require.GreaterOrEqual(t, strings.Count(strings.Map(func(c rune) rune {
				if strings.ContainsRune(kind, c) {
					return '*'
				}
				return c
			}, p), "*"), 10)
		}
		for i := 1; i < len(p); i++ {
			require.NotEqual(t, p[i-1], p[i], "no character is repeated")
		}
	}
}

// TestItCannotBeGuessed has every character of every place drawn, and no password twice. That one is missing by chance has a
// probability of 26 in e^115 for each place.
func TestItCannotBeGuessed(t *testing.T) {
	t.Parallel()
	places, bits := pattern(), 0.0
	seen, passwords := make([]map[byte]bool, len(places)), map[string]bool{}
	for range drawn {
		p := Unknown()
		require.Len(t, p, len(places))
		require.False(t, passwords[p])
		passwords[p] = true
		for i := range len(p) {
			if seen[i] == nil {
				seen[i] = map[byte]bool{}
			}
			seen[i][p[i]] = true
		}
	}
	for i, from := range places {
		require.Len(t, seen[i], len(from), "place %d", i)
		bits += math.Log2(float64(len(from)))
	}
	require.GreaterOrEqual(t, bits, 128.0)
	require.InDelta(t, 141, bits, 1)
}
